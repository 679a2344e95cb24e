#pragma once
// What stories about application layer gateways have in common: a server at the web server's address, and what was said in words.

#include <string>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {

// Rule 196700 forwards this port of the external address to the same one of the server, whoever opens it; rule 5 lets its control sessions in.
inline void forward_to_a_server(gateway::Ruleset& rules, IpProtocol protocol, unsigned number) {
    rules.firewall.insert(rules.firewall.end() - 1, firewall_rule(5, gateway::FirewallAction::accept, anybody(),
                                                                  at("203.0.113.80"), {service(protocol, {number})}));
    rules.nat.push_back(
        dnat(196700, on({kUplink, kLan}), protocol, "203.0.113.80", port(number), "192.168.255.10", port(number)));
}

inline std::string text_of(const SeenPacket& packet) {
    return {reinterpret_cast<const char*>(packet.payload.data()), packet.payload.size()};
}

}  // namespace hairpin::testing
