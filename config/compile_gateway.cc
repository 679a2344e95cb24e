#include <fmt/format.h>
#include <algorithm>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

using gateway::Interface;
using gateway::InterfaceRole;
using gateway::Ruleset;

Result<Interface> read_interface(const NodeReader& node) {
    Interface interface;
    interface.name = node.text_or("name", "");
    interface.role = node.text("role") == "uplink" ? InterfaceRole::uplink : InterfaceRole::internal;
    interface.segment = node.text_or("segment", "");
    if (const auto vlan = node.number("vlan")) interface.vlan = VlanId{static_cast<std::uint16_t>(*vlan)};
    interface.mtu = static_cast<unsigned>(*node.number("mtu"));
    const auto mac = node.text("mac");
    interface.mac = mac ? *MacAddress::parse(*mac) : MacAddress::from_name("hairpin gateway " + interface.name);
    if (!interface.mac.is_station())
        return node.refuse("mac", fmt::format("{} is no host's own address: a group, or zero", *mac));
    for (const auto& text : node.texts("address")) {
        const auto address = *Ipv4InterfaceAddress::parse(text);
        if (address.subnet.length() < 31 &&
            (address.address == address.subnet.network() || address.address == address.subnet.last()))
            return node.refuse("address", fmt::format("{} is the subnet's own or its broadcast address", text));
        if (address.address.is_multicast() || address.address.is_loopback() || address.address.is_reserved() ||
            address.address.is_this_network())
            return node.refuse("address", fmt::format("{} is no address of a host", text));
        interface.addresses.push_back(address);
    }
    return interface;
}

bool overlap(const Ipv4Prefix& a, const Ipv4Prefix& b) { return a.contains(b.network()) || b.contains(a.network()); }

// Subnets of different interfaces must not overlap: nobody could say where a neighbour is.
Result<void> check_against_others(const NodeReader& node, const Interface& interface, const Ruleset& ruleset) {
    for (const Interface& other : ruleset.interfaces) {
        if (!other.present()) continue;
        if (other.segment == interface.segment && other.vlan == interface.vlan && other.mac == interface.mac)
            return node.refuse("mac",
                               fmt::format("interface \"{}\" has MAC {} on the same segment", other.name, other.mac.to_string()));
        for (const auto& theirs : other.addresses)
            for (const auto& ours : interface.addresses)
                if (overlap(theirs.subnet, ours.subnet))
                    return node.refuse("address", fmt::format("{} overlaps with {} of interface \"{}\"", ours.to_string(),
                                                              theirs.to_string(), other.name));
    }
    return {};
}

// Ids stay with names: sessions and neighbours are known by them.
Result<void> compile_interfaces(const NodeReader& node, const Ruleset* previous, Ruleset& ruleset) {
    if (previous != nullptr) ruleset.interfaces.resize(previous->interfaces.size());
    std::vector<bool> taken(ruleset.interfaces.size());
    const auto entries = node.children("interface");
    if (previous != nullptr)
        for (const NodeReader& entry : entries)
            if (const auto id = previous->interface_id(entry.text_or("name", ""))) taken[index_of(*id)] = true;
    for (const NodeReader& entry : entries) {
        auto interface = read_interface(entry);
        if (!interface) return tl::unexpected(interface.error());
        if (auto good = check_against_others(entry, *interface, ruleset); !good) return good;
        const auto known = previous != nullptr ? previous->interface_id(interface->name) : std::nullopt;
        std::size_t index =
            known ? index_of(*known) : static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
        if (index >= gateway::kMaxInterfaces)
            return entry.refuse({}, fmt::format("more than {} interfaces", gateway::kMaxInterfaces));
        if (index == taken.size()) {
            taken.push_back(true);
            ruleset.interfaces.emplace_back();
        }
        taken[index] = true;
        ruleset.interfaces[index] = std::move(*interface);
    }
    return {};
}

bool on_connected_subnet(const Ruleset& ruleset, Ipv4Address address) {
    return std::any_of(ruleset.interfaces.begin(), ruleset.interfaces.end(), [&](const Interface& interface) {
        return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                           [&](const auto& own) { return own.subnet.contains(address); });
    });
}

Result<void> compile_routes(const NodeReader& node, Ruleset& ruleset) {
    for (const NodeReader& entry : node.children("route")) {
        const auto prefix = Ipv4Prefix::parse(*entry.text("prefix"));
        if (!prefix) return entry.refuse("prefix", fmt::format("{} has host bits set", *entry.text("prefix")));
        gateway::StaticRoute route{*prefix, std::nullopt, std::nullopt};
        if (const auto hop = entry.text("next-hop")) {
            route.next_hop = *Ipv4Address::parse(*hop);
            if (!entry.text("interface") && !on_connected_subnet(ruleset, *route.next_hop))
                return entry.refuse("next-hop", fmt::format("{} is on no interface's subnet", *hop));
            if (ruleset.owns(*route.next_hop)) return entry.refuse("next-hop", fmt::format("{} is the gateway itself", *hop));
        }
        if (const auto name = entry.text("interface")) route.interface = ruleset.interface_id(*name);
        ruleset.routes.push_back(route);
    }
    return {};
}

Result<void> compile_neighbors(const NodeReader& node, Ruleset& ruleset) {
    for (const NodeReader& entry : node.children("neighbor")) {
        const gateway::StaticNeighbor neighbor{*ruleset.interface_id(*entry.text("interface")),
                                               *Ipv4Address::parse(*entry.text("address")),
                                               *MacAddress::parse(*entry.text("mac"))};
        if (!neighbor.mac.is_station()) return entry.refuse("mac", "a group address, or zero, is no station");
        if (ruleset.owns(neighbor.address))
            return entry.refuse("address", fmt::format("{} is the gateway's own address", neighbor.address.to_string()));
        ruleset.neighbors.push_back(neighbor);
    }
    return {};
}

gateway::EchoAnswer read_echo_answer(const NodeReader& icmp) {
    const auto text = icmp.text("answer-echo");
    if (text == "none") return gateway::EchoAnswer::nobody;
    return text == "internal" ? gateway::EchoAnswer::internal : gateway::EchoAnswer::anybody;
}

void compile_numbers(const NodeReader& node, Ruleset& ruleset) {
    const NodeReader arp = node.child("arp"), icmp = node.child("icmp"), timeout = node.child("timeout");
    ruleset.arp.reachable_age = std::chrono::seconds{*arp.number("age-seconds")};
    ruleset.arp.capacity = *arp.number("capacity");
    ruleset.arp.queue_per_neighbor = *arp.number("queue");
    ruleset.icmp.answer_echo = read_echo_answer(icmp);
    ruleset.icmp.errors_per_second = static_cast<unsigned>(*icmp.number("errors-per-second"));
    ruleset.icmp.echoes_per_second = static_cast<unsigned>(*icmp.number("echoes-per-second"));
    ruleset.session_capacity = *node.child("sessions").number("capacity");
    for (const gateway::TimeoutRow& row : gateway::kTimeoutRows)
        ruleset.timeouts.set(row.state, std::chrono::seconds{*timeout.number(row.setting)});
}

}  // namespace

Result<void> compile_gateway(const NodeReader& node, const Ruleset* previous, Ruleset& ruleset) {
    if (!node) return {};
    if (auto done = compile_interfaces(node, previous, ruleset); !done) return done;
    if (auto done = compile_routes(node, ruleset); !done) return done;
    if (auto done = compile_neighbors(node, ruleset); !done) return done;
    compile_numbers(node, ruleset);
    return {};
}

}  // namespace hairpin::config
