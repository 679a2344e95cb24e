#include "runtime/show.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "gateway/nat/actions.h"
#include "runtime/clock.h"
#include "runtime/port_view.h"
#include "runtime/session_filter.h"
#include "runtime/session_view.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json rows() { return {{"rows", json::array()}}; }

std::int64_t seconds_between(Timestamp from, Timestamp to) {
    return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

json vlan_or_null(VlanId vlan) { return vlan.tagged() ? json(vlan.number()) : json(nullptr); }

std::string membership_text(const l2::VlanMembership& membership) {
    using Kind = l2::VlanMembership::Kind;
    switch (membership.kind) {
        case Kind::unaware: return "untagged";
        case Kind::access: return fmt::format("access {}", membership.access.number());
        case Kind::trunk: break;
    }
    std::string text = "trunk ";
    for (std::size_t i = 0; i < membership.tagged.size(); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ",", membership.tagged[i].number());
    if (membership.native.tagged()) text += fmt::format(" native {}", membership.native.number());
    return text;
}

std::string_view name_of(gateway::RuleOrigin origin) {
    switch (origin) {
        case gateway::RuleOrigin::automatic: return "auto";
        case gateway::RuleOrigin::user: return "user";
        case gateway::RuleOrigin::default_rule: return "default";
    }
    return "";
}

std::string_view name_of(gateway::FirewallAction action) {
    switch (action) {
        case gateway::FirewallAction::accept: return "accept";
        case gateway::FirewallAction::drop: return "drop";
        case gateway::FirewallAction::reject: return "reject";
    }
    return "";
}

// The bytes that live sessions have carried so far under each rule; those of ended ones are in the gateway's RuleCounters.
std::map<gateway::RuleId, std::uint64_t> live_bytes(Worker& worker) {
    std::map<gateway::RuleId, std::uint64_t> bytes;
    worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        for (const auto rule : {session.firewall_rule, session.dnat_rule, session.snat_rule})
            if (rule != gateway::kNoRule) bytes[rule] += session.bytes[0] + session.bytes[1];
    });
    return bytes;
}

void add_counts(json& row, gateway::RuleId rule, Worker& worker, const std::map<gateway::RuleId, std::uint64_t>& live) {
    const gateway::RuleCount count = worker.gateway().rule_counters().of(rule);
    const auto found = live.find(rule);
    row["hits"] = count.hits;
    row["bytes"] = count.bytes + (found == live.end() ? 0 : found->second);
    row["last_hit_seconds_ago"] = count.last_hit ? json(seconds_between(*count.last_hit, monotonic_now())) : json(nullptr);
}

}  // namespace

json show_interfaces(Worker& worker) {
    json result = rows();
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

json port_row(const Worker::PortEntry& entry, const l2::Bridge& bridge) {
    const l2::PortCounters& counters = entry.port->counters();
    json row{{"name", entry.settings.name},
             {"kind", entry.port->kind()},
             {"segment", entry.settings.segment},
             {"vlan", membership_text(entry.settings.vlan)},
             {"device", nullptr},
             {"namespace", nullptr},
             {"mtu", entry.port->mtu()},
             {"state", entry.port->attached() ? "up" : "detached"},
             {"in_packets", counters.in_packets},
             {"in_bytes", counters.in_bytes},
             {"out_packets", counters.out_packets},
             {"out_bytes", counters.out_bytes},
             {"drops", counters.drops + bridge.drops(entry.id)}};
    if (const auto* tap = std::get_if<l2::TapSettings>(&entry.settings.device)) {
        row["device"] = tap->device;
        if (!tap->network_namespace.empty()) row["namespace"] = tap->network_namespace;
    }
    return row;
}

json show_ports(Worker& worker) {
    json result = rows();
    for (const auto& [name, entry] : worker.ports()) result["rows"].push_back(port_row(entry, worker.bridge()));
    return result;
}

json show_mac_table(Worker& worker) {
    json result = rows();
    const l2::Bridge& bridge = worker.bridge();
    bridge.stations().for_each(monotonic_now(), [&](const l2::MacTable::Row& row) {
        const bool gateway = bridge.is_internal(row.port);
        const std::string* port = worker.port_name(row.port);
        result["rows"].push_back({{"segment", bridge.segment_name(row.station.segment)},
                                  {"vlan", vlan_or_null(row.station.vlan)},
                                  {"mac", row.station.mac.to_string()},
                                  {"port", gateway           ? json(worker.interface_at(row.port))
                                           : port != nullptr ? json(*port)
                                                             : json(nullptr)},
                                  {"type", gateway         ? "gateway"
                                           : row.is_static ? "static"
                                                           : "dynamic"},
                                  {"age_seconds", std::chrono::duration_cast<std::chrono::seconds>(row.silent_for).count()}});
    });
    return result;
}

json show_arp(Worker& worker) {
    json result = rows();
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

json show_routes(Worker& worker) {
    json result = rows();
    if (!worker.gateway().has_rules()) return result;
    for (const gateway::Route& route : worker.gateway().routes().routes())
        result["rows"].push_back({{"prefix", route.prefix.to_string()},
                                  {"next_hop", route.next_hop ? json(route.next_hop->to_string()) : json(nullptr)},
                                  {"interface", worker.gateway().ruleset().interfaces[index_of(route.interface)].name},
                                  {"protocol", gateway::name_of(route.origin)}});
    return result;
}

json show_firewall(Worker& worker) {
    json result = rows();
    if (!worker.gateway().has_rules()) return result;
    const auto live = live_bytes(worker);
    int position = 0;
    for (const gateway::FirewallRule& rule : worker.gateway().ruleset().firewall) {
        json row{{"position", ++position},
                 {"id", rule.id},
                 {"name", rule.text.name},
                 {"type", name_of(rule.origin)},
                 {"enabled", rule.enabled},
                 {"source", rule.text.source},
                 {"destination", rule.text.destination},
                 {"service", rule.text.service},
                 {"action", name_of(rule.action)}};
        add_counts(row, rule.id, worker, live);
        result["rows"].push_back(std::move(row));
    }
    return result;
}

json show_nat_rules(Worker& worker) {
    json result = rows();
    if (!worker.gateway().has_rules()) return result;
    const auto live = live_bytes(worker);
    for (const gateway::NatRule& rule : worker.gateway().ruleset().nat) {
        json row{{"id", rule.id},
                 {"action", gateway::row_of(rule.action).name},
                 {"applied_on", rule.text.applied_on},
                 {"original", rule.text.original},
                 {"translated", rule.text.translated},
                 {"protocol", to_string(rule.protocol)},
                 {"enabled", rule.enabled},
                 {"description", rule.text.description}};
        add_counts(row, rule.id, worker, live);
        result["rows"].push_back(std::move(row));
    }
    return result;
}

json show_counters(Worker& worker) {
    const Ledger& ledger = worker.ledger();
    json result = rows();
    const auto add = [&](const char* name, auto value, const char* description) {
        result["rows"].push_back({{"name", name}, {"value", value}, {"description", description}});
    };
    add("received", ledger.received, "packets read from ports");
    add("originated", ledger.originated, "packets made by the gateway: ARP, ICMP");
    add("copied", ledger.copied, "packets made from another one: flooded, fragmented, segmented");
    add("transmitted", ledger.transmitted, "packets written to ports");
    add("absorbed", ledger.absorbed, "packets that the gateway took in: ARP, pings");
    add("dropped", ledger.dropped_total(), "packets dropped, by reason in `show drops`");
    add("held", worker.gateway().held(), "packets that wait for ARP or for missing fragments");
    add("balance", worker.imbalance(), "received + originated + copied - transmitted - absorbed - dropped - held: always 0");
    add("sessions", worker.gateway().sessions().size(), "live sessions");
    add("session-capacity", worker.gateway().sessions().capacity(), "sessions that fit; a new one beyond is refused");
    add("packet-buffers", worker.pool().in_use(), "packet buffers in use");
    return result;
}

json show_drops(Worker& worker) {
    json result = rows();
    for (const DropReasonRow& row : kDropReasons)
        if (const auto packets = worker.ledger().dropped_for(row.reason); packets > 0)
            result["rows"].push_back({{"reason", row.name}, {"packets", packets}, {"description", row.description}});
    return result;
}

Result<json> show_sessions(Worker& worker, const json& parameters) {
    const gateway::Ruleset& ruleset = worker.gateway().ruleset();
    json conditions = parameters.is_object() ? parameters : json::object();
    std::optional<std::uint64_t> top;
    if (const auto found = conditions.find("top"); found != conditions.end()) {
        if (!found->is_number_unsigned())
            return failure("top wants a number: how many sessions, those with the most bytes first", "top");
        top = found->get<std::uint64_t>();
        conditions.erase(found);
    }
    const auto filter = SessionFilter::parse(conditions, ruleset);
    if (!filter) return tl::unexpected(filter.error());

    std::vector<const gateway::Session*> chosen;
    worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        if (filter->holds(session)) chosen.push_back(&session);
    });
    if (top) {
        const auto by_bytes = [](const gateway::Session* one, const gateway::Session* other) {
            return one->bytes[0] + one->bytes[1] > other->bytes[0] + other->bytes[1];
        };
        const std::size_t count = std::min<std::size_t>(chosen.size(), *top);
        std::partial_sort(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(count), chosen.end(), by_bytes);
        chosen.resize(count);
    }
    json result = rows();
    const Timestamp now = monotonic_now();
    for (const gateway::Session* session : chosen) result["rows"].push_back(session_row(*session, ruleset, now));
    return result;
}

json show_sessions_summary(Worker& worker) {
    struct Sum {
        std::uint64_t sessions = 0, translated = 0, packets = 0, bytes = 0;
    };
    std::map<std::pair<IpProtocol, gateway::SessionState>, Sum> sums;
    worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        Sum& sum = sums[{session.original_key.protocol, session.state}];
        ++sum.sessions;
        if (session.translated()) ++sum.translated;
        sum.packets += session.packets[0] + session.packets[1];
        sum.bytes += session.bytes[0] + session.bytes[1];
    });
    json result = rows();
    for (const auto& [kind, sum] : sums)
        result["rows"].push_back({{"protocol", to_string(kind.first)},
                                  {"state", gateway::row_of(kind.second).name},
                                  {"sessions", sum.sessions},
                                  {"translated", sum.translated},
                                  {"packets", sum.packets},
                                  {"bytes", sum.bytes}});
    result["sessions"] = worker.gateway().sessions().size();
    result["capacity"] = worker.gateway().sessions().capacity();
    return result;
}

json show_segments(Worker& worker) {
    json result = rows();
    for (std::size_t i = 0; i < worker.bridge().segment_count(); ++i) {
        const std::string& name = worker.bridge().segment_name(static_cast<SegmentId>(i));
        json ports = json::array(), interfaces = json::array();
        for (const auto& [port, entry] : worker.ports())
            if (entry.settings.segment == name) ports.push_back(port);
        for (const gateway::Interface& interface : worker.gateway().ruleset().interfaces)
            if (interface.present() && interface.segment == name) interfaces.push_back(interface.name);
        std::uint64_t stations = 0;
        worker.bridge().stations().for_each(monotonic_now(), [&](const l2::MacTable::Row& row) {
            if (index_of(row.station.segment) == i) ++stations;
        });
        result["rows"].push_back({{"name", name}, {"ports", ports}, {"interfaces", interfaces}, {"stations", stations}});
    }
    return result;
}

Result<json> clear_sessions(Worker& worker, const json& parameters) {
    const auto filter = SessionFilter::parse(parameters, worker.gateway().ruleset());
    if (!filter) return tl::unexpected(filter.error());
    const std::size_t cleared =
        worker.gateway().clear_sessions([&](const gateway::Session& session) { return filter->holds(session); });
    return json{{"cleared", cleared}};
}

}  // namespace hairpin::runtime
