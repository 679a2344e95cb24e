// Hairpins that lack their other half. DNAT sends a client's packets back into the LAN they came from; without SNAT there the server
// sees a neighbour's address and answers it directly, from an address that the client never spoke to:
//
//   workstation .2 ──to 203.0.113.80──► gateway ──to .10, from .2──► web server
//        ▲                                                               │
//        └──────────── from .10: nobody it has asked ────────────────────┘

#include <algorithm>

#include "gateway/analysis/packets.h"
#include "gateway/analysis/parts.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway::analysis {

namespace {

// The stations of a subnet: not the gateway, not the network's own address and not its broadcast.
IntervalSet stations_of(const Ipv4Prefix& subnet, const IntervalSet& gateway_itself) {
    const std::uint32_t first = subnet.first().number(), last = subnet.last().number();
    if (subnet.length() >= 31) return IntervalSet{first, last}.without(gateway_itself);
    return IntervalSet{first + 1, last - 1}.without(gateway_itself);
}

class HalfHairpins {
public:
    explicit HalfHairpins(Study& study) : study_(study) {
        for (std::size_t i = 0; i < study.snat.size(); ++i)
            if (study.snat[i].translates_address())
                for (const Box& box : study.snat[i].packets) translated_.add(box, i);
    }

    void look_at(const DnatBranch& branch) {
        if (branch.rule->hairpin != HairpinMode::off) return;  // which hides the client where it must
        Effort effort = study_.share(kStepsPerRule);
        const std::size_t before = effort.left();
        for (std::size_t i = 0; i < study_.ruleset.interfaces.size(); ++i)
            if (branch.rule->applied_on.test(i) && look_at(branch, i, effort)) break;
        study_.effort.spend(before - effort.left());
    }

private:
    static constexpr std::size_t kStepsPerRule = 50'000;

    // True when there is no more to say of the branch.
    bool look_at(const DnatBranch& branch, std::size_t interface, Effort& effort) {
        for (const Ipv4InterfaceAddress& own : study_.ruleset.interfaces[interface].addresses) {
            const IntervalSet stations = stations_of(own.subnet, study_.destinations.gateway_itself());
            const IntervalSet there = study_.destinations.behind(static_cast<InterfaceId>(interface)).intersected(stations);
            for (const Box& packets : branch.packets) {
                Box turning = packets.limited(Field::inbound, IntervalSet::single(static_cast<std::uint32_t>(interface)));
                turning = turning.limited(Field::source, stations).limited(Field::destination, branch.address.before(there));
                switch (keep_their_source(branch, turning, effort)) {
                    case Remains::nothing: continue;
                    case Remains::something: report(branch, interface); return true;
                    case Remains::unknown: not_determined(*branch.rule); return true;
                }
            }
        }
        return false;
    }

    // Whether some of them, accepted by the firewall, leave with the source that they came with.
    Remains keep_their_source(const DnatBranch& branch, const Box& packets, Effort& effort) const {
        if (packets.empty()) return Remains::nothing;
        std::vector<OwnedBox> rewritten;
        for (const OwnedBox* box : translated_.overlapping(after_dnat(branch, packets)))
            rewritten.push_back({before_dnat(branch, box->box), box->owner});
        std::vector<const OwnedBox*> takers;
        for (const OwnedBox& box : rewritten) takers.push_back(&box);
        Remains left = Remains::nothing;
        const auto end = study_.policy.divide(branch, packets, effort, [&](std::size_t position, const Box& part) {
            if (study_.policy.rule(position).action == FirewallAction::accept) left = remains(part, takers, effort);
            return left == Remains::nothing;
        });
        return end == Policy::End::unknown ? Remains::unknown : left;
    }

    void report(const DnatBranch& branch, std::size_t interface) {
        if (!study_.findings.empty() && study_.findings.back().kind == kHalfHairpin.name &&
            study_.findings.back().rule == branch.rule->id)
            return;  // said of its other branch
        const std::string name = "\"" + study_.ruleset.interfaces[interface].name + "\"";
        study_.add(kHalfHairpin, branch.rule->id,
                   name_of(*branch.rule) + " sends packets from " + name + " back to " + name +
                       ", but no snat rule there hides who sent them: the answers would go past the gateway and be refused");
    }

    void not_determined(const NatRule& rule) {
        study_.add(kNotDetermined, rule.id,
                   name_of(rule) + ": whether it lacks the other half of a hairpin is not known: too many rules overlap");
    }

    Study& study_;
    BoxList translated_;  // after DNAT, what SNAT gives another source
};

}  // namespace

void find_half_hairpins(Study& study) {
    HalfHairpins hairpins{study};
    for (const DnatBranch& branch : study.dnat.branches)
        if (branch.rule != nullptr) hairpins.look_at(branch);
}

}  // namespace hairpin::gateway::analysis
