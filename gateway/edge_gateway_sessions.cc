// How a packet finds its session, how a session begins and how it ends.

#include "gateway/edge_gateway.h"
#include "gateway/rewrite.h"
#include "gateway/sessions/progress.h"
#include "gateway/sessions/tcp_state.h"

namespace hairpin::gateway {

namespace {

std::optional<std::uint8_t> icmp_type_of(const FrameView& frame) {
    if (frame.ipv4().protocol() != IpProtocol::icmp || !frame.has_l4()) return std::nullopt;
    return frame.icmp().type_number;
}

}  // namespace

// The session of a packet with this key. The first answer of a flow that tells one identifier at a time teaches the session the other's.
std::optional<SessionTable::Flow> EdgeGateway::find_flow(const Ipv4FlowKey& key) {
    if (const auto found = sessions_.find(key)) return found;
    const auto awaited = awaited_as(key);
    const auto found = awaited ? sessions_.find(*awaited) : std::nullopt;
    if (!found || found->direction != Direction::reply || !is_one_sided(sessions_[found->session].original_key))
        return std::nullopt;
    if (!probing_) sessions_.change_reply(found->session, key);
    return found;
}

FirstPacket EdgeGateway::first_packet(const Arrival& arrival, const Visit& visit) const {
    FirstPacket first{arrival.key, visit.inbound, icmp_type_of(arrival.frame)};
    if (first.icmp_type) first.icmp_code = arrival.frame.icmp().code;
    // A trace may not know by which MAC its packet would come.
    if (!visit.own() && !arrival.frame.ethernet().source.is_zero()) first.source_mac = arrival.frame.ethernet().source;
    return first;
}

std::optional<EdgeGateway::SessionFlow> EdgeGateway::find_session(const Arrival& arrival, const Visit& visit) {
    if (probing_ && passage_->session) {
        Session& probed = *passage_->session;
        if (arrival.key == probed.reply_key) {
            note(TraceStage::session, "the session's reply direction");
            return SessionFlow{&probed, kNoSession, Direction::reply};
        }
    }
    const auto found = find_flow(arrival.key);
    if (!found) {
        if (followed()) note(TraceStage::session, "no session yet");
        return std::nullopt;
    }
    if (followed()) passage_->session = sessions_[found->session];
    // A probe looks at a copy: what it learns of the session stays with it.
    Session& session = probing_ ? *passage_->session : sessions_[found->session];
    const bool over = session.state == SessionState::closed || session.state == SessionState::reset;
    const bool opens = arrival.key.protocol == IpProtocol::tcp && arrival.frame.has_l4() && opens_connection(arrival.frame.tcp());
    std::optional<std::string_view> gone;
    if (over && opens) {
        const bool same_way = found->direction == Direction::original;
        gone = same_way ? "a new connection from the same port" : "a new connection the other way round";
        // What the client's NAT remembers of it must not let anybody in whom the rules do not.
        if (!same_way && decide(*ruleset_, *routes_, first_packet(arrival, visit), nullptr, &mappings_).outcome !=
                             Decision::Outcome::forward) {
            if (followed()) {
                note(TraceStage::session,
                     "the connection of session " + std::to_string(session.id()) + " is over: this is another one");
                passage_->session.reset();
            }
            return std::nullopt;
        }
    } else if (!session.decided_by(ruleset_->edition())) {
        const std::optional<MacAddress> sender =
            found->direction == Direction::original ? first_packet(arrival, visit).source_mac : sender_of(session);
        if (!still_right(session, sender))
            gone = "the new rules decide otherwise";
        else if (!probing_)
            sessions_.rearm(found->session, lifetimes_.idle(session));  // another rule may accept it now, with another timeout
    }
    if (followed()) note_session(*found, gone);
    if (!gone) return SessionFlow{&session, found->session, found->direction};
    if (probing_)
        sessions_.hide(found->session);  // until the probe is over
    else
        end_session(found->session, *gone);
    return std::nullopt;
}

// Of who began a session: the MAC that answers go to, as a neighbour's who sends by another one as well could not be told.
std::optional<MacAddress> EdgeGateway::sender_of(const Session& session) const {
    if (session.inbound() == kGatewayItself) return std::nullopt;
    return neighbors_.peek(session.inbound(), session.next_hop[index_of(Direction::reply)]);
}

std::optional<MacAddress> EdgeGateway::sender_of(InterfaceId inbound, Ipv4Address host) const {
    const Route* back = routes_->find(host);
    if (back == nullptr || back->interface != inbound) return std::nullopt;
    return neighbors_.peek(inbound, back->next_hop.value_or(host));
}

// Would the rules in force make the same session? Then it goes on under them.
bool EdgeGateway::still_right(Session& session, std::optional<MacAddress> source_mac) {
    if (session.related) return related_still_right(session);
    const SessionReview now = review(session, *ruleset_, *routes_, &mappings_, source_mac);
    if (now.fate != SessionFate::kept) return false;
    if (!now.decision) {
        session.decide_by(ruleset_->edition());
        return true;
    }
    // It may be another rule's from now on, whose limits are for new sessions.
    if (!probing_) census_.leave(session);
    fill_in(session, session.rewritten(Direction::original), *now.decision, session.inbound());
    if (!probing_) census_.join(session);
    return true;
}

std::optional<EdgeGateway::SessionFlow> EdgeGateway::begin_session(Arrival& arrival, const std::optional<ReturnedCookie>& cookie,
                                                                   Visit& visit) {
    const FirstPacket first = first_packet(arrival, visit);
    const auto expected = find_expectation(arrival, visit);
    const Decision decision = expected ? decide_as_expected(algs_.expectations[*expected], arrival.key)
                                       : decide(*ruleset_, *routes_, first, tracer(), &mappings_);
    if (followed()) passage_->decision = decision;
    if (!cookie && proxies(decision, arrival)) {
        if (!probing_) return answer_with_cookie(std::move(arrival), decision, visit), std::nullopt;
        note_proxied(decision, "this is what the server gets then");
    }
    // Of what ends here the firewall's rule alone has done something; of what goes on all of them, once there is a session.
    if (!probing_ && decision.outcome != Decision::Outcome::forward && decision.firewall_rule != kNoRule)
        rule_counters_.hit(decision.firewall_rule, visit.now);
    if (decision.firewall_logs && decision.ends_at_firewall()) record(decision, arrival, decision.after_dnat, visit);
    if (decision.outcome == Decision::Outcome::local) return answer_locally(std::move(arrival), visit), std::nullopt;
    if (decision.outcome != Decision::Outcome::forward) return refuse(std::move(arrival), decision, visit), std::nullopt;

    if (!may_begin_under(decision, arrival.frame))
        return drop(std::move(arrival.packet), DropReason::no_session, visit), std::nullopt;

    const auto flow = remember(arrival.key, decision, visit);
    if (flow) {
        if (!probing_) for_each_rule_of(decision, [&](RuleId rule) { rule_counters_.hit(rule, visit.now); });
        if (expected)
            relate(*flow->session, *expected);
        else if (ruleset_->algs.any())
            attend(*flow, arrival);
        if (!probing_ && arrival.key.protocol == IpProtocol::tcp) forget_syn(flow->session->reply_key, visit);
        flow->session->icmp_type = icmp_type_of(arrival.frame).value_or(0);
        if (decision.logs()) record(decision, arrival, flow->session->rewritten(Direction::original), visit);
        if (cookie) begin_splice(*flow, *cookie, visit.now);
        if (followed()) passage_->session = *flow->session;
        return *flow;
    }
    report(*arrival.packet, no_room(), visit);
    drop(std::move(arrival.packet), flow.error(), visit);
    return std::nullopt;
}

// Where some rule takes up connections in their middle, the one that accepts this may not.
bool EdgeGateway::may_begin_under(const Decision& decision, const FrameView& frame) const {
    return loosest_ != TcpTracking::loose || may_begin(frame, decision.tcp_tracking.value_or(ruleset_->tcp_tracking));
}

// RFC 5508 REQ-8, RFC 6888 REQ-11: that there is no room is said, not kept quiet.
IcmpError EdgeGateway::no_room() const {
    return ruleset_->nat_settings.exhaustion_answer == ExhaustionAnswer::host_unreachable
               ? IcmpError::host_unreachable()
               : IcmpError::administratively_prohibited();
}

bool EdgeGateway::exceeds_limit(const Ipv4FlowKey& original, const Decision& decision, const Visit& visit) {
    if (census_.plan().empty()) return false;
    const auto excess = census_.excess(original, visit.inbound, decision.firewall_rule, visit.now);
    if (!excess) return false;
    if (followed()) note(TraceStage::session, excess->to_string(), excess->subject.number);
    if (!probing_) census_.count_refusal(*excess);
    return true;
}

// Whether the table can take another session.
bool EdgeGateway::makes_room() {
    if (!sessions_.full()) return true;
    if (ruleset_->eviction == Eviction::off) return false;
    const auto victim = sessions_.find_evictable();
    if (!victim) return false;
    if (!probing_) end_session(*victim, "evicted");
    return true;
}

// Writes both directions down. The reply key is known only now: before the source port is chosen nobody can answer it.
tl::expected<EdgeGateway::SessionFlow, DropReason> EdgeGateway::remember(const Ipv4FlowKey& original, const Decision& decision,
                                                                         const Visit& visit) {
    if (exceeds_limit(original, decision, visit)) return tl::unexpected(DropReason::session_limit);
    std::optional<Ipv4FlowKey> to = decision.after_dnat;
    if (!identifiers_of(original.protocol).translatable && (decision.source || *to != original))
        return tl::unexpected(DropReason::nat_unsupported);
    std::optional<NewMapping> mapping;
    if (decision.source) {
        const auto grant = allocator_.allocate(original, *to, *decision.source, sessions_, mappings_, visit.now);
        if (!grant) {
            if (grant.error() == DropReason::nat_quota && !probing_)
                mappings_.count_refusal(Ipv4TransportAddress::source_of(original));
            return tl::unexpected(grant.error());
        }
        to = grant->to;
        mapping = grant->mapping;
        if (followed() && mapping && mapping->block)
            note(TraceStage::session, "of the host's own block of ports, " +
                                          endpoint_text(mapping->outside.address, mapping->block->first) + "-" +
                                          std::to_string(mapping->block->last.number()));
    } else if (to->reversed() == original || sessions_.contains(to->reversed())) {
        // Two flows that DNAT makes alike: the later one gets another source port, or its replies could not be told apart.
        to = allocator_.another_port(original, *to, sessions_);
        if (!to) return tl::unexpected(DropReason::nat_conflict);
    }
    const bool awaits_peer = decision.hairpins_by_mapping && !mappings_.lets_in(decision.mapping, to->source);

    const Ipv4FlowKey reply = awaited_reply(*to);
    if (reply == original || sessions_.contains(reply)) return tl::unexpected(DropReason::nat_conflict);
    const SessionState state = first_state(original.protocol);
    if (!(probing_ && passage_->ended != kNoSession) && !makes_room()) return tl::unexpected(DropReason::session_table_full);
    if (probing_) {
        Session& probed = passage_->session.emplace();
        probed.original_key = original;
        probed.reply_key = reply;
        probed.state = state;
        fill_in(probed, *to, decision, visit.inbound);
        probed.awaits_peer = awaits_peer;
        return SessionFlow{&probed, kNoSession, Direction::original};
    }
    const Duration idle = lifetimes_.idle(state, original, {decision.firewall_rule, decision.dnat_rule, decision.snat_rule});
    const auto index = sessions_.insert(original, reply, state, idle, visit.now);
    ensure(index.has_value());
    Session& session = sessions_[*index];
    fill_in(session, *to, decision, visit.inbound);
    session.awaits_peer = awaits_peer;
    hold_mappings(session, decision, mapping, visit.now);
    census_.began(session, visit.now);
    if (observer_ != nullptr) observer_->session_opened(session);
    return SessionFlow{&session, *index, Direction::original};
}

void EdgeGateway::hold_mappings(Session& session, const Decision& decision, const std::optional<NewMapping>& source,
                                Timestamp now) {
    if (source) {
        mappings_.hold(*source, now);
        session.holds_mapping = true;
    }
    if (decision.mapping != kNoMapping) {
        mappings_.receive(decision.mapping);
        session.by_mapping = true;
    }
    if (session.hides_source()) mappings_.ports().session_began(session.reply_key.destination, session.reply_key.protocol);
}

void EdgeGateway::release_mappings(const Session& session) {
    if (session.hides_source()) mappings_.ports().session_ended(session.reply_key.destination, session.reply_key.protocol);
    if (session.holds_mapping)
        mappings_.release(Ipv4TransportAddress::destination_of(session.reply_key), session.original_key.destination);
    if (!session.by_mapping) return;
    const auto let_in_by = Ipv4TransportAddress::destination_of(session.original_key);
    if (session.mapping_answered)
        mappings_.release(let_in_by, session.original_key.source);
    else
        mappings_.release_guest(let_in_by);
}

// An inside host has sent to the mapping of another one, which has not sent to it yet: hole punching. What it sent is dropped, but opens the
// way for what the other sends (RFC 4787 §5, §6).
bool EdgeGateway::waits_for_peer(Session& session, Direction direction) {
    if (direction == Direction::original) return true;
    session.awaits_peer = false;
    return false;
}

// The complete action, so that no later packet of the session asks a rule or a route.
void EdgeGateway::fill_in(Session& session, const Ipv4FlowKey& to, const Decision& decision, InterfaceId inbound) const {
    const RewriteDeltas deltas = deltas_between(session.original_key, to);
    session.address_delta = deltas.address.raw();
    session.l4_delta = deltas.l4.raw();
    session.egress[index_of(Direction::original)] = decision.outbound;
    session.egress[index_of(Direction::reply)] = inbound;
    session.next_hop[index_of(Direction::original)] = decision.next_hop;
    const Route* back = routes_->find(session.original_key.source);
    session.next_hop[index_of(Direction::reply)] = back != nullptr && back->interface == inbound
                                                       ? back->next_hop.value_or(session.original_key.source)
                                                       : session.original_key.source;
    session.decide_by(ruleset_->edition());
    session.track_as(decision.tcp_tracking);
    session.firewall_rule = decision.firewall_rule;
    session.dnat_rule = decision.dnat_rule;
    session.snat_rule = decision.snat_rule;
}

void EdgeGateway::refuse(Arrival arrival, const Decision& decision, Visit& visit) {
    switch (decision.outcome) {
        case Decision::Outcome::no_route:
            report(*arrival.packet, IcmpError::network_unreachable(), visit);
            return drop(std::move(arrival.packet), DropReason::no_route, visit);
        case Decision::Outcome::directed_broadcast:
            return drop(std::move(arrival.packet), DropReason::martian_destination, visit);
        case Decision::Outcome::filtered: return drop(std::move(arrival.packet), DropReason::nat_filtered, visit);
        case Decision::Outcome::spoofed: return drop(std::move(arrival.packet), DropReason::spoofed_source, visit);
        case Decision::Outcome::link_local:
            return drop(std::move(arrival.packet),
                        arrival.key.source.is_link_local() ? DropReason::martian_source : DropReason::martian_destination, visit);
        case Decision::Outcome::no_translation:
            report(*arrival.packet, no_room(), visit);
            return drop(std::move(arrival.packet), DropReason::nat_exhausted, visit);
        case Decision::Outcome::rejected:
            if (decision.reject_with != RejectWith::tcp_reset || !reset(arrival, visit))
                report(*arrival.packet, IcmpError::administratively_prohibited(), visit);
            [[fallthrough]];
        default: return drop(std::move(arrival.packet), DropReason::firewall_denied, visit);
    }
}

void EdgeGateway::end_session(SessionIndex index, std::string_view why) {
    note_end(sessions_[index], why);
    sessions_.erase(index);
}

void EdgeGateway::note_end(const Session& session, std::string_view why) {
    if (session.has_alg || session.related) forget_with_alg(session);
    release_mappings(session);
    census_.leave(session);
    for_each_rule_of(session, [&](RuleId rule) { rule_counters_.add_bytes(rule, session.bytes[0] + session.bytes[1]); });
    if (observer_ != nullptr) observer_->session_closed(session, why);
}

void EdgeGateway::clear_rule_counters() {
    rule_counters_.clear();
    mappings_.ports().forget_most();
    // What live sessions have carried so far was counted before: it is owed, and made good when they end (modulo 2^64).
    sessions_.for_each([&](SessionIndex, const Session& session) {
        for_each_rule_of(session, [&](RuleId rule) {
            rule_counters_.add_bytes(rule, std::uint64_t{0} - (session.bytes[0] + session.bytes[1]));
        });
    });
}

std::size_t EdgeGateway::clear_sessions(const std::function<bool(const Session&)>& which) {
    std::size_t cleared = 0;
    sessions_.for_each([&](SessionIndex index, const Session& session) {
        if (!which(session)) return;
        end_session(index, "cleared");
        ++cleared;
    });
    return cleared;
}

}  // namespace hairpin::gateway
