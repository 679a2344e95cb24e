#pragma once
// A configuration with so many firewall rules, as large sites have them: services of hosts, networks that may go out, ports that are
// forwarded to a server (one rule in ten, with its NAT rule), groups of interfaces, names.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace hairpin::bench {

inline nlohmann::json site() {
    return nlohmann::json::parse(R"({
      "hairpin:switch": {
        "segment": [{"name": "lan"}, {"name": "wan"}],
        "port": [{"name": "workstation", "segment": "lan", "memory": {}}, {"name": "internet", "segment": "wan", "memory": {}}]},
      "hairpin:gateway": {
        "interface": [
          {"name": "uplink", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]},
          {"name": "lan", "segment": "lan", "address": ["10.0.0.1/8"]}],
        "route": [{"prefix": "0.0.0.0/0", "next-hop": "203.0.113.1"}],
        "firewall": {"rule": []},
        "nat": {"rule": [{"id": 65537, "action": "snat", "applied-on": "external", "original-address": "10.0.0.0/8",
                          "translated-address": "interface"}]}}})");
}

inline std::string host_of(std::size_t customer) {
    return fmt::format("10.{}.{}.{}", 1 + customer / 62500, customer / 250 % 250, 1 + customer % 250);
}

inline nlohmann::json rule_for(std::size_t number) {
    using nlohmann::json;
    const std::string host = host_of(number);
    json rule{{"id", 1 + number}, {"name", fmt::format("Customer {}", number)}, {"action", "accept"}};
    switch (number % 10) {
        case 0:  // a port of the external address that DNAT forwards
            rule["source"]["interface"] = json::array({"external"});
            rule["destination"]["address"] = json::array({"203.0.113.80"});
            rule["service"] = json::array({{{"protocol", "tcp"}, {"port", json::array({std::to_string(1024 + number)})}}});
            break;
        case 1:
        case 2:
        case 3:  // a customer's host may go out
            rule["source"]["address"] = json::array({host});
            rule["destination"]["interface"] = json::array({"external"});
            rule["service"] = json::array({{{"protocol", "tcp"}, {"port", json::array({"80", "443", "8000-8099"})}},
                                           {{"protocol", "udp"}, {"port", json::array({"53", "123"})}}});
            break;
        default:  // a service of a host
            rule["source"]["interface"] = json::array({"internal"});
            rule["destination"]["address"] = json::array({host});
            rule["service"] = json::array({{{"protocol", "tcp"}, {"port", json::array({"443"})}}});
    }
    return rule;
}

inline nlohmann::json forward_for(std::size_t number) {
    return {{"id", 65538 + number},
            {"action", "dnat"},
            {"applied-on", "external"},
            {"protocol", "tcp"},
            {"original-address", "203.0.113.80"},
            {"original-port", std::to_string(1024 + number)},
            {"translated-address", fmt::format("10.0.0.{}", 2 + number % 250)},
            {"translated-port", "8080"}};
}

// `variant` tells documents apart that are otherwise equal: a rule in the middle accepts or drops.
inline nlohmann::json site_with_rules(std::size_t count, std::size_t variant = 0) {
    nlohmann::json document = site();
    nlohmann::json& gateway = document["hairpin:gateway"];
    for (std::size_t i = 0; i < count; ++i) {
        gateway["firewall"]["rule"].push_back(rule_for(i));
        if (i % 10 == 0) gateway["nat"]["rule"].push_back(forward_for(i));
    }
    gateway["firewall"]["rule"][count / 2]["action"] = variant % 2 == 0 ? "accept" : "drop";
    return document;
}

}  // namespace hairpin::bench
