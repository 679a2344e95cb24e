#include "gateway/ruleset.h"

#include <algorithm>

namespace hairpin::gateway {

bool Interface::owns(Ipv4Address address) const {
    return std::any_of(addresses.begin(), addresses.end(), [&](const auto& own) { return own.address == address; });
}

Ipv4Address Interface::address_towards(Ipv4Address neighbor) const {
    const auto near =
        std::find_if(addresses.begin(), addresses.end(), [&](const auto& own) { return own.subnet.contains(neighbor); });
    return near != addresses.end() ? near->address : addresses.front().address;
}

const Interface* Ruleset::find_interface(std::string_view name) const {
    const auto id = interface_id(name);
    return id ? &interfaces[index_of(*id)] : nullptr;
}

std::optional<InterfaceId> Ruleset::interface_id(std::string_view name) const {
    for (std::size_t i = 0; i < interfaces.size(); ++i)
        if (interfaces[i].present() && interfaces[i].name == name) return static_cast<InterfaceId>(i);
    return std::nullopt;
}

const std::string& Ruleset::name_of(InterfaceId interface) const {
    static const std::string itself = "vse";
    return interface == kGatewayItself ? itself : interfaces[index_of(interface)].name;
}

bool Ruleset::has(InterfaceId interface) const {
    return interface == kGatewayItself || (index_of(interface) < interfaces.size() && interfaces[index_of(interface)].present());
}

bool Ruleset::owns(Ipv4Address address) const {
    return std::any_of(interfaces.begin(), interfaces.end(), [&](const Interface& interface) { return interface.owns(address); });
}

TcpTracking loosest_tracking(const Ruleset& ruleset) {
    TcpTracking loosest = ruleset.tcp_tracking;
    for (const FirewallRule& rule : ruleset.firewall) loosest = std::max(loosest, rule.tcp_tracking.value_or(loosest));
    return loosest;
}

bool proxies_syns(const Ruleset& ruleset) {
    return std::any_of(ruleset.firewall.begin(), ruleset.firewall.end(), [](const FirewallRule& rule) { return rule.syn_proxy; });
}

}  // namespace hairpin::gateway
