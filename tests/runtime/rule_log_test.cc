// Records of rules that log: in the log, for who monitors, and no more of them than may be written.

#include "runtime/rule_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/clock.h"
#include "runtime/log.h"
#include "runtime/rule_record_view.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using gateway::FirewallAction;
using gateway::RuleRecord;
using nlohmann::json;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

json logging_document(unsigned rate = 100) {
    json document = guide_document();
    json& firewall = document["hairpin:gateway"]["firewall"];
    for (json& rule : firewall["rule"]) rule["log"] = true;
    firewall["default-log"] = true;
    firewall["log-rate"] = rate;
    return document;
}

struct LoggingDaemon : GuideDaemon {
    explicit LoggingDaemon(unsigned rate = 100) : GuideDaemon(logging_document(rate)) {
        ensure(log::start("info").has_value());
        log::clear();
    }
    ~LoggingDaemon() { log::clear(); }
    std::vector<std::string> lines(const json& parameters = json::object()) {
        std::vector<std::string> texts;
        const json rows = ask("show.log", parameters)["rows"];
        for (const json& row : rows) texts.push_back(row["text"]);
        return texts;
    }
    RuleLog rule_log{worker, events};
};

Bytes hairpin(const GuideDaemon& daemon) {
    return tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan")).bytes();
}
RuleRecord record_at(Timestamp when) {
    RuleRecord record;
    record.when = when;
    record.firewall_rule = record.logged_by = 2;
    record.outbound = gateway::kGatewayItself;
    return record;
}

TEST(RuleLog, AnAcceptedAndARefusedOneStandInTheLog) {
    LoggingDaemon daemon;
    daemon.play("lan", "lan", {known_server().bytes(), hairpin(daemon), refused(daemon, 40000).bytes()});
    EXPECT_THAT(daemon.lines({{"rule", 3}}), SizeIs(0)) << "the packet path writes nothing";
    daemon.rule_log.look(monotonic_now());
    const auto accepted = AllOf(HasSubstr("event=rule ACCEPT_3 in=lan out=lan protocol=tcp original=192.168.255.2:40000->"
                                          "203.0.113.80:80 translated=192.168.255.1:"),
                                HasSubstr("->192.168.255.10:80 firewall=3 dnat=196613 snat=196612"));
    const auto dropped = HasSubstr(
        "event=rule DROP_196608 in=lan out=lan protocol=tcp original=192.168.255.7:40000->203.0.113.80:80 "
        "translated=192.168.255.7:40000->192.168.255.10:80 firewall=196608 dnat=196613");
    EXPECT_THAT(daemon.lines({{"rule", 3}}), ElementsAre(accepted));
    EXPECT_THAT(daemon.lines({{"rule", 196608}}), ElementsAre(dropped));
    EXPECT_THAT(daemon.lines({{"rule", 196613}}), ElementsAre(accepted, dropped)) << "in both DNAT had its part";
    EXPECT_THAT(daemon.lines({{"rule", 19661}}), SizeIs(0));
    EXPECT_EQ(daemon.answer("show.log", {{"rule", "three"}})["error"]["data"]["path"], "rule");
}

TEST(RuleLog, WhoMonitorsIsToldInFields) {
    LoggingDaemon daemon;
    GuideClient client{daemon};
    client.ask("monitor", {{"topics", {"rules"}}});
    daemon.play("lan", "lan", {known_server().bytes(), hairpin(daemon), refused(daemon, 40000).bytes()});
    daemon.rule_log.look(monotonic_now());
    ASSERT_THAT(client.events, SizeIs(2));
    const json& accepted = client.events[0];
    EXPECT_EQ(accepted["event"], "rule_accept");
    EXPECT_EQ(accepted["prefix"], "ACCEPT_3");
    EXPECT_EQ(accepted["original_destination"], "203.0.113.80:80");
    EXPECT_EQ(accepted["translated_destination"], "192.168.255.10:80");
    EXPECT_EQ(accepted["inbound"], "lan");
    EXPECT_EQ(accepted["snat_rule"], 196612);
    EXPECT_EQ(client.events[1]["event"], "rule_drop");
    EXPECT_EQ(client.events[1]["snat_rule"], nullptr);
}

TEST(RuleLog, NoMoreThanTheRateAndSaysHowManyWereNot) {
    LoggingDaemon daemon{5};
    Timestamp now{seconds{1000}};
    for (int i = 0; i < 12; ++i) daemon.rule_log.decided(record_at(now));
    daemon.rule_log.look(now);
    EXPECT_THAT(daemon.lines({{"rule", 2}}), SizeIs(5));
    const auto unwritten = [](int count) {
        return HasSubstr("event=rule_records_unwritten count=" + std::to_string(count) + " " + std::to_string(count) +
                         " records were not written");
    };
    EXPECT_THAT(daemon.lines(), Contains(unwritten(7)));
    EXPECT_THAT(daemon.lines({{"level", "warning"}}), SizeIs(1));

    // For as long as it goes on it is said each ten seconds.
    now += seconds{1};
    for (int i = 0; i < 7; ++i) daemon.rule_log.decided(record_at(now));
    daemon.rule_log.look(now);
    EXPECT_THAT(daemon.lines({{"rule", 2}}), SizeIs(10));
    EXPECT_THAT(daemon.lines({{"level", "warning"}}), SizeIs(1));
    daemon.rule_log.look(now + seconds{9});
    EXPECT_THAT(daemon.lines(), Contains(unwritten(2)));
}

TEST(RuleLog, AtTheEndNothingIsLeft) {
    LoggingDaemon daemon{1};
    for (int i = 0; i < 3; ++i) daemon.rule_log.decided(record_at(Timestamp{seconds{1000}}));
    daemon.rule_log.finish();
    EXPECT_THAT(daemon.lines({{"rule", 2}}), SizeIs(1));
    EXPECT_THAT(daemon.lines(), Contains(HasSubstr("2 records were not written")));
}

TEST(RuleLog, AnotherRateTakesEffectWithTheCommit) {
    LoggingDaemon daemon{1};
    ASSERT_TRUE(daemon.configuration.replace(logging_document(50).dump(), daemon.worker));
    for (int i = 0; i < 20; ++i) daemon.rule_log.decided(record_at(Timestamp{seconds{1000}}));
    daemon.rule_log.look(Timestamp{seconds{1000}});
    EXPECT_THAT(daemon.lines({{"rule", 2}}), SizeIs(20));
}

// ---- Lines ----------------------------------------------------------------------------------------------------------------------

TEST(RuleRecordLine, WithoutDestinationsAndOfAnIcmpType) {
    GuideDaemon daemon;
    RuleRecord record;
    record.inbound = InterfaceId{1};
    record.original = {kWorkstation, {}, L4Port{7}, {}, IpProtocol::icmp};
    record.translated = {kExternal, {}, L4Port{9}, {}, IpProtocol::icmp};
    record.firewall_rule = 2;
    record.snat_rule = record.logged_by = 196609;
    record.destinations = false;
    record.icmp_type = 8;
    const std::string line = rule_record_line(record, *daemon.configuration.compiled().ruleset);
    EXPECT_EQ(line,
              "event=rule SNAT_196609 in=lan out=uplink protocol=icmp icmp-type=8 original=192.168.255.2:7 "
              "translated=203.0.113.80:9 firewall=2 snat=196609");
    EXPECT_TRUE(is_record_of(line, 196609));
    EXPECT_TRUE(is_record_of(line, 2));
    EXPECT_FALSE(is_record_of(line, 9));
    EXPECT_FALSE(is_record_of("event=other firewall=2", 2));
}

}  // namespace
}  // namespace hairpin::runtime
