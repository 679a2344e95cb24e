// Ports of every kind, VLANs and static stations.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using Kind = l2::VlanMembership::Kind;
using nlohmann::json;
using testing::ElementsAre;

l2::PortSettings port_of(json port) {
    port["name"] = "p";
    port["segment"] = "lan";
    const auto kinds = {"tap", "pcap", "vxlan", "dgram", "stream", "vde", "netdev", "vhost-user", "udp", "memory"};
    if (std::none_of(kinds.begin(), kinds.end(), [&](const char* kind) { return port.contains(kind); }))
        port["memory"] = json::object();
    const auto ports = good({{"hairpin:switch", {{"segment", {{{"name", "lan"}}}}, {"port", {port}}}}}).switching.ports;
    return ports.empty() ? l2::PortSettings{} : ports.front();
}

TEST(Ports, Vlans) {
    EXPECT_EQ(port_of({}).vlan, l2::VlanMembership{});
    const auto access = port_of({{"vlan", {{"access", 10}}}}).vlan;
    EXPECT_EQ(access, (l2::VlanMembership{Kind::access, VlanId{10}, {}, {}}));
    const auto trunk = port_of({{"vlan", {{"trunk", {10, 20, 4094}}, {"native", 1}}}}).vlan;
    EXPECT_EQ(trunk, (l2::VlanMembership{Kind::trunk, {}, VlanId{1}, {VlanId{10}, VlanId{20}, VlanId{4094}}}));
    EXPECT_FALSE(port_of({{"vlan", {{"trunk", {10}}}}}).vlan.native.tagged());
}

TEST(Ports, EveryKind) {
    EXPECT_EQ(std::get<l2::TapSettings>(port_of({{"tap", {{"device", "tap0"}}}}).device),
              (l2::TapSettings{"tap0", "", {}, 1500, {}, {}}));
    EXPECT_EQ(std::get<l2::TapSettings>(port_of({{"tap", {{"device", "tap0"}, {"origin", "existing"}}}}).device),
              (l2::TapSettings{"tap0", "", {}, 1500, {}, {}, l2::TapSettings::Origin::existing}));
    const auto mac = MacAddress::from_number(0x020000000001);
    EXPECT_EQ(
        std::get<l2::TapSettings>(port_of({{"tap", {{"origin", "passed"}, {"mac", "02:00:00:00:00:01"}, {"mtu", 1400}}}}).device),
        (l2::TapSettings{"", "", mac, 1400, {}, {}, l2::TapSettings::Origin::passed}));
    EXPECT_EQ(std::get<l2::PcapSettings>(port_of({{"pcap", {{"write", "/tmp/x.pcap"}, {"read", "/tmp/y.pcap"}}}}).device),
              (l2::PcapSettings{"/tmp/y.pcap", "/tmp/x.pcap"}));
    EXPECT_EQ(std::get<l2::PcapSettings>(port_of({{"pcap", json::object()}}).device), l2::PcapSettings{});
    EXPECT_EQ(std::get<l2::MemorySettings>(port_of({}).device), l2::MemorySettings{1500});
    EXPECT_EQ(std::get<l2::MemorySettings>(port_of({{"memory", {{"mtu", 9000}}}}).device), l2::MemorySettings{9000});
}

TEST(Ports, VirtualMachines) {
    EXPECT_EQ(std::get<l2::DgramSettings>(port_of({{"dgram", {{"socket", "/run/a"}, {"remote", "/run/b"}}}}).device),
              (l2::DgramSettings{"/run/a", "/run/b", 1500}));
    EXPECT_EQ(std::get<l2::StreamSettings>(port_of({{"stream", {{"socket", "/run/a"}, {"mtu", 9000}}}}).device),
              (l2::StreamSettings{"/run/a", 9000}));
    EXPECT_EQ(std::get<l2::VdeSettings>(port_of({{"vde", {{"folder", "/run/vde"}}}}).device),
              (l2::VdeSettings{"/run/vde", 1500}));
    EXPECT_EQ(std::get<l2::NetdevSettings>(port_of({{"netdev", {{"device", "tap0"}, {"namespace", "vm"}}}}).device),
              (l2::NetdevSettings{"tap0", "vm", 1500}));
}

TEST(Ports, Udp) {
    const auto address = [](const char* text) { return *Ipv4Address::parse(text); };
    EXPECT_EQ(std::get<l2::UdpSettings>(
                  port_of({{"udp", {{"local-port", 20000}, {"remote", "192.0.2.1"}, {"remote-port", 30000}}}}).device),
              (l2::UdpSettings{address("127.0.0.1"), L4Port{20000}, address("192.0.2.1"), L4Port{30000}, 1500}));
}

TEST(Ports, Guests) {
    using Mode = l2::VhostUserSettings::Mode;
    EXPECT_EQ(std::get<l2::VhostUserSettings>(port_of({{"vhost-user", {{"socket", "/run/vm"}}}}).device),
              (l2::VhostUserSettings{"/run/vm", Mode::server, 1500}));
    EXPECT_EQ(std::get<l2::VhostUserSettings>(
                  port_of({{"vhost-user", {{"socket", "/run/vm"}, {"mode", "client"}, {"mtu", 9000}}}}).device),
              (l2::VhostUserSettings{"/run/vm", Mode::client, 9000}));
}

TEST(Ports, Tunnels) {
    const json least{{"vni", 0}, {"local", "192.0.2.1"}};
    EXPECT_EQ(std::get<l2::VxlanSettings>(port_of({{"vxlan", least}}).device),
              (l2::VxlanSettings{.vni = Vni{0}, .local = {192, 0, 2, 1}}));

    json most{{"vni", 16777215}, {"local", "192.0.2.1"}, {"udp-port", 8472}, {"namespace", "under"}, {"learning", false}};
    most.update({{"age-seconds", 60}, {"capacity", 100}, {"outer-checksum", "zero"}, {"mtu", 1450}});
    most["remote"] = {{{"address", "192.0.2.2"}}, {{"address", "192.0.2.3"}, {"flood", false}}};
    most["station"] = {{{"mac", "02:00:00:00:00:01"}, {"vlan", 10}, {"remote", "192.0.2.3"}}};
    const l2::VxlanSettings expected{.vni = Vni{16777215},
                                     .local = {192, 0, 2, 1},
                                     .udp_port = L4Port{8472},
                                     .network_namespace = "under",
                                     .remotes = {{{192, 0, 2, 2}, true}, {{192, 0, 2, 3}, false}},
                                     .stations = {{MacAddress::from_number(0x020000000001), VlanId{10}, {192, 0, 2, 3}}},
                                     .learning = false,
                                     .age = std::chrono::seconds{60},
                                     .capacity = 100,
                                     .checksum = l2::VxlanSettings::Checksum::zero,
                                     .mtu = 1450};
    EXPECT_EQ(std::get<l2::VxlanSettings>(port_of({{"vxlan", most}}).device), expected);
}

TEST(Ports, Cables) {
    using namespace std::chrono_literals;
    using Impairment = l2::ImpairmentSettings;
    EXPECT_EQ(port_of({}).cable, l2::CableSettings{});
    EXPECT_TRUE(port_of({}).cable.perfect());
    EXPECT_TRUE(port_of({{"impairment", {{"seed", 7}}}}).cable.perfect()) << "a seed alone spoils nothing";
    EXPECT_EQ(port_of({{"state", "down"}}).cable.state, l2::CableSettings::State::down);
    const auto flap = port_of({{"flap", {{"up", "10s"}, {"down", "1.5s"}, {"jitter", "500ms"}}}}).cable.flap;
    EXPECT_EQ(flap, (l2::FlapSettings{10s, 1500ms, 500ms}));

    json out{{"loss", "1%"}, {"loss-burst", 4}, {"corrupt", "0.5"}, {"duplicate", "0.1%"}, {"rate", "100mbit"}, {"limit", 50}};
    out.update({{"delay", "20ms"}, {"jitter", "500us"}, {"distribution", "pareto"}, {"delay-correlation", "25%"}});
    out.update({{"reorder", "2%"}, {"order", "free"}});
    const auto cable = port_of({{"impairment", {{"seed", 7}, {"out", out}, {"in", {{"loss-every", 10}}}}}}).cable;
    EXPECT_EQ(cable.seed, 7U);
    EXPECT_EQ(cable.in, (Impairment{.loss_every = 10}));
    EXPECT_EQ(cable.out, (Impairment{.loss = 0.01,
                                     .loss_burst = 4,
                                     .corrupt = 0.005,
                                     .duplicate = 0.001,
                                     .rate = 100'000'000,
                                     .limit = 50,
                                     .delay = 20ms,
                                     .jitter = 500us,
                                     .distribution = Impairment::Distribution::pareto,
                                     .delay_correlation = 0.25,
                                     .reorder = 0.02,
                                     .order = Impairment::Order::free}));
    EXPECT_FALSE(cable.perfect());
}

TEST(Switch, TableAndStations) {
    json document = guide_lab();
    json& part = document["hairpin:switch"];
    part["mac-table"] = {{"age-seconds", 60}, {"capacity", 1024}, {"port-limit", 100}};
    part["static-station"] = {{{"segment", "lan"}, {"vlan", 10}, {"mac", "02:00:00:00:00:01"}, {"port", "workstation"}},
                              {{"segment", "wan"}, {"mac", "02:00:00:00:00:01"}, {"port", "internet"}}};
    const auto switching = good(document).switching;
    EXPECT_EQ(switching.mac_age, std::chrono::seconds{60});
    EXPECT_EQ(switching.mac_capacity, 1024u);
    EXPECT_EQ(switching.mac_port_limit, 100u);
    const auto mac = MacAddress::from_number(0x020000000001);
    EXPECT_THAT(switching.static_stations, ElementsAre(l2::StaticStationSettings{"lan", VlanId{10}, mac, "workstation"},
                                                       l2::StaticStationSettings{"wan", {}, mac, "internet"}));
}

// Devices that are passed have no name here, and are no two the same.
TEST(Ports, ManyThatArePassed) {
    json document = guide_lab();
    for (const char* name : {"first", "second"})
        document["hairpin:switch"]["port"].push_back({{"name", name}, {"segment", "lan"}, {"tap", {{"origin", "passed"}}}});
    EXPECT_EQ(good(document).switching.ports.size(), 5u);
}

// One name in two namespaces is two devices.
TEST(Ports, DevicesOfOneNameInDifferentNamespaces) { EXPECT_EQ(good(guide_lab()).switching.ports.size(), 3u); }

}  // namespace
}  // namespace hairpin::config
