#include "gateway/edge_gateway.h"

#include <algorithm>

#include "gateway/fragments/fragmenter.h"
#include "gateway/icmp/icmp_translation.h"
#include "gateway/mss_clamp.h"
#include "gateway/rewrite.h"
#include "gateway/sessions/tcp_state.h"
#include "gateway/tcp_reset.h"

namespace hairpin::gateway {

namespace {

constexpr std::size_t kMostExpiriesPerTick = 4096;

std::optional<std::uint8_t> icmp_type_of(const FrameView& frame) {
    if (frame.ipv4().protocol() != IpProtocol::icmp || !frame.has_l4()) return std::nullopt;
    return frame.icmp().type_number;
}

bool is_icmp_error(const FrameView& frame) {
    return frame.ipv4().protocol() == IpProtocol::icmp && frame.has_l4() && frame.icmp().is_error();
}

// RFC 7126 §4.3 and 4.4: loose (131) and strict (137) source routes are not followed. Options that are no list are no options.
bool has_source_route(const FrameView& frame) {
    const auto options = frame.l3_bytes().first(frame.ipv4().header_length()).subspan(sizeof(Ipv4Header));
    for (std::size_t at = 0; at < options.size();) {
        const auto type = static_cast<std::uint8_t>(options[at]);
        if (type == 0) return false;
        if (type == 131 || type == 137) return true;
        if (type == 1) {
            ++at;
            continue;
        }
        if (at + 1 >= options.size() || static_cast<std::uint8_t>(options[at + 1]) < 2) return true;
        at += static_cast<std::uint8_t>(options[at + 1]);
    }
    return false;
}

// What may stand at the beginning of a session; everything else belongs to one, or to nobody.
bool may_begin(const FrameView& frame, TcpTracking tracking) {
    if (!frame.has_l4()) return false;
    switch (frame.ipv4().protocol()) {
        case IpProtocol::tcp: return opens_connection(frame.tcp(), tracking);
        case IpProtocol::icmp: return frame.icmp().is_query_request();
        default: return true;
    }
}

TcpSegment segment_in(const FrameView& frame, Direction direction) {
    const TcpHeader& header = frame.tcp();
    const auto options = frame.l4_bytes().subspan(sizeof(TcpHeader), header.header_length() - sizeof(TcpHeader));
    return {direction, header, options, static_cast<std::uint32_t>(frame.l4_payload_length())};
}

SessionState first_state(IpProtocol protocol) {
    switch (protocol) {
        case IpProtocol::tcp: return SessionState::opening;
        case IpProtocol::udp: return SessionState::udp;
        case IpProtocol::icmp: return SessionState::icmp;
        default: return SessionState::other;
    }
}

// One less, and the checksum with it: TTL is the high byte of its 16-bit word (RFC 1624 §2).
void decrement_time_to_live(Ipv4Header& ip) {
    ChecksumSum change;
    change.subtract(Be16{static_cast<std::uint16_t>(ip.time_to_live << 8)});
    --ip.time_to_live;
    change.add(Be16{static_cast<std::uint16_t>(ip.time_to_live << 8)});
    ip.checksum = ChecksumDelta{change}.applied_to(ip.checksum);
}

// RFC 1812 5.3.7: a source that is no host's own address.
bool is_martian_source(Ipv4Address source) {
    return source.is_this_network() || source.is_loopback() || source.is_multicast() || source.is_reserved();
}
bool is_martian_destination(Ipv4Address destination) {
    return destination.is_this_network() || destination.is_loopback() || destination.is_multicast() || destination.is_reserved();
}

}  // namespace

EdgeGateway::EdgeGateway(PacketPool& pool, Ledger& ledger, std::size_t session_capacity, Secrets secrets)
    : pool_(pool),
      ledger_(ledger),
      sessions_(session_capacity, secrets.sessions),
      allocator_(secrets.ports),
      neighbors_(pool, ledger, secrets.sessions),
      fragments_(ledger, secrets.sessions),
      icmp_(pool) {}

void EdgeGateway::adopt(RulesetPtr ruleset, Timestamp now) {
    const Timeouts before = ruleset_ ? ruleset_->timeouts : ruleset->timeouts;
    ruleset_ = std::move(ruleset);
    routes_ = std::make_unique<RouteTable>(*ruleset_);
    neighbors_.adopt(*ruleset_, now);
    icmp_.adopt(ruleset_->icmp);
    rule_counters_.adopt(*ruleset_);
    // A longer time to live the wheel finds out by itself; a shorter one it must be told.
    sessions_.for_each([&](SessionIndex index, const Session& session) {
        const Duration idle = ruleset_->timeouts.idle(session.state);
        if (idle < before.idle(session.state)) sessions_.rearm(index, idle);
    });
}

void EdgeGateway::announce(InterfaceId id, Timestamp now, Outbox<InterfaceId>& out) { neighbors_.announce(id, now, out); }

void EdgeGateway::forward(InterfaceId inbound, Batch& batch, Timestamp now, Outbox<InterfaceId>& out) {
    Visit visit{inbound, now, out};
    TrafficCounters& counters = counters_[index_of(inbound)];
    for (PacketPtr& packet : batch) {
        ++counters.in_packets;
        counters.in_bytes += packet->size();
        if (passage_observer_ != nullptr && passage_observer_->wants(inbound, *packet))
            receive_followed(std::move(packet), visit);
        else
            receive(std::move(packet), visit);
    }
    batch.clear();
}

void EdgeGateway::count_departures(InterfaceId outbound, const Batch& batch) {
    TrafficCounters& counters = counters_[index_of(outbound)];
    counters.out_packets += batch.size();
    for (const PacketPtr& packet : batch) counters.out_bytes += packet->size();
}

void EdgeGateway::receive(PacketPtr packet, Visit& visit) {
    if (!ruleset_ || !interface(visit.inbound).present()) return drop(std::move(packet), DropReason::forwarding_disabled, visit);
    FrameView frame = FrameView::parse(*packet);
    if (!frame) return drop(std::move(packet), frame.reason(), visit);
    if (frame.is_arp()) return receive_arp(std::move(packet), frame, visit);
    if (const auto reason = objection(frame, visit)) return drop(std::move(packet), *reason, visit);

    if (!frame.ipv4().is_fragment()) {
        const Ipv4FlowKey key = frame.key();
        return pass({std::move(packet), frame, key}, visit);
    }
    receive_fragment(std::move(packet), frame, visit);
}

// NAT needs the ports, which only the first fragment has: until it has come, the others wait.
void EdgeGateway::receive_fragment(PacketPtr packet, FrameView& frame, Visit& visit) {
    if (followed()) note(TraceStage::receive, "a fragment: it waits for the first of its datagram, and goes its way");
    if (probing_) return;
    const Packet* const at_hand = packet.get();
    const auto refusal = fragments_.accept(std::move(packet), frame, visit.inbound, visit.now, ready_fragments_);
    if (refusal && followed()) note_drop(*refusal);
    for (VirtualReassembly::Ready& fragment : ready_fragments_) {
        const Aside aside{*this, fragment.packet.get() != at_hand};
        const FrameView view = FrameView::parse(*fragment.packet);
        pass({std::move(fragment.packet), view, fragment.key}, visit);
    }
    ready_fragments_.clear();
}

void EdgeGateway::receive_arp(PacketPtr packet, FrameView& frame, Visit& visit) {
    if (followed()) note(TraceStage::receive, "ARP, which the table of neighbours answers");
    if (probing_) return;
    if (own_traffic_ != nullptr) own_traffic_->heard_arp(visit.inbound, frame.arp(), visit.now);
    const auto refusal = neighbors_.receive(visit.inbound, std::move(packet), frame, visit.now, visit.out);
    if (!followed()) return;
    if (refusal) return note_drop(*refusal);
    passage_->answered = true;
}

// What no router may forward, whatever its rules say.
std::optional<DropReason> EdgeGateway::objection(const FrameView& frame, const Visit& visit) const {
    const EthernetHeader& ethernet = frame.ethernet();
    const Ipv4Header& ip = frame.ipv4();
    if (ethernet.destination.is_group()) return DropReason::link_broadcast;
    if (ethernet.destination != interface(visit.inbound).mac) return DropReason::not_for_gateway;
    if (is_martian_source(ip.source) || ip.source == ip.destination) return DropReason::martian_source;
    if (ruleset_->owns(ip.source)) return DropReason::martian_source;
    if (is_martian_destination(ip.destination)) return DropReason::martian_destination;
    if (has_source_route(frame)) return DropReason::options_not_allowed;
    return std::nullopt;
}

void EdgeGateway::pass(Arrival arrival, Visit& visit) {
    if (followed()) {
        passage_->arrived = arrival.key;
        note(TraceStage::receive, arrival.key.to_string() + " in " + ruleset_->name_of(visit.inbound));
    }
    if (is_icmp_error(arrival.frame)) return translate_error(std::move(arrival), visit);
    auto flow = find_session(arrival);
    if (!flow) {
        if (!may_begin(arrival.frame, ruleset_->tcp_tracking))
            return drop(std::move(arrival.packet), DropReason::no_session, visit);
        flow = begin_session(arrival, visit);
    }
    if (flow) pass_along(*flow, std::move(arrival), visit);
}

std::optional<EdgeGateway::SessionFlow> EdgeGateway::find_session(const Arrival& arrival) {
    if (probing_ && passage_->session) {
        Session& probed = *passage_->session;
        if (arrival.key == probed.reply_key) {
            note(TraceStage::session, "the session's reply direction");
            return SessionFlow{&probed, kNoSession, Direction::reply};
        }
    }
    const auto found = sessions_.find(arrival.key);
    if (!found) {
        if (followed()) note(TraceStage::session, "no session yet");
        return std::nullopt;
    }
    if (followed()) passage_->session = sessions_[found->session];
    // A probe looks at a copy: what it learns of the session stays with it.
    Session& session = probing_ ? *passage_->session : sessions_[found->session];
    const bool over = session.state == SessionState::closed || session.state == SessionState::reset;
    const bool opens = arrival.key.protocol == IpProtocol::tcp && arrival.frame.has_l4() && opens_connection(arrival.frame.tcp());
    const char* gone = nullptr;
    if (over && opens && found->direction == Direction::original)
        gone = "a new connection from the same port";
    else if (session.generation != static_cast<std::uint32_t>(ruleset_->generation) && !still_right(session))
        gone = "the new rules decide otherwise";
    if (followed()) note_session(*found, gone);
    if (gone == nullptr) return SessionFlow{&session, found->session, found->direction};
    if (probing_)
        sessions_.hide(found->session);  // until the probe is over
    else
        end_session(found->session, gone);
    return std::nullopt;
}

// Would the rules in force make the same session? Then it goes on under them.
bool EdgeGateway::still_right(Session& session) const {
    const SessionReview now = review(session, *ruleset_, *routes_);
    if (now.fate != SessionFate::kept) return false;
    if (now.decision)
        fill_in(session, session.reply_key.reversed(), *now.decision, session.inbound());
    else
        session.generation = static_cast<std::uint32_t>(ruleset_->generation);
    return true;
}

std::optional<EdgeGateway::SessionFlow> EdgeGateway::begin_session(Arrival& arrival, Visit& visit) {
    const Decision decision = decide(*ruleset_, *routes_, {arrival.key, visit.inbound, icmp_type_of(arrival.frame)}, tracer());
    if (followed()) passage_->decision = decision;
    if (!probing_)
        for (const RuleId rule : {decision.dnat_rule, decision.firewall_rule, decision.snat_rule})
            rule_counters_.hit(rule, visit.now);
    if (decision.outcome == Decision::Outcome::local) return answer_locally(std::move(arrival), visit), std::nullopt;
    if (decision.outcome != Decision::Outcome::forward) return refuse(std::move(arrival), decision, visit), std::nullopt;

    const auto flow = remember(arrival.key, decision, visit);
    if (flow) {
        flow->session->icmp_type = icmp_type_of(arrival.frame).value_or(0);
        if (followed()) passage_->session = *flow->session;
        return *flow;
    }
    // RFC 5508 REQ-8, RFC 6888 REQ-11: that there is no room is said, not kept quiet.
    report(*arrival.packet, IcmpError::administratively_prohibited(), visit);
    drop(std::move(arrival.packet), flow.error(), visit);
    return std::nullopt;
}

// Writes both directions down. The reply key is known only now: before the source port is chosen nobody can answer it.
tl::expected<EdgeGateway::SessionFlow, DropReason> EdgeGateway::remember(const Ipv4FlowKey& original, const Decision& decision,
                                                                         const Visit& visit) {
    std::optional<Ipv4FlowKey> to = decision.after_dnat;
    if (decision.source) {
        to = allocator_.allocate(original, *to, *decision.source, sessions_);
        if (!to) return tl::unexpected(DropReason::nat_exhausted);
    } else if (to->reversed() == original || sessions_.contains(to->reversed())) {
        // Two flows that DNAT makes alike: the later one gets another source port, or its replies could not be told apart.
        to = allocator_.allocate(original, *to, SourceChoice{{to->source, to->source}, {}}, sessions_);
        if (!to) return tl::unexpected(DropReason::nat_conflict);
    }

    const SessionState state = first_state(original.protocol);
    if (probing_) {
        if (sessions_.full() && passage_->ended == kNoSession) return tl::unexpected(DropReason::session_table_full);
        Session& probed = passage_->session.emplace();
        probed.original_key = original;
        probed.reply_key = to->reversed();
        probed.state = state;
        fill_in(probed, *to, decision, visit.inbound);
        return SessionFlow{&probed, kNoSession, Direction::original};
    }
    const auto index = sessions_.insert(original, to->reversed(), state, ruleset_->timeouts.idle(state), visit.now);
    if (!index) return tl::unexpected(DropReason::session_table_full);
    Session& session = sessions_[*index];
    fill_in(session, *to, decision, visit.inbound);
    if (session.hides_source()) pools_.taken(*to);
    if (observer_ != nullptr) observer_->session_opened(session);
    return SessionFlow{&session, *index, Direction::original};
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
    session.generation = static_cast<std::uint32_t>(ruleset_->generation);
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
        case Decision::Outcome::no_translation: return drop(std::move(arrival.packet), DropReason::nat_exhausted, visit);
        case Decision::Outcome::rejected:
            if (decision.reject_with != RejectWith::tcp_reset || !reset(arrival, visit))
                report(*arrival.packet, IcmpError::administratively_prohibited(), visit);
            [[fallthrough]];
        default: return drop(std::move(arrival.packet), DropReason::firewall_denied, visit);
    }
}

// How a whole TCP segment stands to its connection; nothing of any other packet.
std::optional<SegmentStanding> EdgeGateway::segment_standing(const SessionFlow& flow, const Arrival& arrival) const {
    if (arrival.key.protocol != IpProtocol::tcp || !arrival.frame.has_l4() || arrival.frame.ipv4().is_fragment())
        return std::nullopt;
    return standing_of(flow.session->tcp, flow.session->state, segment_in(arrival.frame, flow.direction), ruleset_->tcp_tracking);
}

// A packet of a session, new or known, goes where the session says.
void EdgeGateway::pass_along(SessionFlow flow, Arrival arrival, Visit& visit) {
    const Session& session = *flow.session;
    const std::optional<SegmentStanding> standing = segment_standing(flow, arrival);
    if (followed() && standing && *standing != SegmentStanding::valid) note_standing(*standing);
    if (standing == SegmentStanding::outside && ruleset_->tcp_tracking == TcpTracking::strict)
        return drop(std::move(arrival.packet), DropReason::invalid_state, visit);
    const InterfaceId outbound = session.egress[index_of(flow.direction)];
    const Ipv4Address next_hop = session.next_hop[index_of(flow.direction)];
    if (outbound == kGatewayItself) return take_in(flow, std::move(arrival), visit);
    const Interface& link = interface(outbound);
    if (!link.present()) return drop(std::move(arrival.packet), DropReason::no_route, visit);

    // Errors quote the packet as its sender knows it, so they come before the rewrite.
    Ipv4Header& ip = arrival.frame.ipv4();
    if (ip.time_to_live <= 1 && !visit.own()) {
        report(*arrival.packet, IcmpError::time_exceeded(), visit);
        return drop(std::move(arrival.packet), DropReason::ttl_expired, visit);
    }
    const bool fitting = fits(arrival.frame, link.mtu);
    // A super-packet is cut into segments, not into fragments: its sender must make them smaller.
    const bool whole = ip.dont_fragment() || arrival.packet->offload.segmentation != Segmentation::none;
    if (!fitting && whole) {
        report(*arrival.packet, IcmpError::fragmentation_needed(static_cast<std::uint16_t>(link.mtu)), visit);
        return drop(std::move(arrival.packet), DropReason::too_big, visit);
    }

    if (!probing_) count(flow, arrival, standing, visit);
    if (followed()) note_rewrite(arrival.key, session.rewritten(flow.direction));
    rewrite(arrival.frame, session, flow.direction);
    if (standing && arrival.frame.tcp().has(TcpHeader::kSyn)) announce_less(arrival.frame, outbound, visit);
    if (!visit.own()) decrement_time_to_live(ip);

    if (!fitting && followed())
        note(TraceStage::mtu, "longer than the MTU of " + std::to_string(link.mtu) + ": it is cut into fragments");
    if (fitting || probing_) return transmit(std::move(arrival.packet), outbound, next_hop, visit);
    transmit_in_fragments(std::move(arrival), outbound, next_hop, visit);
}

// What a SYN says about how large segments may be, the links on the way permitting.
void EdgeGateway::announce_less(FrameView& syn, InterfaceId outbound, const Visit& visit) {
    if (visit.own()) return;
    const auto limit = largest_mss(interface(visit.inbound), interface(outbound));
    if (!limit || !clamp_mss(syn, *limit) || !followed()) return;
    note(TraceStage::mtu, "the largest segment that the SYN announces becomes " + std::to_string(*limit) + " bytes");
}

void EdgeGateway::count(SessionFlow flow, const Arrival& arrival, std::optional<SegmentStanding> standing, const Visit& visit) {
    Session& session = *flow.session;
    ++session.packets[index_of(flow.direction)];
    session.bytes[index_of(flow.direction)] += arrival.frame.l3_length();

    // RFC 4787 REQ-6: of a translated UDP flow only packets from inside keep the mapping; else a stranger could hold it open.
    const bool from_outside = !visit.own() && interface(visit.inbound).role == InterfaceRole::uplink;
    if (session.state != SessionState::udp || !from_outside || !session.translated()) session.last_seen = Tick::at(visit.now);
    if (standing != SegmentStanding::valid) return;

    const SessionState before = session.state;
    learn(session.tcp, segment_in(arrival.frame, flow.direction));
    session.state = advance(session.tcp, before, flow.direction, arrival.frame.tcp());
    const Timeouts& timeouts = ruleset_->timeouts;
    // A shorter time to live must be noticed by the wheel; a longer one it finds out by itself.
    if (timeouts.idle(session.state) < timeouts.idle(before)) sessions_.rearm(flow.index, timeouts.idle(session.state));
}

void EdgeGateway::end_session(SessionIndex index, std::string_view why) {
    note_end(sessions_[index], why);
    sessions_.erase(index);
}

void EdgeGateway::note_end(const Session& session, std::string_view why) {
    if (session.hides_source()) pools_.given_back(session.reply_key.reversed());
    for (const RuleId rule : {session.firewall_rule, session.dnat_rule, session.snat_rule})
        rule_counters_.add_bytes(rule, session.bytes[0] + session.bytes[1]);
    if (observer_ != nullptr) observer_->session_closed(session, why);
}

// The gateway answers pings itself; what else is addressed to it finds nobody.
void EdgeGateway::answer_locally(Arrival arrival, Visit& visit) {
    const Ipv4Header& ip = arrival.frame.ipv4();
    // A ping in fragments would have to be put together, which the gateway does for nobody.
    const bool ping =
        ip.protocol() == IpProtocol::icmp && !ip.is_fragment() && arrival.frame.icmp().type() == IcmpType::echo_request;
    if (!ping) {
        const bool ports = ip.protocol() == IpProtocol::udp || ip.protocol() == IpProtocol::tcp;
        if (ports || ip.protocol() != IpProtocol::icmp)
            report(*arrival.packet, ports ? IcmpError::port_unreachable() : IcmpError::protocol_unreachable(), visit);
        return drop(std::move(arrival.packet), DropReason::no_local_service, visit);
    }
    if (!probing_ && !icmp_.may_answer_echo(visit.now))
        return drop(std::move(arrival.packet), DropReason::icmp_rate_limited, visit);
    if (followed()) {
        note(TraceStage::icmp, "the gateway answers the echo request itself");
        passage_->answered = true;
    }
    if (probing_) return;
    turn_into_echo_reply(arrival.frame);
    ++ledger_.absorbed;
    originate(std::move(arrival.packet), visit);
}

// An ICMP error about a packet of a session goes to that packet's sender, with the addresses that the sender knows (RFC 5508 §4).
void EdgeGateway::translate_error(Arrival arrival, Visit& visit) {
    const IcmpType type = arrival.frame.icmp().type();
    if (type == IcmpType::redirect || type == IcmpType::source_quench)
        return drop(std::move(arrival.packet), DropReason::icmp_not_forwarded, visit);
    const QuotedView quoted = QuotedView::parse(arrival.frame.l4_bytes().subspan(sizeof(IcmpHeader)));
    if (!quoted) return drop(std::move(arrival.packet), quoted.reason(), visit);
    const auto flow = sessions_.find(quoted.key().reversed());
    if (!flow) return drop(std::move(arrival.packet), DropReason::icmp_no_session, visit);

    // The error travels in `flow`'s direction; the packet it is about travelled in the other one.
    const Session& session = sessions_[flow->session];
    if (quoted.key().protocol == IpProtocol::tcp && ruleset_->tcp_tracking == TcpTracking::strict &&
        !in_flight(session.tcp, opposite(flow->direction), quoted.tcp_sequence()))
        return drop(std::move(arrival.packet), DropReason::icmp_out_of_window, visit);
    if (followed()) {
        passage_->session = session;
        note(TraceStage::session, "an error about a packet of session " + std::to_string(session.id()));
    }
    const Ipv4FlowKey as_sent = session.key(opposite(flow->direction));
    const InterfaceId outbound = session.egress[index_of(flow->direction)];
    const bool hides_source = session.rewritten(flow->direction).source != session.key(flow->direction).source;
    const bool from_peer = arrival.frame.ipv4().source == session.key(flow->direction).source;
    // RFC 5508 REQ-5: what comes from behind a translation must not show its inside address.
    const Ipv4Address source = hides_source || from_peer ? as_sent.destination : arrival.frame.ipv4().source;
    const bool for_itself = outbound == kGatewayItself;
    if (arrival.frame.ipv4().time_to_live <= 1 && !for_itself)
        return drop(std::move(arrival.packet), DropReason::ttl_expired, visit);
    if (const auto problem = translate_icmp_error(arrival.frame, as_sent, source))
        return drop(std::move(arrival.packet), *problem, visit);
    if (for_itself) return hand_to_listener(std::move(arrival), visit);
    if (followed()) note_rewrite(arrival.key, arrival.frame.key());
    decrement_time_to_live(arrival.frame.ipv4());
    transmit(std::move(arrival.packet), outbound, session.next_hop[index_of(flow->direction)], visit);
}

// What tells the sender of `offender` what became of it; nullptr when nobody may be told, and in a probe.
PacketPtr EdgeGateway::make_report(const Packet& offender, const IcmpError& error, const Visit& visit) {
    if (visit.own()) return nullptr;  // whoever asked is told by the return value
    // RFC 1812 4.3.2.4: from the address of the interface by which the error leaves, which is where the packet came in.
    const Interface& link = interface(visit.inbound);
    if (link.addresses.empty()) return nullptr;
    PacketPtr message = probing_ ? nullptr : icmp_.make_error(offender, error, link.addresses.front().address, visit.now);
    if (followed()) note_report(error, message || (probing_ && deserves_error(offender)));
    return message;
}

void EdgeGateway::report(const Packet& offender, const IcmpError& error, Visit& visit) {
    PacketPtr message = make_report(offender, error, visit);
    if (message) originate(std::move(message), visit);
}

// Refuses a TCP segment by a RST; false when there is none for it. It counts as one of the errors that have a rate.
bool EdgeGateway::reset(const Arrival& arrival, Visit& visit) {
    if (visit.own() || !may_be_reset(arrival.frame)) return false;
    if (probing_) {
        note_reset(true);
        return true;
    }
    PacketPtr message = icmp_.may_say_error(visit.now) ? make_tcp_reset(pool_, arrival.frame) : nullptr;
    if (followed()) note_reset(message != nullptr);
    if (message) originate(std::move(message), visit);
    return true;
}

// ARP got no answer. The packet has been rewritten already, so the error is made about what would have been on the wire and then
// translated like one from outside.
void EdgeGateway::report_unresolved(PacketPtr packet, InterfaceId outbound, Visit& visit) {
    Visit back{outbound, visit.now, visit.out};
    PacketPtr message = make_report(*packet, IcmpError::host_unreachable(), back);
    drop(std::move(packet), DropReason::neighbor_unresolved, back);
    if (!message) return;
    const Aside aside{*this};
    ++ledger_.originated;
    FrameView frame = FrameView::parse(*message);
    ensure(bool{frame});
    translate_error({std::move(message), frame, {}}, back);
}

// Sends a packet of the gateway's own.
void EdgeGateway::originate(PacketPtr packet, Visit& visit) {
    const Aside aside{*this};
    ++ledger_.originated;
    FrameView frame = FrameView::parse(*packet);
    ensure(frame && frame.is_ipv4());
    const Route* route = routes_->find(frame.ipv4().destination);
    if (route == nullptr) return drop(std::move(packet), DropReason::no_route, visit);
    transmit(std::move(packet), route->interface, route->next_hop.value_or(frame.ipv4().destination), visit);
}

void EdgeGateway::transmit(PacketPtr packet, InterfaceId outbound, Ipv4Address next_hop, Visit& visit) {
    if (followed()) note_departure(*packet, outbound, next_hop);
    if (probing_) {
        if (neighbors_.has_failed(outbound, next_hop)) report_unresolved(std::move(packet), outbound, visit);
        return;
    }
    const auto neighbor = neighbors_.resolve(outbound, next_hop, visit.now, visit.out);
    switch (neighbor.state) {
        case NeighborTable::Resolution::State::asking: return neighbors_.wait(outbound, next_hop, std::move(packet));
        case NeighborTable::Resolution::State::unreachable: return report_unresolved(std::move(packet), outbound, visit);
        case NeighborTable::Resolution::State::known: break;
    }
    auto& ethernet = *reinterpret_cast<EthernetHeader*>(packet->data());
    ethernet.destination = neighbor.mac;
    ethernet.source = interface(outbound).mac;
    visit.out.put(outbound, std::move(packet));
}

void EdgeGateway::transmit_in_fragments(Arrival arrival, InterfaceId outbound, Ipv4Address next_hop, Visit& visit) {
    Batch fragments;
    const auto count = cut_into_fragments(arrival.frame, interface(outbound).mtu, pool_, fragments);
    if (!count) return drop(std::move(arrival.packet), count.error(), visit);
    // One packet came in and n go out: the packet itself counts as the first.
    ledger_.copied += *count - 1;
    for (PacketPtr& fragment : fragments) transmit(std::move(fragment), outbound, next_hop, visit);
}

void EdgeGateway::expire(Timestamp now, Outbox<InterfaceId>& out) {
    if (!ruleset_) return;
    sessions_.expire(ruleset_->timeouts, now, kMostExpiriesPerTick,
                     [&](const Session& session) { note_end(session, "timeout"); });
    fragments_.expire(now);
    neighbors_.expire(now, out, unresolved_);
    for (NeighborTable::Unresolved& given_up : unresolved_) {
        Visit visit{given_up.interface, now, out};
        report_unresolved(std::move(given_up.packet), given_up.interface, visit);
    }
    unresolved_.clear();
}

void EdgeGateway::clear_rule_counters() {
    rule_counters_.clear();
    pools_.forget_most();
    // What live sessions have carried so far was counted before: it is owed, and made good when they end (modulo 2^64).
    sessions_.for_each([&](SessionIndex, const Session& session) {
        for (const RuleId rule : {session.firewall_rule, session.dnat_rule, session.snat_rule})
            rule_counters_.add_bytes(rule, std::uint64_t{0} - (session.bytes[0] + session.bytes[1]));
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

void EdgeGateway::drop(PacketPtr packet, DropReason reason, Visit& visit) {
    visit.dropped = reason;
    if (followed()) note_drop(reason);
    if (probing_) return;
    ledger_.drop(reason, *packet, visit.inbound);
    ++counters_[index_of(visit.inbound)].drops;
    packet.reset();
}

}  // namespace hairpin::gateway
