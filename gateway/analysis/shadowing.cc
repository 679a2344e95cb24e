// Firewall rules that can never match, and which rules take what they would.

#include <algorithm>
#include <utility>

#include "gateway/analysis/parts.h"

namespace hairpin::gateway::analysis {

namespace {

// Owner of a box that DNAT takes out of the untouched packets; rules own theirs by position.
constexpr std::size_t kDnat = ~std::size_t{0};

class Shadowing {
public:
    explicit Shadowing(Study& study) : study_(study), policy_(study.policy), lists_(study.dnat.branches.size()) {}

    void run() {
        for (std::size_t position = 0; position < policy_.size(); ++position) {
            const FirewallRule& rule = policy_.rule(position);
            if (rule.enabled && rule.origin == RuleOrigin::user) look_at(position);
        }
    }

private:
    static constexpr std::size_t kStepsPerRule = 20'000;
    static constexpr std::size_t kMostTried = 64;  // rules that are tried as the only one to blame

    struct Branch {
        BoxList boxes;  // of every rule, in order; those of DNAT first
        bool listed = false;
    };

    const BoxList& boxes_of(std::size_t branch) {
        Branch& list = lists_[branch];
        if (std::exchange(list.listed, true)) return list.boxes;
        const DnatBranch& way = study_.dnat.branches[branch];
        for (const OwnedBox& other_way : way.elsewhere) list.boxes.add(other_way.box, kDnat);
        const std::vector<std::size_t> candidates = candidates_on(way);
        study_.effort.spend(way.packets.size() * candidates.size() / 16);
        std::vector<Box> fits;
        for (const std::size_t position : candidates) {
            fits.clear();
            for (const Box& packets : way.packets) policy_.fitting(position, way, packets, fits);
            for (Box& box : fits) list.boxes.add(std::move(box), position);
        }
        return list.boxes;
    }

    // The rules that some packets of a branch could fit, upwards.
    std::vector<std::size_t> candidates_on(const DnatBranch& way) const {
        std::vector<std::size_t> all, some;
        for (const Box& packets : way.packets) {
            policy_.find(way, packets, policy_.size(), some);
            all.insert(all.end(), some.begin(), some.end());
        }
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        return all;
    }

    // A rule's own boxes in such a list; those that could take something of them stand before.
    static auto of(std::size_t position, const BoxList& boxes) {
        const auto before = [&](std::size_t end) {
            return std::partition_point(boxes.begin(), boxes.end(),
                                        [&](const OwnedBox& box) { return box.owner == kDnat || box.owner < end; });
        };
        return std::pair{before(position), before(position + 1)};
    }

    // A rule with a schedule lets packets pass it by at other times, but not those of a rule that has the same.
    bool always_before(std::size_t owner, std::size_t position) const {
        const std::string& schedule = policy_.rule(owner).schedule;
        return schedule.empty() || schedule == policy_.rule(position).schedule;
    }

    // What is left of a rule when those that `counts` of the earlier ones have taken theirs, on any branch.
    template <class Counts>
    Remains left_of(std::size_t position, Effort& effort, std::vector<std::size_t>* took, Counts&& counts) {
        for (const std::size_t branch : study_.dnat.with(policy_.footprint(position))) {
            const BoxList& boxes = boxes_of(branch);
            if (study_.effort.left() == 0) return Remains::unknown;
            const auto [mine, end] = of(position, boxes);
            for (auto own = mine; own != end; ++own) {
                boxes.overlapping(own->box, static_cast<std::size_t>(mine - boxes.begin()), takers_);
                if (!effort.spend(takers_.size() / 64 + 1)) return Remains::unknown;
                std::erase_if(takers_, [&](const OwnedBox* taker) {
                    return taker->owner != kDnat &&
                           (!policy_.is_certain(taker->owner) || !counts(taker->owner) || !always_before(taker->owner, position));
                });
                const Remains left = remains(own->box, takers_, effort, took);
                if (left != Remains::nothing) return left;
            }
        }
        return Remains::nothing;
    }

    void look_at(std::size_t position) {
        if (study_.effort.left() == 0) return not_determined(position);
        Effort effort = study_.share(kStepsPerRule);
        const std::size_t before = effort.left();
        std::vector<std::size_t> took;
        const Remains left = left_of(position, effort, &took, [](std::size_t) { return true; });
        study_.effort.spend(before - effort.left());
        if (left == Remains::unknown) return not_determined(position);
        if (left == Remains::something) return;
        std::sort(took.begin(), took.end());
        took.erase(std::unique(took.begin(), took.end()), took.end());
        report(position, std::move(took));
    }

    void not_determined(std::size_t position) {
        const FirewallRule& rule = policy_.rule(position);
        study_.add(kNotDetermined, rule.id,
                   name_of(rule) + ": whether it can ever match is not known: too many rules before it overlap");
    }

    void report(std::size_t position, std::vector<std::size_t> took) {
        const FirewallRule& rule = policy_.rule(position);
        const bool by_dnat = !took.empty() && took.back() == kDnat;
        if (by_dnat) took.pop_back();
        std::string reason;
        if (!took.empty())
            reason = taken_by(names_of(fewest(position, std::move(took))));
        else if (by_dnat)
            reason = "DNAT gives what it would match another destination first";
        else if (rule.source.gateway_itself && !rule.source.negated)
            return report_of_own(position);
        else
            reason = fits_nobody(position);
        study_.add(kShadowed, rule.id, name_of(rule) + " can never match: " + reason);
    }

    // A rule of the gateway's own packets, which an automatic rule takes first: that matters where it would do something else with them.
    void report_of_own(std::size_t position) {
        const FirewallRule& rule = policy_.rule(position);
        for (std::size_t before = 0; before < position; ++before) {
            const FirewallRule& other = policy_.rule(before);
            const bool takes_all = other.in_force() && other.source.gateway_itself && !other.source.negated &&
                                   other.destination.any() && !other.destination.negated && other.services.empty();
            if (!takes_all) continue;
            if (other.action != rule.action)
                study_.add(kShadowed, rule.id, name_of(rule) + " can never match: " + taken_by(names_of({before})));
            return;
        }
    }

    // One rule that alone is to blame, the first such; else as few of those that took as will do.
    std::vector<std::size_t> fewest(std::size_t position, std::vector<std::size_t> took) {
        if (took.size() == 1) return took;
        Effort effort{std::min(kStepsPerRule, study_.most_each)};
        const auto only = [&](const auto& wanted) { return left_of(position, effort, nullptr, wanted) == Remains::nothing; };
        std::size_t tried = 0;
        for (const std::size_t candidate : overlapping(position)) {
            if (++tried > kMostTried) break;
            if (only([&](std::size_t owner) { return owner == candidate; })) return {candidate};
        }
        for (std::size_t i = took.size(); i-- > 0 && took.size() <= kMostTried;) {
            const std::size_t dropped = took[i];
            const auto rest = [&](std::size_t owner) {
                return owner != dropped && std::binary_search(took.begin(), took.end(), owner);
            };
            if (only(rest)) took.erase(took.begin() + static_cast<std::ptrdiff_t>(i));
        }
        return took;
    }

    // Earlier rules that have something in common with this one.
    std::vector<std::size_t> overlapping(std::size_t position) {
        std::vector<std::size_t> found;
        for (const std::size_t branch : study_.dnat.with(policy_.footprint(position))) {
            const BoxList& boxes = boxes_of(branch);
            const auto [mine, end] = of(position, boxes);
            for (auto own = mine; own != end; ++own) {
                boxes.overlapping(own->box, static_cast<std::size_t>(mine - boxes.begin()), takers_);
                for (const OwnedBox* other : takers_)
                    if (other->owner != kDnat) found.push_back(other->owner);
            }
        }
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }

    std::vector<std::string> names_of(const std::vector<std::size_t>& positions) const {
        std::vector<std::string> names;
        for (const std::size_t position : positions) names.push_back(short_name_of(policy_.rule(position)));
        return names;
    }

    // Why no packet at all fits a rule that none was taken from.
    std::string fits_nobody(std::size_t position) const {
        const FirewallRule& rule = policy_.rule(position);
        if (policy_.has_no_source(position)) return "its source is nobody";
        if (policy_.has_no_service(position)) return "its service is none that a packet could have";
        return "nothing leads to its destination" + (rule.text.destination.empty() ? "" : " " + rule.text.destination);
    }

    Study& study_;
    const Policy& policy_;
    std::vector<Branch> lists_;
    std::vector<const OwnedBox*> takers_;  // kept for its memory
};

}  // namespace

void find_shadowed_rules(Study& study) { Shadowing{study}.run(); }

}  // namespace hairpin::gateway::analysis
