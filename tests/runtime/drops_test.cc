// What is told of dropped packets: counts by reason with the last of each, and the recorder's newest.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;

TEST(Drops, TheLastOneOfAReasonIsShownWithWhereItCameIn) {
    GuideDaemon daemon;
    daemon.play("stranger", "lan", {refused(daemon, 40000).bytes(), refused(daemon, 40001).bytes()});
    const json rows = daemon.ask("show.drops")["rows"];
    ASSERT_EQ(rows.size(), 1u) << rows;
    EXPECT_EQ(rows[0]["reason"], "firewall-denied");
    EXPECT_EQ(rows[0]["packets"], 2);
    EXPECT_GE(rows[0]["last_seconds_ago"], 0);
    const json last = rows[0]["last"];
    EXPECT_EQ(last["packet"], "tcp 192.168.255.7:40001 > 203.0.113.80:80 S");
    EXPECT_EQ(last["port"], "stranger");
    EXPECT_EQ(last["interface"], "lan");
}

TEST(Drops, TheNewestComeFirstAndHaveTheirBytes) {
    GuideDaemon daemon;
    std::vector<Bytes> frames;
    for (unsigned port = 40000; port < 40010; ++port) frames.push_back(refused(daemon, port).bytes());
    daemon.play("stranger", "lan", frames);
    const json rows = daemon.ask("show.drops-recent", {{"count", 3}})["rows"];
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0]["packet"], "tcp 192.168.255.7:40009 > 203.0.113.80:80 S");
    EXPECT_EQ(rows[2]["packet"], "tcp 192.168.255.7:40007 > 203.0.113.80:80 S");
    EXPECT_EQ(rows[0]["length"], frames.back().size());
    const std::string bytes = rows[0]["bytes"];
    EXPECT_EQ(bytes.size(), 2 * frames.back().size());
    EXPECT_EQ(bytes.substr(24, 4), "0800");
}

TEST(Drops, OfOneReasonAloneEvenWhenTheRingHasForgottenIt) {
    GuideDaemon daemon;
    daemon.play("odd", "lan", {ethernet(0x88cc).to_mac(MacAddress::broadcast()).payload(46).bytes()});
    std::vector<Bytes> flood;
    for (unsigned i = 0; i <= FlightRecorder::kCapacity; ++i) flood.push_back(refused(daemon, 20000 + i).bytes());
    daemon.play("flood", "lan", flood);

    const json all = daemon.ask("show.drops-recent", {{"count", FlightRecorder::kCapacity}})["rows"];
    ASSERT_EQ(all.size(), FlightRecorder::kCapacity);
    for (const json& row : all) EXPECT_EQ(row["reason"], "firewall-denied");
    const json odd = daemon.ask("show.drops-recent", {{"reason", "unsupported-ether-type"}})["rows"];
    ASSERT_EQ(odd.size(), 1u);
    EXPECT_EQ(odd[0]["packet"], "type 0x88cc 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff length 60");
    EXPECT_EQ(daemon.ask("show.drops-recent", {{"reason", "runt"}})["rows"], json::array());
}

TEST(Drops, APortThatIsGoneIsNobodysName) {
    GuideDaemon daemon;
    daemon.play("stranger", "lan", {refused(daemon, 40000).bytes()});
    ASSERT_TRUE(daemon.worker.remove_port("stranger"));
    daemon.play("another", "lan", {});  // gets the number that the first one had
    const json row = daemon.ask("show.drops-recent")["rows"][0];
    EXPECT_TRUE(row["port"].is_null());
    EXPECT_EQ(row["interface"], "lan");
}

TEST(Drops, WhatCannotBeMeantIsRefused) {
    GuideDaemon daemon;
    EXPECT_EQ(daemon.answer("show.drops-recent", {{"count", FlightRecorder::kCapacity + 1}})["error"]["data"]["path"], "count");
    EXPECT_EQ(daemon.answer("show.drops-recent", {{"count", -1}})["error"]["data"]["path"], "count");
    EXPECT_EQ(daemon.answer("show.drops-recent", {{"reason", "boredom"}})["error"]["data"]["path"], "reason");
}

TEST(Drops, AnEventCarriesTheLastPacket) {
    GuideDaemon daemon;
    std::vector<json> events;
    const auto token =
        daemon.events.listen({"drops"}, [&](std::string_view line) { events.push_back(json::parse(line)["params"]); });
    daemon.play("stranger", "lan", {refused(daemon, 40000).bytes(), refused(daemon, 40001).bytes()});
    daemon.events.look();
    daemon.events.forget(token);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]["packets"], 2);
    EXPECT_EQ(events[0]["last"]["packet"], "tcp 192.168.255.7:40001 > 203.0.113.80:80 S");
    EXPECT_EQ(events[0]["last"]["port"], "stranger");
}

}  // namespace
}  // namespace hairpin::runtime
