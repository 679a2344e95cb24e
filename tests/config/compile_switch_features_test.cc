// What the switch and its ports do besides carrying frames: every setting once, and what is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

// The guide's lab with more in its switch.
json with_switch(const json& more) {
    json document = guide_lab();
    document["hairpin:switch"].merge_patch(more);
    return document;
}
json with_port(const json& more) {
    json document = guide_lab();
    document["hairpin:switch"]["port"][0].merge_patch(more);
    return document;
}
std::string first_port() { return guide_lab()["hairpin:switch"]["port"][0]["name"]; }
std::string second_port() { return guide_lab()["hairpin:switch"]["port"][1]["name"]; }
l2::SwitchFeatures features_with(const json& document) { return good(document).switching.features; }
l2::PortFeatures first_port_with(const json& more) { return features_with(with_port(more)).ports[first_port()]; }

TEST(SwitchFeatures, WithoutAnyNothingIsOn) { EXPECT_EQ(features_with(guide_lab()), l2::SwitchFeatures{}); }

TEST(SwitchFeatures, OfPorts) {
    EXPECT_EQ(first_port_with({{"isolated", true}}), (l2::PortFeatures{.isolated = true}));
    EXPECT_EQ(first_port_with({{"loop-guard", true}}), (l2::PortFeatures{.loop_guard = true}));
    EXPECT_EQ(first_port_with({{"lldp", true}}), (l2::PortFeatures{.lldp = true}));
    EXPECT_EQ(first_port_with({{"multicast-router", true}, {"fast-leave", true}}),
              (l2::PortFeatures{.multicast_router = true, .fast_leave = true}));
    using Unit = l2::StormLimit::Unit;
    const json storm{{"broadcast", {{"packets-per-second", 100}}},
                     {"multicast", {{"bits-per-second", "1000000"}}},
                     {"unknown-unicast", {{"packets-per-second", 7}}}};
    EXPECT_EQ(first_port_with({{"storm-control", storm}}).storm,
              (l2::StormLimits{l2::StormLimit{Unit::packets, 100}, l2::StormLimit{Unit::bits, 1'000'000},
                               l2::StormLimit{Unit::packets, 7}}));
}

TEST(SwitchFeatures, LldpEverywhereButWhereAPortSaysOtherwise) {
    json document = with_switch({{"lldp", true}, {"system-name", "core"}});
    document["hairpin:switch"]["port"][0]["lldp"] = false;
    const auto features = features_with(document);
    EXPECT_EQ(features.system_name, "core");
    EXPECT_EQ(features.ports.count(first_port()), 0u);
    EXPECT_TRUE(features.ports.at(second_port()).lldp);
}

TEST(SwitchFeatures, Mirrors) {
    const json mirror{{"name", "ids"}, {"source", {{{"port", first_port()}, {"direction", "in"}}}}, {"to", second_port()}};
    const auto features = features_with(with_switch({{"mirror", {mirror}}}));
    ASSERT_EQ(features.mirrors.size(), 1u);
    EXPECT_EQ(features.mirrors[0],
              (l2::MirrorSettings{.name = "ids", .sources = {{first_port(), true, false}}, .to = second_port()}));
}

TEST(SwitchFeatures, AMirrorIsNotMirrored) {
    const json one{{"name", "one"}, {"source", {{{"port", first_port()}}}}, {"to", second_port()}};
    const json other{{"name", "other"}, {"source", {{{"port", second_port()}}}}, {"to", first_port()}};
    const auto refused = compiled(with_switch({{"mirror", {one, other}}}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("a mirror is not mirrored"));
    EXPECT_THAT(refused.error().path, HasSubstr("mirror[name='one']/to"));
}

TEST(SwitchFeatures, AMirrorsPortHasNoStation) {
    json document = with_switch({{"mirror", {{{"name", "one"}, {"to", first_port()}}}}});
    const std::string segment = document["hairpin:switch"]["port"][0]["segment"];
    document["hairpin:switch"]["static-station"] = {{{"segment", segment}, {"mac", "02:00:00:00:00:01"}, {"port", first_port()}}};
    const auto refused = compiled(document);
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("02:00:00:00:00:01"));
}

TEST(SwitchFeatures, LoopGuardAndMulticast) {
    const auto features = features_with(with_switch({{"loop-guard", {{"interval-seconds", 2}, {"recovery-seconds", 30}}},
                                                     {"multicast",
                                                      {{"snooping", true},
                                                       {"unknown", "routers"},
                                                       {"querier", true},
                                                       {"querier-address", "192.0.2.1"},
                                                       {"query-interval-seconds", 60},
                                                       {"capacity", 100}}}}));
    using std::chrono::seconds;
    EXPECT_EQ(features.loop_guard, (l2::LoopGuardSettings{seconds{2}, seconds{30}}));
    EXPECT_EQ(features.snooping, (l2::SnoopingSettings{.unknown = l2::SnoopingSettings::Unknown::routers,
                                                       .querier = true,
                                                       .querier_address = {192, 0, 2, 1},
                                                       .query_interval = seconds{60},
                                                       .capacity = 100}));
}

TEST(SwitchFeatures, AQuerierWithoutSnoopingIsRemarkedOn) {
    const auto configuration = good(with_switch({{"multicast", {{"querier", true}}}}));
    EXPECT_FALSE(configuration.switching.features.snooping);
    EXPECT_THAT(configuration.warnings, testing::Contains(HasSubstr("does nothing without snooping")));
    EXPECT_FALSE(compiled(with_switch({{"multicast", {{"snooping", true}, {"querier-address", "239.0.0.1"}}}})).has_value());
}

TEST(SwitchFeatures, AddressesOfTheLink) {
    EXPECT_EQ(features_with(with_switch({{"forward-link-local", {0, 14, 3}}})).forwarded_link_local, 0x4009);
    EXPECT_FALSE(compiled(with_switch({{"forward-link-local", {1}}})).has_value()) << "PAUSE";
}

TEST(SwitchFeatures, TunnelsAndServiceTags) {
    using Membership = l2::VlanMembership;
    const auto port = [](const json& vlan) { return good(with_port({{"vlan", vlan}})).switching.ports[0].vlan; };
    EXPECT_EQ(port({{"tunnel", 100}}), (Membership{.kind = Membership::Kind::tunnel, .access = VlanId{100}}));
    EXPECT_EQ(port({{"trunk", {100}}, {"tags", "service"}}),
              (Membership{.kind = Membership::Kind::trunk, .tagged = {VlanId{100}}, .tags = Membership::Tags::service}));
    EXPECT_FALSE(compiled(with_port({{"vlan", {{"tunnel", 100}, {"trunk", {7}}}}})).has_value()) << "one or the other";
}

}  // namespace
}  // namespace hairpin::config
