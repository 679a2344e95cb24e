#include "runtime/connectivity/connectivity.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "gateway/find_rule.h"
#include "runtime/worker.h"

namespace hairpin::runtime::connectivity {

using nlohmann::json;

namespace {

std::string firewall_name(const gateway::Ruleset& rules, gateway::RuleId id) {
    const gateway::FirewallRule* const rule = gateway::find_rule(rules.firewall, id);
    return rule == nullptr ? "" : rule->text.name;
}
std::string nat_name(const gateway::Ruleset& rules, gateway::RuleId id) {
    const gateway::NatRule* const rule = gateway::find_rule(rules.nat, id);
    return rule == nullptr ? "" : rule->text.description;
}

// Those that acted, in their order.
json rules_of(const Verdict& verdict, const gateway::Ruleset& rules) {
    json rows = json::array();
    if (!verdict.decision) return rows;
    const auto add = [&](const char* kind, gateway::RuleId id, std::string name) {
        if (id != gateway::kNoRule) rows.push_back({{"kind", kind}, {"id", id}, {"name", std::move(name)}});
    };
    const gateway::Decision& decision = *verdict.decision;
    add("dnat", decision.dnat_rule, nat_name(rules, decision.dnat_rule));
    add("firewall", decision.firewall_rule, firewall_name(rules, decision.firewall_rule));
    add("snat", decision.snat_rule, nat_name(rules, decision.snat_rule));
    return rows;
}

// What is on the wire behind the gateway; of what does not leave it, nothing.
void add_departure(const Verdict& verdict, const gateway::Ruleset& rules, json& answer) {
    for (const char* key : {"translated_source", "translated_destination", "out_interface", "next_hop", "out_port"})
        answer[key] = nullptr;
    if (!verdict.sent) return;
    answer["translated_source"] = endpoint_text(verdict.sent->source, verdict.sent->source_port);
    answer["translated_destination"] = endpoint_text(verdict.sent->destination, verdict.sent->destination_port);
    answer["out_interface"] = rules.interfaces[index_of(verdict.decision->outbound)].name;
    answer["next_hop"] = verdict.decision->next_hop.to_string();
    if (!verdict.server_port.empty()) answer["out_port"] = verdict.server_port;
}

json answer_of(const Question& question, const Verdict& verdict, const gateway::Ruleset& rules) {
    json answer{{"possible", verdict.possible()},
                {"sentence", verdict.sentence},
                {"obstacle", verdict.possible() ? json(nullptr) : json(row_of(verdict.obstacle).name)},
                {"drop_reason", verdict.drop ? json(name_of(*verdict.drop)) : json(nullptr)},
                {"remarks", verdict.remarks},
                {"protocol", to_string(question.key.protocol)},
                {"source", endpoint_text(question.key.source, question.key.source_port)},
                {"destination", endpoint_text(question.key.destination, question.key.destination_port)},
                {"in_interface", nullptr},
                {"rules", rules_of(verdict, rules)},
                {"suggestion", nullptr},
                {"no_suggestion", nullptr}};
    if (verdict.inbound) answer["in_interface"] = rules.interfaces[index_of(*verdict.inbound)].name;
    add_departure(verdict, rules, answer);
    return answer;
}

json suggestion_of(const Suggestion& suggestion) {
    json lines = json::array();
    for (const Remedy& setting : suggestion.settings)
        for (const std::string& line : setting.lines) lines.push_back(line);
    return {{"settings", suggestion.settings.size()},
            {"lines", std::move(lines)},
            {"sentence", suggestion.then.sentence},
            {"remarks", suggestion.then.remarks}};
}

}  // namespace

Result<json> test(Worker& worker, const json& parameters, const Configuration& configuration, const Compile& compile) {
    const gateway::EdgeGateway::Supposition supposed{worker.gateway(), configuration.rules};
    const auto question = read_question(worker, parameters);
    if (!question) return tl::unexpected(question.error());
    const auto verdict = judge(worker, *question);
    if (!verdict) return tl::unexpected(verdict.error());
    json answer = answer_of(*question, *verdict, *configuration.rules);
    if (verdict->possible()) return answer;

    const auto document = config::Candidate::from_json(configuration.document);
    if (!document) return tl::unexpected(document.error());
    const SearchResult found = search(worker, *question, *verdict, *document, compile);
    if (found.suggestion)
        answer["suggestion"] = suggestion_of(*found.suggestion);
    else
        answer["no_suggestion"] = found.why_none;
    return answer;
}

}  // namespace hairpin::runtime::connectivity
