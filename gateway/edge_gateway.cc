#include "gateway/edge_gateway.h"

#include "gateway/admission.h"
#include "gateway/fragments/fragmenter.h"
#include "gateway/ip_options.h"
#include "gateway/mss_clamp.h"
#include "gateway/rewrite.h"
#include "gateway/sessions/progress.h"
#include "gateway/sessions/tcp_state.h"
#include "gateway/source_validation.h"

namespace hairpin::gateway {

namespace {

constexpr std::size_t kMostExpiriesPerTick = 4096;

bool is_icmp_error(const FrameView& frame) {
    return frame.ipv4().protocol() == IpProtocol::icmp && frame.has_l4() && frame.icmp().is_error();
}

// Of a packet that may not begin a session and belongs to none. RFC 5508 REQ-11: of ICMP, what is neither error nor query that we know.
DropReason without_session(const FrameView& frame) {
    const bool strange = frame.ipv4().protocol() == IpProtocol::icmp && frame.has_l4() && !frame.icmp().is_query_request() &&
                         !frame.icmp().is_query_reply();
    return strange ? DropReason::icmp_not_forwarded : DropReason::no_session;
}

TcpSegment segment_in(const FrameView& frame, Direction direction) {
    const TcpHeader& header = frame.tcp();
    const auto options = frame.l4_bytes().subspan(sizeof(TcpHeader), header.header_length() - sizeof(TcpHeader));
    return {direction, header, options, static_cast<std::uint32_t>(frame.l4_payload_length())};
}

}  // namespace

EdgeGateway::EdgeGateway(PacketPool& pool, Ledger& ledger, std::size_t session_capacity, Secrets secrets)
    : pool_(pool),
      ledger_(ledger),
      sessions_(session_capacity, secrets.sessions),
      census_(session_capacity, secrets.sessions),
      syn_proxy_(session_capacity, secrets.ports),
      allocator_(secrets.ports),
      mappings_(session_capacity, secrets.sessions),
      neighbors_(pool, ledger, secrets.sessions),
      fragments_(ledger, secrets.sessions),
      own_datagrams_(pool, ledger),
      identifications_(secrets.ports),
      icmp_(pool),
      algs_(secrets.sessions) {}

void EdgeGateway::adopt(RulesetPtr ruleset, Timestamp now) {
    ruleset_ = std::move(ruleset);
    const Lifetimes before = std::exchange(lifetimes_, Lifetimes{*ruleset_});
    loosest_ = loosest_tracking(*ruleset_);
    proxies_syns_ = proxies_syns(*ruleset_);
    routes_ = std::make_unique<RouteTable>(*ruleset_);
    proxy_arp_ = std::make_unique<ProxyArp>(*ruleset_, *routes_);
    neighbors_.adopt(*ruleset_, now);
    icmp_.adopt(ruleset_->icmp);
    rule_counters_.adopt(*ruleset_);
    mappings_.adopt(*ruleset_);
    census_.adopt(LimitPlan{*ruleset_}, sessions_);
    // A longer time to live the wheel finds out by itself; a shorter one it must be told.
    sessions_.for_each([&](SessionIndex index, const Session& session) {
        const Duration idle = lifetimes_.idle(session);
        if (idle < before.idle(session)) sessions_.rearm(index, idle);
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
    if (const auto reason = objection(frame, interface(visit.inbound), *ruleset_, routes_->local())) {
        if (*reason == DropReason::options_malformed) return refuse_options(std::move(packet), frame, visit);
        return drop(std::move(packet), *reason, visit);
    }

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
    visit.siblings_left_as.reset();
    for (VirtualReassembly::Ready& fragment : ready_fragments_) {
        const Aside aside{*this, fragment.packet.get() != at_hand};
        const FrameView view = FrameView::parse(*fragment.packet);
        if (fragment.leaves_as) visit.siblings_left_as = fragment.leaves_as;
        pass({std::move(fragment.packet), view, fragment.key}, visit);
    }
    ready_fragments_.clear();
    if (visit.siblings_left_as) fragments_.left_as(*visit.siblings_left_as);
}

void EdgeGateway::receive_arp(PacketPtr packet, FrameView& frame, Visit& visit) {
    if (followed()) note(TraceStage::receive, "ARP, which the table of neighbours answers");
    if (probing_) return;
    if (own_traffic_ != nullptr) own_traffic_->heard_arp(visit.inbound, frame.arp(), visit.now);
    const auto proxying =
        proxy_arp_->answers(visit.inbound, frame.arp()) ? NeighborTable::Proxying::yes : NeighborTable::Proxying::no;
    const auto refusal = neighbors_.receive(visit.inbound, std::move(packet), frame, visit.now, visit.out, proxying);
    if (!followed()) return;
    if (refusal) return note_drop(*refusal);
    passage_->answered = true;
}

void EdgeGateway::pass(Arrival arrival, Visit& visit) {
    if (followed()) {
        passage_->arrived = arrival.key;
        note(TraceStage::receive, arrival.key.to_string() + " in " + ruleset_->name_of(visit.inbound));
    }
    if (is_icmp_error(arrival.frame)) return translate_error(std::move(arrival), visit);
    auto flow = find_session(arrival, visit);
    std::optional<ReturnedCookie> cookie;
    if (!flow) {
        if (proxies_syns_) cookie = take_cookie(arrival, visit);
        if (!may_begin(arrival.frame, loosest_)) {
            if (!arrival.frame.has_l4() && own_datagrams_.awaits(arrival.frame, visit.inbound))
                return gather_own(std::move(arrival), visit);
            return drop(std::move(arrival.packet), without_session(arrival.frame), visit);
        }
        flow = begin_session(arrival, cookie, visit);
    }
    if (!flow) return;
    if (cookie) return carry(*flow, std::move(arrival), visit);
    pass_along(*flow, std::move(arrival), visit);
}

// How a whole TCP segment stands to its connection; nothing of any other packet.
std::optional<SegmentStanding> EdgeGateway::segment_standing(const SessionFlow& flow, const Arrival& arrival) const {
    if (arrival.key.protocol != IpProtocol::tcp || !arrival.frame.has_l4() || arrival.frame.ipv4().is_fragment())
        return std::nullopt;
    return standing_of(flow.session->tcp, flow.session->state, segment_in(arrival.frame, flow.direction),
                       tracking_of(*flow.session));
}

// A packet of a session, new or known, goes where the session says.
void EdgeGateway::pass_along(SessionFlow flow, Arrival arrival, Visit& visit) {
    const Session& session = *flow.session;
    if (!came_rightly(flow, visit)) return drop(std::move(arrival.packet), DropReason::wrong_interface, visit);
    if (arrival.key.protocol == IpProtocol::icmp && !is_of_query(flow, arrival))
        return drop(std::move(arrival.packet), DropReason::invalid_state, visit);
    if (session.proxied && !hear_spliced(flow, arrival, visit)) [[unlikely]]
        return;
    if (session.has_alg) [[unlikely]]
        hear_with_alg(flow, arrival);
    carry(flow, std::move(arrival), visit);
}

// The same, in the numbers that its sender has given it.
void EdgeGateway::carry(SessionFlow flow, Arrival arrival, Visit& visit) {
    const Session& session = *flow.session;
    if (session.awaits_peer && waits_for_peer(*flow.session, flow.direction))
        return drop(std::move(arrival.packet), DropReason::nat_filtered, visit);
    const std::optional<SegmentStanding> standing = segment_standing(flow, arrival);
    if (followed() && standing && *standing != SegmentStanding::valid) note_standing(*standing);
    if (standing == SegmentStanding::outside && tracking_of(session) == TcpTracking::strict)
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
    if (session.has_alg) [[unlikely]]
        pass_by_alg(flow, arrival, standing, link.mtu, visit);
    if (session.proxied) [[unlikely]]
        leave_spliced(flow, arrival.frame);
    if (followed()) note_rewrite(arrival.key, session.rewritten(flow.direction));
    rewrite(arrival.frame, session, flow.direction);
    // Only an address that others share, or that is the gateway's own, needs identifications of ours.
    if (!is_atomic(ip) && (ip.source != arrival.key.source || visit.own())) renumber(arrival.frame, visit);
    if (ip.header_length() > sizeof(Ipv4Header) && !link.addresses.empty())
        record(arrival.frame, link.address_towards(next_hop), visit.now);
    if (standing && arrival.frame.tcp().has(TcpHeader::kSyn)) announce_less(arrival.frame, outbound, visit);
    if (!visit.own()) decrement_time_to_live(ip);

    if (!fitting && followed())
        note(TraceStage::mtu, "longer than the MTU of " + std::to_string(link.mtu) + ": it is cut into fragments");
    if (fitting || probing_) return transmit(std::move(arrival.packet), outbound, next_hop, visit);
    transmit_in_fragments(std::move(arrival), outbound, next_hop, visit);
}

// Of a session that a query began: its queries go one way, and their replies the other. Fragments behind the first are as that was.
bool EdgeGateway::is_of_query(const SessionFlow& flow, const Arrival& arrival) {
    if (!arrival.frame.has_l4()) return true;
    const IcmpHeader& icmp = arrival.frame.icmp();
    const bool right = flow.direction == Direction::original
                           ? icmp.type_number == flow.session->icmp_type
                           : icmp.is_query_reply() && static_cast<std::uint8_t>(icmp.asked()) == flow.session->icmp_type;
    if (!right && followed())
        note(TraceStage::session, "ICMP type " + std::to_string(icmp.type_number) + " is not what the session's query, type " +
                                      std::to_string(flow.session->icmp_type) + ", lets go this way");
    return right;
}

// Whether the packet came in by the interface by which the session's other direction leaves; if not, whether that is to be borne.
bool EdgeGateway::came_rightly(const SessionFlow& flow, const Visit& visit) {
    const InterfaceId expected = flow.session->egress[index_of(opposite(flow.direction))];
    if (visit.inbound == expected) [[likely]]
        return true;
    if (may_come_by(*ruleset_, visit.inbound, expected)) return true;
    if (followed())
        note(TraceStage::session, "the session's packets come in by " + ruleset_->name_of(expected) +
                                      ", and source-validation of " + ruleset_->name_of(visit.inbound) + " is " +
                                      std::string{name_of(interface(visit.inbound).source_validation)});
    return false;
}

// All fragments of a datagram get the same identification.
void EdgeGateway::renumber(FrameView& frame, Visit& visit) {
    if (probing_) return identify(frame, identifications_.upcoming_for(frame));
    if (!frame.ipv4().is_fragment()) return identify(frame, identifications_.next_for(frame));
    if (!visit.siblings_left_as) visit.siblings_left_as = identifications_.next_for(frame);
    identify(frame, *visit.siblings_left_as);
}

// Where the options ask for it, and the settings do not object.
void EdgeGateway::record(FrameView& frame, Ipv4Address own, Timestamp now) {
    const IpOptionSettings& settings = ruleset_->ip_options;
    const Recording recording{settings.record_route == OptionTreatment::honour, settings.timestamp == OptionTreatment::honour};
    if (!recording.route && !recording.time) return;
    record_passage(frame, own, now, recording);
    if (followed()) note(TraceStage::rewrite, "the gateway writes itself down in its options, as " + own.to_string());
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
    if (session.by_mapping && !session.mapping_answered && flow.direction == Direction::reply) {
        session.mapping_answered = true;
        mappings_.answered(Ipv4TransportAddress::destination_of(session.original_key), session.original_key.source);
    }

    const SessionState before = session.state;
    if (!standing) {
        if (arrival.key.protocol == IpProtocol::tcp)
            learn_of_fragment(session.tcp, flow.direction);
        else
            take_note(session, flow.direction, arrival.frame);
    } else if (*standing == SegmentStanding::valid) {
        learn(session.tcp, segment_in(arrival.frame, flow.direction));
        session.state = advance(session.tcp, before, flow.direction, arrival.frame.tcp());
    }
    if (refreshes(flow, arrival, before, visit)) session.last_seen = Tick::at(visit.now);
    if (session.state == before) return;
    if (is_half_open(session.state) != is_half_open(before)) census_.turned(session, is_half_open(session.state));
    // A shorter time to live must be noticed by the wheel; a longer one it finds out by itself.
    const Duration idle = lifetimes_.idle(session);
    if (idle < lifetimes_.idle(before, session)) sessions_.rearm(flow.index, idle);
}

// Whether a packet keeps its session alive.
bool EdgeGateway::refreshes(SessionFlow flow, const Arrival& arrival, SessionState before, const Visit& visit) const {
    const Session& session = *flow.session;
    switch (session.original_key.protocol) {
        case IpProtocol::udp:
        case IpProtocol::udp_lite: {
            // RFC 4787 REQ-6: of a translated flow only packets from inside keep the mapping; else a stranger could hold it open.
            const bool from_outside = !visit.own() && interface(visit.inbound).role == InterfaceRole::uplink;
            return !from_outside || !session.translated() || ruleset_->udp_inbound_refresh;
        }
        case IpProtocol::tcp: {
            // RFC 7857 §7: nor does a reset, with which the inside answers a stranger. The first begins the four minutes of §2.2.
            const bool reset = arrival.frame.has_l4() && arrival.frame.tcp().has(TcpHeader::kRst);
            return !reset || session.state != before;
        }
        default: return true;
    }
}

// Sends a packet of the gateway's own.
void EdgeGateway::originate(PacketPtr packet, Visit& visit) {
    const Aside aside{*this};
    ++ledger_.originated;
    packet->mark = 0;  // an answer may be made of its question, and is not the same packet
    FrameView frame = FrameView::parse(*packet);
    ensure(frame && frame.is_ipv4());
    const Route* route = routes_->find(frame.ipv4().destination);
    if (route == nullptr) return drop(std::move(packet), DropReason::no_route, visit);
    const Ipv4Address next_hop = route->next_hop.value_or(frame.ipv4().destination);
    if (!is_atomic(frame.ipv4())) identify(frame, identifications_.next_for(frame));
    if (fits(frame, interface(route->interface).mtu)) return transmit(std::move(packet), route->interface, next_hop, visit);
    if (frame.ipv4().dont_fragment()) return drop(std::move(packet), DropReason::too_big, visit);
    transmit_in_fragments({std::move(packet), frame, {}}, route->interface, next_hop, visit);
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
    sessions_.expire(lifetimes_, now, kMostExpiriesPerTick, [&](const Session& session) { note_end(session, "timeout"); });
    mappings_.expire(now);
    expire_expectations(now);
    census_.expire(now);
    answer_held_syns(now, out);
    syn_proxy_.expire(now, [&](const SynProxy::Waiting& waiting) { return ask_server_again(waiting, now, out); });
    fragments_.expire(now);
    for (OwnDatagrams::Expired& unfinished : own_datagrams_.expire(now)) {
        Visit visit{unfinished.inbound, now, out};
        if (interface(unfinished.inbound).present()) report(*unfinished.first, IcmpError::reassembly_time_exceeded(), visit);
        drop(std::move(unfinished.first), DropReason::fragment_timeout, visit);
    }
    neighbors_.expire(now, out, unresolved_);
    for (NeighborTable::Unresolved& given_up : unresolved_) {
        Visit visit{given_up.interface, now, out};
        report_unresolved(std::move(given_up.packet), given_up.interface, visit);
    }
    unresolved_.clear();
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
