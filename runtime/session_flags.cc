#include "runtime/session_flags.h"

#include <array>

#include "gateway/alg/algs.h"
#include "gateway/alg/settings.h"

namespace hairpin::runtime {

namespace {

using gateway::Session;

bool changes_destination(const Session& session) {
    const Ipv4FlowKey to = session.rewritten(gateway::Direction::original);
    return to.destination != session.original_key.destination || to.destination_port != session.original_key.destination_port;
}

bool is_replied(const Session& session) { return session.packets[gateway::index_of(gateway::Direction::reply)] != 0; }

constexpr auto kSessionFlags = std::to_array<SessionFlag>({
    {"snat", "its source is translated, address or port", [](const Session& session) { return session.hides_source(); }},
    {"dnat", "its destination is translated, address or port", changes_destination},
    {"hairpin", "its destination is translated, and it leaves by the interface that it came in by",
     [](const Session& session) { return changes_destination(session) && session.inbound() == session.outbound(); }},
    {"replied", "a packet has come in the reply direction", is_replied},
    {"assured", "it keeps its place when the table is full", [](const Session& session) { return !may_be_evicted(session); }},
    {"related", "another session has announced it to an application layer gateway",
     [](const Session& session) { return session.related != 0; }},
    {"alg", "an application layer gateway listens to it, or has changed something in it",
     [](const Session& session) { return session.has_alg != 0; }},
    {"syn-proxy", "the gateway has made the handshake with its client",
     [](const Session& session) { return session.proxied != 0; }},
    {"mapping", "its source has a mapping: sessions of the same inside address and port have the same outside",
     [](const Session& session) { return session.holds_mapping != 0; }},
    {"by-mapping", "a mapping of another session has let it in", [](const Session& session) { return session.by_mapping != 0; }},
});

}  // namespace

std::span<const SessionFlag> session_flags() { return kSessionFlags; }

std::vector<std::string_view> flags_of(const gateway::Session& session) {
    std::vector<std::string_view> names;
    for (const SessionFlag& flag : kSessionFlags)
        if (flag.holds(session)) names.push_back(flag.name);
    return names;
}

std::string_view alg_of(const gateway::Session& session, const gateway::EdgeGateway& edge) {
    if (const auto* relation = edge.algs().related(session)) return gateway::name_of(relation->alg);
    if (session.has_alg == 0) return {};
    const auto& settings = edge.ruleset().algs;
    for (const gateway::AlgRow& row : gateway::kAlgRows)
        if (settings.listens(row.kind, session.reply_key.protocol, session.reply_key.source_port)) return row.name;
    return {};
}

}  // namespace hairpin::runtime
