// How long sessions live, as a document says it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::SessionState;
using gateway::TimeoutProfile;
using nlohmann::json;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

json with(const char* container, const json& settings) {
    json document = guide_lab();
    document["hairpin:gateway"][container] = settings;
    return document;
}
json with_rule_timeout(const json& service, unsigned timeout) {
    json document = guide_lab();
    json& rule = document["hairpin:gateway"]["firewall"]["rule"][0];
    rule["timeout"] = timeout;
    if (!service.is_null()) rule["service"] = {{{"protocol", service}}};
    return document;
}

TEST(TimeoutProfile, IsWhatEveryTimerIsThatIsNotSet) {
    for (const auto& [name, profile] :
         {std::pair{"rfc", TimeoutProfile::rfc}, {"nsx", TimeoutProfile::nsx}, {"linux", TimeoutProfile::linux_kernel}}) {
        json document = with("sessions", {{"timeout-profile", name}});
        EXPECT_EQ(good(document).ruleset->timeouts, gateway::Timeouts{profile}) << name;
        document["hairpin:gateway"]["timeout"] = {{"icmp", 77}, {"tcp-closing", 240}};
        gateway::Timeouts changed{profile};
        changed.set(SessionState::icmp, seconds{77});
        changed.set(SessionState::closing, seconds{240});
        EXPECT_EQ(good(document).ruleset->timeouts, changed) << name;
    }
    EXPECT_FALSE(compiled(with("sessions", {{"timeout-profile", "bsd"}})));
}

TEST(TimeoutProfile, ThatIsShorterThanTheRfcsAskForIsWarnedOfOnce) {
    EXPECT_THAT(good(with("sessions", {{"timeout-profile", "rfc"}})).warnings, IsEmpty());
    EXPECT_THAT(good(with("sessions", {{"timeout-profile", "linux"}})).warnings,
                ElementsAre("/hairpin:gateway/sessions/timeout-profile: shorter than the RFCs ask for: tcp-opening, tcp-closing, "
                            "tcp-closed, tcp-reset, udp, icmp, dccp-opening, dccp-closing"));
    json document = with("sessions", {{"timeout-profile", "linux"}});
    document["hairpin:gateway"]["timeout"] = {
        {"tcp-transitory", 240}, {"udp", 300}, {"icmp", 60}, {"dccp-opening", 480}, {"dccp-closing", 480}};
    EXPECT_THAT(good(document).warnings, IsEmpty());
}

TEST(Timeouts, OfUdpAreBothWhereOnlyOneIsSet) {
    const auto udp = good(with("timeout", {{"udp", 150}})).ruleset->timeouts;
    EXPECT_EQ(udp.idle(SessionState::udp), seconds{150});
    EXPECT_EQ(udp.idle(SessionState::udp_stream), seconds{150});
    const auto stream = good(with("timeout", {{"udp-stream", 150}})).ruleset->timeouts;
    EXPECT_EQ(stream.idle(SessionState::udp), seconds{300});
    EXPECT_EQ(stream.idle(SessionState::udp_stream), seconds{150});
}

TEST(Timeouts, BelowWhatTheRfcRequiresAreWarnedOf) {
    EXPECT_THAT(good(with("timeout", {{"udp", 119}})).warnings,
                ElementsAre("/hairpin:gateway/timeout/udp: 119 s is less than the 120 s that RFC 4787 REQ-5 asks for"));
    EXPECT_THAT(
        good(with("timeout", {{"tcp-transitory", 30}, {"tcp-established", 60}})).warnings,
        ElementsAre("/hairpin:gateway/timeout/tcp-transitory: 30 s is less than the 240 s that RFC 5382 REQ-5 asks for",
                    "/hairpin:gateway/timeout/tcp-established: 60 s is less than the 7440 s that RFC 5382 REQ-5 asks for"));
    for (const auto& row : gateway::kTimeoutRows) {
        const auto set = [&](seconds idle) { return with("timeout", {{std::string{row.setting}, idle.count()}}); };
        if (row.least > seconds{0}) {
            EXPECT_THAT(good(set(row.least)).warnings, IsEmpty()) << row.setting;
            EXPECT_THAT(good(set(row.least - seconds{1})).warnings, testing::SizeIs(1)) << row.setting;
        } else {
            EXPECT_THAT(good(set(seconds{1})).warnings, IsEmpty()) << row.setting;
        }
    }
}

TEST(UdpPorts, HaveATimerEach) {
    const auto configuration =
        good(with("timeout", {{"udp-port", {{{"port", 53}, {"timeout", 10}}, {{"port", 5000}, {"timeout", 10}}}}}));
    EXPECT_THAT(configuration.ruleset->udp_port_timeouts, ElementsAre(gateway::UdpPortTimeout{L4Port{53}, seconds{10}},
                                                                      gateway::UdpPortTimeout{L4Port{5000}, seconds{10}}));
    EXPECT_THAT(
        configuration.warnings,
        ElementsAre("/hairpin:gateway/timeout/udp-port[port='5000']/timeout: 10 s is less than the 120 s that RFC 4787 REQ-5 "
                    "asks for of ports from 1024 on"));
    EXPECT_FALSE(compiled(with("timeout", {{"udp-port", {{{"port", 53}}}}}))) << "no timeout";
    EXPECT_FALSE(compiled(with("timeout", {{"udp-port", {{{"port", 0}, {"timeout", 10}}}}})));
}

TEST(UdpInboundRefresh, IsOffUnlessItIsSet) {
    EXPECT_FALSE(good(guide_lab()).ruleset->udp_inbound_refresh);
    EXPECT_TRUE(good(with("sessions", {{"udp-inbound-refresh", true}})).ruleset->udp_inbound_refresh);
}

TEST(RuleTimeout, IsTheRules) {
    const auto ruleset = good(with_rule_timeout("udp", 3600)).ruleset;
    std::size_t with_one = 0;
    for (const auto& rule : ruleset->firewall)
        if (rule.idle) {
            ++with_one;
            EXPECT_EQ(*rule.idle, seconds{3600});
        }
    EXPECT_EQ(with_one, 1U);

    json refusing = with_rule_timeout("udp", 3600);
    refusing["hairpin:gateway"]["firewall"]["rule"][0]["action"] = "drop";
    EXPECT_FALSE(compiled(refusing)) << "it makes no sessions";
}

TEST(RuleTimeout, BelowWhatTheRfcRequiresIsWarnedOf) {
    EXPECT_THAT(good(with_rule_timeout("udp", 120)).warnings, IsEmpty());
    EXPECT_THAT(good(with_rule_timeout("sctp", 1)).warnings, IsEmpty());
    EXPECT_THAT(good(with_rule_timeout("udp", 119)).warnings,
                ElementsAre(testing::EndsWith("/timeout: 119 s is less than the 120 s that RFC 4787 REQ-5 asks for of udp")));
    EXPECT_THAT(good(with_rule_timeout(nullptr, 3600)).warnings,
                ElementsAre(testing::EndsWith("/timeout: 3600 s is less than the 7440 s that RFC 5382 REQ-5 asks for of tcp")));
}

TEST(RuleTimeout, OfANatRuleIsWarnedOfLikewise) {
    const auto warnings = [](const char* protocol, unsigned timeout) {
        return good(with_nat_rule({{"id", 65537},
                                   {"action", "snat"},
                                   {"protocol", protocol},
                                   {"translated-address", "interface"},
                                   {"timeout", timeout}}))
            .warnings;
    };
    EXPECT_THAT(warnings("udp", 120), IsEmpty());
    EXPECT_THAT(warnings("udp", 119),
                ElementsAre("/hairpin:gateway/nat/rule[id='65537']/timeout: 119 s is less than the 120 s that RFC 4787 REQ-5 "
                            "asks for of udp"));
    EXPECT_THAT(warnings("any", 3600), ElementsAre(testing::EndsWith("that RFC 5382 REQ-5 asks for of tcp")));
}

// A rule that stands as it stood is not compiled again, and still warned of.
TEST(RuleTimeout, IsWarnedOfAgainWhereOnlyAnotherRuleChanges) {
    json document = with_rule_timeout("udp", 60);
    const auto before = compile(document.dump(), nullptr);
    ASSERT_TRUE(before);
    document["hairpin:gateway"]["firewall"]["rule"][1]["name"] = "another name";
    const auto after = compile(document.dump(), &*before);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->warnings, before->warnings);
    EXPECT_THAT(after->warnings, testing::SizeIs(1));
    document["hairpin:gateway"]["firewall"]["rule"][0]["timeout"] = 600;
    const auto mended = compile(document.dump(), &*after);
    ASSERT_TRUE(mended);
    EXPECT_THAT(mended->warnings, IsEmpty());
}

TEST(Protocols, WithPortsMayBeAskedForTheirs) {
    const auto rule = [](const char* protocol) {
        json document = guide_lab();
        document["hairpin:gateway"]["firewall"]["rule"][0]["service"] = {{{"protocol", protocol}, {"port", {"5060"}}}};
        return document;
    };
    for (const char* protocol : {"tcp", "udp", "udplite", "dccp", "sctp"}) EXPECT_TRUE(compiled(rule(protocol))) << protocol;
    for (const char* protocol : {"icmp", "gre", "esp", "ah", "any"}) EXPECT_FALSE(compiled(rule(protocol))) << protocol;
}

TEST(Protocols, OnlyPortsThatTheirChecksumLetsChangeAreTranslated) {
    const auto rule = [](const char* protocol, bool translated_port) {
        json dnat{{"id", 65537},
                  {"action", "dnat"},
                  {"protocol", protocol},
                  {"original-address", "203.0.113.80"},
                  {"original-port", "5060"},
                  {"translated-address", "192.168.255.10"}};
        if (translated_port) dnat["translated-port"] = "5061";
        json document = guide_lab();
        document["hairpin:gateway"]["nat"]["rule"].push_back(dnat);
        return document;
    };
    for (const char* protocol : {"tcp", "udp", "udplite", "dccp"}) EXPECT_TRUE(compiled(rule(protocol, true))) << protocol;
    EXPECT_TRUE(compiled(rule("sctp", false)));
    EXPECT_FALSE(compiled(rule("sctp", true))) << "its CRC32c covers them";
    EXPECT_FALSE(compiled(rule("gre", false)));
}

}  // namespace
}  // namespace hairpin::config
