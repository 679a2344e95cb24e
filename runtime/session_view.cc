#include "runtime/session_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/rule_or_null.h"
#include "runtime/session_flags.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

// What tells a session of a protocol without ports from others, or shows it in a capture: "call 17, reply call 4", "spi 0x0000c0de".
std::string identifiers_text(const gateway::Session& session) {
    const auto both = [](const std::string& one, const std::string& other) {
        return other.empty() || other == one ? one : one.empty() ? "reply " + other : one + ", reply " + other;
    };
    const auto carried = [&](const char* word, gateway::Direction direction) {
        const std::uint32_t number = session.peer.carried[gateway::index_of(direction)];
        return number == 0 ? std::string{} : fmt::format("{} {:#010x}", word, number);
    };
    const auto of = [&](const char* word) {
        return both(carried(word, gateway::Direction::original), carried(word, gateway::Direction::reply));
    };
    switch (session.original_key.protocol) {
        case IpProtocol::sctp: return of("tag");
        case IpProtocol::esp: return of("spi");
        case IpProtocol::gre: return both(session.original_key.identifier_text(), session.reply_key.identifier_text());
        default: return {};
    }
}
json identifiers_or_null(const gateway::Session& session) {
    const std::string text = identifiers_text(session);
    return text.empty() ? json(nullptr) : json(text);
}

// The control session that has announced it, which may have ended since.
json related_to(const gateway::Session& session, const gateway::EdgeGateway& edge) {
    const gateway::RelatedSession* relation = edge.algs().related(session);
    return relation == nullptr ? json(nullptr) : json(relation->control.id());
}

// Whether what has let it in is a mapping of an snat rule, which then stands in the place of a dnat rule.
bool is_through_mapping(const gateway::Session& session, const gateway::Ruleset& ruleset) {
    if (session.dnat_rule == gateway::kNoRule || (session.by_mapping == 0 && session.related == 0)) return false;
    return std::any_of(ruleset.nat.begin(), ruleset.nat.end(), [&](const gateway::NatRule& rule) {
        return rule.id == session.dnat_rule && rule.action == gateway::NatAction::snat;
    });
}

struct Stage {
    int number;
    const char* title;
    Ipv4FlowKey tuple;
    InterfaceId interface;
    const char* direction;
    std::vector<gateway::RuleId> rules;
};

}  // namespace

json session_row(const gateway::Session& session, const gateway::EdgeGateway& edge, Timestamp now) {
    const gateway::Ruleset& ruleset = edge.ruleset();
    const std::string_view alg = alg_of(session, edge);
    const Ipv4FlowKey translated = session.rewritten(gateway::Direction::original);
    const auto idle = std::chrono::duration_cast<std::chrono::seconds>(now - session.last_seen.time());
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(edge.lifetimes().idle(session)) - idle;
    return {{"id", session.id()},
            {"protocol", to_string(session.original_key.protocol)},
            {"state", gateway::row_of(session.state).name},
            {"identifiers", identifiers_or_null(session)},
            {"original_source", session.original_key.source_text()},
            {"original_destination", session.original_key.destination_text()},
            {"translated_source", translated.source_text()},
            {"translated_destination", translated.destination_text()},
            {"reply_source", session.reply_key.source_text()},
            {"reply_destination", session.reply_key.destination_text()},
            {"inbound", ruleset.name_of(session.inbound())},
            {"outbound", ruleset.name_of(session.outbound())},
            {"firewall_rule", rule_or_null(session.firewall_rule)},
            {"dnat_rule", rule_or_null(session.dnat_rule)},
            {"snat_rule", rule_or_null(session.snat_rule)},
            {"through_mapping", is_through_mapping(session, ruleset)},
            {"related_to", related_to(session, edge)},
            {"flags", flags_of(session)},
            {"alg", alg.empty() ? json(nullptr) : json(alg)},
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
         session.rewritten(gateway::Direction::original),
         session.outbound(),
         "out",
         {session.dnat_rule, session.firewall_rule, session.snat_rule}},
        {3, "the server answers", session.reply_key, session.outbound(), "in", {}},
        {4, "the gateway restores the addresses", session.rewritten(gateway::Direction::reply), session.inbound(), "out", {}},
    };
    json result = json::array();
    for (const Stage& stage : stages) {
        json rules = json::array();
        for (const auto rule : stage.rules)
            if (rule != gateway::kNoRule) rules.push_back(rule);
        result.push_back({{"number", stage.number},
                          {"title", stage.title},
                          {"protocol", to_string(stage.tuple.protocol)},
                          {"source", stage.tuple.source_text()},
                          {"destination", stage.tuple.destination_text()},
                          {"interface", ruleset.name_of(stage.interface)},
                          {"direction", stage.direction},
                          {"rules", rules}});
    }
    return result;
}

}  // namespace hairpin::runtime
