// What the gateway says to those whose packets it does not forward, and what it does with what others say about packets that it did.

#include <cstddef>

#include "gateway/edge_gateway.h"
#include "gateway/icmp/icmp_translation.h"
#include "gateway/ip_options.h"
#include "gateway/rewrite.h"
#include "gateway/sessions/tcp_state.h"
#include "gateway/tcp_reset.h"

namespace hairpin::gateway {

namespace {

// In which flow of which session an error travels that quotes a packet of this key.
std::optional<SessionTable::Flow> flow_of_error(const SessionTable& sessions, const Ipv4FlowKey& quoted) {
    if (const auto flow = sessions.find(awaited_reply(quoted))) return flow;
    if (!is_one_sided(quoted)) return std::nullopt;
    // Nothing in it tells what its answers look like; where the packet was not translated, its own key does.
    const auto flow = sessions.find(quoted);
    return flow ? std::optional{SessionTable::Flow{flow->session, opposite(flow->direction)}} : std::nullopt;
}

}  // namespace

// The gateway answers pings itself; what else is addressed to it finds nobody.
void EdgeGateway::answer_locally(Arrival arrival, Visit& visit) {
    const Ipv4Header& ip = arrival.frame.ipv4();
    const bool ping = ip.protocol() == IpProtocol::icmp && arrival.frame.icmp().type() == IcmpType::echo_request;
    if (ping && ip.is_fragment()) return gather_own(std::move(arrival), visit);
    if (ping) return answer_echo(std::move(arrival), visit);
    if (hold_syn(arrival, visit)) return;
    const bool ports = ip.protocol() == IpProtocol::udp || ip.protocol() == IpProtocol::tcp;
    if (ports || ip.protocol() != IpProtocol::icmp)
        report(*arrival.packet, ports ? IcmpError::port_unreachable() : IcmpError::protocol_unreachable(), visit);
    drop(std::move(arrival.packet), DropReason::no_local_service, visit);
}

void EdgeGateway::answer_echo(Arrival arrival, Visit& visit) {
    if (!probing_ && !icmp_.may_answer_echo(visit.now))
        return drop(std::move(arrival.packet), DropReason::icmp_rate_limited, visit);
    if (followed()) {
        note(TraceStage::icmp, "the gateway answers the echo request itself");
        passage_->answered = true;
    }
    if (probing_) return;
    // RFC 1122 3.2.2.6: the answer carries the request's options, with us in them.
    const Ipv4Header& ip = arrival.frame.ipv4();
    if (ip.header_length() > sizeof(Ipv4Header)) record(arrival.frame, ip.destination, visit.now);
    turn_into_echo_reply(arrival.frame);
    ++ledger_.absorbed;
    originate(std::move(arrival.packet), visit);
}

// A fragment of a ping that the rules let in, as they were asked about the first.
void EdgeGateway::gather_own(Arrival arrival, Visit& visit) {
    if (followed()) {
        note(TraceStage::local, "a fragment of a ping of the gateway itself, which puts it together");
        passage_->answered = true;
    }
    if (arrival.frame.has_l4()) return own_datagrams_.begin(std::move(arrival.packet), arrival.frame, visit.inbound, visit.now);
    PacketPtr whole = own_datagrams_.add(std::move(arrival.packet), arrival.frame, visit.inbound);
    if (!whole) return;
    FrameView frame = FrameView::parse(*whole);
    ensure(frame && frame.is_ipv4());
    answer_echo({std::move(whole), frame, arrival.key}, visit);
}

// RFC 1812 4.3.3.5: whose options cannot be read is told where.
void EdgeGateway::refuse_options(PacketPtr packet, const FrameView& frame, Visit& visit) {
    const OptionsRead options = read_options(frame.l3_bytes().first(frame.ipv4().header_length()));
    ensure(options.problem.has_value());
    report(*packet, IcmpError::parameter_problem(*options.problem), visit);
    drop(std::move(packet), DropReason::options_malformed, visit);
}

// RFC 5382 REQ-4: an unsolicited SYN from outside is not answered at once. True when it waits, or has been dealt with.
bool EdgeGateway::hold_syn(Arrival& arrival, Visit& visit) {
    if (probing_ || visit.own() || arrival.key.protocol != IpProtocol::tcp || !opens_connection(arrival.frame.tcp()))
        return false;
    if (interface(visit.inbound).role != InterfaceRole::uplink) return false;
    if (followed()) note(TraceStage::icmp, "the sender of an unsolicited SYN is told after six seconds, unless one crosses it");
    if (!syns_.keep(arrival.packet, arrival.key, visit.inbound, visit.now))
        drop(std::move(arrival.packet), DropReason::no_local_service, visit);
    return true;
}

// The host inside has opened the same connection.
void EdgeGateway::forget_syn(const Ipv4FlowKey& key, Visit& visit) {
    auto syn = syns_.take(key);
    if (!syn) return;
    const Aside aside{*this};
    Visit its{syn->inbound, visit.now, visit.out};
    drop(std::move(syn->packet), DropReason::no_local_service, its);
}

void EdgeGateway::answer_held_syns(Timestamp now, Outbox<InterfaceId>& out) {
    while (auto syn = syns_.take_due(now)) {
        Visit visit{syn->inbound, now, out};
        report(*syn->packet, IcmpError::port_unreachable(), visit);
        drop(std::move(syn->packet), DropReason::no_local_service, visit);
    }
}

// An error quotes a segment as it left: its sender must find the number that it has sent.
void EdgeGateway::unshift_quote(SessionIndex index, Direction quoted, Arrival& error) const {
    const Session& session = sessions_[index];
    if (session.original_key.protocol != IpProtocol::tcp) return;
    const QuotedView view = QuotedView::parse(error.frame.l4_bytes().subspan(sizeof(IcmpHeader)));
    if (!view || view.ipv4().fragment_offset() != 0) return;
    auto& sequence = reinterpret_cast<Be32*>(view.l4_bytes().data())[1];
    Be32 sent = sequence;
    if (session.proxied && quoted == Direction::reply) sent = Be32{syn_proxy_[index].as_server_knows(sent.value())};
    const FtpDialog* dialog = session.has_alg ? algs_.dialog_of(session) : nullptr;
    if (dialog != nullptr) sent = Be32{dialog->edits(quoted).as_sent(sent.value())};
    if (sent == sequence) return;
    const ChecksumDelta delta{ChecksumSum{}.subtract(sequence).add(sent)};
    sequence = sent;
    // Where its checksum is quoted as well, that changes the other way, and the sum of both is what it was.
    if (view.l4_bytes().size() >= offsetof(TcpHeader, checksum) + sizeof(Be16)) {
        Be16& checksum = reinterpret_cast<TcpHeader*>(view.l4_bytes().data())->checksum;
        checksum = delta.applied_to(checksum);
    } else if (error.frame.packet().offload.checksum != ChecksumState::partial) {
        error.frame.icmp().checksum = delta.applied_to(error.frame.icmp().checksum);
    }
}

// An ICMP error about a packet of a session goes to that packet's sender, with the addresses that the sender knows (RFC 5508 §4).
void EdgeGateway::translate_error(Arrival arrival, Visit& visit) {
    const IcmpType type = arrival.frame.icmp().type();
    if (type == IcmpType::redirect || type == IcmpType::source_quench)
        return drop(std::move(arrival.packet), DropReason::icmp_not_forwarded, visit);
    const QuotedView quoted = QuotedView::parse(arrival.frame.l4_bytes().subspan(sizeof(IcmpHeader)));
    if (!quoted) return drop(std::move(arrival.packet), quoted.reason(), visit);
    const auto flow = flow_of_error(sessions_, quoted.key());
    if (!flow) return drop(std::move(arrival.packet), DropReason::icmp_no_session, visit);

    // The error travels in `flow`'s direction; the packet it is about travelled in the other one.
    Session& session = sessions_[flow->session];
    if (!probing_ && !session.decided_by(ruleset_->edition()) && !still_right(session, sender_of(session))) {
        end_session(flow->session, "the new rules decide otherwise");
        return drop(std::move(arrival.packet), DropReason::icmp_no_session, visit);
    }
    if (session.has_alg || session.proxied) [[unlikely]]
        unshift_quote(flow->session, opposite(flow->direction), arrival);
    if (!came_rightly({&session, flow->session, flow->direction}, visit))
        return drop(std::move(arrival.packet), DropReason::wrong_interface, visit);
    if (quoted.key().protocol == IpProtocol::tcp && tracking_of(session) == TcpTracking::strict &&
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
    const bool for_itself = outbound == kGatewayItself;
    // RFC 5508 REQ-5: what comes from behind a translation must not show its inside address.
    Ipv4Address source = hides_source || from_peer ? as_sent.destination : arrival.frame.ipv4().source;
    // RFC 1812 4.3.2.4: what the gateway itself has to say, and nobody else may in its name, comes from where it leaves.
    const bool our_own = routes_->local().find(arrival.frame.ipv4().source) == LocalAddress::own;
    if (our_own && !for_itself && !interface(outbound).addresses.empty())
        source = interface(outbound).address_towards(session.next_hop[index_of(flow->direction)]);
    // RFC 3927 §7: a link-local address is not known beyond its link.
    if (source.is_link_local() && !our_own && !for_itself)
        return drop(std::move(arrival.packet), DropReason::martian_source, visit);
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

    const FrameView frame = FrameView::parse(const_cast<Packet&>(offender));  // which only reads
    if (!frame || !frame.is_ipv4()) return nullptr;
    const Ipv4Header& about = frame.ipv4();
    // RFC 1812 4.3.2.7: a broadcast is no business of one router's.
    if (routes_->local().find(about.destination) == LocalAddress::broadcast) return nullptr;
    // RFC 1812 4.3.2.4: from an address of the interface by which the error leaves.
    const Route* back = routes_->find(about.source);
    const Interface& link = interface(back != nullptr ? back->interface : visit.inbound);
    if (link.addresses.empty() || !link.icmp_errors) return nullptr;
    const Ipv4Address source = link.address_towards(back != nullptr ? back->next_hop.value_or(about.source) : about.source);
    PacketPtr message = probing_ ? nullptr : icmp_.make_error(offender, error, source, visit.now);
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

}  // namespace hairpin::gateway
