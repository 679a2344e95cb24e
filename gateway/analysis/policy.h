#pragma once
// The firewall's rules as boxes: which packets each of them fits, on each way through DNAT.

#include <functional>
#include <vector>

#include "gateway/analysis/destinations.h"
#include "gateway/analysis/dnat_branches.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway::analysis {

class Policy {
public:
    // `ruleset` and `destinations` outlive it.
    Policy(const Ruleset& ruleset, const Destinations& destinations);

    const Ruleset& ruleset() const { return ruleset_; }
    const Destinations& destinations() const { return destinations_; }
    // Rules are known by their position in the ruleset.
    std::size_t size() const { return rules_.size(); }
    const FirewallRule& rule(std::size_t position) const { return ruleset_.firewall[position]; }

    // Whether nobody at all fits a rule's source, or its service.
    bool has_no_source(std::size_t position) const { return rules_[position].sources.empty(); }
    bool has_no_service(std::size_t position) const;

    // The rules below `end` that packets on this branch could fit, upwards.
    void find(const DnatBranch& branch, const Box& packets, std::size_t end, std::vector<std::size_t>& found) const;
    // Where packets that fit a rule are to be looked for.
    const Footprint& footprint(std::size_t position) const { return rules_[position].footprint; }

    // Whether what fits it surely matches. Not so where it compares what boxes do not know: the sender's MAC, or an ICMP code. Such a
    // rule is taken for what it would be without that: it may be shadowed, and takes nothing from others.
    bool is_certain(std::size_t position) const { return rules_[position].certain; }

    // Appends what of `packets` fits a rule, whatever the rules before it say. Nothing fits a disabled one.
    void fitting(std::size_t position, const DnatBranch& branch, const Box& packets, std::vector<Box>& out) const;

    // Calls `visit` with each part of `packets` on this branch and the position of the rule that decides it, in no particular order,
    // until it wants no more and returns false. What a rule with a schedule decides at its times is visited again with the rule that
    // decides it at others, and so is what a rule that is not certain might accept. Unknown: the effort ran out before.
    using Visit = std::function<bool(std::size_t position, const Box& packets)>;
    enum class End : std::uint8_t { all_visited, stopped, unknown };
    End divide(const DnatBranch& branch, const Box& packets, Effort& effort, const Visit& visit) const;

private:
    // A rule in the form that boxes are cut with.
    struct Service {
        IntervalSet kinds, source_ports, destination_ports;
    };
    struct Compiled {
        std::vector<Box> sources;      // inbound interface and source; the other fields are everything
        IntervalSet addresses, lying;  // destinations by address, and by where they lie
        std::vector<Service> services;
        bool certain = true;
        Footprint footprint;  // empty sets: nothing fits it
    };
    Compiled compiled(const FirewallRule& rule) const;
    Footprint footprint_of(const FirewallRule& rule, const Compiled& form) const;
    // Which destination a rule compares of packets on this branch: its own choice, unless the branch's NAT rule has another.
    MatchTuple compared(std::size_t position, const DnatBranch& branch) const;
    IntervalSet fitting_destinations(std::size_t position, const DnatBranch& branch) const;

    const Ruleset& ruleset_;
    const Destinations& destinations_;
    std::vector<Compiled> rules_;
    OverlapIndex index_{kTraits};
};

}  // namespace hairpin::gateway::analysis
