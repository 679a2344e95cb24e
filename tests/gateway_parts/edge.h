#pragma once
// The interfaces of the guide's gateway, and its way out.

#include "gateway/ruleset.h"
#include "tests/support/guide_hosts.h"

namespace hairpin::testing {

inline gateway::Ruleset edge() {
    gateway::Ruleset rules;
    rules.interfaces.resize(2);
    rules.interfaces[0].name = "uplink";
    rules.interfaces[0].role = gateway::InterfaceRole::uplink;
    rules.interfaces[0].mac = kUplinkMac;
    rules.interfaces[0].addresses = {*Ipv4InterfaceAddress::parse("203.0.113.80/24")};
    rules.interfaces[1].name = "lan";
    rules.interfaces[1].mac = kLanMac;
    rules.interfaces[1].addresses = {*Ipv4InterfaceAddress::parse("192.168.255.1/24")};
    rules.routes = {{Ipv4Prefix{}, kRouter, {}}};
    return rules;
}

}  // namespace hairpin::testing
