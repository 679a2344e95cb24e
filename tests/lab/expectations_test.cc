#include "lab/expectations.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace hairpin::lab {
namespace {

using nlohmann::json;

TEST(Expectations, CommandEndsAndSaysWhatItShould) {
    const CommandExpectation expected{.status = 0, .output = {"web", "you are"}};
    EXPECT_EQ(difference(expected, {.status = 0, .output = "web server; you are here\n"}), std::nullopt);
    EXPECT_EQ(difference(expected, {.status = 0, .output = "web server\nhello\n"}),
              "stdout with \"you are\" expected, came \"web server hello\"");
    EXPECT_EQ(difference(expected, {.status = 0}), "stdout with \"web\" expected, came nothing");
    EXPECT_EQ(difference(expected, {.status = 28, .error_output = "timed out\n"}), "rc 0 expected, came 28 and \"timed out\"");
    EXPECT_EQ(difference(CommandExpectation{.status = 1}, {.status = 0}), "rc 1 expected, came 0");
    EXPECT_EQ(difference(CommandExpectation{.error_output = {"refused"}}, {.error_output = "denied\n"}),
              "stderr with \"refused\" expected, came \"denied\"");
}

json forwarded() {
    return {{"verdict", "forwarded"},
            {"drop_reason", nullptr},
            {"firewall_rule", 3},
            {"dnat_rule", 196613},
            {"snat_rule", 196612},
            {"translated_source", "192.168.255.1:40000"},
            {"translated_destination", "192.168.255.10:80"},
            {"out_port", "webserver"}};
}

TEST(Expectations, TraceSaysWhatItShould) {
    TraceExpectation expected{.verdict = "forwarded",
                              .firewall = 3,
                              .nat = std::vector<unsigned>{196613, 196612},
                              .translated_destination = "192.168.255.10:80",
                              .translated_source = "192.168.255.1",
                              .out = "webserver",
                              .drop_reason = {}};
    EXPECT_EQ(difference(expected, forwarded()), std::nullopt);
    EXPECT_EQ(difference(TraceExpectation{}, forwarded()), std::nullopt);

    expected.firewall = 2;
    expected.nat = std::vector<unsigned>{};
    expected.translated_source = "192.168.255.10";
    EXPECT_EQ(difference(expected, forwarded()),
              "firewall rule 2 expected, came 3; NAT rules [] expected, came [196613, 196612]; "
              "source 192.168.255.10 expected, came 192.168.255.1:40000");
}

TEST(Expectations, TraceOfADroppedPacketHasNoneOfTheRest) {
    const json dropped = {
        {"verdict", "dropped"}, {"drop_reason", "firewall-denied"}, {"firewall_rule", 196608}, {"dnat_rule", nullptr},
        {"snat_rule", nullptr}, {"translated_source", nullptr},     {"out_port", nullptr}};
    EXPECT_EQ(difference(TraceExpectation{.verdict = "dropped",
                                          .firewall = kDefaultFirewallRule,
                                          .nat = std::vector<unsigned>{},
                                          .translated_destination = {},
                                          .translated_source = {},
                                          .out = {},
                                          .drop_reason = "firewall-denied"},
                         dropped),
              std::nullopt);
    TraceExpectation expected;
    expected.out = "webserver";
    expected.translated_destination = "192.168.255.10";
    EXPECT_EQ(difference(expected, dropped),
              "destination 192.168.255.10 expected, came none; port \"webserver\" expected, came \"none\"");
}

TEST(Expectations, BalanceIsZero) {
    const auto counters = [](int balance) {
        return json{{"rows", {{{"name", "received"}, {"value", 7}}, {{"name", "balance"}, {"value", balance}}}}};
    };
    EXPECT_EQ(imbalance(counters(0)), std::nullopt);
    EXPECT_EQ(imbalance(counters(-2)), "balance 0 expected, came -2");
    EXPECT_EQ(imbalance(json::object()), "the counters have no row \"balance\"");
}

TEST(Expectations, LogIsClean) {
    EXPECT_EQ(first_complaint(""), std::nullopt);
    EXPECT_EQ(first_complaint("2026-11-23T01:53:26.375Z info  an error of somebody else\n"), std::nullopt);
    EXPECT_EQ(first_complaint("T info  x\nT warning y\nT error z\n"), "T warning y");
    EXPECT_EQ(first_complaint("hairpind: error: no\n"), "hairpind: error: no");
    EXPECT_EQ(first_complaint("==1==ERROR: AddressSanitizer: heap-use-after-free\n"),
              "==1==ERROR: AddressSanitizer: heap-use-after-free");
}

TEST(Expectations, TellWhoReachesWhomAndShouldNot) {
    const ReachCheck expected{.hosts = {"a", "b", "c"}, .except = {{"a", "b"}}};
    Reachability came{.hosts = {"a", "b", "c"}, .reached = {{true, false, true}, {true, true, true}, {true, true, true}}};
    EXPECT_EQ(difference(expected, came), std::nullopt);
    came.reached[0] = {true, true, false};
    EXPECT_EQ(difference(expected, came), "a reaches b, which it must not; a does not reach c");
    const Reachability nobody{.hosts = {"a", "b", "c", "d"}, .reached = std::vector(4, std::vector<bool>(4, false))};
    const auto all = difference(ReachCheck{.hosts = nobody.hosts, .except = {}}, nobody);
    ASSERT_TRUE(all);
    EXPECT_THAT(*all, ::testing::EndsWith("; c does not reach b; and 4 more"));
}

}  // namespace
}  // namespace hairpin::lab
