#include "lab/daemon_config.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "lab/daemon_check.h"
#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string kGatewayConfig = R"({"hairpin:gateway": {"interface": [
    {"name": "uplink", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]},
    {"name": "lan", "address": ["192.0.2.1/24", "192.0.2.3/24"], "vlan": 10}]}})";

json config_of(const std::string& topology) {
    const auto read = read_sample(topology);
    EXPECT_TRUE(read) << read.error().message;
    const auto config = daemon_config(*read, kGatewayConfig);
    EXPECT_TRUE(config) << config.error().message;
    return config ? json::parse(config->text) : json{};
}

TEST(DaemonConfig, MakesASegmentOfEachBridgeAndATapOfEachHostsLink) {
    EXPECT_EQ(config_of(kSample)["hairpin:switch"], json::parse(R"({
        "segment": [{"name": "lan"}, {"name": "wan"}],
        "port": [{"name": "host", "segment": "lan", "vlan": {"access": 10},
                  "tap": {"device": "eth1", "namespace": "hp-sample-host", "origin": "kept", "mac": "02:00:00:00:00:02", "mtu": 1400,
                          "address": ["192.0.2.2/24"], "route": [{"prefix": "0.0.0.0/0", "via": "192.0.2.1"}]}}]})"));
}

TEST(DaemonConfig, SaysOnlyWhatTheLinkSays) {
    const std::string bare = sample_with(kSample.substr(kSample.find("      ipv4:")), "");
    EXPECT_EQ(
        config_of(bare)["hairpin:switch"]["port"],
        json::parse(
            R"([{"name": "host", "segment": "lan", "tap": {"device": "eth1", "namespace": "hp-sample-host", "origin": "kept"}}])"));
    const json trunk = config_of(sample_with("vlan: 10", "trunk: [10, 20], native: 1"));
    EXPECT_EQ(trunk["hairpin:switch"]["port"][0]["vlan"], json::parse(R"({"trunk": [10, 20], "native": 1})"));
}

TEST(DaemonConfig, HandsOnWhatIsWrongWithALink) {
    const json impaired = config_of(
        sample_with("vlan: 10", "impair: {a-to-b: {rate: 1mbit, limit: 50}, seed: 3}, state: {flap: {up: 10s, down: 2s}}"));
    const json& port = impaired["hairpin:switch"]["port"][0];
    EXPECT_EQ(port["impairment"], json::parse(R"({"seed": 3, "out": {"rate": "1mbit", "limit": 50}})"));
    EXPECT_EQ(port["flap"], json::parse(R"({"up": "10s", "down": "2s"})"));
    EXPECT_EQ(config_of(sample_with("vlan: 10", "state: down"))["hairpin:switch"]["port"][0]["state"], "down");
}

TEST(DaemonConfig, MakesATunnelOfALinkOfTypeVxlan) {
    const std::string link =
        "  links:\n    - {type: vxlan, endpoint: {node: lan, interface: there}, remote: 192.0.2.9, vni: 7, vars: {local: "
        "192.0.2.8}}\n";
    EXPECT_EQ(config_of(sample_with("  links:\n", link))["hairpin:switch"]["port"][1], json::parse(R"({
        "name": "there", "segment": "lan",
        "vxlan": {"vni": 7, "local": "192.0.2.8", "udp-port": 4789, "mtu": 1450, "remote": [{"address": "192.0.2.9"}]}})"));
}

TEST(DaemonConfig, FillsInWhatTheGatewaysInterfacesLeaveOut) {
    const json config = config_of(sample_with("[\"edge:lan\", \"lan:edge\"]",
                                              "[\"edge:lan\", \"lan:edge\"]\n      ipv4: [\"192.0.2.9/24\"]\n      mtu: 1300"));
    EXPECT_EQ(config["hairpin:gateway"]["interface"][1],
              json::parse(
                  R"({"name": "lan", "segment": "lan", "mtu": 1300, "address": ["192.0.2.1/24", "192.0.2.3/24"], "vlan": 10})"));
}

TEST(DaemonConfig, TellsTheGatewaysAddresses) {
    EXPECT_THAT(daemon_config(*read_sample(kSample), kGatewayConfig)->gateway_addresses,
                ElementsAre("203.0.113.80/24", "192.0.2.1/24", "192.0.2.3/24"));
}

TEST(DaemonConfig, RefusesWhatDoesNotAgreeWithTheLinks) {
    const auto refusal = [](const std::string& gateway) {
        const auto config = daemon_config(*read_sample(kSample), gateway);
        return config ? "" : config.error().message;
    };
    EXPECT_THAT(refusal("{"), HasSubstr("configs/edge.json: not valid JSON"));
    EXPECT_THAT(refusal("{}"), HasSubstr("configs/edge.json: has no \"hairpin:gateway\""));
    EXPECT_THAT(refusal("[]"), HasSubstr("configs/edge.json: has no \"hairpin:gateway\""));
    EXPECT_THAT(refusal(R"({"hairpin:gateway": {}})"), HasSubstr("\"interface\" of the gateway must be a list"));
    EXPECT_THAT(refusal(R"({"hairpin:gateway": {"interface": []}, "hairpin:switch": {}})"),
                HasSubstr("follows from the topology's links"));
    EXPECT_THAT(refusal(R"({"hairpin:gateway": {"interface": [{"name": "uplink"}]}})"),
                HasSubstr("the topology attaches \"edge:lan\", but the gateway has no interface of that name"));
    EXPECT_THAT(refusal(R"({"hairpin:gateway": {"interface": [{"name": "lan", "segment": "wan"}, {"name": "uplink"}]}})"),
                HasSubstr("interface \"lan\" is in segment \"wan\", but the topology attaches it to \"lan\""));
}

TEST(DaemonCheck, WhatHairpindRefusesIsToldAtItsLink) {
    const auto topology = read_sample(kSample);
    ASSERT_TRUE(topology);
    const auto told = [&](const std::string& complaint) { return at_its_place(*topology, complaint); };
    EXPECT_THAT(told("/hairpin:switch/port[name='host']/flap/up: 0 is less than 100ms"),
                EndsWith("/sample.clab.yml:16:31: port \"host\" flap/up: 0 is less than 100ms"));
    EXPECT_THAT(told("/hairpin:switch/port[name='none']/mtu: x"),
                EndsWith("/sample.clab.yml: /hairpin:switch/port[name='none']/mtu: x"));
    EXPECT_THAT(told("/hairpin:gateway/nat: x"), EndsWith("/configs/edge.json: /hairpin:gateway/nat: x"));
    EXPECT_THAT(told("not what was expected"), EndsWith("/configs/edge.json: not what was expected"));
}

}  // namespace
}  // namespace hairpin::lab
