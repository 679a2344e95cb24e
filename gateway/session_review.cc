#include "gateway/session_review.h"

#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

// TCP begins with a SYN alone, which is sent again only while nobody has answered it.
bool may_begin_again(const Session& session) {
    return session.original_key.protocol != IpProtocol::tcp ||
           (session.state == SessionState::opening && !session.tcp.both(session.tcp.syn));
}

bool same_translation(const Session& session, const Decision& decision) {
    const Ipv4FlowKey to = session.reply_key.reversed();
    if (decision.after_dnat.destination != to.destination) return false;
    if (rewrites_destination_port(to.protocol) && decision.after_dnat.destination_port != to.destination_port) return false;
    if (!decision.source) return to.source == session.original_key.source;
    if (!rewrites_identifiers(to.protocol)) return decision.source->addresses.contains(to.source);
    return decision.source->allows(to.source, to.source_port);
}

}  // namespace

SessionReview review(const Session& session, const Ruleset& ruleset, const RouteTable& routes, const MappingTable* mappings,
                     std::optional<MacAddress> source_mac) {
    if (!ruleset.has(session.inbound())) return {};
    if (ruleset.on_commit == OnCommit::keep)
        return {ruleset.has(session.outbound()) ? SessionFate::kept : SessionFate::ended, std::nullopt};
    std::optional<std::uint8_t> icmp_type;
    if (session.original_key.protocol == IpProtocol::icmp) icmp_type = session.icmp_type;
    const FirstPacket first{session.original_key,
                            session.inbound(),
                            icmp_type,
                            0,
                            source_mac,
                            session.by_mapping != 0,
                            session.rewritten(Direction::original).destination};
    const Decision decision = decide(ruleset, routes, first, nullptr, mappings);
    if (decision.outcome != Decision::Outcome::forward) return {};
    if (same_translation(session, decision)) return {SessionFate::kept, decision};
    return {may_begin_again(session) ? SessionFate::translated_anew : SessionFate::ended, std::nullopt};
}

}  // namespace hairpin::gateway
