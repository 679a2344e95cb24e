// The rules, and what they have done.

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/groups.h"
#include "gateway/analysis/analysis.h"
#include "gateway/nat/actions.h"
#include "runtime/clock.h"
#include "runtime/methods/method.h"
#include "runtime/rule_options.h"
#include "runtime/rule_totals.h"
#include "runtime/running_configuration.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

std::string_view name_of(gateway::RuleOrigin origin) {
    switch (origin) {
        case gateway::RuleOrigin::automatic: return "auto";
        case gateway::RuleOrigin::user: return "user";
        case gateway::RuleOrigin::default_rule: return "default";
    }
    return "";
}

std::int64_t seconds_between(Timestamp from, Timestamp to) {
    return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

void add_counts(json& row, const gateway::RuleCount& count) {
    row["hits"] = count.hits;
    row["bytes"] = count.bytes;
    const auto ago = [](const std::optional<Timestamp>& when) {
        return when ? json(seconds_between(*when, monotonic_now())) : json(nullptr);
    };
    row["first_hit_seconds_ago"] = ago(count.first_hit);
    row["last_hit_seconds_ago"] = ago(count.last_hit);
}

// The text has a column for them where some rule has any.
void add_options(json& row, json options) {
    if (!options.empty()) row["options"] = std::move(options);
}

void add_schedule(json& row, const gateway::FirewallRule& rule) {
    row["schedule"] = rule.schedule;
    row["in_force"] = rule.in_force();
}

// With "unused_seconds" only rules that nothing has hit for so long; 0: that nothing has ever hit.
Result<std::optional<std::uint64_t>> unused_for(const json& parameters) {
    const auto found = parameters.find("unused_seconds");
    if (found == parameters.end()) return std::nullopt;
    if (!found->is_number_unsigned()) return failure("unused_seconds wants a number of seconds; 0 is ever", "unused_seconds");
    return found->get<std::uint64_t>();
}

bool is_meant(const json& row, const std::optional<std::uint64_t>& unused) {
    if (!unused || row["last_hit_seconds_ago"].is_null()) return true;
    return *unused > 0 && row["last_hit_seconds_ago"].get<std::uint64_t>() >= *unused;
}

Answer firewall(DaemonParts& parts, const json& parameters, Caller&) {
    Worker& worker = parts.worker;
    const auto unused = unused_for(parameters);
    if (!unused) return refusal(control::kInvalidParams, unused.error());
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    result["enabled"] = worker.gateway().ruleset().firewall_enabled;
    const RuleTotals totals{worker.gateway()};
    int position = 0;
    for (const gateway::FirewallRule& rule : worker.gateway().ruleset().firewall) {
        json row{{"position", ++position},
                 {"id", rule.id},
                 {"name", rule.text.name},
                 {"type", name_of(rule.origin)},
                 {"enabled", rule.enabled},
                 {"source", rule.text.source},
                 {"destination", rule.text.destination},
                 {"service", rule.text.service},
                 {"action", name_of(rule.action)},
                 {"match", rule.match == gateway::MatchTuple::translated ? "translated" : "original"},
                 {"reject_with", rule.reject_with ? json(word_of(*rule.reject_with)) : json(nullptr)},
                 {"timeout_seconds", rule.idle ? json(rule.idle->count()) : json(nullptr)},
                 {"tcp_tracking", rule.tcp_tracking ? json(word_of(*rule.tcp_tracking)) : json(nullptr)},
                 {"syn_proxy", rule.syn_proxy},
                 {"limit", rule_limits_or_null(rule.limits)}};
        add_options(row, options_of(rule, parts.configuration.compiled().match_address));
        if (rule.log) row["log"] = true;
        if (!rule.schedule.empty()) add_schedule(row, rule);
        add_counts(row, totals.of(rule.id));
        if (is_meant(row, *unused)) result["rows"].push_back(std::move(row));
    }
    return result;
}

json nat_row(const gateway::NatRule& rule, const gateway::Ruleset& ruleset) {
    json row{{"id", rule.id},
             {"action", gateway::row_of(rule.action).name},
             {"applied_on", rule.text.applied_on},
             {"original", rule.text.original},
             {"translated", rule.text.translated},
             {"protocol", to_string(rule.protocol)},
             {"enabled", rule.enabled},
             {"derived", rule.derived},
             {"description", rule.text.description},
             {"icmp_type", rule.icmp_type ? json(*rule.icmp_type) : json(nullptr)},
             {"timeout_seconds", rule.idle ? json(rule.idle->count()) : json(nullptr)},
             {"firewall_match", gateway::name_of(rule.firewall_match)}};
    if (rule.action == gateway::NatAction::snat) {
        row["mapping"] = gateway::name_of(rule.mapping);
        row["filtering"] = gateway::name_of(rule.filtering);
        row["port_allocation"] = gateway::name_of(rule.port_allocation);
        row["pooling"] = gateway::name_of(rule.pooling);
    }
    if (!rule.text.peer.empty()) row["peer"] = rule.text.peer;
    if (rule.log) row["log"] = true;
    if (rule.action == gateway::NatAction::dnat) row["hairpin"] = gateway::name_of(rule.hairpin);
    add_options(row, options_of(rule, ruleset));
    return row;
}

// Of each rule that has targets, how many live sessions go to which.
class TargetSessions {
public:
    explicit TargetSessions(const gateway::EdgeGateway& gateway) {
        std::set<gateway::RuleId> rules;
        for (const gateway::NatRule& rule : gateway.ruleset().nat)
            if (!rule.targets.empty()) rules.insert(rule.id);
        if (rules.empty()) return;
        gateway.sessions().for_each([&](gateway::SessionIndex, const gateway::Session& session) {
            if (rules.contains(session.dnat_rule))
                ++counts_[{session.dnat_rule, session.rewritten(gateway::Direction::original).destination}];
        });
    }

    void add_to(json& row, const gateway::NatRule& rule) const {
        if (rule.targets.empty()) return;
        row["affinity"] = gateway::name_of(rule.affinity);
        row["targets"] = json::array();
        for (const gateway::NatTarget& target : rule.targets) {
            const auto found = counts_.find({rule.id, target.address});
            row["targets"].push_back({{"address", target.address.to_string()},
                                      {"port", target.port ? json(config::text_of(*target.port)) : json(nullptr)},
                                      {"weight", target.weight},
                                      {"sessions", found == counts_.end() ? 0 : found->second}});
        }
    }

private:
    std::map<std::pair<gateway::RuleId, Ipv4Address>, std::size_t> counts_;
};

Answer nat_rules(DaemonParts& parts, const json& parameters, Caller&) {
    Worker& worker = parts.worker;
    const auto unused = unused_for(parameters);
    if (!unused) return refusal(control::kInvalidParams, unused.error());
    json result = no_rows();
    if (!worker.gateway().has_rules()) return result;
    const RuleTotals totals{worker.gateway()};
    const TargetSessions target_sessions{worker.gateway()};
    const gateway::Ruleset& ruleset = worker.gateway().ruleset();
    result["enabled"] = ruleset.firewall_enabled;
    for (const auto* rules : {&ruleset.nat, &ruleset.derived_nat})
        for (const gateway::NatRule& rule : *rules) {
            json row = nat_row(rule, ruleset);
            target_sessions.add_to(row, rule);
            add_counts(row, totals.of(rule.id));
            if (is_meant(row, *unused)) result["rows"].push_back(std::move(row));
        }
    return result;
}

// What the rules in force do and were hardly meant to, of the kinds that are asked for or of all.
Answer findings(DaemonParts& parts, const json& parameters, Caller&) {
    json result = no_rows();
    if (!parts.worker.gateway().has_rules()) return result;
    const json kinds = parameters.is_object() ? parameters.value("kinds", json::array()) : json::array();
    for (const gateway::Finding& finding : gateway::analyse(parts.worker.gateway().ruleset()))
        if (kinds.empty() || std::find(kinds.begin(), kinds.end(), finding.kind) != kinds.end())
            result["rows"].push_back({{"kind", finding.kind}, {"rule", finding.rule}, {"text", finding.text}});
    return result;
}

Answer groups(DaemonParts& parts, const json&, Caller&) {
    json result = no_rows();
    const config::Configuration& configuration = parts.configuration.compiled();
    for (const config::Group& group : configuration.groups)
        result["rows"].push_back({{"kind", config::name_of(group.kind)},
                                  {"name", group.name},
                                  {"description", group.description},
                                  {"members", group.members},
                                  {"resolved", config::resolved_texts(group, *configuration.ruleset)},
                                  {"groups", group.in_groups},
                                  {"rules", group.in_rules}});
    return result;
}

constexpr auto kRuleMethods = std::to_array<MethodRow>({
    {control::method::kShowFirewall, "the firewall rules in order, with hits", firewall},
    {control::method::kShowNatRules, "the NAT rules in order, with hits", nat_rules},
    {control::method::kShowGroups, "the groups, what they come to, and who names them", groups},
    {control::method::kShowFindings, "what the rules in force were hardly meant to do", findings},
});

}  // namespace

std::span<const MethodRow> rule_methods() { return kRuleMethods; }

}  // namespace hairpin::runtime
