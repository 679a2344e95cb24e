#include "gateway/nat/targets.h"

#include <algorithm>
#include <cmath>

#include "net/result.h"

namespace hairpin::gateway {

namespace {

// What is to come to the same target: the client, or the session.
std::uint64_t affine_hash(const NatRule& rule, const Ipv4FlowKey& key, const HashKey& secret) {
    const std::uint64_t client = key.source.number();
    if (rule.affinity == Affinity::source) return keyed_hash(client, secret);
    const std::uint64_t rest = std::uint64_t{key.source_port.number()} << 24 | std::uint64_t{key.destination_port.number()} << 8 |
                               static_cast<std::uint8_t>(key.protocol);
    return keyed_hash(client << 32 | key.destination.number(), rest, secret);
}

// The largest of n even numbers between 0 and 1 is distributed as the n-th root of a single one. Of two such roots their logarithms say
// which is larger.
double draw(std::uint64_t who, const NatTarget& target, const HashKey& secret) {
    constexpr double kSteps = 9007199254740992.0;  // 2^53, all that a double tells apart
    const std::uint64_t hash = keyed_hash(who, target.address.number(), secret);
    const double even = (static_cast<double>(hash >> 11) + 0.5) / kSteps;
    return std::log(even) / target.weight;
}

}  // namespace

const NatTarget& choose_target(const NatRule& rule, const Ipv4FlowKey& key, const HashKey& secret) {
    const std::uint64_t who = affine_hash(rule, key, secret);
    const NatTarget* best = nullptr;
    double highest = 0;
    for (const NatTarget& target : rule.targets) {
        if (target.weight == 0) continue;
        const double drawn = draw(who, target, secret);
        if (best != nullptr && drawn <= highest) continue;
        best = &target;
        highest = drawn;
    }
    ensure(best != nullptr);
    return *best;
}

const NatTarget* find_target(const NatRule& rule, Ipv4Address address) {
    const auto found = std::find_if(rule.targets.begin(), rule.targets.end(),
                                    [&](const NatTarget& target) { return target.address == address; });
    return found == rule.targets.end() ? nullptr : &*found;
}

unsigned total_weight(const NatRule& rule) {
    unsigned total = 0;
    for (const NatTarget& target : rule.targets) total += target.weight;
    return total;
}

}  // namespace hairpin::gateway
