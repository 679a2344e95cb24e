#pragma once
// The guide's gateway as a configuration document, with ports in memory instead of TAPs.

#include <nlohmann/json.hpp>

namespace hairpin::testing {

inline nlohmann::json guide_document() {
    return nlohmann::json::parse(R"({
      "hairpin:switch": {
        "segment": [{"name": "lan"}, {"name": "wan"}],
        "port": [{"name": "workstation", "segment": "lan", "memory": {}}, {"name": "webserver", "segment": "lan", "memory": {}},
                 {"name": "internet", "segment": "wan", "memory": {}}]},
      "hairpin:gateway": {
        "interface": [
          {"name": "uplink", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]},
          {"name": "lan", "segment": "lan", "address": ["192.168.255.1/24"]}],
        "route": [{"prefix": "0.0.0.0/0", "next-hop": "203.0.113.1"}],
        "firewall": {"rule": [
          {"id": 2, "name": "LAN to Internet", "source": {"interface": ["internal"]}, "destination": {"interface": ["external"]}, "action": "accept"},
          {"id": 3, "name": "Workstation to Web Server", "source": {"address": ["192.168.255.2"]}, "destination": {"address": ["203.0.113.80"]},
           "service": [{"protocol": "tcp", "port": ["80", "443"]}], "action": "accept"}]},
        "nat": {"rule": [
          {"id": 196609, "action": "snat", "applied-on": "uplink", "original-address": "192.168.255.0/24", "translated-address": "203.0.113.80"},
          {"id": 196612, "action": "snat", "applied-on": "lan", "original-address": "192.168.255.0/24", "translated-address": "192.168.255.1"},
          {"id": 196613, "action": "dnat", "applied-on": "lan", "original-address": "203.0.113.80", "original-port": "80",
           "translated-address": "192.168.255.10", "translated-port": "80", "protocol": "tcp"}]}}})");
}

}  // namespace hairpin::testing
