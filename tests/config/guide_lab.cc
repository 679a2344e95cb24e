#include "guide_lab.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace hairpin::config {

using nlohmann::json;

json guide_lab() {
    return json::parse(R"({
  "hairpin:switch": {
    "segment": [{"name": "lan"}, {"name": "wan"}],
    "port": [
      {"name": "workstation", "segment": "lan",
       "tap": {"device": "eth1", "namespace": "hp-hairpin-workstation", "address": ["192.168.255.2/24"],
               "route": [{"prefix": "0.0.0.0/0", "via": "192.168.255.1"}]}},
      {"name": "webserver", "segment": "lan",
       "tap": {"device": "eth1", "namespace": "hp-hairpin-webserver", "mac": "02:00:00:00:00:10", "mtu": 1400,
               "address": ["192.168.255.10/24"], "route": [{"prefix": "0.0.0.0/0", "via": "192.168.255.1"}]}},
      {"name": "internet", "segment": "wan",
       "tap": {"device": "eth1", "namespace": "hp-hairpin-internet", "address": ["203.0.113.1/24", "198.51.100.10/32"]}}]
  },
  "hairpin:gateway": {
    "interface": [
      {"name": "uplink", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]},
      {"name": "lan", "role": "internal", "segment": "lan", "address": ["192.168.255.1/24"]}],
    "route": [{"prefix": "0.0.0.0/0", "next-hop": "203.0.113.1"}],
    "firewall": {
      "default-action": "drop",
      "rule": [
        {"id": 1, "name": "Gateway's own traffic", "source": {"interface": ["vse"]}, "action": "accept"},
        {"id": 2, "name": "LAN to Internet", "source": {"interface": ["internal"]}, "destination": {"interface": ["external"]},
         "action": "accept"},
        {"id": 3, "name": "Workstation to Web Server", "source": {"address": ["192.168.255.2"]},
         "destination": {"address": ["203.0.113.80"]}, "service": [{"protocol": "tcp", "port": ["80", "443"]}], "action": "accept"},
        {"id": 4, "name": "Internet to Web Server", "source": {"interface": ["external"]},
         "destination": {"address": ["203.0.113.80"]}, "service": [{"protocol": "tcp", "port": ["80", "443"]}], "action": "accept"}]},
    "nat": {
      "rule": [
        {"id": 196609, "action": "snat", "applied-on": "uplink", "original-address": "192.168.255.0/24",
         "translated-address": "203.0.113.80", "protocol": "any", "description": "LAN to Internet"},
        {"id": 196610, "action": "dnat", "applied-on": "uplink", "original-address": "203.0.113.80", "original-port": "80",
         "translated-address": "192.168.255.10", "translated-port": "80", "protocol": "tcp"},
        {"id": 196611, "action": "dnat", "applied-on": "uplink", "original-address": "203.0.113.80", "original-port": "443",
         "translated-address": "192.168.255.10", "translated-port": "443", "protocol": "tcp"},
        {"id": 196612, "action": "snat", "applied-on": "lan", "original-address": "192.168.255.0/24",
         "translated-address": "192.168.255.1", "protocol": "any"},
        {"id": 196613, "action": "dnat", "applied-on": "lan", "original-address": "203.0.113.80", "original-port": "80",
         "translated-address": "192.168.255.10", "translated-port": "80", "protocol": "tcp"},
        {"id": 196614, "action": "dnat", "applied-on": "lan", "original-address": "203.0.113.80", "original-port": "443",
         "translated-address": "192.168.255.10", "translated-port": "443", "protocol": "tcp"}]}
  }
})");
}

json with_firewall_rule(const json& rule) {
    json document = guide_lab();
    document["hairpin:gateway"]["firewall"]["rule"].push_back(rule);
    return document;
}

json with_nat_rule(const json& rule) {
    json document = guide_lab();
    document["hairpin:gateway"]["nat"]["rule"].push_back(rule);
    return document;
}

Result<Configuration> compiled(const std::string& text, const gateway::Ruleset* previous) {
    const auto document = Document::parse(text);
    if (!document) return tl::unexpected(document.error());
    return compile(*document, previous);
}

Result<Configuration> compiled(const json& document, const gateway::Ruleset* previous) {
    return compiled(document.dump(), previous);
}

Configuration good(const json& document, const gateway::Ruleset* previous) {
    auto result = compiled(document, previous);
    if (result) return std::move(*result);
    ADD_FAILURE() << result.error().path << ": " << result.error().message;
    return {{}, std::make_shared<gateway::Ruleset>(), {}, {}};
}

Ipv4Address ip(const std::string& text) { return Ipv4Address::parse(text).value(); }
gateway::AddressRange one(const std::string& address) { return {ip(address), ip(address)}; }
gateway::AddressRange range(const std::string& first, const std::string& last) { return {ip(first), ip(last)}; }
gateway::PortRange ports(std::uint16_t first, std::uint16_t last) { return {L4Port{first}, L4Port{last}}; }

gateway::InterfaceSet interfaces(const std::vector<std::size_t>& ids) {
    gateway::InterfaceSet set;
    for (const std::size_t id : ids) set.set(id);
    return set;
}

bool nobody(const gateway::Endpoint& endpoint) { return endpoint.any() && endpoint.negated; }
bool everybody(const gateway::Endpoint& endpoint) { return endpoint.any() && !endpoint.negated && endpoint.macs.empty(); }

}  // namespace hairpin::config
