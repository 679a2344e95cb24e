#include <gtest/gtest.h>

#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using nlohmann::json;

std::size_t port_count(GuideDaemon& daemon) { return daemon.ask("show.ports")["rows"].size(); }

TEST(RunningConfiguration, ARefusedDocumentChangesNothing) {
    GuideDaemon daemon;
    json wrong = guide_document();
    wrong["hairpin:gateway"]["nat"]["rule"][0]["translated-address"] = "203.0.113.300";
    const auto change = daemon.configuration.replace(wrong.dump(), daemon.worker);
    ASSERT_FALSE(change.has_value());
    EXPECT_NE(change.error().path.find("196609"), std::string::npos) << change.error().path;
    EXPECT_EQ(daemon.configuration.document(), guide_document());
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 1U);
}

TEST(RunningConfiguration, AnAddressThatIsNotTheGatewaysWantsConsentOnce) {
    using Consent = RunningConfiguration::Consent;
    GuideDaemon daemon;
    json foreign = guide_document();
    foreign["hairpin:gateway"]["nat"]["rule"][0]["translated-address"] = "203.0.113.99";
    foreign["hairpin:gateway"]["nat"]["rule"][0]["description"] = "LAN to Internet";
    const auto refused = daemon.configuration.replace(foreign.dump(), daemon.worker);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().path, "/hairpin:gateway/nat/rule[id='196609']");
    EXPECT_EQ(refused.error().message.find("\"LAN to Internet\": answers to 203.0.113.99 do not come here"), 0U)
        << "the place names the rule: " << refused.error().message;
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 1U);
    ASSERT_TRUE(daemon.configuration.check(foreign.dump(), daemon.worker).has_value()) << "asked, it says so and refuses nothing";
    ASSERT_TRUE(daemon.configuration.replace(foreign.dump(), daemon.worker, Consent::given).has_value());
    foreign["hairpin:gateway"]["firewall"]["rule"].erase(1);
    EXPECT_TRUE(daemon.configuration.replace(foreign.dump(), daemon.worker).has_value()) << "it is known by now";
}

TEST(RunningConfiguration, APortThatCannotBeOpenedTakesTheOthersBack) {
    GuideDaemon daemon;
    json more = guide_document();
    more["hairpin:switch"]["port"].push_back({{"name", "good"}, {"segment", "lan"}, {"memory", json::object()}});
    more["hairpin:switch"]["port"].push_back(
        {{"name", "bad"}, {"segment", "lan"}, {"pcap", {{"read", "/nonexistent/file.pcap"}}}});
    EXPECT_FALSE(daemon.configuration.replace(more.dump(), daemon.worker).has_value());
    EXPECT_EQ(port_count(daemon), 3U);
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 1U);
}

TEST(RunningConfiguration, WithoutASwitchPartTheSwitchStays) {
    GuideDaemon daemon;
    json rules = guide_document();
    rules.erase("hairpin:switch");
    rules["hairpin:gateway"]["firewall"]["rule"].erase(1);
    ASSERT_TRUE(daemon.configuration.replace(rules.dump(), daemon.worker).has_value());
    EXPECT_EQ(port_count(daemon), 3U);
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 2U);
    EXPECT_EQ(daemon.configuration.document()["hairpin:switch"], guide_document()["hairpin:switch"]);
}

TEST(RunningConfiguration, PortsComeAndGo) {
    GuideDaemon daemon;
    const json port{{"name", "extra"}, {"segment", "lan"}, {"memory", json::object()}};
    ASSERT_TRUE(daemon.configuration.add_port(port, daemon.worker).has_value());
    EXPECT_EQ(port_count(daemon), 4U);
    EXPECT_FALSE(daemon.configuration.add_port(port, daemon.worker).has_value()) << "the name is taken";
    EXPECT_EQ(port_count(daemon), 4U);
    ASSERT_TRUE(daemon.configuration.remove_port("extra", daemon.worker).has_value());
    EXPECT_EQ(port_count(daemon), 3U);
    EXPECT_FALSE(daemon.configuration.remove_port("extra", daemon.worker).has_value());
}

// The rows of the MAC table about this MAC.
json stations(GuideDaemon& daemon, const std::string& mac) {
    json found = json::array();
    const json table = daemon.ask("show.mac-table");
    for (const json& row : table["rows"])
        if (row["mac"] == mac) found.push_back(row);
    return found;
}

TEST(RunningConfiguration, TwoInterfacesOfOneSegmentMayChangeMacs) {
    GuideDaemon daemon;
    json document = guide_document();
    json& interfaces = document["hairpin:gateway"]["interface"];
    interfaces[0]["mac"] = "02:00:00:00:00:0a";
    json second = interfaces[0];
    second["name"] = "second";
    second["mac"] = "02:00:00:00:00:0b";
    second["address"] = {"10.99.0.1/24"};
    interfaces.push_back(second);
    ASSERT_TRUE(daemon.configuration.replace(document.dump(), daemon.worker).has_value());
    std::swap(interfaces[0]["mac"], interfaces.back()["mac"]);
    const auto change = daemon.configuration.replace(document.dump(), daemon.worker);
    ASSERT_TRUE(change.has_value()) << change.error().message;
    EXPECT_EQ(stations(daemon, "02:00:00:00:00:0a").size(), 1U);
    EXPECT_EQ(stations(daemon, "02:00:00:00:00:0b").size(), 1U);
}

TEST(RunningConfiguration, AnInterfaceThatFindsNoPlaceLeavesAllWhereTheyWere) {
    GuideDaemon daemon;
    json document = guide_document();
    json& interfaces = document["hairpin:gateway"]["interface"];
    for (std::size_t i = 0; i < 2; ++i) {
        interfaces[i]["mac"] = "02:00:00:00:00:0a";
        interfaces[i]["segment"] = "lan";
    }
    const json before = daemon.ask("show.mac-table");
    ASSERT_FALSE(daemon.configuration.replace(document.dump(), daemon.worker).has_value());
    EXPECT_EQ(daemon.ask("show.mac-table"), before);
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 1U);
}

TEST(RunningConfiguration, StaticStationsComeAndGoWithTheDocument) {
    GuideDaemon daemon;
    json document = guide_document();
    const std::string port = document["hairpin:switch"]["port"][0]["name"],
                      segment = document["hairpin:switch"]["port"][0]["segment"];
    document["hairpin:switch"]["static-station"] = {{{"segment", segment}, {"mac", "02:00:00:00:00:99"}, {"port", port}}};
    ASSERT_TRUE(daemon.configuration.replace(document.dump(), daemon.worker).has_value());
    EXPECT_EQ(stations(daemon, "02:00:00:00:00:99").at(0)["port"], port);
    ASSERT_TRUE(daemon.configuration.replace(guide_document().dump(), daemon.worker).has_value());
    EXPECT_TRUE(stations(daemon, "02:00:00:00:00:99").empty());
}

TEST(RunningConfiguration, APortMayGetAnotherName) {
    GuideDaemon daemon;
    json document = guide_document();
    json& first = document["hairpin:switch"]["port"][0];
    first["name"] = "renamed";
    ASSERT_TRUE(daemon.configuration.replace(document.dump(), daemon.worker).has_value());
    EXPECT_EQ(port_count(daemon), 3U);
}

TEST(RunningConfiguration, WhatIsNoDocumentIsRefused) {
    GuideDaemon daemon;
    for (const char* text : {"", "{", "[]", "null", "7", "{\"hairpin:gateway\": 3}", "{\"hairpin:gatway\": {}}"})
        EXPECT_FALSE(daemon.configuration.replace(text, daemon.worker).has_value()) << text;
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 1U);
}

TEST(RunningConfiguration, WhatWaitsForTheNextStartIsSaidUntilThen) {
    GuideDaemon daemon;
    json document = guide_document();
    document["hairpin:gateway"]["sessions"]["capacity"] = 16;
    document["hairpin:switch"]["mac-table"] = {{"capacity", 128}, {"port-limit", 64}, {"age-seconds", 60}};
    const std::vector<std::string> expected{
        "/hairpin:switch/mac-table/age-seconds: 60 takes effect when the daemon starts; until then it is 300",
        "/hairpin:switch/mac-table/capacity: 128 takes effect when the daemon starts; until then it is 65536",
        "/hairpin:switch/mac-table/port-limit: 64 takes effect when the daemon starts; until then it is 16384",
        "/hairpin:gateway/sessions/capacity: 16 takes effect when the daemon starts; until then it is 262144"};
    EXPECT_EQ(daemon.configuration.check(document.dump(), daemon.worker)->warnings, expected);
    EXPECT_EQ(daemon.configuration.replace(document.dump(), daemon.worker)->warnings, expected);
    document["hairpin:gateway"]["firewall"]["rule"][0]["name"] = "another";
    EXPECT_EQ(daemon.configuration.replace(document.dump(), daemon.worker)->warnings, expected) << "it still waits";
    EXPECT_EQ(daemon.configuration.replace(guide_document().dump(), daemon.worker)->warnings, std::vector<std::string>{});
}

}  // namespace
}  // namespace hairpin::runtime
