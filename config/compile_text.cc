// compile() of a text onto a configuration that is there already.
//
// A firewall or NAT rule means the same wherever it stands: its validity hangs on itself, on its number being nobody else's, and on
// the names of interfaces, groups and schedules; what it compiles to hangs on these, and on little more (compile_parts.h). So where the interfaces
// and schedules are what they were, a rule with the same text whose groups come to the same is the same rule. The document without such rules goes the
// usual way, through libyang and compile(), and the two are put together in the text's order. Only then it is known what the groups
// come to: where one comes to something else, the rules that named it go that way as well.
//
// This way only ever accepts. Wherever something is not plainly as it should be, the whole text is read, so every refusal is the one
// that reading it whole gives.

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "config/compile.h"
#include "config/schema.h"
#include "gateway/nat/hairpin.h"
#include "gateway/rule_index.h"

namespace hairpin::config {

namespace {

using gateway::FirewallRule;
using gateway::Interface;
using gateway::NatRule;
using gateway::RuleOrigin;
using gateway::Ruleset;

// Of each rule of a text, which rule of the text before it was.
class Origins {
public:
    Origins(const std::vector<std::string_view>& now, const std::vector<std::string_view>& before) {
        std::size_t next = 0;  // most rules follow on the one that they followed before
        for (const std::string_view rule : now) {
            if (next >= before.size() || before[next] != rule) next = find(rule, before);
            places_.push_back(next);
            next = next == kNew ? places_.size() : next + 1;
        }
    }

    // Rules for which `is_meant`, by their place before, are taken for new from now on; whether there are any.
    template <class IsMeant>
    bool renew(IsMeant&& is_meant) {
        bool any = false;
        for (std::size_t& place : places_)
            if (place != kNew && is_meant(place)) place = kNew, any = true;
        return any;
    }

    bool is_new(std::size_t position) const { return places_[position] == kNew; }
    std::size_t place_before(std::size_t position) const { return places_[position]; }
    std::size_t size() const { return places_.size(); }
    std::size_t new_ones() const { return static_cast<std::size_t>(std::count(places_.begin(), places_.end(), kNew)); }

private:
    static constexpr std::size_t kNew = ~std::size_t{0};

    std::size_t find(std::string_view rule, const std::vector<std::string_view>& before) {
        if (index_.empty())
            for (std::size_t i = 0; i < before.size(); ++i) index_.emplace(before[i], i);
        const auto found = index_.find(rule);
        return found == index_.end() ? kNew : found->second;
    }

    std::vector<std::size_t> places_;
    std::unordered_map<std::string_view, std::size_t> index_;  // made when a rule does not follow
};

// The part of a ruleset's firewall that people wrote; automatic rules stand before it, the default rule behind.
auto written_rules(const Ruleset& ruleset) {
    const auto automatic = [](const FirewallRule& rule) { return rule.origin == RuleOrigin::automatic; };
    return std::pair{std::find_if_not(ruleset.firewall.begin(), ruleset.firewall.end(), automatic), ruleset.firewall.end() - 1};
}
std::size_t written_count(const Ruleset& ruleset) {
    const auto [first, last] = written_rules(ruleset);
    return static_cast<std::size_t>(last - first);
}

// Whether its rules are those of its text, one for one.
bool has_rules_of(const Configuration& configuration, std::size_t firewall, std::size_t nat) {
    return written_count(*configuration.ruleset) == firewall && configuration.ruleset->nat.size() == nat;
}

// Whether a rule that is written alike is compiled alike.
bool same_surroundings(const Configuration& one, const Configuration& other) {
    const auto same = [](const Interface& a, const Interface& b) {
        return a.name == b.name && a.role == b.role && a.addresses == b.addresses;
    };
    const auto &these = one.ruleset->interfaces, &those = other.ruleset->interfaces;
    return one.match_address == other.match_address && one.ruleset->nat_settings == other.ruleset->nat_settings &&
           one.ruleset->schedules == other.ruleset->schedules &&
           std::equal(these.begin(), these.end(), those.begin(), those.end(), same);
}

template <class Rule>
bool numbers_differ(const std::vector<Rule>& rules) {
    std::vector<gateway::RuleId> ids;
    for (const Rule& rule : rules) ids.push_back(rule.id);
    std::sort(ids.begin(), ids.end());
    return std::adjacent_find(ids.begin(), ids.end()) == ids.end();
}

std::size_t most_of(const char* list) {
    const lysc_node* node = lys_find_path(Schema::hairpin().context(), nullptr, list, 0);
    return reinterpret_cast<const lysc_node_list*>(node)->max;
}
bool too_many(std::size_t firewall, std::size_t nat) {
    static const std::size_t kMostFirewall = most_of("/hairpin:gateway/firewall/rule"),
                             kMostNat = most_of("/hairpin:gateway/nat/rule");
    return firewall > kMostFirewall || nat > kMostNat;
}

// Rules in the order of the text: those that are new from `fresh`, the others from `before`.
template <class Iterator>
auto put_together(const Origins& origins, Iterator fresh, Iterator before) {
    std::vector<typename Iterator::value_type> rules;
    rules.reserve(origins.size() + 2);
    for (std::size_t i = 0; i < origins.size(); ++i)
        rules.push_back(origins.is_new(i) ? *fresh++ : before[static_cast<std::ptrdiff_t>(origins.place_before(i))]);
    return rules;
}

// By the path of the rule that is warned of, "/hairpin:gateway/nat/rule[id='196610']". Everything else is warned of before all rules, and
// always anew.
using Warnings = std::unordered_map<std::string, std::vector<std::string>>;

Warnings by_rule(const std::vector<std::string>& warnings) {
    Warnings result;
    for (const std::string& warning : warnings) result[warning.substr(0, warning.find(']') + 1)].push_back(warning);
    return result;
}

constexpr std::string_view kFirewallRule = "/hairpin:gateway/firewall/rule[", kNatRule = "/hairpin:gateway/nat/rule[";

std::vector<std::string> of_no_rule(const std::vector<std::string>& warnings) {
    std::vector<std::string> result;
    std::copy_if(warnings.begin(), warnings.end(), std::back_inserter(result), [](const std::string& warning) {
        return !warning.starts_with(kFirewallRule) && !warning.starts_with(kNatRule);
    });
    return result;
}

// Those of rules, in their order. `first`: of the rules that the origins are of.
template <class Iterator>
void add_warnings(const Origins& origins, std::string_view path, Iterator first, const Warnings& fresh, const Warnings& before,
                  std::vector<std::string>& result) {
    for (std::size_t i = 0; i < origins.size() && !(fresh.empty() && before.empty()); ++i, ++first) {
        const Warnings& warnings = origins.is_new(i) ? fresh : before;
        const auto found = warnings.find(fmt::format("{}id='{}']", path, first->id));
        if (found != warnings.end()) result.insert(result.end(), found->second.begin(), found->second.end());
    }
}

// Of rules that are not new, those that a changed group is named by; whether there are any.
bool renew_rules_of_changed_groups(Origins& firewall, Origins& nat, const Configuration& previous, const Groups& groups) {
    const auto changed = rules_that_change(previous.groups, groups);
    if (changed.empty()) return false;
    const auto is_changed = [&](gateway::RuleId rule) { return std::binary_search(changed.begin(), changed.end(), rule); };
    const auto written = written_rules(*previous.ruleset).first;
    const bool firewalls =
        firewall.renew([&](std::size_t place) { return is_changed(written[static_cast<std::ptrdiff_t>(place)].id); });
    const bool nats = nat.renew([&](std::size_t place) { return is_changed(previous.ruleset->nat[place].id); });
    return firewalls || nats;
}

// The groups of a text with only its new rules know nothing of those that are kept.
void keep_users_of_groups(const Origins& firewall, const Origins& nat, const Configuration& previous, Groups& groups) {
    if (std::all_of(previous.groups.begin(), previous.groups.end(), [](const Group& group) { return group.in_rules.empty(); }))
        return;
    std::unordered_set<gateway::RuleId> kept;
    const auto written = written_rules(*previous.ruleset).first;
    for (std::size_t i = 0; i < firewall.size(); ++i)
        if (!firewall.is_new(i)) kept.insert(written[static_cast<std::ptrdiff_t>(firewall.place_before(i))].id);
    for (std::size_t i = 0; i < nat.size(); ++i)
        if (!nat.is_new(i)) kept.insert(previous.ruleset->nat[nat.place_before(i)].id);
    add_kept_rules(
        previous.groups, [&](gateway::RuleId rule) { return kept.contains(rule); }, groups);
}

Result<Configuration> compile_whole(const std::string& text, const Ruleset* previous) {
    const auto document = Document::parse(text);
    if (!document) return tl::unexpected(document.error());
    return compile(*document, previous);
}

// Nothing where the text must be read whole.
std::optional<Configuration> compile_changes(const DocumentText& text, const Configuration& previous) {
    const DocumentText& before = *previous.text;
    if (!has_rules_of(previous, before.firewall_rules().size(), before.nat_rules().size())) return std::nullopt;
    if (too_many(text.firewall_rules().size(), text.nat_rules().size())) return std::nullopt;
    Origins firewall{text.firewall_rules(), before.firewall_rules()}, nat{text.nat_rules(), before.nat_rules()};
    const auto compile_new_ones = [&] {
        return compile_whole(
            text.with_only([&](std::size_t i) { return firewall.is_new(i); }, [&](std::size_t i) { return nat.is_new(i); }),
            previous.ruleset.get());
    };
    auto changed = compile_new_ones();
    if (changed && renew_rules_of_changed_groups(firewall, nat, previous, changed->groups)) changed = compile_new_ones();
    if (!changed || !has_rules_of(*changed, firewall.new_ones(), nat.new_ones()) || !same_surroundings(*changed, previous))
        return std::nullopt;

    auto ruleset = std::make_shared<Ruleset>(*changed->ruleset);
    const auto [fresh, fresh_end] = written_rules(*changed->ruleset);
    auto written = put_together(firewall, fresh, written_rules(*previous.ruleset).first);
    written.insert(written.begin(), changed->ruleset->firewall.begin(), fresh);
    written.insert(written.end(), fresh_end, changed->ruleset->firewall.end());
    ruleset->firewall = std::move(written);
    ruleset->nat = put_together(nat, changed->ruleset->nat.begin(), previous.ruleset->nat.begin());
    ruleset->derived_nat = gateway::derived_hairpins(*ruleset);
    if (!numbers_differ(ruleset->firewall) || !numbers_differ(ruleset->nat)) return std::nullopt;
    keep_users_of_groups(firewall, nat, previous, changed->groups);
    gateway::index_rules(*ruleset);
    const Warnings fresh_ones = by_rule(changed->warnings), before_ones = by_rule(previous.warnings);
    changed->warnings = of_no_rule(changed->warnings);
    add_warnings(firewall, kFirewallRule, written_rules(*ruleset).first, fresh_ones, before_ones, changed->warnings);
    add_warnings(nat, kNatRule, ruleset->nat.begin(), fresh_ones, before_ones, changed->warnings);
    changed->ruleset = std::move(ruleset);
    return std::move(*changed);
}

}  // namespace

Result<Configuration> compile(std::string text, const Configuration* previous) {
    const auto taken_apart = DocumentText::take_apart(std::move(text));
    std::optional<Configuration> configuration;
    if (previous != nullptr && previous->text != nullptr && taken_apart->text().size() <= Document::kLargest)
        configuration = compile_changes(*taken_apart, *previous);
    if (!configuration) {
        auto whole = compile_whole(taken_apart->text(), previous == nullptr ? nullptr : previous->ruleset.get());
        if (!whole) return whole;
        configuration = std::move(*whole);
    }
    configuration->text = taken_apart;
    return std::move(*configuration);
}

}  // namespace hairpin::config
