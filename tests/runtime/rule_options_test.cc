// That rules and interfaces which behave differently do not look the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::ElementsAre;

// The row with this value of `key`, of what the method answers when the guide's document has been changed.
template <class Change>
json row_of(const char* method, const char* key, const json& value, Change&& change) {
    json document = guide_document();
    change(document["hairpin:gateway"]);
    GuideDaemon daemon{document};
    const json answer = daemon.ask(method);
    for (const json& row : answer["rows"])
        if (row[key] == value) return row;
    ADD_FAILURE() << answer;
    return json::object();
}

json firewall_row(const json& settings = json::object()) {
    return row_of("show.firewall", "id", 2, [&](json& gateway) { gateway["firewall"]["rule"][0].update(settings); });
}
json nat_row(int id, const json& settings = json::object(), const json& of_all = json::object()) {
    return row_of("show.nat-rules", "id", id, [&](json& gateway) {
        gateway["nat"].update(of_all);
        for (json& rule : gateway["nat"]["rule"])
            if (rule["id"] == id) rule.update(settings);
    });
}
json interface_row(const json& settings = json::object()) {
    return row_of("show.interfaces", "name", "uplink", [&](json& gateway) {
        for (json& interface : gateway["interface"])
            if (interface["name"] == "uplink") interface.update(settings);
    });
}

TEST(RuleOptions, OfAFirewallRule) {
    EXPECT_FALSE(firewall_row().contains("options"));
    const json row = firewall_row({{"match-translated", true},
                                   {"timeout", 9000},
                                   {"tcp-tracking", "liberal"},
                                   {"syn-proxy", true},
                                   {"limit", {{"sessions", 100}, {"per-source", {{"half-open", 10}}}}}});
    EXPECT_THAT(row["options"], ElementsAre("match-translated true", "limit sessions 100", "limit per-source half-open 10",
                                            "timeout 9000", "tcp-tracking liberal", "syn-proxy"));
    EXPECT_EQ(row["match"], "translated");
    EXPECT_EQ(row["tcp_tracking"], "liberal");
    EXPECT_EQ(row["limit"], (json{{"sessions", 100}, {"per-source", {{"half-open", 10}}}}));
    EXPECT_THAT(firewall_row({{"action", "reject"}, {"reject-with", "tcp-reset"}})["options"],
                ElementsAre("reject-with tcp-reset"));
}

TEST(RuleOptions, OfARuleThatComparesAsAllDoAreNone) {
    const auto compared = [](const json& own) {
        return row_of("show.firewall", "id", 2, [&](json& gateway) {
            gateway["firewall"]["match-address"] = "translated";
            gateway["firewall"]["rule"][0].update(own);
        });
    };
    EXPECT_FALSE(compared(json::object()).contains("options"));
    EXPECT_THAT(compared({{"match-translated", false}})["options"], ElementsAre("match-translated false"));
}

TEST(RuleOptions, OfAnSnatRule) {
    EXPECT_FALSE(nat_row(196609).contains("options"));
    EXPECT_THAT(nat_row(196609, {{"mapping", "address-dependent"},
                                 {"filtering", "endpoint-independent"},
                                 {"port-allocation", "preserve"},
                                 {"pooling", "arbitrary"},
                                 {"timeout", 9000},
                                 {"firewall-match", "bypass"}})["options"],
                ElementsAre("mapping address-dependent", "filtering endpoint-independent", "port-allocation preserve",
                            "pooling arbitrary", "timeout 9000", "firewall-match bypass"));
    EXPECT_THAT(nat_row(196609, {{"protocol", "icmp"}, {"icmp-type", 8}})["options"], ElementsAre("icmp-type 8"));
}

TEST(RuleOptions, OfADnatRuleNameTheHairpinModeWhereItActs) {
    EXPECT_THAT(nat_row(196613)["options"], ElementsAre("hairpin auto")) << "on the LAN, where clients inside come in";
    EXPECT_FALSE(nat_row(196613, {{"applied-on", "uplink"}}).contains("options")) << "where none does";
    EXPECT_THAT(nat_row(196613, json::object(), {{"hairpin", "off"}})["options"], ElementsAre("hairpin off"));
    EXPECT_THAT(nat_row(196613, {{"applied-on", "uplink"}, {"hairpin", "external-address"}})["options"],
                ElementsAre("hairpin external-address"));
}

TEST(RuleOptions, OfAnInterface) {
    EXPECT_FALSE(interface_row().contains("options"));
    const json row =
        interface_row({{"tcp-mss", "clamp"}, {"source-validation", "strict"}, {"proxy-arp", true}, {"icmp-errors", false}});
    EXPECT_THAT(row["options"], ElementsAre("tcp-mss clamp", "source-validation strict", "proxy-arp", "icmp-errors false"));
    EXPECT_EQ(row["tcp_mss"], "clamp");
    EXPECT_EQ(interface_row({{"tcp-mss", 1300}})["tcp_mss"], 1300);
}

TEST(RuleOptions, ThatTheFirewallIsOffIsSaidOfAllRules) {
    json document = guide_document();
    EXPECT_EQ(GuideDaemon{document}.ask("show.firewall")["enabled"], true);
    document["hairpin:gateway"]["firewall"]["enabled"] = false;
    GuideDaemon daemon{document};
    EXPECT_EQ(daemon.ask("show.firewall")["enabled"], false);
    EXPECT_EQ(daemon.ask("show.nat-rules")["enabled"], false);
}

}  // namespace
}  // namespace hairpin::runtime
