#include "runtime/passage_view.h"

#include <nlohmann/json.hpp>

#include "runtime/rule_or_null.h"
#include "runtime/session_view.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json error_or_null(const std::optional<gateway::IcmpError>& error) {
    if (!error) return nullptr;
    return {{"type", static_cast<unsigned>(error->type)}, {"code", error->code}, {"text", error->name}};
}

}  // namespace

const char* verdict_of(const gateway::Passage& passage) {
    if (passage.forwarded) return "forwarded";
    if (passage.answered) return "local";
    if (!passage.drop) return "waits";
    return passage.decision.outcome == gateway::Decision::Outcome::rejected ? "rejected" : "dropped";
}

json steps_of(const gateway::Passage& passage) {
    json steps = json::array();
    for (const gateway::TraceStep& step : passage.tracer.steps()) {
        json row{{"stage", gateway::name_of(step.stage)},
                 {"text", step.text},
                 {"rule", step.rule == gateway::kNoRule ? json(nullptr) : json(step.rule)}};
        if (step.before) row["before"] = step.before->to_string();
        if (step.after) row["after"] = step.after->to_string();
        if (step.drop) row["drop_reason"] = name_of(*step.drop);
        steps.push_back(std::move(row));
    }
    return steps;
}

json egress_port_of(const gateway::Passage& passage, const Worker& worker) {
    if (!passage.forwarded || !passage.next_hop_mac) return nullptr;
    const std::string* port = worker.egress_port(passage.outbound, *passage.next_hop_mac);
    return port == nullptr ? json(nullptr) : json(*port);
}

json passage_view(const gateway::Passage& passage, const gateway::Ruleset& ruleset) {
    const auto& session = passage.session;
    json view{{"verdict", verdict_of(passage)},
              {"drop_reason", passage.drop ? json(name_of(*passage.drop)) : json(nullptr)},
              {"firewall_rule", rule_or_null(session ? session->firewall_rule : passage.decision.firewall_rule)},
              {"dnat_rule", rule_or_null(session ? session->dnat_rule : passage.decision.dnat_rule)},
              {"snat_rule", rule_or_null(session ? session->snat_rule : passage.decision.snat_rule)},
              {"translated_source", nullptr},
              {"translated_destination", nullptr},
              {"out_interface", nullptr},
              {"out_port", nullptr},
              {"next_hop", nullptr},
              {"icmp_error", error_or_null(passage.reported)},
              {"tcp_reset", passage.reset},
              {"original", {{"verdict", verdict_of(passage)}, {"steps", steps_of(passage)}}},
              {"reply", nullptr},
              {"stages", json::array()}};
    if (!passage.forwarded) return view;
    if (passage.left) {
        view["translated_source"] = endpoint_text(passage.left->source, passage.left->source_port);
        view["translated_destination"] = endpoint_text(passage.left->destination, passage.left->destination_port);
    }
    view["out_interface"] = ruleset.interfaces[index_of(passage.outbound)].name;
    view["next_hop"] = passage.next_hop.to_string();
    if (session) view["stages"] = session_stages(*session, ruleset);
    return view;
}

}  // namespace hairpin::runtime
