#include "gateway/analysis/nat_reach.h"

#include <algorithm>

#include "gateway/analysis/parts.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway::analysis {

std::vector<Box> share_of(NatReach& reach, const BoxList& matching, std::size_t place, Effort& effort) {
    const Box& box = matching[place].box;
    std::vector<const OwnedBox*> takers;
    matching.overlapping(box, place, takers);
    auto share = difference(box, takers, effort);
    reach.remains = !share ? Remains::unknown : share->empty() ? Remains::nothing : Remains::something;
    if (reach.remains == Remains::nothing) {
        remains(box, takers, effort, &reach.took);
        std::sort(reach.took.begin(), reach.took.end());
        reach.took.erase(std::unique(reach.took.begin(), reach.took.end()), reach.took.end());
    }
    return share ? std::move(*share) : std::vector<Box>{};
}

namespace {

std::string fits_nothing(const NatRule& rule) {
    if (rule.applied_on.none()) return "there is no interface that it is applied on";
    return "no packet that it is for " + std::string{row_of(rule.action).side == NatSide::source ? "leaves" : "enters"} + " by " +
           (rule.text.applied_on.empty() ? "its interface" : "\"" + rule.text.applied_on + "\"");
}

void report(Study& study, const NatReach& reach) {
    const NatRule& rule = *reach.rule;
    if (reach.remains == Remains::unknown)
        study.add(kNotDetermined, rule.id,
                  name_of(rule) + ": whether it can ever match is not known: too many rules before it overlap");
    if (reach.remains != Remains::nothing) return;
    std::vector<std::string> names;
    for (const std::size_t position : reach.took) names.push_back(short_name_of(study.ruleset.nat[position]));
    study.add(kUnreachableNat, rule.id,
              name_of(rule) + " can never match: " + (names.empty() ? fits_nothing(rule) : taken_by(names)));
}

}  // namespace

void find_unreachable_nat(Study& study) {
    // That a derived rule never matches is nobody's mistake.
    for (const NatReach& reach : study.dnat.reach)
        if (!reach.rule->derived) report(study, reach);
    for (const SnatShare& share : study.snat) report(study, share.reach);
}

}  // namespace hairpin::gateway::analysis
