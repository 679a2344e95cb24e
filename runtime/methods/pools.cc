// The NAT's addresses: how many of their ports are in use.

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/rule_or_null.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

using Ports = std::bitset<65536>;

bool translates_to(const gateway::NatRule& rule, const gateway::Ruleset& ruleset, Ipv4Address address) {
    if (!rule.masquerade) return rule.sources().contains(address);
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        if (rule.applied_on.test(i) && ruleset.interfaces[i].owns(address)) return true;
    return false;
}

// The rules that may take ports of this address, and how many different ones they may take.
struct Supply {
    std::vector<gateway::RuleId> rules;
    std::size_t ports = 0;
};

Supply supply_of(const gateway::Ruleset& ruleset, Ipv4Address address, IpProtocol protocol) {
    Supply supply;
    Ports ports;
    const bool identifier = protocol == IpProtocol::icmp;
    for (const gateway::NatRule& rule : ruleset.nat) {
        if (rule.action != gateway::NatAction::snat || !rule.enabled || !translates_to(rule, ruleset, address)) continue;
        if (rule.protocol != IpProtocol::any && rule.protocol != protocol) continue;
        supply.rules.push_back(rule.id);
        const std::size_t first = rule.translated_port ? rule.translated_port->first.number() : identifier ? 0 : 1;
        const std::size_t last = rule.translated_port ? rule.translated_port->last.number() : 65535;
        for (std::size_t port = first; port <= last; ++port) ports.set(port);
    }
    supply.ports = ports.count();
    return supply;
}

Answer pools(DaemonParts& parts, const json&, Caller&) {
    Worker& worker = parts.worker;
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    const gateway::PortSpaces& ports = worker.gateway().mappings().ports();
    std::map<std::pair<Ipv4Address, IpProtocol>, gateway::PortSpaces::Use> uses;
    ports.for_each([&](Ipv4Address address, IpProtocol protocol, const auto& use) { uses[{address, protocol}] = use; });
    for (const auto& [pool, use] : uses) {
        const Supply supply = supply_of(worker.gateway().ruleset(), pool.first, pool.second);
        result["rows"].push_back({{"address", pool.first.to_string()},
                                  {"protocol", to_string(pool.second)},
                                  {"ports_used", use.ports},
                                  {"most_ports", use.most_ports},
                                  {"ports_free", supply.ports - std::min<std::size_t>(supply.ports, use.ports)},
                                  {"sessions", use.sessions},
                                  {"most_sessions", use.most_sessions},
                                  {"rules", supply.rules}});
    }
    result["exhausted"] = worker.ledger().dropped_for(DropReason::nat_exhausted);
    return result;
}

// Those that flows share are theirs alone, and show as their sessions.
Answer mappings(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const Timestamp now = monotonic_now();
    parts.worker.gateway().mappings().for_each([&](gateway::MappingIndex, const gateway::Mapping& mapping) {
        if (mapping.shared()) return;
        const auto rests = std::chrono::duration_cast<std::chrono::seconds>(mapping.rests_until.time() - now).count();
        result["rows"].push_back({{"protocol", to_string(mapping.outside.protocol)},
                                  {"inside", endpoint_text(mapping.inside.address, mapping.inside.port)},
                                  {"outside", endpoint_text(mapping.outside.address, mapping.outside.port)},
                                  {"mapping", gateway::name_of(mapping.mode)},
                                  {"filtering", gateway::name_of(mapping.filtering)},
                                  {"admits", mapping.admits && mapping.keepers > 0},
                                  {"rule", rule_or_null(mapping.rule)},
                                  {"sessions", mapping.keepers},
                                  {"let_in", mapping.guests},
                                  {"rests_seconds", mapping.used() ? json(nullptr) : json(std::max<std::int64_t>(rests, 0))}});
    });
    return result;
}

constexpr auto kPoolMethods = std::to_array<MethodRow>({
    {control::method::kShowNatMappings, "what inside addresses and ports are outside", mappings},
    {control::method::kShowNatPools, "the NAT's addresses and how many of their ports are in use", pools},
});

}  // namespace

std::span<const MethodRow> pool_methods() { return kPoolMethods; }

}  // namespace hairpin::runtime
