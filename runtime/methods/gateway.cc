// The gateway: its interfaces, its neighbours, its routes.

#include <array>
#include <nlohmann/json.hpp>

#include "gateway/source_validation.h"
#include "runtime/clock.h"
#include "runtime/counter_baselines.h"
#include "runtime/inquiries/inquiries.h"
#include "runtime/methods/method.h"
#include "runtime/parameters.h"
#include "runtime/rule_options.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

Answer interfaces(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    const auto& interfaces = worker.gateway().ruleset().interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        const gateway::Interface& interface = interfaces[i];
        if (!interface.present()) continue;
        const auto id = static_cast<InterfaceId>(i);
        const TrafficCounters counters = parts.baselines.since(id, worker.gateway().counters(id));
        json addresses = json::array();
        for (const auto& address : interface.addresses) addresses.push_back(address.to_string());
        json row{{"name", interface.name},
                 {"role", interface.role == gateway::InterfaceRole::uplink ? "uplink" : "internal"},
                 {"segment", interface.segment},
                 {"vlan", vlan_or_null(interface.vlan)},
                 {"mac", interface.mac.to_string()},
                 {"addresses", addresses},
                 {"mtu", interface.mtu},
                 {"tcp_mss", tcp_mss_or_null(interface)},
                 {"source_validation", gateway::name_of(interface.source_validation)},
                 {"proxy_arp", interface.proxy_arp},
                 {"icmp_errors", interface.icmp_errors},
                 {"in_packets", counters.in_packets},
                 {"in_bytes", counters.in_bytes},
                 {"out_packets", counters.out_packets},
                 {"out_bytes", counters.out_bytes},
                 {"drops", counters.drops}};
        if (json options = options_of(interface); !options.empty()) row["options"] = std::move(options);
        result["rows"].push_back(std::move(row));
    }
    return result;
}

Answer arp(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    const Timestamp now = monotonic_now();
    worker.gateway().neighbors().for_each(now, [&](const gateway::NeighborTable::Row& neighbor) {
        result["rows"].push_back({{"interface", worker.gateway().ruleset().name_of(neighbor.interface)},
                                  {"address", neighbor.address.to_string()},
                                  {"mac", neighbor.mac ? json(neighbor.mac->to_string()) : json(nullptr)},
                                  {"state", gateway::row_of(neighbor.state).name},
                                  {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(neighbor.age).count()},
                                  {"queued", neighbor.queued}});
    });
    return result;
}

Answer routes(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    for (const gateway::Route& route : worker.gateway().routes().routes())
        result["rows"].push_back({{"prefix", route.prefix.to_string()},
                                  {"next_hop", route.next_hop ? json(route.next_hop->to_string()) : json(nullptr)},
                                  {"interface", worker.gateway().ruleset().name_of(route.interface)},
                                  {"protocol", gateway::name_of(route.origin)}});
    return result;
}

Answer clear_arp(DaemonParts& parts, const json& parameters, Caller&) {
    std::optional<InterfaceId> interface;
    std::optional<Ipv4Address> address;
    if (parameters.contains("interface")) {
        const auto named = interface_in(parameters, "interface", parts.worker.gateway().ruleset());
        if (!named) return refusal(control::kNotFound, named.error());
        interface = *named;
    }
    if (parameters.contains("address")) {
        const auto wanted = address_in(parameters, "address");
        if (!wanted) return refusal(control::kInvalidParams, wanted.error());
        address = *wanted;
    }
    return json{{"cleared", parts.worker.gateway().neighbors().clear(interface, address)}};
}

// Begins a ping, traceroute or arping whose events the caller gets until it ends or he goes.
template <Inquiries::Make Make>
Answer inquire(DaemonParts& parts, const json& parameters, Caller& caller) {
    const auto token = parts.inquiries.begin(Make, parameters, caller.notify);
    if (!token) return refusal(token.error().path.empty() ? control::kOperationFailed : control::kInvalidParams, token.error());
    caller.on_close([&inquiries = parts.inquiries, token = *token] { inquiries.forget(token); });
    return json{{"begun", true}};
}

constexpr auto kGatewayMethods = std::to_array<MethodRow>({
    {control::method::kShowInterfaces, "the gateway's interfaces", interfaces},
    {control::method::kShowArp, "the neighbours that the gateway knows", arp},
    {control::method::kShowRoutes, "the gateway's routes", routes},
    {control::method::kPing, "sends echo requests and tells of each answer in an event", inquire<make_ping>},
    {control::method::kTraceroute, "asks each router on the way to an address who it is", inquire<make_traceroute>},
    {control::method::kArping, "asks a link who has an address", inquire<make_arping>},
    {control::method::kClearArp, "forgets neighbours, of an interface, with an address, or all but static ones", clear_arp},
});

}  // namespace

std::span<const MethodRow> gateway_methods() { return kGatewayMethods; }

}  // namespace hairpin::runtime
