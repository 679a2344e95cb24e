// The guide's lab, every value that it compiles to; and the configurations of all our labs.

#include "guide_lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace hairpin::config {
namespace {

using gateway::FirewallAction;
using gateway::FirewallRule;
using gateway::NatAction;
using gateway::NatRule;
using gateway::RuleOrigin;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(GuideLab, Switch) {
    const auto switching = good(guide_lab()).switching;
    EXPECT_EQ(switching.mac_age, std::chrono::seconds{300});
    EXPECT_EQ(switching.mac_capacity, 65536u);
    EXPECT_EQ(switching.mac_port_limit, 16384u);
    EXPECT_THAT(switching.segments, ElementsAre(l2::SegmentSettings{"lan"}, l2::SegmentSettings{"wan"}));
    EXPECT_THAT(switching.static_stations, IsEmpty());

    const l2::TapRoute everywhere{Ipv4Prefix{}, ip("192.168.255.1")};
    const auto address = [](const char* text) { return Ipv4InterfaceAddress::parse(text).value(); };
    const l2::TapSettings workstation{"eth1", "hp-hairpin-workstation", {}, 1500, {address("192.168.255.2/24")}, {everywhere}};
    const l2::TapSettings webserver{"eth1", "hp-hairpin-webserver",         MacAddress::from_number(0x020000000010),
                                    1400,   {address("192.168.255.10/24")}, {everywhere}};
    const l2::TapSettings internet{
        "eth1", "hp-hairpin-internet", {}, 1500, {address("203.0.113.1/24"), address("198.51.100.10/32")}, {}};
    EXPECT_THAT(switching.ports, ElementsAre(l2::PortSettings{"workstation", "lan", {}, workstation},
                                             l2::PortSettings{"webserver", "lan", {}, webserver},
                                             l2::PortSettings{"internet", "wan", {}, internet}));
}

TEST(GuideLab, InterfacesAndRoutes) {
    const auto ruleset = good(guide_lab()).ruleset;
    EXPECT_EQ(ruleset->generation, 1u);
    ASSERT_EQ(ruleset->interfaces.size(), 2u);
    const gateway::Interface &uplink = ruleset->interfaces[0], &lan = ruleset->interfaces[1];
    EXPECT_EQ(uplink.name, "uplink");
    EXPECT_EQ(uplink.role, gateway::InterfaceRole::uplink);
    EXPECT_EQ(uplink.segment, "wan");
    EXPECT_EQ(uplink.vlan, VlanId::none());
    EXPECT_EQ(uplink.mtu, 1500u);
    EXPECT_THAT(uplink.addresses, ElementsAre(Ipv4InterfaceAddress{ip("203.0.113.80"), {ip("203.0.113.0"), 24}}));
    EXPECT_EQ(lan.name, "lan");
    EXPECT_EQ(lan.role, gateway::InterfaceRole::internal);
    EXPECT_THAT(lan.addresses, ElementsAre(Ipv4InterfaceAddress{ip("192.168.255.1"), {ip("192.168.255.0"), 24}}));
    EXPECT_TRUE(uplink.mac.is_station());
    EXPECT_NE(uplink.mac, lan.mac);

    ASSERT_EQ(ruleset->routes.size(), 1u);
    EXPECT_EQ(ruleset->routes[0].prefix, Ipv4Prefix{});
    EXPECT_EQ(ruleset->routes[0].next_hop, ip("203.0.113.1"));
    EXPECT_EQ(ruleset->routes[0].interface, std::nullopt);
    EXPECT_THAT(ruleset->neighbors, IsEmpty());
}

TEST(GuideLab, NumbersAreTheDefaults) {
    const auto ruleset = good(guide_lab()).ruleset;
    const gateway::Ruleset defaults;
    EXPECT_EQ(ruleset->arp.reachable_age, defaults.arp.reachable_age);
    EXPECT_EQ(ruleset->arp.capacity, defaults.arp.capacity);
    EXPECT_EQ(ruleset->arp.queue_per_neighbor, defaults.arp.queue_per_neighbor);
    EXPECT_EQ(ruleset->icmp.answer_echo, defaults.icmp.answer_echo);
    EXPECT_EQ(ruleset->icmp.errors_per_second, defaults.icmp.errors_per_second);
    EXPECT_EQ(ruleset->icmp.echoes_per_second, defaults.icmp.echoes_per_second);
    EXPECT_EQ(ruleset->session_capacity, defaults.session_capacity);
    EXPECT_TRUE(ruleset->firewall_enabled);
    for (const auto& row : gateway::kTimeoutRows) EXPECT_EQ(ruleset->timeouts.idle(row.state), row.idle) << row.setting;
}

TEST(GuideLab, Firewall) {
    const auto ruleset = good(guide_lab()).ruleset;
    ASSERT_EQ(ruleset->firewall.size(), 7u);
    const auto& rules = ruleset->firewall;
    const auto text = [](const FirewallRule& rule) {
        return std::vector{rule.text.name, rule.text.source, rule.text.destination, rule.text.service};
    };

    EXPECT_EQ(rules[0].id, 131073u);
    EXPECT_EQ(rules[0].origin, RuleOrigin::automatic);
    EXPECT_THAT(text(rules[0]), ElementsAre("auto: ping of the gateway", "any", "vse", "icmp type 8"));
    EXPECT_TRUE(rules[0].source.any());
    EXPECT_TRUE(rules[0].destination.gateway_itself);
    ASSERT_EQ(rules[0].services.size(), 1u);
    EXPECT_EQ(rules[0].services[0].protocol, IpProtocol::icmp);
    EXPECT_EQ(rules[0].services[0].icmp_type, 8);
    EXPECT_EQ(rules[0].action, FirewallAction::accept);

    EXPECT_EQ(rules[1].id, 131074u);
    EXPECT_EQ(rules[1].origin, RuleOrigin::automatic);
    EXPECT_THAT(text(rules[1]), ElementsAre("auto: gateway's own traffic", "vse", "any", "any"));

    EXPECT_EQ(rules[2].id, 1u);
    EXPECT_EQ(rules[2].origin, RuleOrigin::user);
    EXPECT_THAT(text(rules[2]), ElementsAre("Gateway's own traffic", "vse", "any", "any"));
    EXPECT_TRUE(rules[2].source.gateway_itself);
    EXPECT_TRUE(rules[2].destination.any());
    EXPECT_THAT(rules[2].services, IsEmpty());

    EXPECT_EQ(rules[3].id, 2u);
    EXPECT_THAT(text(rules[3]), ElementsAre("LAN to Internet", "internal", "external", "any"));
    EXPECT_EQ(rules[3].source.interfaces, interfaces({1}));
    EXPECT_EQ(rules[3].destination.interfaces, interfaces({0}));

    EXPECT_EQ(rules[4].id, 3u);
    EXPECT_THAT(text(rules[4]), ElementsAre("Workstation to Web Server", "192.168.255.2", "203.0.113.80", "tcp 80, 443"));
    EXPECT_THAT(rules[4].source.addresses, ElementsAre(one("192.168.255.2")));
    EXPECT_THAT(rules[4].destination.addresses, ElementsAre(one("203.0.113.80")));
    ASSERT_EQ(rules[4].services.size(), 1u);
    EXPECT_EQ(rules[4].services[0].protocol, IpProtocol::tcp);
    EXPECT_THAT(rules[4].services[0].destination_ports, ElementsAre(ports(80, 80), ports(443, 443)));
    EXPECT_THAT(rules[4].services[0].source_ports, IsEmpty());
    EXPECT_EQ(rules[4].services[0].icmp_type, std::nullopt);

    EXPECT_EQ(rules[5].id, 4u);
    EXPECT_THAT(text(rules[5]), ElementsAre("Internet to Web Server", "external", "203.0.113.80", "tcp 80, 443"));
    EXPECT_EQ(rules[5].source.interfaces, interfaces({0}));

    EXPECT_EQ(rules[6].id, gateway::kDefaultFirewallRule);
    EXPECT_EQ(rules[6].origin, RuleOrigin::default_rule);
    EXPECT_THAT(text(rules[6]), ElementsAre("default", "any", "any", "any"));
    EXPECT_EQ(rules[6].action, FirewallAction::drop);
    EXPECT_TRUE(rules[6].source.any() && rules[6].destination.any() && !rules[6].source.negated && !rules[6].destination.negated);

    for (const FirewallRule& rule : rules) {
        EXPECT_TRUE(rule.enabled);
        EXPECT_EQ(rule.match, gateway::MatchTuple::original);
    }
}

struct NatRow {
    gateway::RuleId id;
    NatAction action;
    std::size_t applied_on;
    gateway::AddressRange original;
    std::optional<gateway::PortRange> port;
    gateway::AddressRange translated;
    IpProtocol protocol;
    std::vector<std::string> text;  // applied on, original, translated
};

TEST(GuideLab, Nat) {
    const auto lan = range("192.168.255.0", "192.168.255.255");
    const auto external = one("203.0.113.80"), server = one("192.168.255.10");
    const auto http = ports(80, 80), https = ports(443, 443);
    const NatRow rows[] = {
        {196609, NatAction::snat, 0, lan, {}, external, IpProtocol::any, {"uplink", "192.168.255.0/24", "203.0.113.80"}},
        {196610, NatAction::dnat, 0, external, http, server, IpProtocol::tcp, {"uplink", "203.0.113.80:80", "192.168.255.10:80"}},
        {196611,
         NatAction::dnat,
         0,
         external,
         https,
         server,
         IpProtocol::tcp,
         {"uplink", "203.0.113.80:443", "192.168.255.10:443"}},
        {196612,
         NatAction::snat,
         1,
         lan,
         {},
         one("192.168.255.1"),
         IpProtocol::any,
         {"lan", "192.168.255.0/24", "192.168.255.1"}},
        {196613, NatAction::dnat, 1, external, http, server, IpProtocol::tcp, {"lan", "203.0.113.80:80", "192.168.255.10:80"}},
        {196614, NatAction::dnat, 1, external, https, server, IpProtocol::tcp, {"lan", "203.0.113.80:443", "192.168.255.10:443"}},
    };
    const auto configuration = good(guide_lab());
    EXPECT_THAT(configuration.warnings, IsEmpty());
    ASSERT_EQ(configuration.ruleset->nat.size(), std::size(rows));
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        const NatRule& rule = configuration.ruleset->nat[i];
        const NatRow& row = rows[i];
        SCOPED_TRACE(row.id);
        EXPECT_EQ(rule.id, row.id);
        EXPECT_EQ(rule.action, row.action);
        EXPECT_TRUE(rule.enabled);
        EXPECT_EQ(rule.applied_on, interfaces({row.applied_on}));
        EXPECT_EQ(rule.protocol, row.protocol);
        EXPECT_EQ(rule.original_address, row.original);
        EXPECT_EQ(rule.original_port, row.port);
        EXPECT_EQ(rule.translated_address, row.translated);
        EXPECT_EQ(rule.translated_port, row.port);
        EXPECT_FALSE(rule.masquerade);
        EXPECT_EQ(rule.icmp_type, std::nullopt);
        EXPECT_THAT(rule.peer_addresses, IsEmpty());
        EXPECT_THAT((std::vector{rule.text.applied_on, rule.text.original, rule.text.translated}), row.text);
    }
    EXPECT_EQ(configuration.ruleset->nat[0].text.description, "LAN to Internet");
}

// A lab's file holds the gateway alone; its links make the segments.
TEST(GuideLab, EveryLabOfOursCompilesWithoutAWarning) {
    std::size_t labs = 0;
    for (const auto& folder : std::filesystem::directory_iterator{HAIRPIN_TOPOLOGIES}) {
        std::ifstream file{folder.path() / "configs" / "edge.json"};
        if (!file) continue;
        SCOPED_TRACE(folder.path().filename().string());
        json document = json::parse(file);
        for (const json& interface : document["hairpin:gateway"]["interface"]) {
            json& segments = document["hairpin:switch"]["segment"];
            const json segment{{"name", interface["segment"]}};
            if (std::find(segments.begin(), segments.end(), segment) == segments.end()) segments.push_back(segment);
        }
        EXPECT_THAT(good(document).warnings, IsEmpty());
        ++labs;
    }
    EXPECT_GE(labs, 5u);
}

}  // namespace
}  // namespace hairpin::config
