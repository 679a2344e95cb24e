#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

using gateway::EchoAnswer;
using gateway::Interface;
using gateway::InterfaceRole;
using gateway::OnCommit;
using gateway::Ruleset;

constexpr auto kRoles = std::to_array<std::pair<std::string_view, InterfaceRole>>({
    {"internal", InterfaceRole::internal},
    {"uplink", InterfaceRole::uplink},
});
constexpr auto kOnCommit = std::to_array<std::pair<std::string_view, OnCommit>>({
    {"re-evaluate", OnCommit::re_evaluate},
    {"keep", OnCommit::keep},
});
constexpr auto kEvictions = std::to_array<std::pair<std::string_view, gateway::Eviction>>({
    {"off", gateway::Eviction::off},
    {"unanswered", gateway::Eviction::unanswered},
});
constexpr auto kTcpTracking = std::to_array<std::pair<std::string_view, gateway::TcpTracking>>({
    {"strict", gateway::TcpTracking::strict},
    {"liberal", gateway::TcpTracking::liberal},
    {"loose", gateway::TcpTracking::loose},
});
constexpr auto kEchoAnswers = std::to_array<std::pair<std::string_view, EchoAnswer>>({
    {"any", EchoAnswer::anybody},
    {"internal", EchoAnswer::internal},
    {"none", EchoAnswer::nobody},
});

constexpr auto kSourceValidations = std::to_array<std::pair<std::string_view, gateway::SourceValidation>>({
    {"strict", gateway::SourceValidation::strict},
    {"loose", gateway::SourceValidation::loose},
    {"off", gateway::SourceValidation::off},
});
constexpr auto kOptionTreatments = std::to_array<std::pair<std::string_view, gateway::OptionTreatment>>({
    {"drop", gateway::OptionTreatment::drop},
    {"honour", gateway::OptionTreatment::honour},
    {"ignore", gateway::OptionTreatment::ignore},
});

Interface read_interface(const NodeReader& node) {
    Interface interface;
    interface.name = node.text("name");
    interface.role = node.one_of("role", kRoles);
    interface.segment = node.text("segment");
    interface.vlan = node.vlan("vlan");
    interface.mac = node.has("mac") ? node.station_mac("mac") : MacAddress::from_name("hairpin gateway " + interface.name);
    interface.mtu = node.number<unsigned>("mtu");
    if (node.has("tcp-mss"))
        interface.tcp_mss = node.text("tcp-mss") == "clamp" ? gateway::kClampMssToMtu : node.number<std::uint16_t>("tcp-mss");
    interface.source_validation = node.one_of("source-validation", kSourceValidations);
    interface.proxy_arp = node.flag("proxy-arp");
    interface.icmp_errors = node.flag("icmp-errors");
    interface.addresses = node.interface_addresses("address");
    return interface;
}

void check_own_addresses(const NodeReader& node, const Interface& interface) {
    for (auto own = interface.addresses.begin(); own != interface.addresses.end(); ++own) {
        if (own->address.is_no_hosts()) node.refuse("address", fmt::format("{} is no address of a host", own->to_string()));
        if (own->subnet.reserves(own->address))
            node.refuse("address", fmt::format("{} is the subnet's own address, or its broadcast", own->to_string()));
        if (std::any_of(interface.addresses.begin(), own, [&](const auto& earlier) { return earlier.address == own->address; }))
            node.refuse("address", fmt::format("{} stands here twice", own->address.to_string()));
    }
}

// Subnets of different interfaces must not overlap: nobody could say where a neighbour is.
void check_against_others(const NodeReader& node, const Interface& interface, const Ruleset& ruleset) {
    for (const Interface& other : ruleset.interfaces) {
        if (!other.present()) continue;
        if (other.segment == interface.segment && other.vlan == interface.vlan && other.mac == interface.mac)
            node.refuse("mac", fmt::format("interface \"{}\" has MAC {} on the same LAN", other.name, other.mac.to_string()));
        for (const auto& theirs : other.addresses)
            for (const auto& ours : interface.addresses)
                if (theirs.subnet.overlaps(ours.subnet))
                    node.refuse("address", fmt::format("{} overlaps with {} of interface \"{}\"", ours.to_string(),
                                                       theirs.to_string(), other.name));
    }
}

// Gives each interface its place in the Ruleset. A name keeps the place that it has; a new one gets a place that was empty before, or
// one behind the others. Only when all 256 are used up does it get the place of an interface that goes at the same moment, whose
// sessions still name it.
class Places {
public:
    Places(const Ruleset* previous, const std::vector<Interface>& wanted) : previous_(previous) {
        if (previous == nullptr) return;
        taken_.resize(previous->interfaces.size());
        for (const Interface& interface : wanted)
            if (const auto id = previous->interface_id(interface.name)) taken_[index_of(*id)] = true;
    }

    std::size_t place_of(const Interface& interface) {
        if (const auto id = previous_ != nullptr ? previous_->interface_id(interface.name) : std::nullopt) return index_of(*id);
        const std::size_t place = free_place();
        taken_[place] = true;
        return place;
    }
    std::size_t size() const { return taken_.size(); }

private:
    std::size_t free_place() {
        for (std::size_t i = 0; i < taken_.size(); ++i)
            if (!taken_[i] && !(i < previous_->interfaces.size() && previous_->interfaces[i].present())) return i;
        if (taken_.size() < gateway::kMaxInterfaces) {
            taken_.push_back(false);
            return taken_.size() - 1;
        }
        const auto free = static_cast<std::size_t>(std::find(taken_.begin(), taken_.end(), false) - taken_.begin());
        ensure(free < taken_.size());  // the schema allows no more interfaces than there are places
        return free;
    }

    const Ruleset* previous_;
    std::vector<bool> taken_;
};

std::vector<Interface> compile_interfaces(const NodeReader& node, const Ruleset* previous) {
    std::vector<Interface> wanted;
    for (const NodeReader& entry : node.children("interface")) wanted.push_back(read_interface(entry));
    Places places{previous, wanted};
    std::vector<Interface> interfaces;
    for (Interface& interface : wanted) {
        const std::size_t place = places.place_of(interface);
        interfaces.resize(std::max(interfaces.size(), places.size()));
        interfaces[place] = std::move(interface);
    }
    if (previous != nullptr) interfaces.resize(std::max(interfaces.size(), previous->interfaces.size()));
    return interfaces;
}

// Each against those written before it, so that a refusal names the later of two.
void check_interfaces(const NodeReader& node, const Ruleset& ruleset) {
    Ruleset earlier;
    for (const NodeReader& entry : node.children("interface")) {
        const Interface& interface = *ruleset.find_interface(entry.text("name"));
        if (interface.addresses.empty()) entry.warn("address", "there is none, so nobody there can be answered or routed");
        check_own_addresses(entry, interface);
        check_against_others(entry, interface, earlier);
        earlier.interfaces.push_back(interface);
    }
}

bool on_subnet_of(const Interface& interface, Ipv4Address address) {
    return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                       [&](const auto& own) { return own.subnet.contains(address); });
}

void check_next_hop(const NodeReader& node, Ipv4Address next_hop, const Ruleset& ruleset) {
    const auto connected = [&](const Interface& interface) { return on_subnet_of(interface, next_hop); };
    if (next_hop.is_no_hosts()) node.refuse("next-hop", fmt::format("{} is no address of a host", next_hop.to_string()));
    if (ruleset.owns(next_hop)) node.refuse("next-hop", fmt::format("{} is the gateway itself", next_hop.to_string()));
    if (node.has("interface") && !connected(*ruleset.find_interface(node.text("interface"))))
        node.refuse("next-hop",
                    fmt::format("{} is on no subnet of interface \"{}\"", next_hop.to_string(), node.text("interface")));
    if (std::none_of(ruleset.interfaces.begin(), ruleset.interfaces.end(), connected))
        node.refuse("next-hop", fmt::format("{} is on no interface's subnet", next_hop.to_string()));
}

gateway::StaticRoute read_route(const NodeReader& node, const Ruleset& ruleset) {
    gateway::StaticRoute route{node.prefix("prefix"), std::nullopt, std::nullopt};
    if (node.has("interface")) route.interface = ruleset.interface_id(node.text("interface"));
    if (!node.has("next-hop")) return route;
    route.next_hop = node.address("next-hop");
    check_next_hop(node, *route.next_hop, ruleset);
    return route;
}

gateway::StaticNeighbor read_neighbor(const NodeReader& node, const Ruleset& ruleset) {
    const std::string name = node.text("interface");
    const gateway::StaticNeighbor neighbor{*ruleset.interface_id(name), node.address("address"), node.station_mac("mac")};
    if (ruleset.owns(neighbor.address))
        node.refuse("address", fmt::format("{} is the gateway itself", neighbor.address.to_string()));
    if (!on_subnet_of(*ruleset.find_interface(name), neighbor.address))
        node.refuse("address", fmt::format("{} is on no subnet of interface \"{}\"", neighbor.address.to_string(), name));
    return neighbor;
}

gateway::ArpSettings read_arp(const NodeReader& node) {
    gateway::ArpSettings arp;
    arp.reachable_age = node.seconds("age-seconds");
    arp.capacity = node.number<std::size_t>("capacity");
    arp.queue_per_neighbor = node.number<std::size_t>("queue");
    return arp;
}

gateway::IcmpSettings read_icmp(const NodeReader& node) {
    gateway::IcmpSettings icmp;
    icmp.answer_echo = node.one_of("answer-echo", kEchoAnswers);
    icmp.errors_per_second = node.number<unsigned>("errors-per-second");
    icmp.echoes_per_second = node.number<unsigned>("echoes-per-second");
    return icmp;
}

}  // namespace

std::optional<gateway::TcpTracking> tcp_tracking_of(const NodeReader& node) {
    if (!node.has("tcp-tracking")) return std::nullopt;
    return node.one_of("tcp-tracking", kTcpTracking);
}

void compile_gateway(const NodeReader& node, const Ruleset* previous, Ruleset& ruleset) {
    ruleset.interfaces = compile_interfaces(node, previous);
    check_interfaces(node, ruleset);
    for (const NodeReader& entry : node.children("route")) ruleset.routes.push_back(read_route(entry, ruleset));
    for (const NodeReader& entry : node.children("neighbor")) ruleset.neighbors.push_back(read_neighbor(entry, ruleset));
    ruleset.arp = read_arp(node.child("arp"));
    ruleset.icmp = read_icmp(node.child("icmp"));
    ruleset.ip_options.record_route = node.child("ip-options").one_of("record-route", kOptionTreatments);
    ruleset.ip_options.timestamp = node.child("ip-options").one_of("timestamp", kOptionTreatments);
    ruleset.session_capacity = node.child("sessions").number<std::size_t>("capacity");
    ruleset.eviction = node.child("sessions").one_of("eviction", kEvictions);
    ruleset.session_limits = compile_session_limits(node.child("sessions"));
    ruleset.on_commit = node.child("sessions").one_of("on-commit", kOnCommit);
    ruleset.tcp_tracking = *tcp_tracking_of(node.child("sessions"));
    compile_timeouts(node, ruleset);
}

}  // namespace hairpin::config
