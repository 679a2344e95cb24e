// `monitor traffic`: what passes a port is told, and nothing else is different for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using nlohmann::json;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(TrafficMonitor, ShowsWhatGoesInAndOutOfAnInterface) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    const json begun = client.ask("monitor.traffic", {{"port", "lan"}});
    ASSERT_TRUE(begun.contains("result")) << begun;
    daemon.play("asks", "lan", {arp_request().from(kStranger).to(kGateway).bytes()});
    daemon.play("speaks", "lan", {refused(daemon, 40000).bytes()});
    EXPECT_THAT(client.lines(),
                ElementsAre("in arp who-has 192.168.255.1 tell 192.168.255.7", StartsWith("out arp 192.168.255.1 is-at "),
                            "in tcp 192.168.255.7:40000 > 203.0.113.80:80 S"));
    EXPECT_EQ(client.events[0]["port"], "lan");
    EXPECT_EQ(client.events[0]["length"], 42);
}

TEST(TrafficMonitor, OfAPortShowsBothDirectionsAndOnlyThatPort) {
    GuideDaemon daemon;
    GuideClient webserver{daemon}, internet{daemon};
    ASSERT_TRUE(webserver.ask("monitor.traffic", {{"port", "webserver"}}).contains("result"));
    ASSERT_TRUE(internet.ask("monitor.traffic", {{"port", "internet"}}).contains("result"));
    daemon.play("stranger", "lan", {arp_request().from(kStranger).to(Ipv4Address{192, 168, 255, 10}).bytes()});
    EXPECT_THAT(webserver.lines(), ElementsAre("out arp who-has 192.168.255.10 tell 192.168.255.7")) << "flooded on the segment";
    EXPECT_THAT(internet.lines(), IsEmpty());
}

TEST(TrafficMonitor, ShowsWhatMatchesAndEndsAfterSoMany) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    ASSERT_TRUE(client.ask("monitor.traffic", {{"port", "lan"}, {"filter", "tcp dst port 80 and src port 40002"}, {"count", 2}})
                    .contains("result"));
    std::vector<Bytes> frames;
    for (int round = 0; round < 3; ++round)
        for (unsigned port = 40000; port < 40005; ++port) frames.push_back(refused(daemon, port).bytes());
    daemon.play("stranger", "lan", frames);
    const std::string line = "in tcp 192.168.255.7:40002 > 203.0.113.80:80 S";
    EXPECT_THAT(client.lines(), ElementsAre(line, line, "end: count"));
}

TEST(TrafficMonitor, AFloodIsCountedAndNotShown) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    ASSERT_TRUE(client.ask("monitor.traffic", {{"port", "lan"}}).contains("result"));
    const std::size_t beyond = 50;
    daemon.play("stranger", "lan", std::vector<Bytes>(TrafficMonitor::kLinesPerSecond + beyond, refused(daemon, 40000).bytes()));
    daemon.traffic.look();
    std::size_t shown = 0, skipped = 0;
    for (const json& event : client.events)
        event["event"] == "skipped" ? skipped += event["packets"].get<std::size_t>() : ++shown;
    // A second may have passed meanwhile, and then more were shown; nothing is lost in either case.
    EXPECT_EQ(shown + skipped, TrafficMonitor::kLinesPerSecond + beyond);
    EXPECT_GE(shown, TrafficMonitor::kLinesPerSecond);
}

TEST(TrafficMonitor, EndsWhenThePortGoes) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    ASSERT_TRUE(client.ask("monitor.traffic", {{"port", "webserver"}}).contains("result"));
    ASSERT_TRUE(daemon.worker.remove_port("webserver"));
    EXPECT_THAT(client.lines(), ElementsAre("end: gone"));
}

TEST(TrafficMonitor, EndsWithItsClientAndForOthersGoesOn) {
    GuideDaemon daemon;
    GuideClient stays{daemon};
    ASSERT_TRUE(stays.ask("monitor.traffic", {{"port", "lan"}}).contains("result"));
    {
        GuideClient goes{daemon};
        ASSERT_TRUE(goes.ask("monitor.traffic", {{"port", "lan"}}).contains("result"));
    }
    daemon.play("stranger", "lan", {refused(daemon, 40000).bytes()});
    EXPECT_THAT(stays.lines(), SizeIs(1));
}

TEST(TrafficMonitor, ChangesNothing) {
    GuideDaemon watched, plain;
    GuideClient client{watched};
    for (const char* port : {"lan", "uplink", "workstation", "webserver"})
        ASSERT_TRUE(client.ask("monitor.traffic", {{"port", port}}).contains("result"));
    for (GuideDaemon* daemon : {&watched, &plain})
        daemon->play("stranger", "lan", {refused(*daemon, 40000).bytes(), arp_request().from(kStranger).to(kGateway).bytes()});
    EXPECT_EQ(watched.ask("show.counters"), plain.ask("show.counters"));
    EXPECT_FALSE(client.events.empty());
}

TEST(TrafficMonitor, RefusesWhatItCannotDo) {
    GuideDaemon daemon;
    GuideClient client{daemon};
    EXPECT_EQ(client.ask("monitor.traffic", {{"port", "nowhere"}})["error"]["code"], control::kNotFound);
    EXPECT_EQ(client.ask("monitor.traffic", {{"port", "nowhere"}})["error"]["data"]["path"], "port");
    EXPECT_EQ(client.ask("monitor.traffic", {{"port", "lan"}, {"filter", "tcp port"}})["error"]["data"]["path"], "filter");
    EXPECT_EQ(client.ask("monitor.traffic", {{"port", "lan"}, {"count", 0}})["error"]["data"]["path"], "count");
    EXPECT_EQ(client.ask("monitor.traffic", {{"port", 7}})["error"]["data"]["path"], "port");
    EXPECT_THAT(client.farewells, IsEmpty());
}

}  // namespace
}  // namespace hairpin::runtime
