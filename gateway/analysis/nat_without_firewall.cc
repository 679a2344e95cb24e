// Translations that no packet lives to see: NAT never implies accept.

#include <algorithm>
#include <span>

#include "gateway/analysis/parts.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway::analysis {

namespace {

class Search {
public:
    explicit Search(Study& study) : study_(study), effort_(study.share(kStepsPerRule)), given_(effort_.left()) {}
    ~Search() { study_.effort.spend(given_ - effort_.left()); }
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    // Looks for a packet among these that a rule accepts.
    void look(const DnatBranch& branch, const Box& packets) {
        if (accepted_ || unknown_) return;
        const auto end = study_.policy.divide(branch, packets, effort_, [&](std::size_t position, const Box&) {
            asked_ = true;
            accepted_ = study_.policy.rule(position).action == FirewallAction::accept;
            return !accepted_;
        });
        unknown_ = end == Policy::End::unknown;
    }
    bool accepted() const { return accepted_; }
    bool unknown() const { return unknown_; }
    bool asked() const { return asked_; }  // the firewall, about at least one

private:
    static constexpr std::size_t kStepsPerRule = 50'000;

    Study& study_;
    Effort effort_;
    std::size_t given_;
    bool accepted_ = false, unknown_ = false, asked_ = false;
};

void not_determined(Study& study, const NatRule& rule) {
    study.add(kNotDetermined, rule.id,
              name_of(rule) + ": whether the firewall accepts anything it translates is not known: too many rules overlap");
}

// Both ways of one rule, ICMP and all else, stand together and are looked at together; of one with targets, those of each. A rule without
// a way never matches, and that has been said.
void look_at_dnat(Study& study, std::span<const DnatBranch> ways) {
    const NatRule& rule = *ways.front().rule;
    if (rule.derived || rule.firewall_match == FirewallMatch::bypass) return;
    Search search{study};
    for (const DnatBranch& branch : ways)
        for (const Box& packets : branch.packets) search.look(branch, packets);
    if (search.accepted()) return;
    if (search.unknown()) return not_determined(study, rule);
    const NatTarget* const target = ways.front().target;
    const std::string to = target == nullptr ? rule.text.translated : target->address.to_string();
    if (!search.asked())
        return study.add(kNatWithoutRoute, rule.id,
                         name_of(rule) + " translates to " + to + ", where nothing leads: no route, no interface");
    study.add(kNatWithoutFirewall, rule.id,
              name_of(rule) + " translates packets" + (target == nullptr ? "" : " to " + to) +
                  " that are then dropped: no firewall rule accepts any of them");
}

// Of packets as they are after DNAT.
Footprint footprint_of_leaving(const Box& packets) {
    const IntervalSet all = Box::everything()[Field::destination];
    return {{packets[Field::source], all, all, packets[Field::destination], packets[Field::destination_port]}};
}

void look_at_snat(Study& study, const SnatShare& share) {
    Search search{study};
    for (const Box& leaving : share.packets)
        for (const std::size_t number : study.dnat.with(footprint_of_leaving(leaving))) {
            const DnatBranch& branch = study.dnat.branches[number];
            for (const Box& packets : branch.packets) search.look(branch, before_dnat(branch, leaving).intersected(packets));
        }
    if (search.accepted()) return;
    if (search.unknown()) return not_determined(study, *share.rule);
    if (search.asked())
        study.add(kNatWithoutFirewall, share.rule->id,
                  name_of(*share.rule) + " has nothing to translate: no firewall rule accepts a packet that it is for");
}

}  // namespace

void find_nat_without_firewall(Study& study) {
    const std::span<const DnatBranch> branches{study.dnat.branches};
    for (std::size_t i = 1; i < branches.size();) {
        std::size_t end = i;
        while (end < branches.size() && branches[end].rule == branches[i].rule && branches[end].target == branches[i].target)
            ++end;
        look_at_dnat(study, branches.subspan(i, end - i));
        i = end;
    }
    for (const SnatShare& share : study.snat)
        if (row_of(share.rule->action).translates) look_at_snat(study, share);
}

}  // namespace hairpin::gateway::analysis
