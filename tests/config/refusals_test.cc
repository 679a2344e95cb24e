// Every refusal, with its path and its reason: what the schema does not allow, and what only compile() can see.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// What is put at `place` in the guide's lab, and what is said about it. A place ending in /- is one more member of a list.
struct Refusal {
    const char* place;
    json value;
    const char* path;
    const char* reason;
};

class Refusals : public testing::TestWithParam<Refusal> {};

TEST_P(Refusals, NameThePlaceAndTheReason) {
    const Refusal& row = GetParam();
    json document = guide_lab();
    document[json::json_pointer{row.place}] = row.value;
    const auto result = compiled(document);
    ASSERT_FALSE(result) << "this was accepted: " << row.value;
    EXPECT_EQ(result.error().path, row.path);
    EXPECT_THAT(result.error().message, HasSubstr(row.reason));
    EXPECT_THAT(result.error().message, testing::Not(HasSubstr("\n")));

    // The same where most of it is known already.
    const auto running = compile(guide_lab().dump(), nullptr);
    ASSERT_TRUE(running);
    const auto changed = compile(document.dump(), &*running);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().path, row.path);
    EXPECT_EQ(changed.error().message, result.error().message);
}

// What is wrong with the first port's cable.
const Refusal kCables[] = {
    {"/hairpin:switch/port/0/state", "sideways", "/hairpin:switch/port[name='workstation']/state", "up"},
    {"/hairpin:switch/port/0/flap", {{"up", "10s"}}, "/hairpin:switch/port[name='workstation']/flap", "for how long it is down"},
    {"/hairpin:switch/port/0/flap",
     {{"up", "10s"}, {"down", "1ms"}},
     "/hairpin:switch/port[name='workstation']/flap/down",
     "1ms is less than 100ms"},
    {"/hairpin:switch/port/0/flap",
     {{"up", "10s"}, {"down", "2s"}, {"jitter", "2s"}},
     "/hairpin:switch/port[name='workstation']/flap/jitter",
     "2s is not less than down, which is 2s"},
    {"/hairpin:switch/port/0/impairment",
     {{"in", {{"delay", "20"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/in/delay",
     "wants a time with its unit"},
    {"/hairpin:switch/port/0/impairment",
     {{"in", {{"delay", "20000s"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/in/delay",
     "longer than 10000s"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"loss", "101%"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/loss",
     "wants a percentage"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"rate", "100"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/rate",
     "wants a rate with its unit"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"rate", "0mbit"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/rate",
     "is nothing"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"limit", 10}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/limit",
     "means nothing without rate"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"reorder", "1%"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/reorder",
     "means nothing without delay"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"distribution", "normal"}, {"delay", "1ms"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/distribution",
     "means nothing without jitter"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"loss-burst", 4}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/loss-burst",
     "means nothing without loss"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"loss", "90%"}, {"loss-burst", 4}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/loss-burst",
     "bursts of at least 9.00 packets"},
    {"/hairpin:switch/port/0/impairment",
     {{"out", {{"loss", "1%"}, {"loss-burst", 4}, {"loss-correlation", "10%"}}}},
     "/hairpin:switch/port[name='workstation']/impairment/out/loss-correlation",
     "exclude each other"},
};
INSTANTIATE_TEST_SUITE_P(Cables, Refusals, testing::ValuesIn(kCables));

const Refusal kSwitch[] = {
    {"/hairpin:switch/mac-table/age-seconds", 1, "/hairpin:switch/mac-table/age-seconds",
     "\"1\" will not do: wants 10 to 1000000 seconds"},
    {"/hairpin:switch/mac-table/age-seconds", "300", "/hairpin:switch/mac-table/age-seconds", "without quotes"},
    {"/hairpin:switch/mac-table/age-seconds", 1.5, "/hairpin:switch/mac-table/age-seconds", "1.5"},
    {"/hairpin:switch/mac-table/capacity", -1, "/hairpin:switch/mac-table/capacity", "16 to 1048576 stations"},
    {"/hairpin:switch/mac-table", nullptr, "/hairpin:switch/mac-table", "wants an object, not null"},
    {"/hairpin:switch/segment", json::object(), "/hairpin:switch/segment", "wants an array of objects, not empty object"},
    {"/hairpin:switch/segment/-", {{"name", "lan"}}, "/hairpin:switch/segment[name='lan']", "stands here twice"},
    {"/hairpin:switch/segment/-", {{"name", "-x"}}, "/hairpin:switch/segment[name='-x']/name", "a name of letters"},
    {"/hairpin:switch/segment/-",
     {{"name", std::string(33, 'x')}},
     "/hairpin:switch/segment[name='xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']/name",
     "wants 1 to 32 characters"},
    {"/hairpin:switch/segment/-", json::object(), "/hairpin:switch/segment/name", "\"name\" is missing"},
    {"/hairpin:switch/colour", "red", "/hairpin:switch/colour",
     "there is no \"colour\" here, only mac-table, segment, port, mirror, loop-guard, multicast, lldp, system-name, "
     "forward-link-local and static-station"},
    {"/hairpin:switch/port/1/colour", "red", "/hairpin:switch/port[name='webserver']/colour", "there is no \"colour\" here"},
    {"/hairpin:switch/port/1/segment", "nowhere", "/hairpin:switch/port[name='webserver']/segment",
     "there is no segment \"nowhere\""},
    {"/hairpin:switch/port/-",
     {{"name", "p"}, {"memory", json::object()}},
     "/hairpin:switch/port[name='p']/segment",
     "\"segment\" is missing"},
    {"/hairpin:switch/port/-",
     {{"name", "p"}, {"segment", "lan"}},
     "/hairpin:switch/port[name='p']",
     "one of tap, vxlan, dgram, stream, vde, netdev, vhost-user, udp, pcap and memory is missing"},
    {"/hairpin:switch/port/1/memory", json::object(), "/hairpin:switch/port[name='webserver']",
     "\"tap\" and \"memory\" exclude each other"},
    {"/hairpin:switch/port/1/vlan",
     {{"access", 1}, {"trunk", {2}}},
     "/hairpin:switch/port[name='webserver']/vlan",
     "exclude each other"},
    {"/hairpin:switch/port/1/vlan", {{"access", 4095}}, "/hairpin:switch/port[name='webserver']/vlan/access", "1 to 4094"},
    {"/hairpin:switch/port/1/vlan",
     {{"native", 1}},
     "/hairpin:switch/port[name='webserver']/vlan/native",
     "only a trunk has a native VLAN"},
    {"/hairpin:switch/port/1/vlan",
     {{"trunk", {1, 2}}, {"native", 1}},
     "/hairpin:switch/port[name='webserver']/vlan/native",
     "travels untagged"},
    {"/hairpin:switch/port/1/tap/device", "sixteen-letters-", "/hairpin:switch/port[name='webserver']/tap/device",
     "1 to 15 characters"},
    {"/hairpin:switch/port/1/tap/device", "a/b", "/hairpin:switch/port[name='webserver']/tap/device",
     "a name of a Linux network device"},
    {"/hairpin:switch/port/1/tap/device", "tap%d", "/hairpin:switch/port[name='webserver']/tap/device",
     "a name of a Linux network device"},
    {"/hairpin:switch/port/1/tap/device", "..", "/hairpin:switch/port[name='webserver']/tap/device", "which . and .. are not"},
    {"/hairpin:switch/port/1/tap/namespace", "../../etc", "/hairpin:switch/port[name='webserver']/tap/namespace",
     "a name that `ip netns` lists"},
    {"/hairpin:switch/port/1/tap/namespace", "..", "/hairpin:switch/port[name='webserver']/tap/namespace",
     "a name that `ip netns` lists"},
    {"/hairpin:switch/port/1/tap/mac", "02:00:00:00:00", "/hairpin:switch/port[name='webserver']/tap/mac",
     "six bytes in hexadecimal"},
    {"/hairpin:switch/port/1/tap/mac", "01:00:5e:00:00:01", "/hairpin:switch/port[name='webserver']/tap/mac",
     "no station's own address"},
    {"/hairpin:switch/port/1/tap/mtu", 100, "/hairpin:switch/port[name='webserver']/tap/mtu", "576 to 9216 bytes"},
    {"/hairpin:switch/port/1/tap/address/0", "192.168.255.10", "/hairpin:switch/port[name='webserver']/tap/address",
     "an address with the length of its subnet"},
    {"/hairpin:switch/port/1/tap/route/0/prefix", "10.0.0.1/8",
     "/hairpin:switch/port[name='webserver']/tap/route[prefix='10.0.0.1/8']/prefix", "bits set beyond its length"},
    {"/hairpin:switch/port/1/tap/route/0",
     {{"prefix", "10.0.0.0/8"}},
     "/hairpin:switch/port[name='webserver']/tap/route[prefix='10.0.0.0/8']/via",
     "\"via\" is missing"},
    {"/hairpin:switch/port/-",
     {{"name", "p"}, {"segment", "lan"}, {"tap", {{"device", "eth1"}, {"namespace", "hp-hairpin-webserver"}}}},
     "/hairpin:switch/port[name='p']/tap/device",
     "port \"webserver\" has the device \"eth1\""},
    {"/hairpin:switch/port/1/tap",
     {{"mtu", 1400}},
     "/hairpin:switch/port[name='webserver']/tap",
     "a TAP device wants a name, or origin passed"},
    {"/hairpin:switch/port/1/tap",
     {{"origin", "existing"}},
     "/hairpin:switch/port[name='webserver']/tap",
     "a TAP device wants a name, or origin passed"},
    {"/hairpin:switch/port/1/tap/origin", "passed", "/hairpin:switch/port[name='webserver']/tap",
     "there is no device, namespace, address or route"},
    {"/hairpin:switch/port/1/tap",
     {{"origin", "passed"}, {"address", {"192.0.2.1/24"}}},
     "/hairpin:switch/port[name='webserver']/tap",
     "there is no device, namespace, address or route"},
    {"/hairpin:switch/port/1/tap/origin", "found", "/hairpin:switch/port[name='webserver']/tap/origin",
     "made, existing, kept or passed"},
    {"/hairpin:switch/static-station",
     {{{"segment", "lan"}, {"mac", "02:00:00:00:00:01"}, {"port", "internet"}}},
     "/hairpin:switch/static-station[segment='lan'][mac='02:00:00:00:00:01']/port",
     "is on segment \"wan\", not \"lan\""},
    {"/hairpin:switch/static-station",
     {{{"segment", "lan"}, {"mac", "02:00:00:00:00:01"}, {"port", "nobody"}}},
     "/hairpin:switch/static-station[segment='lan'][mac='02:00:00:00:00:01']/port",
     "there is no port \"nobody\""},
    {"/hairpin:switch/static-station",
     {{{"segment", "lan"}, {"mac", "ff:ff:ff:ff:ff:ff"}, {"port", "webserver"}}},
     "/hairpin:switch/static-station[segment='lan'][mac='ff:ff:ff:ff:ff:ff']/mac",
     "no station's own address"},
};
INSTANTIATE_TEST_SUITE_P(Switch, Refusals, testing::ValuesIn(kSwitch));

json port_with(const char* kind, json device) { return {{"name", "vm"}, {"segment", "lan"}, {kind, std::move(device)}}; }
json tunnel(json vxlan) { return {{"name", "far"}, {"segment", "lan"}, {"vxlan", std::move(vxlan)}}; }
json good_tunnel(const char* key, json value) {
    json vxlan{{"vni", 100}, {"local", "192.0.2.1"}, {"remote", {{{"address", "192.0.2.2"}}}}};
    vxlan[key] = std::move(value);
    return tunnel(std::move(vxlan));
}
const Refusal kTunnels[] = {
    {"/hairpin:switch/port/-", port_with("dgram", {{"socket", "/run/a"}}), "/hairpin:switch/port[name='vm']/dgram",
     "the remote one of the virtual machine"},
    {"/hairpin:switch/port/-", port_with("dgram", {{"socket", "a"}, {"remote", "/run/b"}}),
     "/hairpin:switch/port[name='vm']/dgram/socket", "absolute path"},
    {"/hairpin:switch/port/-", port_with("dgram", {{"socket", "/run/a"}, {"remote", "/run/a"}}),
     "/hairpin:switch/port[name='vm']/dgram/remote", "our own socket"},
    {"/hairpin:switch/port/-", port_with("udp", {{"local-port", 20000}}), "/hairpin:switch/port[name='vm']/udp",
     "address and port of the other side"},
    {"/hairpin:switch/port/-", port_with("udp", {{"local-port", 20000}, {"remote", "127.0.0.1"}, {"remote-port", 20000}}),
     "/hairpin:switch/port[name='vm']/udp/remote-port", "our own socket"},
    {"/hairpin:switch/port/-", port_with("stream", {{"socket", "/" + std::string(107, 'x')}}),
     "/hairpin:switch/port[name='vm']/stream/socket", "107"},
    {"/hairpin:switch/port/-", port_with("stream", json::object()), "/hairpin:switch/port[name='vm']/stream", "wants a socket"},
    {"/hairpin:switch/port/-", port_with("vde", json::object()), "/hairpin:switch/port[name='vm']/vde", "wants a folder"},
    {"/hairpin:switch/port/-", port_with("netdev", {{"device", "a device"}}), "/hairpin:switch/port[name='vm']/netdev/device",
     "network device"},
    {"/hairpin:switch/port/-", tunnel({{"vni", 1}}), "/hairpin:switch/port[name='far']/vxlan", "wants a local address"},
    {"/hairpin:switch/port/-", tunnel({{"local", "192.0.2.1"}}), "/hairpin:switch/port[name='far']/vxlan", "wants a VNI"},
    {"/hairpin:switch/port/-", good_tunnel("vni", 16777216), "/hairpin:switch/port[name='far']/vxlan/vni", "0 to 16777215"},
    {"/hairpin:switch/port/-", good_tunnel("local", "239.1.1.1"), "/hairpin:switch/port[name='far']/vxlan/local",
     "239.1.1.1 is the address of no single host"},
    {"/hairpin:switch/port/-", good_tunnel("remote", {{{"address", "192.0.2.1"}}}),
     "/hairpin:switch/port[name='far']/vxlan/remote[address='192.0.2.1']/address", "the tunnel's own local address"},
    {"/hairpin:switch/port/-", good_tunnel("station", {{{"mac", "02:00:00:00:00:01"}, {"remote", "192.0.2.3"}}}),
     "/hairpin:switch/port[name='far']/vxlan/station[mac='02:00:00:00:00:01']/remote", "192.0.2.3"},
    {"/hairpin:switch/port/-", good_tunnel("station", {{{"mac", "ff:ff:ff:ff:ff:ff"}, {"remote", "192.0.2.2"}}}),
     "/hairpin:switch/port[name='far']/vxlan/station[mac='ff:ff:ff:ff:ff:ff']/mac", "no station's own address"},
    {"/hairpin:switch/port/-", good_tunnel("outer-checksum", "good"), "/hairpin:switch/port[name='far']/vxlan/outer-checksum",
     "computed or zero"},
    {"/hairpin:switch/port/-", good_tunnel("udp-port", 0), "/hairpin:switch/port[name='far']/vxlan/udp-port", "1 to 65535"},
};
INSTANTIATE_TEST_SUITE_P(Tunnels, Refusals, testing::ValuesIn(kTunnels));

std::string umlauts(int count) {  // of two bytes each
    std::string text;
    for (int i = 0; i < count; ++i) text += "\u00e4";
    return text;
}
json guest(json vhost_user) { return {{"name", "vm"}, {"segment", "lan"}, {"vhost-user", std::move(vhost_user)}}; }
const Refusal kGuests[] = {
    {"/hairpin:switch/port/-", guest(json::object()), "/hairpin:switch/port[name='vm']/vhost-user", "wants a socket"},
    {"/hairpin:switch/port/-", guest({{"socket", "vm.sock"}}), "/hairpin:switch/port[name='vm']/vhost-user/socket",
     "wants an absolute path"},
    {"/hairpin:switch/port/-", guest({{"socket", "/" + std::string(107, 'x')}}),
     "/hairpin:switch/port[name='vm']/vhost-user/socket", "107"},
    {"/hairpin:switch/port/-", guest({{"socket", "/run/" + std::string(60, 'x') + umlauts(22)}}),
     "/hairpin:switch/port[name='vm']/vhost-user/socket", "109 bytes are more than the 107"},
    {"/hairpin:switch/port/-", guest({{"socket", "/run/vm"}, {"mode", "both"}}),
     "/hairpin:switch/port[name='vm']/vhost-user/mode", "server or client"},
};
INSTANTIATE_TEST_SUITE_P(Guests, Refusals, testing::ValuesIn(kGuests));

TEST(Guests, OfOneSocketAreOneGuest) {
    json document = guide_lab();
    json& ports = document["hairpin:switch"]["port"];
    ports.push_back(guest({{"socket", "/run/vm"}}));
    ports.push_back(guest({{"socket", "/run/vm"}}));
    ports.back()["name"] = "other";
    const auto refused = compiled(document);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().path, "/hairpin:switch/port[name='other']/vhost-user/socket");
    EXPECT_THAT(refused.error().message, HasSubstr("port \"vm\" has /run/vm already"));
}

// Two ports that could not tell their frames apart, or would hand on what one remote sends to the other.
TEST(Tunnels, OfOneVniAreOnePort) {
    json document = guide_lab();
    json& ports = document["hairpin:switch"]["port"];
    ports.push_back(good_tunnel("vni", 100));
    json second = good_tunnel("vni", 100);
    second["name"] = "second";
    second["segment"] = "wan";
    ports.push_back(second);
    const auto same_endpoint = compiled(document);
    ASSERT_FALSE(same_endpoint);
    EXPECT_EQ(same_endpoint.error().path, "/hairpin:switch/port[name='second']/vxlan/vni");
    EXPECT_THAT(same_endpoint.error().message, HasSubstr("port \"far\" has VNI 100 at the same local address"));

    ports.back()["segment"] = "lan";
    ports.back()["vxlan"]["udp-port"] = 8472;
    const auto same_segment = compiled(document);
    ASSERT_FALSE(same_segment);
    EXPECT_THAT(same_segment.error().message, HasSubstr("port \"far\" has VNI 100 on the same segment"));

    ports.back()["segment"] = "wan";
    EXPECT_TRUE(compiled(document)) << "another endpoint, another segment";
    ports.back()["vxlan"].erase("udp-port");
    ports.back()["vxlan"]["vni"] = 101;
    EXPECT_TRUE(compiled(document)) << "another VNI of one endpoint";
}

#define LAN "/hairpin:gateway/interface[name='lan']"
const Refusal kInterfaces[] = {
    {"/hairpin:gateway/interface/1/name", "vse", "/hairpin:gateway/interface[name='vse']/name", "a meaning of their own"},
    {"/hairpin:gateway/interface/1/name", "uplink", "/hairpin:gateway/interface[name='uplink']", "stands here twice"},
    {"/hairpin:gateway/interface/1/role", "inside", LAN "/role", "\"inside\" will not do: wants internal or uplink"},
    {"/hairpin:gateway/interface/1/segment", "nowhere", LAN "/segment", "there is no segment \"nowhere\""},
    {"/hairpin:gateway/interface/1/address/0", "192.168.255.999/24", LAN "/address", "\"192.168.255.999/24\" will not do"},
    {"/hairpin:gateway/interface/1/address/0", "192.168.255.0/24", LAN "/address", "the subnet's own address, or its broadcast"},
    {"/hairpin:gateway/interface/1/address/0", "192.168.255.255/24", LAN "/address",
     "the subnet's own address, or its broadcast"},
    {"/hairpin:gateway/interface/1/address/0", "224.0.0.1/24", LAN "/address", "no address of a host"},
    {"/hairpin:gateway/interface/1/address/0", "127.0.0.1/8", LAN "/address", "no address of a host"},
    {"/hairpin:gateway/interface/1/address/0", "240.0.0.1/8", LAN "/address", "no address of a host"},
    {"/hairpin:gateway/interface/1/address/0", "0.0.0.1/8", LAN "/address", "no address of a host"},
    {"/hairpin:gateway/interface/1/address/-", "192.168.255.1/25", LAN "/address", "192.168.255.1 stands here twice"},
    {"/hairpin:gateway/interface/1/address/-", "203.0.113.81/32", LAN "/address",
     "203.0.113.81/32 overlaps with 203.0.113.80/24 of interface \"uplink\""},
    {"/hairpin:gateway/interface/1/address/-", "203.1.2.3/8", LAN "/address", "overlaps with 203.0.113.80/24"},
    {"/hairpin:gateway/interface/1/mac", "03:00:00:00:00:01", LAN "/mac", "no station's own address"},
    {"/hairpin:gateway/interface/1/mac", "00:00:00:00:00:00", LAN "/mac", "no station's own address"},
    {"/hairpin:gateway/interface/1/mac", "02:00:00:00:00:10", LAN "/mac", "the MAC of the host on port \"webserver\""},
    {"/hairpin:gateway/interface/1/mtu", 70000, LAN "/mtu", "576 to 9216 bytes"},
    {"/hairpin:gateway/interface/1/tcp-mss", 40, LAN "/tcp-mss", "clamp or 88 to 65495"},
    {"/hairpin:gateway/interface/-",
     {{"name", "b"}, {"segment", "lan"}, {"mac", MacAddress::from_name("hairpin gateway lan").to_string()}},
     "/hairpin:gateway/interface[name='b']/mac",
     "interface \"lan\" has MAC"},
};
INSTANTIATE_TEST_SUITE_P(Interfaces, Refusals, testing::ValuesIn(kInterfaces));

const Refusal kGateway[] = {
    {"/hairpin:gateway/route/0/prefix", "10.0.0.1/8", "/hairpin:gateway/route[prefix='10.0.0.1/8']/prefix",
     "bits set beyond its length"},
    {"/hairpin:gateway/route/0/next-hop", "198.51.100.1", "/hairpin:gateway/route[prefix='0.0.0.0/0']/next-hop",
     "198.51.100.1 is on no interface's subnet"},
    {"/hairpin:gateway/route/0/next-hop", "203.0.113.80", "/hairpin:gateway/route[prefix='0.0.0.0/0']/next-hop",
     "is the gateway itself"},
    {"/hairpin:gateway/route/0/next-hop", "224.0.0.9", "/hairpin:gateway/route[prefix='0.0.0.0/0']/next-hop",
     "no address of a host"},
    {"/hairpin:gateway/route/0/interface", "lan", "/hairpin:gateway/route[prefix='0.0.0.0/0']/next-hop",
     "on no subnet of interface \"lan\""},
    {"/hairpin:gateway/route/0/interface", "dmz", "/hairpin:gateway/route[prefix='0.0.0.0/0']/interface",
     "there is no interface \"dmz\""},
    {"/hairpin:gateway/route/0",
     {{"prefix", "0.0.0.0/0"}},
     "/hairpin:gateway/route[prefix='0.0.0.0/0']",
     "wants a next-hop or an interface"},
    {"/hairpin:gateway/route/-",
     {{"prefix", "0.0.0.0/0"}, {"interface", "uplink"}},
     "/hairpin:gateway/route[prefix='0.0.0.0/0']",
     "stands here twice"},
    {"/hairpin:gateway/neighbor",
     {{{"interface", "dmz"}, {"address", "192.168.255.7"}, {"mac", "02:00:00:00:00:07"}}},
     "/hairpin:gateway/neighbor[interface='dmz'][address='192.168.255.7']/interface",
     "there is no interface \"dmz\""},
    {"/hairpin:gateway/neighbor",
     {{{"interface", "lan"}, {"address", "10.0.0.7"}, {"mac", "02:00:00:00:00:07"}}},
     "/hairpin:gateway/neighbor[interface='lan'][address='10.0.0.7']/address",
     "on no subnet of interface \"lan\""},
    {"/hairpin:gateway/neighbor",
     {{{"interface", "lan"}, {"address", "192.168.255.1"}, {"mac", "02:00:00:00:00:07"}}},
     "/hairpin:gateway/neighbor[interface='lan'][address='192.168.255.1']/address",
     "is the gateway itself"},
    {"/hairpin:gateway/neighbor",
     {{{"interface", "lan"}, {"address", "192.168.255.7"}, {"mac", "ff:ff:ff:ff:ff:ff"}}},
     "/hairpin:gateway/neighbor[interface='lan'][address='192.168.255.7']/mac",
     "no station's own address"},
    {"/hairpin:gateway/arp/queue", 65, "/hairpin:gateway/arp/queue", "1 to 64 packets"},
    {"/hairpin:gateway/icmp/answer-echo", "all", "/hairpin:gateway/icmp/answer-echo", "any, internal or none"},
    {"/hairpin:gateway/sessions/capacity", 0, "/hairpin:gateway/sessions/capacity", "16 to 16777216 sessions"},
    {"/hairpin:gateway/timeout/udp", 0, "/hairpin:gateway/timeout/udp", "1 to 604800 seconds"},
};
INSTANTIATE_TEST_SUITE_P(Gateway, Refusals, testing::ValuesIn(kGateway));

#define RULE "/hairpin:gateway/firewall/rule[id='3']"
const Refusal kFirewall[] = {
    {"/hairpin:gateway/firewall/rule/2/id", 0, "/hairpin:gateway/firewall/rule[id='0']/id", "1 to 65536 or 131075 to 196607"},
    {"/hairpin:gateway/firewall/rule/2/id", 131073, "/hairpin:gateway/firewall/rule[id='131073']/id", "1 to 65536"},
    {"/hairpin:gateway/firewall/rule/2/id", 196609, "/hairpin:gateway/firewall/rule[id='196609']/id", "1 to 65536"},
    {"/hairpin:gateway/firewall/rule/2/id", 4, "/hairpin:gateway/firewall/rule[id='4']", "stands here twice"},
    {"/hairpin:gateway/firewall/rule/2/action", "allow", RULE "/action", "\"allow\" will not do: wants accept, drop or reject"},
    {"/hairpin:gateway/firewall/rule/2", {{"id", 3}}, RULE "/action", "\"action\" is missing"},
    {"/hairpin:gateway/firewall/rule/2/name", std::string(129, 'x'), RULE "/name", "wants 0 to 128 characters"},
    {"/hairpin:gateway/firewall/rule/2/name", "a\x7f", RULE "/name", "one line of text"},
    {"/hairpin:gateway/firewall/rule/2/enabled", "yes", RULE "/enabled", "true or false, without quotes"},
    {"/hairpin:gateway/firewall/rule/2/source/interface",
     {"dmz"},
     RULE "/source/interface",
     "\"dmz\" is no interface and no group of interfaces"},
    {"/hairpin:gateway/firewall/rule/2/source/address",
     {"host.example"},
     RULE "/source/address",
     "\"host.example\" is no address and no group of addresses"},
    {"/hairpin:gateway/firewall/rule/2/source/address",
     {"10.0.0.9-10.0.0.1"},
     RULE "/source/address",
     "\"10.0.0.9-10.0.0.1\" is no address, range or network"},
    {"/hairpin:gateway/firewall/rule/2/source/address", {"10.0.0.1/8"}, RULE "/source/address", "no bits set beyond its length"},
    {"/hairpin:gateway/firewall/rule/2/source/address",
     {"10.0.0.300"},
     RULE "/source/address",
     "\"10.0.0.300\" will not do: wants an address"},
    {"/hairpin:gateway/firewall/rule/2/source", {{"negate", true}}, RULE "/source/negate", "wants something to except"},
    {"/hairpin:gateway/firewall/rule/2/service/-",
     {{"protocol", "tpc"}},
     RULE "/service[protocol='tpc']/protocol",
     "\"tpc\" is no protocol, no known service and none of one's own"},
    {"/hairpin:gateway/firewall/rule/2/service/0/protocol", "https", RULE "/service[protocol='https']/port[.='80']",
     "only the protocols tcp, udp, udplite, dccp and sctp have ports"},
    {"/hairpin:gateway/firewall/rule/2/service/0/protocol", 256, RULE "/service[protocol='256']/protocol", "1 to 255"},
    {"/hairpin:gateway/firewall/rule/2/service/0/protocol", "icmp", RULE "/service[protocol='icmp']/port[.='80']",
     "only the protocols tcp, udp, udplite, dccp and sctp have ports"},
    {"/hairpin:gateway/firewall/rule/2/service/-",
     {{"protocol", "any"}, {"source-port", {"80"}}},
     RULE "/service[protocol='any']/source-port[.='80']",
     "only the protocols tcp, udp, udplite, dccp and sctp have ports"},
    {"/hairpin:gateway/firewall/rule/2/reject-with", "icmp", RULE "/reject-with",
     "only the action reject tells the sender anything"},
    {"/hairpin:gateway/firewall/rule/2/service/0/icmp-type", 8, RULE "/service[protocol='tcp']/icmp-type",
     "only the protocol icmp has types"},
    {"/hairpin:gateway/firewall/rule/2/service/-",
     {{"protocol", "icmp"}, {"icmp-type", 256}},
     RULE "/service[protocol='icmp']/icmp-type",
     "0 to 255"},
    {"/hairpin:gateway/firewall/rule/2/service/-", {{"protocol", "tcp"}}, RULE "/service[protocol='tcp']", "stands here twice"},
    {"/hairpin:gateway/firewall/rule/2/service/0/port",
     {"443-80"},
     RULE "/service[protocol='tcp']/port",
     "\"443-80\" is no port or range of ports"},
    {"/hairpin:gateway/firewall/rule/2/service/0/port",
     {"0"},
     RULE "/service[protocol='tcp']/port",
     "\"0\" will not do: wants a port"},
    {"/hairpin:gateway/firewall/rule/2/service/0/port",
     {"65536"},
     RULE "/service[protocol='tcp']/port",
     "\"65536\" will not do: wants a port"},
    {"/hairpin:gateway/firewall/rule/2/service/0/port", {80}, RULE "/service[protocol='tcp']/port", "in quotes"},
    {"/hairpin:gateway/firewall/rule/2/service/0/port",
     {"http"},
     RULE "/service[protocol='tcp']/port",
     "\"http\" is no port and no group of ports"},
    {"/hairpin:gateway/firewall/default-action", "deny", "/hairpin:gateway/firewall/default-action", "accept, drop or reject"},
};
INSTANTIATE_TEST_SUITE_P(Firewall, Refusals, testing::ValuesIn(kFirewall));

#define NAT "/hairpin:gateway/nat/rule[id='196610']"
#define SNAT "/hairpin:gateway/nat/rule[id='196609']"
const Refusal kNat[] = {
    {"/hairpin:gateway/nat/rule/1/id", 3, "/hairpin:gateway/nat/rule[id='3']/id", "65537 to 131072 or 196609 to 4294967295"},
    {"/hairpin:gateway/nat/rule/1/id", 196609, "/hairpin:gateway/nat/rule[id='196609']", "stands here twice"},
    {"/hairpin:gateway/nat/rule/1/action", "masquerade", NAT "/action", "snat, dnat, no-snat or no-dnat"},
    {"/hairpin:gateway/nat/rule/1/action", "no-dnat", NAT, "translate nothing"},
    {"/hairpin:gateway/nat/rule/1/applied-on", "dmz", NAT "/applied-on", "\"dmz\" is no interface and no group of interfaces"},
    {"/hairpin:gateway/nat/rule/1/applied-on", "vse", NAT "/applied-on", "\"vse\" will not do: wants internal, external"},
    {"/hairpin:gateway/nat/rule/1/protocol", "any", NAT "/original-port",
     "only the protocols tcp, udp, udplite, dccp and sctp have ports"},
    {"/hairpin:gateway/nat/rule/1/icmp-type", 8, NAT "/icmp-type", "only the protocol icmp has types"},
    {"/hairpin:gateway/nat/rule/1/original-address", "203.0.113.81-203.0.113.80", NAT "/original-address",
     "a range runs upwards"},
    {"/hairpin:gateway/nat/rule/1/original-port", "90-80", NAT "/original-port", "is no port or range of ports"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "192.168.255.300", NAT "/translated-address",
     "\"192.168.255.300\" will not do"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "interface", NAT "/translated-address", "dnat wants an address"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "192.168.255.10-192.168.255.11", NAT "/translated-address",
     "a single address, or as many as original-address has"},
    {"/hairpin:gateway/nat/rule/1/translated-port", "80-81", NAT "/translated-port",
     "a single port, or as many as original-port has"},
    {"/hairpin:gateway/nat/rule/1/translated-port", "0", NAT "/translated-port", "\"0\" will not do: wants a port"},
    {"/hairpin:gateway/nat/rule/1/destination-address",
     {"10.0.0.1"},
     NAT "/destination-address[.='10.0.0.1']",
     "narrows snat rules"},
    {"/hairpin:gateway/nat/rule/0/source-address",
     {"10.0.0.1"},
     "/hairpin:gateway/nat/rule[id='196609']/source-address[.='10.0.0.1']",
     "narrows dnat rules"},
    {"/hairpin:gateway/nat/rule/1/source-address", {"10.0.0.1/8"}, NAT "/source-address", "no bits set beyond its length"},
    {"/hairpin:gateway/nat/rule/1/destination-port", {"25"}, NAT "/destination-port[.='25']", "narrows snat rules"},
    {"/hairpin:gateway/nat/rule/1/source-port", {"90-80"}, NAT "/source-port", "is no port or range of ports"},
    {"/hairpin:gateway/nat/rule/1/source-port", {"nobodys-ports"}, NAT "/source-port", "is no port and no group of ports"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "no-dnat"}, {"protocol", "icmp"}, {"source-port", {"25"}}},
     "/hairpin:gateway/nat/rule[id='65537']/source-port[.='25']",
     "have ports"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "no-snat"}, {"protocol", "tcp"}, {"source-port", {"25"}}},
     "/hairpin:gateway/nat/rule[id='65537']/source-port[.='25']",
     "narrows dnat rules"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "dnat"}},
     "/hairpin:gateway/nat/rule[id='65537']",
     "a dnat rule wants a translated-address"},
    {"/hairpin:gateway/nat/rule/1/target", json::array({{{"address", "192.168.255.11"}}}), NAT,
     "a translated-address and translated-port, or targets"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "snat"}, {"target", json::array({{{"address", "10.0.0.1"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']",
     "an snat rule wants"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537},
      {"action", "snat"},
      {"protocol", "tcp"},
      {"target", json::array({{{"address", "10.0.0.1"}}})},
      {"translated-address", "interface"}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='10.0.0.1']",
     "only a dnat rule has targets"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "no-dnat"}, {"target", json::array({{{"address", "10.0.0.1"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']",
     "translate nothing"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "dnat"}, {"target", json::array({{{"address", "10.0.0.1/32"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='10.0.0.1/32']/address",
     "will not do"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "dnat"}, {"target", json::array({{{"address", "10.0.0.1"}, {"port", "80"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='10.0.0.1']/port",
     "can be translated"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537},
      {"action", "dnat"},
      {"protocol", "tcp"},
      {"original-port", "80-89"},
      {"target", json::array({{{"address", "10.0.0.1"}, {"port", "80"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='10.0.0.1']/port",
     "as many ports as original-port has"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537},
      {"action", "dnat"},
      {"protocol", "tcp"},
      {"target", json::array({{{"address", "10.0.0.1"}, {"port", "80-81"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='10.0.0.1']/port",
     "as many ports as original-port has"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "dnat"}, {"target", json::array({{{"address", "10.0.0.1"}, {"weight", 0}}})}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='10.0.0.1']/weight",
     "no session could begin"},
    {"/hairpin:gateway/nat/rule/1/affinity", "none", NAT "/affinity", "of a dnat rule with targets"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "snat"}},
     "/hairpin:gateway/nat/rule[id='65537']",
     "an snat rule wants"},
    {"/hairpin:gateway/nat/rule/-", {{"action", "snat"}}, "/hairpin:gateway/nat/rule/id", "\"id\" is missing"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"destination-address", {"10.0.0.1"}}, {"translated-address", "interface"}},
     "/hairpin:gateway/nat/rule[id='65537']/action",
     "\"action\" is missing"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "224.1.1.1", NAT "/translated-address",
     "224.1.1.1 is no address of a host"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "0.0.0.0", NAT "/translated-address", "0.0.0.0 is no address of a host"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "255.255.255.255", NAT "/translated-address", "is no address of a host"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "192.168.255.255", NAT "/translated-address",
     "192.168.255.255 is the address of lan's own subnet, or its broadcast"},
    {"/hairpin:gateway/nat/rule/1",
     {{"id", 196610}, {"action", "dnat"}, {"original-address", "203.0.113.80"}, {"translated-address", "203.0.113.80"}},
     NAT "/translated-address",
     "nothing would be translated"},
    {"/hairpin:gateway/nat/rule/0/translated-address", "127.0.0.1", SNAT "/translated-address", "127.0.0.1 is no address"},
    {"/hairpin:gateway/nat/rule/0/translated-address", "126.0.0.0-128.0.0.0", SNAT "/translated-address",
     "127.0.0.0-127.255.255.255 are no addresses of hosts"},
    {"/hairpin:gateway/nat/rule/-",
     {{"id", 65537}, {"action", "dnat"}, {"target", json::array({{{"address", "10.0.0.1"}}, {{"address", "224.0.0.1"}}})}},
     "/hairpin:gateway/nat/rule[id='65537']/target[address='224.0.0.1']/address",
     "is no address of a host"},
    {"/hairpin:gateway/nat/port-block/size", 100, "/hairpin:gateway/nat/port-block/size",
     "wants 64, 128, 256, 512, 1024, 2048 or 4096"},
};
INSTANTIATE_TEST_SUITE_P(Nat, Refusals, testing::ValuesIn(kNat));

const Refusal kTop[] = {
    {"/hairpin:roof", json::object(), "/roof", "a configuration holds \"hairpin:switch\" and \"hairpin:gateway\""},
    {"/gateway", json::object(), "/gateway", "a configuration holds"},
    {"/other:gateway", json::object(), "/other", "a configuration holds"},
    {"/hairpin:switch", 7, "/hairpin:switch", "wants an object, not number"},
};
INSTANTIATE_TEST_SUITE_P(Top, Refusals, testing::ValuesIn(kTop));

TEST(Limits, OneInterfaceMoreThanThereArePlaces) {
    json document{{"hairpin:switch", {{"segment", {{{"name", "lan"}}}}}}};
    for (int i = 0; i < 257; ++i)
        document["hairpin:gateway"]["interface"].push_back({{"name", "i" + std::to_string(i)}, {"segment", "lan"}});
    const auto result = compiled(document);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().path, testing::StartsWith("/hairpin:gateway/interface"));
    EXPECT_THAT(result.error().message, HasSubstr("more than 256"));
}

// The daemon gets documents with their members sorted: an entry's key may stand behind what is wrong with the entry.
TEST(Paths, NameTheEntryAlthoughItsKeyComesLater) {
    const auto result =
        compiled(std::string{R"({"hairpin:switch": {"segment": [{"name": "lan"}]}, "hairpin:gateway": {"interface": [
        {"address": ["10.0.0.1/24"], "name": "first", "segment": "lan"},
        {"address": ["10.0.1.1/24", "10.0.1.300/24"], "name": "second", "segment": "lan"}]}})"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().path, "/hairpin:gateway/interface[name='second']/address");
}

TEST(Paths, ALongValueIsCutAtACharacter) {
    std::string umlauts;
    for (int i = 0; i < 500; ++i) umlauts += "ü";
    const auto result = compiled(json{{"hairpin:switch", {{"segment", {{{"name", umlauts}}}}}}});
    ASSERT_FALSE(result);
    EXPECT_LT(result.error().message.size(), 400u);
    EXPECT_NO_THROW(json(result.error().message).dump());
}

}  // namespace
}  // namespace hairpin::config
