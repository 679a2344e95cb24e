#include <gtest/gtest.h>

#include "runtime/show.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using nlohmann::json;

std::size_t port_count(GuideDaemon& daemon) { return show_ports(daemon.worker)["rows"].size(); }

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

TEST(RunningConfiguration, WhatIsNoDocumentIsRefused) {
    GuideDaemon daemon;
    for (const char* text : {"", "{", "[]", "null", "7", "{\"hairpin:gateway\": 3}", "{\"hairpin:gatway\": {}}"})
        EXPECT_FALSE(daemon.configuration.replace(text, daemon.worker).has_value()) << text;
    EXPECT_EQ(daemon.worker.gateway().ruleset().generation, 1U);
}

}  // namespace
}  // namespace hairpin::runtime
