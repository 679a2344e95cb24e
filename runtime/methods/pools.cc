// The NAT's addresses: how many of their ports are in use.

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/methods/method.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

using Pool = std::pair<Ipv4Address, IpProtocol>;
using Ports = std::bitset<65536>;

// Ports are what is scarce, and one may serve several sessions that go to different places.
std::map<Pool, Ports> ports_in_use(Worker& worker) {
    std::map<Pool, Ports> ports;
    worker.gateway().sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
        if (session.hides_source())
            ports[{session.reply_key.destination, session.reply_key.protocol}].set(session.reply_key.destination_port.number());
    });
    return ports;
}

bool translates_to(const gateway::NatRule& rule, const gateway::Ruleset& ruleset, Ipv4Address address) {
    if (rule.translated_address) return rule.translated_address->contains(address);
    if (!rule.masquerade) return false;
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
    const auto in_use = ports_in_use(worker);
    std::map<Pool, gateway::PoolUsage::Use> uses;
    worker.gateway().pools().for_each([&](Ipv4Address address, IpProtocol protocol, const gateway::PoolUsage::Use& use) {
        uses[{address, protocol}] = use;
    });
    for (const auto& [pool, use] : uses) {
        const auto ports = in_use.find(pool);
        const std::size_t used = ports == in_use.end() ? 0 : ports->second.count();
        const Supply supply = supply_of(worker.gateway().ruleset(), pool.first, pool.second);
        result["rows"].push_back({{"address", pool.first.to_string()},
                                  {"protocol", to_string(pool.second)},
                                  {"ports_used", used},
                                  {"ports_free", supply.ports - std::min(supply.ports, used)},
                                  {"sessions", use.now},
                                  {"most_sessions", use.most},
                                  {"rules", supply.rules}});
    }
    result["exhausted"] = worker.ledger().dropped_for(DropReason::nat_exhausted);
    result["untracked_sessions"] = worker.gateway().pools().untracked();
    return result;
}

constexpr auto kMethods = std::to_array<MethodRow>({
    {control::method::kShowNatPools, "the NAT's addresses and how many of their ports are in use", pools},
});

}  // namespace

std::span<const MethodRow> pool_methods() { return kMethods; }

}  // namespace hairpin::runtime
