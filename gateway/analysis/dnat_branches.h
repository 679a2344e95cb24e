#pragma once
// The ways that packets go through DNAT: untouched, or translated by one of the rules. On one way everything is translated alike, so
// what the later stages compare can be said of the packet as it came in:
//
//   rule 196610 makes 203.0.113.80:8080 to 192.168.255.10:80. On its branch "destination 192.168.255.10" is everything, "port 443"
//   is nothing, and "leaves by lan" is everything.

#include <array>
#include <optional>
#include <vector>

#include "gateway/analysis/box_list.h"
#include "gateway/analysis/nat_reach.h"
#include "gateway/nat/rule.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway::analysis {

// What becomes of an address or a port.
struct Mapping {
    std::optional<std::uint32_t> constant;  // always this
    std::int64_t distance = 0;              // else moved by this

    // What becomes one of `targets`.
    IntervalSet before(const IntervalSet& targets) const;
    // What these become.
    IntervalSet after(const IntervalSet& origins) const;
};

struct DnatBranch {
    const NatRule* rule = nullptr;      // none: the destination stays
    const NatTarget* target = nullptr;  // of a rule that has several, each of which may get any of its packets
    std::vector<Box> packets;           // those that take this way; of the untouched everything, but for what is in `elsewhere`
    BoxList elsewhere;
    Mapping address, port;

    // Which destination its NAT rule wants all firewall rules to compare; nothing: each its own.
    std::optional<MatchTuple> compared() const;
};

// By what packets and rules are soonest told apart: their source, and their destination before and after DNAT.
enum class Trait : std::uint8_t { source, destination, destination_port, translated_destination, translated_port };
inline constexpr std::size_t kTraits = 5;
struct Footprint {
    std::array<IntervalSet, kTraits> sets;
    IntervalSet& operator[](Trait trait) { return sets[static_cast<std::size_t>(trait)]; }
    const IntervalSet& operator[](Trait trait) const { return sets[static_cast<std::size_t>(trait)]; }
};
Footprint footprint_of(const DnatBranch& branch, const Box& packets);

struct DnatBranches {
    std::vector<DnatBranch> branches;  // the untouched first
    std::vector<NatReach> reach;       // of every enabled dnat and no-dnat rule
    bool complete = true;              // false: rules overlap so much that the share of one was not found

    // The branches on which there could be such packets, upwards.
    std::vector<std::size_t> with(const Footprint& footprint) const;
    OverlapIndex index{kTraits};
};

DnatBranches find_dnat_branches(const Ruleset& ruleset, Effort& effort);

}  // namespace hairpin::gateway::analysis
