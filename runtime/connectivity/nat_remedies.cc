#include <fmt/format.h>

#include <sstream>

#include "gateway/nat/actions.h"
#include "runtime/connectivity/generators.h"

namespace hairpin::runtime::connectivity {

using gateway::NatQuestion;
using gateway::NatRule;
using gateway::NatSide;

namespace {

constexpr OwnNumbers kNatNumbers{65537, 131072};

// Of one side of NAT: what is asked, on which interface, and the rule that decides there today.
struct Place {
    NatSide side;
    NatQuestion question;
    InterfaceId interface;
    const NatRule* deciding;
};

const NatRule* first_match(const gateway::Ruleset& rules, const NatQuestion& question, InterfaceId interface, NatSide side) {
    return side == NatSide::destination ? find_destination_rule(rules, question, interface)
                                        : find_source_rule(rules, question, interface);
}

Place place_of(NatSide side, const Situation& situation) {
    const auto& decision = *situation.verdict.decision;
    const bool destination = side == NatSide::destination;
    Place place{side,
                {destination ? situation.question.key : decision.after_dnat, icmp_type_of(situation.question)},
                destination ? *situation.verdict.inbound : decision.outbound,
                nullptr};
    place.deciding = first_match(situation.rules, place.question, place.interface, side);
    return place;
}

// Whether the rule would match if it were enabled, applied there, and the first.
bool would_match(const NatRule& rule, const Place& place) {
    if (row_of(rule.action).side != place.side || !row_of(rule.action).translates) return false;
    gateway::Ruleset alone;
    alone.nat.push_back(rule);
    alone.nat.front().enabled = true;
    alone.nat.front().applied_on.set();
    return first_match(alone, place.question, place.interface, place.side) != nullptr;
}

void put_first(gateway::RuleId rule, const Place& place, Remedy& remedy) {
    if (place.deciding != nullptr)
        remedy.lines.push_back(fmt::format("insert gateway nat rule {} before {}", rule, place.deciding->id));
}

// A rule that is applied there already, but not enabled, or behind the one that decides.
void suggest_rule_of_place(const NatRule& rule, const Place& place, std::vector<Remedy>& found) {
    Remedy remedy;
    if (!rule.enabled) remedy.lines.push_back(fmt::format("set gateway nat rule {} enabled true", rule.id));
    if (place.deciding != nullptr && &rule > place.deciding) put_first(rule.id, place, remedy);
    if (!remedy.lines.empty()) found.push_back(std::move(remedy));
}

// The same rule once more, applied there. What its owner wrote about it is about the other interface.
void suggest_copy(const NatRule& rule, const Place& place, const Situation& situation, std::vector<Remedy>& found) {
    const auto id = free_number(situation.rules.nat, kNatNumbers);
    if (!id) return;
    const auto path_of = [](gateway::RuleId number, std::vector<std::string> rest = {}) {
        std::vector<std::string> path{"gateway", "nat", "rule", std::to_string(number)};
        path.insert(path.end(), rest.begin(), rest.end());
        return path;
    };
    config::Candidate scratch = situation.document.copy();
    const std::string number = std::to_string(*id);
    if (!scratch.copy_entry(path_of(rule.id), std::vector{number})) return;
    ensure(scratch.set(path_of(*id, {"applied-on", situation.interface(place.interface).name})).has_value());
    for (const char* leaf : {"description", "enabled"})
        if (scratch.exists(path_of(*id, {leaf}))) ensure(scratch.remove(path_of(*id, {leaf})).has_value());

    Remedy remedy;
    std::istringstream text{scratch.as_set(path_of(*id))};
    for (std::string line; std::getline(text, line);)
        if (line.starts_with("set ")) remedy.lines.push_back(line);
    put_first(*id, place, remedy);
    found.push_back(std::move(remedy));
}

// The client's whole subnet is hidden, as its neighbours would need it, too; where a rule already decides about some of them, it alone.
void suggest_hiding(const Place& place, const Situation& situation, std::vector<Remedy>& found) {
    const auto id = free_number(situation.rules.nat, kNatNumbers);
    if (!id || situation.interface(place.interface).addresses.empty()) return;
    const Ipv4Address client = situation.question.key.source;
    const auto subnet = subnet_of(situation.interface(*situation.verdict.inbound), client);
    const std::string rule = fmt::format("set gateway nat rule {}", *id);
    Remedy remedy{{rule + " action snat", fmt::format("{} applied-on {}", rule, situation.interface(place.interface).name),
                   fmt::format("{} original-address {}", rule,
                               subnet && place.deciding == nullptr ? subnet->to_string() : client.to_string()),
                   rule + " translated-address interface"}};
    put_first(*id, place, remedy);
    found.push_back(std::move(remedy));
}

}  // namespace

void suggest_destination_rules(const Situation& situation, std::vector<Remedy>& found) {
    if (!situation.addressed_to_gateway()) return;
    const Place place = place_of(NatSide::destination, situation);
    for (const NatRule& rule : situation.rules.nat)
        if (would_match(rule, place) && rule.applied_on.test(index_of(place.interface)))
            suggest_rule_of_place(rule, place, found);
    for (const NatRule& rule : situation.rules.nat)
        if (would_match(rule, place) && !rule.applied_on.test(index_of(place.interface)))
            suggest_copy(rule, place, situation, found);
}

void suggest_source_rules(const Situation& situation, std::vector<Remedy>& found) {
    const Place place = place_of(NatSide::source, situation);
    for (const NatRule& rule : situation.rules.nat)
        if (would_match(rule, place) && rule.applied_on.test(index_of(place.interface)))
            suggest_rule_of_place(rule, place, found);
    suggest_hiding(place, situation, found);
}

}  // namespace hairpin::runtime::connectivity
