// The gateway: its interfaces, its neighbours, its routes.

#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
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
        const gateway::InterfaceCounters& counters = worker.gateway().counters(static_cast<InterfaceId>(i));
        json addresses = json::array();
        for (const auto& address : interface.addresses) addresses.push_back(address.to_string());
        result["rows"].push_back({{"name", interface.name},
                                  {"role", interface.role == gateway::InterfaceRole::uplink ? "uplink" : "internal"},
                                  {"segment", interface.segment},
                                  {"vlan", vlan_or_null(interface.vlan)},
                                  {"mac", interface.mac.to_string()},
                                  {"addresses", addresses},
                                  {"mtu", interface.mtu},
                                  {"in_packets", counters.in_packets},
                                  {"in_bytes", counters.in_bytes},
                                  {"out_packets", counters.out_packets},
                                  {"out_bytes", counters.out_bytes},
                                  {"drops", counters.drops}});
    }
    return result;
}

Answer arp(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    const Timestamp now = monotonic_now();
    worker.gateway().neighbors().for_each(now, [&](const gateway::NeighborTable::Row& neighbor) {
        result["rows"].push_back({{"interface", worker.gateway().ruleset().interfaces[index_of(neighbor.interface)].name},
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
                                  {"interface", worker.gateway().ruleset().interfaces[index_of(route.interface)].name},
                                  {"protocol", gateway::name_of(route.origin)}});
    return result;
}

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kShowInterfaces, "the gateway's interfaces", interfaces},
    {control::method::kShowArp, "the neighbours that the gateway knows", arp},
    {control::method::kShowRoutes, "the gateway's routes", routes},
});

}  // namespace

std::span<const MethodRow> gateway_methods() { return kMethods; }

}  // namespace hairpin::runtime
