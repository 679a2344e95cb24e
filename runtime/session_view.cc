#include "runtime/session_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json rule_or_null(gateway::RuleId rule) { return rule == gateway::kNoRule ? json(nullptr) : json(rule); }
std::string source_text(const Ipv4FlowKey& key) { return endpoint_text(key.source, key.source_port); }
std::string destination_text(const Ipv4FlowKey& key) { return endpoint_text(key.destination, key.destination_port); }

struct Stage {
    int number;
    const char* title;
    Ipv4FlowKey tuple;
    InterfaceId interface;
    const char* direction;
    std::vector<gateway::RuleId> rules;
};

}  // namespace

json session_row(const gateway::Session& session, const gateway::Ruleset& ruleset, Timestamp now) {
    const Ipv4FlowKey translated = session.reply_key.reversed();
    const auto idle = std::chrono::duration_cast<std::chrono::seconds>(now - session.last_seen.time());
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(ruleset.timeouts.idle(session.state)) - idle;
    return {{"id", session.id()},
            {"protocol", to_string(session.original_key.protocol)},
            {"state", gateway::row_of(session.state).name},
            {"original_source", source_text(session.original_key)},
            {"original_destination", destination_text(session.original_key)},
            {"translated_source", source_text(translated)},
            {"translated_destination", destination_text(translated)},
            {"inbound", ruleset.name_of(session.inbound())},
            {"outbound", ruleset.name_of(session.outbound())},
            {"firewall_rule", rule_or_null(session.firewall_rule)},
            {"dnat_rule", rule_or_null(session.dnat_rule)},
            {"snat_rule", rule_or_null(session.snat_rule)},
            {"original_packets", session.packets[0]},
            {"original_bytes", session.bytes[0]},
            {"reply_packets", session.packets[1]},
            {"reply_bytes", session.bytes[1]},
            {"idle_seconds", std::max<std::int64_t>(idle.count(), 0)},
            {"expires_in_seconds", std::max<std::int64_t>(left.count(), 0)}};
}

json session_stages(const gateway::Session& session, const gateway::Ruleset& ruleset) {
    const Stage stages[] = {
        {1, "the client sends", session.original_key, session.inbound(), "in", {}},
        {2,
         "the gateway translates and sends on",
         session.reply_key.reversed(),
         session.outbound(),
         "out",
         {session.dnat_rule, session.firewall_rule, session.snat_rule}},
        {3, "the server answers", session.reply_key, session.outbound(), "in", {}},
        {4, "the gateway restores the addresses", session.original_key.reversed(), session.inbound(), "out", {}},
    };
    json result = json::array();
    for (const Stage& stage : stages) {
        json rules = json::array();
        for (const auto rule : stage.rules)
            if (rule != gateway::kNoRule) rules.push_back(rule);
        result.push_back({{"number", stage.number},
                          {"title", stage.title},
                          {"protocol", to_string(stage.tuple.protocol)},
                          {"source", source_text(stage.tuple)},
                          {"destination", destination_text(stage.tuple)},
                          {"interface", ruleset.name_of(stage.interface)},
                          {"direction", stage.direction},
                          {"rules", rules}});
    }
    return result;
}

}  // namespace hairpin::runtime
