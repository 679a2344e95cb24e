// What the switch does besides carrying frames, in a running daemon: commits change it without touching ports, and it is shown.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/port_rates.h"
#include "runtime/switch_event_view.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::HasSubstr;

struct FeaturesDaemon {
    json document = guide_document();
    GuideDaemon daemon;

    json& switching() { return document["hairpin:switch"]; }
    Result<RunningConfiguration::Change> commit() { return daemon.configuration.replace(document.dump(), daemon.worker); }
    json rows(const char* method) { return daemon.ask(method)["rows"]; }
};

TEST(SwitchFeatures, ACommitChangesThemAndNoPort) {
    FeaturesDaemon lab;
    const l2::Port* before = lab.daemon.worker.ports().at("workstation").port.get();
    lab.switching()["port"][0]["isolated"] = true;
    lab.switching()["port"][0]["storm-control"] = {{"broadcast", {{"packets-per-second", 10}}}};
    lab.switching()["port"][0]["loop-guard"] = true;
    lab.switching()["lldp"] = true;
    ASSERT_TRUE(lab.commit().has_value());
    EXPECT_EQ(lab.daemon.worker.ports().at("workstation").port.get(), before);
    const json rows = lab.rows("show.ports-features");
    const auto workstation = std::find_if(rows.begin(), rows.end(), [](const json& row) { return row["name"] == "workstation"; });
    ASSERT_NE(workstation, rows.end());
    EXPECT_EQ((*workstation)["isolated"], true);
    EXPECT_EQ((*workstation)["storm_control"], json::array({"broadcast 10 packets/s"}));
    ASSERT_EQ(lab.rows("show.storm-control").size(), 1u);
    EXPECT_EQ(lab.rows("show.storm-control")[0]["state"], "calm");
    ASSERT_EQ(lab.rows("show.loop-guard").size(), 1u);
    EXPECT_EQ(lab.rows("show.loop-guard")[0]["state"], "open");
    EXPECT_EQ(lab.rows("show.lldp").size(), 3u);

    lab.document = guide_document();
    ASSERT_TRUE(lab.commit().has_value());
    EXPECT_EQ(lab.rows("show.storm-control").size(), 0u);
    EXPECT_EQ(lab.rows("show.loop-guard").size(), 0u);
    EXPECT_EQ(lab.rows("show.lldp").size(), 0u);
}

TEST(SwitchFeatures, WhatIsSentByItselfIsCountedAsOriginated) {
    FeaturesDaemon lab;
    lab.switching()["lldp"] = true;
    lab.switching()["multicast"] = {{"snooping", true}, {"querier", true}};
    lab.switching()["port"][0]["loop-guard"] = true;
    ASSERT_TRUE(lab.commit().has_value());
    const std::uint64_t before = lab.daemon.worker.ledger().originated;
    lab.daemon.worker.tick();
    EXPECT_EQ(lab.daemon.worker.ledger().originated - before, 3u + 1u + 6u) << "LLDP, loop guard, IGMP and MLD at three ports";
    EXPECT_EQ(lab.daemon.worker.imbalance(), 0);
    EXPECT_EQ(lab.rows("show.lldp")[0]["sent"], 1);
}

TEST(SwitchFeatures, AMirrorComesAndGoesAndFollowsItsPorts) {
    FeaturesDaemon lab;
    lab.switching()["port"].push_back({{"name", "probe"}, {"segment", "lan"}, {"memory", json::object()}});
    lab.switching()["mirror"] = {{{"name", "all"},
                                  {"source", {{{"port", "internet"}}, {{"port", "workstation"}, {"direction", "out"}}}},
                                  {"to", "probe"}}};
    ASSERT_TRUE(lab.commit().has_value());
    json row = lab.rows("show.mirrors").at(0);
    EXPECT_EQ(row["to"], "probe");
    EXPECT_EQ(row["sources"], json::array({"internet both", "workstation out"}));
    lab.daemon.play("visitor", "lan", {known_server().bytes()});
    row = lab.rows("show.mirrors").at(0);
    EXPECT_EQ(row["copies"], 1) << "a broadcast went out by workstation";
    EXPECT_EQ(lab.daemon.worker.ports().at("probe").port->counters().out_packets, 1u) << "and nothing else went there";

    lab.switching()["port"].back()["memory"]["mtu"] = 9000;  // another port of the name
    ASSERT_TRUE(lab.commit().has_value());
    EXPECT_EQ(lab.rows("show.mirrors").at(0)["to"], "probe");
    lab.switching().erase("mirror");
    ASSERT_TRUE(lab.commit().has_value());
    EXPECT_EQ(lab.rows("show.mirrors").size(), 0u);
    EXPECT_EQ(lab.daemon.worker.imbalance(), 0);
}

TEST(SwitchFeatures, DropsAreShownByPortAndReason) {
    FeaturesDaemon lab;
    lab.daemon.play("visitor", "lan", {known_server().vlan(7).bytes(), known_server().vlan(7).bytes()});
    const json rows = lab.rows("show.ports-drops");
    ASSERT_EQ(rows.size(), 1u) << rows;
    EXPECT_EQ(rows[0]["port"], "visitor");
    EXPECT_EQ(rows[0]["reason"], "vlan-not-allowed");
    EXPECT_EQ(rows[0]["packets"], 2);
}

TEST(SwitchFeatures, RatesAreThoseOfTheLastSecondAndTheLastMinute) {
    FeaturesDaemon lab;
    PortRates rates;
    Timestamp now{};
    rates.look(lab.daemon.worker, now);
    EXPECT_FALSE(rates.ports().at("workstation").measured);
    std::vector<Bytes> frames(100, known_server().bytes());
    lab.daemon.play("visitor", "lan", {});
    rates.look(lab.daemon.worker, now += std::chrono::seconds{1});
    lab.daemon.play("other", "lan", frames);
    rates.look(lab.daemon.worker, now += std::chrono::seconds{2});
    const auto& workstation = rates.ports().at("workstation");
    EXPECT_DOUBLE_EQ(workstation.last.out_packets, 50);
    EXPECT_DOUBLE_EQ(workstation.last.out_bits, 50 * 8.0 * static_cast<double>(frames[0].size()));
    EXPECT_GT(workstation.mean.out_packets, 1);
    EXPECT_LT(workstation.mean.out_packets, 3) << "two seconds of a minute";
    rates.look(lab.daemon.worker, now += std::chrono::milliseconds{900});
    EXPECT_DOUBLE_EQ(rates.ports().at("workstation").last.out_packets, 50) << "a second has not passed";
}

TEST(SwitchFeatures, EventsAreToldInWords) {
    FeaturesDaemon lab;
    const PortId port = lab.daemon.worker.ports().at("workstation").id, other = lab.daemon.worker.ports().at("internet").id;
    using Kind = l2::SwitchEvent::Kind;
    EXPECT_EQ(log_text({.kind = Kind::storm_begins, .port = port, .traffic = "broadcast", .count = 3}, lab.daemon.worker),
              "event=storm_begins dropped=3 port=workstation traffic=broadcast");
    EXPECT_EQ(log_text({.kind = Kind::loop_found, .port = port, .other = other}, lab.daemon.worker),
              "event=loop_found port=workstation through=internet");
    EXPECT_EQ(log_text({.kind = Kind::station_flaps, .port = port, .count = 5, .other = other, .station = kServerMac},
                       lab.daemon.worker),
              "event=station_flaps from=internet mac=02:00:00:00:00:0a moves=5 port=workstation");
    EXPECT_TRUE(view_of(Kind::storm_begins).is_alarm);
    EXPECT_FALSE(view_of(Kind::loop_over).is_alarm);
}

TEST(SwitchFeatures, LoopGuardIsClearedByPort) {
    FeaturesDaemon lab;
    lab.switching()["port"][0]["loop-guard"] = true;
    ASSERT_TRUE(lab.commit().has_value());
    EXPECT_EQ(lab.daemon.ask("clear.loop-guard")["cleared"], 0);
    EXPECT_THAT(lab.daemon.ask("clear.loop-guard", {{"port", "nobody"}}).dump(), HasSubstr("show loop-guard lists them"));
}

}  // namespace
}  // namespace hairpin::runtime
