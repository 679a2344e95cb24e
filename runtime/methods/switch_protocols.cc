// What the switch says and hears itself: loop guard, multicast snooping, LLDP; and how much passes its ports.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/event_feed.h"
#include "runtime/methods/method.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json name_of_port(const Worker& worker, PortId port) {
    const std::string* name = worker.port_name(port);
    return name != nullptr ? json(*name) : json(nullptr);
}

json seconds_until(Timestamp moment) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(moment - monotonic_now()).count();
    return std::max<std::int64_t>(left, 0);
}

Answer port_rates(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [name, port] : parts.events.port_rates().ports()) {
        if (!port.measured) continue;
        result["rows"].push_back({{"name", name},
                                  {"in_packets_per_second", port.last.in_packets},
                                  {"in_bits_per_second", port.last.in_bits},
                                  {"out_packets_per_second", port.last.out_packets},
                                  {"out_bits_per_second", port.last.out_bits},
                                  {"drops_per_second", port.last.drops},
                                  {"mean_in_packets_per_second", port.mean.in_packets},
                                  {"mean_in_bits_per_second", port.mean.in_bits},
                                  {"mean_out_packets_per_second", port.mean.out_packets},
                                  {"mean_out_bits_per_second", port.mean.out_bits},
                                  {"mean_drops_per_second", port.mean.drops}});
    }
    return result;
}

Answer loop_guard(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    for (const auto& [id, port] : parts.worker.bridge().loop_guard().ports())
        result["rows"].push_back({{"port", name_of_port(parts.worker, id)},
                                  {"state", port.shut ? "shut" : "open"},
                                  {"opens_in_seconds", port.shut ? seconds_until(port.opens) : json(nullptr)},
                                  {"through", port.through ? name_of_port(parts.worker, *port.through) : json(nullptr)},
                                  {"loops", port.loops},
                                  {"sent", port.sent}});
    return result;
}

Answer clear_loop_guard(DaemonParts& parts, const json& parameters, Caller&) {
    std::size_t opened = 0;
    const bool one = parameters.is_object() && parameters.contains("port");
    const std::string wanted = one && parameters["port"].is_string() ? parameters["port"].get<std::string>() : "";
    if (one && !parts.worker.ports().contains(wanted))
        return refusal(control::kNotFound, Error{"there is no port \"" + wanted + "\" (show loop-guard lists them)", "port"});
    for (const auto& [name, entry] : parts.worker.ports())
        if (!one || name == wanted) opened += parts.worker.bridge().open_again(entry.id) ? 1 : 0;
    return json{{"cleared", opened}};
}

Answer multicast_groups(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const l2::Bridge& bridge = parts.worker.bridge();
    if (bridge.snooping() == nullptr) return result;
    const Timestamp now = monotonic_now();
    bridge.snooping()->memberships().for_each(now, [&](const l2::MembershipTable::Membership& one) {
        result["rows"].push_back({{"segment", bridge.segment_name(one.lan.segment)},
                                  {"vlan", vlan_or_null(one.lan.vlan)},
                                  {"group", one.group.to_string()},
                                  {"port", name_of_port(parts.worker, one.port)},
                                  {"ends_in_seconds", seconds_until(one.until)}});
    });
    std::sort(result["rows"].begin(), result["rows"].end());
    return result;
}

Answer multicast_routers(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const l2::Bridge& bridge = parts.worker.bridge();
    const l2::MulticastSnooping* snooping = bridge.snooping();
    if (snooping == nullptr) return result;
    for (const auto& [name, entry] : parts.worker.ports())
        if (snooping->is_configured_router(entry.id))
            result["rows"].push_back({{"segment", entry.settings.segment},
                                      {"vlan", nullptr},
                                      {"port", name},
                                      {"address", nullptr},
                                      {"type", "static"},
                                      {"querier", false},
                                      {"ends_in_seconds", nullptr}});
    const Timestamp now = monotonic_now();
    for (const auto& router : snooping->routers()) {
        if (router.until <= now) continue;
        result["rows"].push_back({{"segment", bridge.segment_name(router.lan.segment)},
                                  {"vlan", vlan_or_null(router.lan.vlan)},
                                  {"port", name_of_port(parts.worker, router.port)},
                                  {"address", router.address.to_string()},
                                  {"type", "dynamic"},
                                  {"querier", router.querier_until[router.address.is_ipv4() ? 0 : 1] > now},
                                  {"ends_in_seconds", seconds_until(router.until)}});
    }
    return result;
}

Answer lldp(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const l2::Lldp& lldp = parts.worker.bridge().lldp();
    for (const auto& [id, port] : lldp.ports())
        if (!port.leaving)
            result["rows"].push_back({{"port", port.name},
                                      {"chassis", lldp.system().chassis.to_string()},
                                      {"system", lldp.system().name},
                                      {"description", port.description},
                                      {"lifetime_seconds", l2::Lldp::kLifetimeSeconds},
                                      {"sent", port.sent},
                                      {"next_in_seconds", seconds_until(port.next)}});
    return result;
}

constexpr auto kProtocolMethods = std::to_array<MethodRow>({
    {control::method::kShowPortsRates, "how much passes the switch's ports a second", port_rates},
    {control::method::kShowLoopGuard, "the ports that loop guard watches", loop_guard},
    {control::method::kClearLoopGuard, "opens ports that loop guard has shut, one or all", clear_loop_guard},
    {control::method::kShowMulticastGroups, "which ports want which multicast groups", multicast_groups},
    {control::method::kShowMulticastRouters, "the ports of multicast routers", multicast_routers},
    {control::method::kShowLldp, "what ports tell their neighbours by LLDP", lldp},
});

}  // namespace

std::span<const MethodRow> switch_protocol_methods() { return kProtocolMethods; }

}  // namespace hairpin::runtime
