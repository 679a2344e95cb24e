// `trace live`: the packets that pass are told of as the tracer tells of one, and what becomes of them is what would have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

PacketBuilder hairpin_syn(const GuideDaemon& daemon, unsigned port) {
    return tcp().from(kWorkstation, port).to(kExternal, 80).syn().to_mac(daemon.mac_of("lan"));
}
TEST(LiveTrace, TellsOfTheRealSessionAndTheRealPort) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    daemon.play("server", "lan", {known_server().bytes()});
    const json begun = client.ask("trace.live", {{"filter", "tcp port 80"}});
    ASSERT_TRUE(begun.contains("result")) << begun;
    daemon.play("client", "lan", {hairpin_syn(daemon, 40000).bytes(), hairpin_syn(daemon, 40001).bytes()});
    ASSERT_THAT(client.lines(), ElementsAre("tcp 192.168.255.2:40000 > 203.0.113.80:80 S", "end: count"));
    const json& told = client.events[0];
    EXPECT_EQ(told["verdict"], "forwarded");
    EXPECT_EQ(told["in_interface"], "lan");
    EXPECT_EQ(told["out_interface"], "lan");
    EXPECT_EQ(told["out_port"], "server");
    EXPECT_EQ(told["dnat_rule"], 196613);
    EXPECT_EQ(told["firewall_rule"], 3);
    EXPECT_EQ(told["snat_rule"], 196612);
    EXPECT_TRUE(told["reply"].is_null());

    const json sessions = daemon.ask("show.sessions", {{"source", "192.168.255.2:40000"}})["rows"];
    ASSERT_EQ(sessions.size(), 1u) << "the packet was not only asked about";
    EXPECT_EQ(told["translated_source"], sessions[0]["translated_source"]);
    EXPECT_EQ(told["translated_destination"], sessions[0]["translated_destination"]);
    EXPECT_EQ(told["stages"][1]["source"], sessions[0]["translated_source"]);
    EXPECT_EQ(sessions[0]["original_packets"], 1);
}

// The tracer asked first, and the same packet as it passes: the same steps, but for the port that is drawn anew.
TEST(LiveTrace, SaysWhatTheTracerSaid) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    daemon.play("server", "lan", {known_server().bytes()});
    const json asked = daemon.ask(
        "trace",
        {{"protocol", "tcp"}, {"source", "192.168.255.7:40000"}, {"destination", "203.0.113.80:80"}, {"interface", "lan"}});
    ASSERT_TRUE(client.ask("trace.live", {{"filter", "tcp"}, {"interface", "lan"}}).contains("result"));
    daemon.play("client", "lan", {refused(daemon, 40000).bytes()});
    const json& told = client.events.at(0);
    for (const auto& [key, value] : asked.items()) EXPECT_EQ(told[key], value) << key;
}

TEST(LiveTrace, TakesPacketsOfItsInterfaceAndFilterAlone) {
    GuideDaemon daemon;
    GuideClient uplink{daemon}, udp_only{daemon}, two{daemon};
    ASSERT_TRUE(uplink.ask("trace.live", {{"filter", ""}, {"interface", "uplink"}}).contains("result"));
    ASSERT_TRUE(udp_only.ask("trace.live", {{"filter", "udp"}}).contains("result"));
    ASSERT_TRUE(two.ask("trace.live", {{"filter", "tcp"}, {"count", 2}}).contains("result"));
    daemon.play("client", "lan",
                {refused(daemon, 40000).bytes(), refused(daemon, 40001).bytes(), refused(daemon, 40002).bytes()});
    EXPECT_THAT(uplink.lines(), IsEmpty());
    EXPECT_THAT(udp_only.lines(), IsEmpty());
    EXPECT_THAT(two.lines(), ElementsAre("tcp 192.168.255.7:40000 > 203.0.113.80:80 S",
                                         "tcp 192.168.255.7:40001 > 203.0.113.80:80 S", "end: count"));
    EXPECT_EQ(two.events[0]["verdict"], "dropped");
    EXPECT_EQ(two.events[0]["drop_reason"], "firewall-denied");
}

TEST(LiveTrace, ArpIsTakenInAndSaidSo) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    ASSERT_TRUE(client.ask("trace.live", {{"filter", "arp"}, {"count", 2}}).contains("result"));
    daemon.play("client", "lan",
                {known_server().bytes(), arp_reply().from(kStranger).to(kStranger).to_mac(daemon.mac_of("lan")).bytes()});
    ASSERT_EQ(client.events.size(), 3u);
    EXPECT_EQ(client.events[0]["verdict"], "local");
    EXPECT_EQ(client.events[1]["drop_reason"], "arp-not-ours");
}

TEST(LiveTrace, RefusesWhatItCannotDo) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    EXPECT_EQ(client.ask("trace.live", {{"filter", "host example.com"}})["error"]["data"]["path"], "filter");
    EXPECT_EQ(client.ask("trace.live", {{"filter", "tcp"}, {"interface", "nowhere"}})["error"]["data"]["path"], "interface");
    EXPECT_EQ(client.ask("trace.live", {{"filter", "tcp"}, {"count", LiveTraces::kMostPackets + 1}})["error"]["data"]["path"],
              "count");
    EXPECT_THAT(client.farewells, IsEmpty());
}

}  // namespace
}  // namespace hairpin::runtime
