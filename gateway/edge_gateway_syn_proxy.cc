// Handshakes that the gateway makes for servers behind it (gateway/syn_proxy/syn_proxy.h draws them).

#include <algorithm>
#include <cstring>

#include "gateway/edge_gateway.h"
#include "gateway/mss_clamp.h"
#include "gateway/packet_edits.h"
#include "gateway/sessions/tcp_state.h"
#include "gateway/tcp_segment.h"

namespace hairpin::gateway {

namespace {

constexpr unsigned kIpAndTcp = sizeof(Ipv4Header) + sizeof(TcpHeader);

TcpHeader header_of_own(const Ipv4FlowKey& key, std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
                        std::uint16_t window) {
    TcpHeader header;
    header.source_port = Be16{key.source_port.number()};
    header.destination_port = Be16{key.destination_port.number()};
    header.flags = flags;
    header.sequence = Be32{sequence};
    header.acknowledgment = Be32{acknowledgment};
    header.window = Be16{window};
    return header;
}

// The client's SYN once more. The window of a SYN is not scaled.
TcpHeader syn_again(const Ipv4FlowKey& key, const ClientSyn& syn, std::uint16_t window) {
    const std::uint32_t bytes = std::uint32_t{window} << syn.window_scale.value_or(0);
    return header_of_own(key, TcpHeader::kSyn, syn.sequence, 0, static_cast<std::uint16_t>(std::min(bytes, 0xffffU)));
}

SynOptions options_of(const ClientSyn& syn) { return {syn.mss, syn.window_scale, syn.selective_acknowledgments}; }

// What the splice has kept of it.
ClientSyn syn_of(const Session& session, const Splice& splice) {
    const auto scale = splice.client_scale == Splice::kNoScale ? std::nullopt : std::optional{splice.client_scale};
    return {session.tcp.end[index_of(Direction::original)] - 1, splice.mss, scale, splice.selective_acknowledgments};
}

bool is_acknowledgment_alone(const TcpHeader& header) {
    return (header.flags & (TcpHeader::kSyn | TcpHeader::kAck | TcpHeader::kRst | TcpHeader::kFin)) == TcpHeader::kAck;
}

}  // namespace

// ---- The client --------------------------------------------------------------------------------------------------------------------

bool EdgeGateway::proxies(const Decision& decision, const Arrival& arrival) const {
    return decision.syn_proxy && decision.outcome == Decision::Outcome::forward && arrival.key.protocol == IpProtocol::tcp &&
           opens_connection(arrival.frame.tcp());
}

void EdgeGateway::note_proxied(const Decision& decision, std::string_view then) {
    note(TraceStage::session,
         "the rule has syn-proxy: the gateway answers the SYN itself, and when the client has acknowledged that the server is "
         "asked; " +
             std::string{then},
         decision.firewall_rule);
}

// A window of zero: what the client has to say waits until the server listens.
void EdgeGateway::answer_with_cookie(Arrival arrival, const Decision& decision, Visit& visit) {
    if (followed()) {
        note_proxied(decision, "a session begins then");
        passage_->answered = true;
    }
    const Interface &inbound = interface(visit.inbound), &outbound = interface(decision.outbound);
    const unsigned fitting = std::min(inbound.mtu, outbound.mtu) - kIpAndTcp;
    const ClientSyn syn = read_syn(arrival.frame);
    const SynOptions options{
        static_cast<std::uint16_t>(std::min<unsigned>(fitting, largest_mss(inbound, outbound).value_or(0xffff))),
        syn.window_scale ? std::optional{Splice::kScaleSaid} : std::nullopt, syn.selective_acknowledgments};
    const std::uint32_t cookie = syn_proxy_.cookies().make(arrival.key, syn, visit.now);
    const Ipv4FlowKey back = arrival.key.reversed();
    PacketPtr answer =
        make_tcp_segment(pool_, back.source, back.destination,
                         header_of_own(back, TcpHeader::kSyn | TcpHeader::kAck, cookie, syn.sequence + 1, 0), options.bytes());
    if (!answer) return drop(std::move(arrival.packet), DropReason::no_buffer, visit);
    ++syn_proxy_.counters.answered;
    ++ledger_.absorbed;
    originate(std::move(answer), visit);
}

// What belongs to no session may acknowledge a cookie: then the client's SYN stands in its place.
std::optional<EdgeGateway::ReturnedCookie> EdgeGateway::take_cookie(Arrival& arrival, Visit& visit) {
    if (probing_ || visit.own() || arrival.key.protocol != IpProtocol::tcp || !arrival.frame.has_l4()) return std::nullopt;
    const TcpHeader& header = arrival.frame.tcp();
    if (!is_acknowledgment_alone(header)) return std::nullopt;
    const std::uint32_t cookie = header.acknowledgment.value() - 1;
    const std::uint16_t window = header.window.value();
    const auto syn = syn_proxy_.cookies().read(arrival.key, header.sequence.value() - 1, cookie, visit.now);
    if (!syn) return std::nullopt;
    PacketPtr again = make_tcp_segment(pool_, arrival.key.source, arrival.key.destination, syn_again(arrival.key, *syn, window),
                                       options_of(*syn).bytes());
    if (!again) return std::nullopt;
    std::memcpy(again->data(), arrival.packet->data(), sizeof(EthernetHeader));
    if (followed()) note(TraceStage::session, "it acknowledges the gateway's answer to its SYN, which goes to the server now");
    ++ledger_.absorbed;
    ++ledger_.originated;
    arrival.packet = std::move(again);
    arrival.frame = FrameView::parse(*arrival.packet);
    return ReturnedCookie{*syn, cookie, window};
}

void EdgeGateway::begin_splice(SessionFlow flow, const ReturnedCookie& cookie, Timestamp now) {
    flow.session->proxied = 1;
    syn_proxy_[flow.index] = {.shift = cookie.cookie,
                              .mss = cookie.syn.mss,
                              .client_scale = cookie.syn.window_scale.value_or(Splice::kNoScale),
                              .selective_acknowledgments = cookie.syn.selective_acknowledgments,
                              .client_window = cookie.window,
                              .server_scale = Splice::kNoScale,
                              .open = false};
    ++syn_proxy_.counters.returned;
    syn_proxy_.wait_for(flow.index, flow.session->serial, now);
}

// ---- The server --------------------------------------------------------------------------------------------------------------------

// False: until the server has answered, nothing goes on.
bool EdgeGateway::hear_spliced(SessionFlow flow, Arrival& arrival, Visit& visit) {
    if (flow.index == kNoSession || !arrival.frame.has_l4()) return true;
    const Splice& splice = syn_proxy_[flow.index];
    if (!splice.open && flow.session->state == SessionState::opening) {
        if (flow.direction == Direction::reply)
            hear_server(flow, std::move(arrival), visit);
        else
            hear_waiting_client(flow, std::move(arrival), visit);
        return false;
    }
    if (flow.direction == Direction::reply) return true;
    const auto as_server_knows = [&](std::uint32_t number) { return splice.as_server_knows(number); };
    change_acknowledgments(arrival.frame, {as_server_knows, as_server_knows});
    if (!arrival.frame.tcp().has(TcpHeader::kSyn))
        set_window(arrival.frame, splice.window_to_server(arrival.frame.tcp().window.value()));
    return true;
}

void EdgeGateway::leave_spliced(SessionFlow flow, FrameView& frame) {
    if (flow.index == kNoSession || flow.direction == Direction::original || !frame.has_l4()) return;
    const Splice& splice = syn_proxy_[flow.index];
    if (!splice.open) return;
    const std::uint32_t known = splice.as_client_knows(frame.tcp().sequence.value());
    if (followed())
        note(TraceStage::rewrite, "its sequence number becomes " + std::to_string(known) + ", as the client knows the server");
    set_sequence(frame, known);
    if (!frame.tcp().has(TcpHeader::kSyn)) set_window(frame, splice.window_to_client(frame.tcp().window.value()));
}

// It has been told that there is no window; what it sends all the same it will send again. One that resets gives up.
void EdgeGateway::hear_waiting_client(SessionFlow flow, Arrival arrival, Visit& visit) {
    const TcpHeader& header = arrival.frame.tcp();
    const bool gives_up =
        header.has(TcpHeader::kRst) && header.sequence.value() == flow.session->tcp.end[index_of(Direction::original)];
    if (!gives_up) return drop(std::move(arrival.packet), DropReason::server_not_open, visit);
    carry(flow, std::move(arrival), visit);
    if (!probing_) end_session(flow.index, "the client has reset it");
}

void EdgeGateway::hear_server(SessionFlow flow, Arrival arrival, Visit& visit) {
    const TcpHeader& header = arrival.frame.tcp();
    if (segment_standing(flow, arrival) != SegmentStanding::valid)
        return drop(std::move(arrival.packet), DropReason::invalid_state, visit);
    if (header.has(TcpHeader::kRst)) {
        // For the client it comes in the middle of a connection, where it must be exact (RFC 5961 §3.2).
        if (!probing_) ++syn_proxy_.counters.refused;
        set_sequence(arrival.frame, syn_proxy_[flow.index].shift + 1);
        return carry(flow, std::move(arrival), visit);
    }
    if (!header.has(TcpHeader::kSyn)) return drop(std::move(arrival.packet), DropReason::invalid_state, visit);
    if (followed()) {
        note(TraceStage::session, "the server's answer to the client's SYN, which the client has from the gateway already");
        passage_->answered = true;
    }
    if (!probing_) open_splice(flow, std::move(arrival), visit);
}

void EdgeGateway::open_splice(SessionFlow flow, Arrival syn_ack, Visit& visit) {
    Session& session = *flow.session;
    Splice& splice = syn_proxy_[flow.index];
    const std::uint32_t first = syn_ack.frame.tcp().sequence.value();
    const std::uint16_t window = syn_ack.frame.tcp().window.value();
    count(flow, syn_ack, SegmentStanding::valid, visit);
    if (session.has_alg) pass_by_alg(flow, syn_ack, SegmentStanding::valid, interface(visit.inbound).mtu, visit);
    syn_ack.packet.reset();
    ++ledger_.absorbed;
    ++syn_proxy_.counters.opened;
    splice.shift -= first;
    splice.server_scale =
        splice.client_scale == Splice::kNoScale ? Splice::kNoScale : session.tcp.scale[index_of(Direction::reply)];
    splice.open = true;

    const std::uint32_t next = session.tcp.end[index_of(Direction::original)];
    Visit from_client{session.inbound(), visit.now, visit.out};
    carry_own(
        {&session, flow.index, Direction::original},
        header_of_own(session.original_key, TcpHeader::kAck, next, first + 1, splice.window_to_server(splice.client_window)), {},
        from_client);
    // A SYN's window is not scaled; from now on the server's are.
    const unsigned down = splice.server_scale == Splice::kNoScale ? 0 : splice.server_scale;
    carry_own(flow,
              header_of_own(session.reply_key, TcpHeader::kAck, first + 1, next, static_cast<std::uint16_t>(window >> down)), {},
              visit);
}

// A segment in the name of the session's client or server, as that one would send it.
void EdgeGateway::carry_own(SessionFlow flow, const TcpHeader& header, std::span<const std::byte> options, Visit& visit) {
    const Aside aside{*this};
    const Ipv4FlowKey key = flow.session->key(flow.direction);
    PacketPtr packet = make_tcp_segment(pool_, key.source, key.destination, header, options);
    if (!packet) return;
    ++ledger_.originated;
    const FrameView frame = FrameView::parse(*packet);
    carry(flow, {std::move(packet), frame, key}, visit);
}

// False: it need not be asked any more.
bool EdgeGateway::ask_server_again(const SynProxy::Waiting& waiting, Timestamp now, Outbox<InterfaceId>& out) {
    Session& session = sessions_[waiting.session];
    const bool waits = session.alive() && session.serial == waiting.serial && session.state == SessionState::opening &&
                       !syn_proxy_[waiting.session].open;
    if (!waits) return false;
    const SessionFlow flow{&session, waiting.session, Direction::original};
    Visit visit{session.inbound(), now, out};
    if (waiting.tries == SynProxy::kTries) {
        ++syn_proxy_.counters.silent;
        refuse_client(flow, visit);
        return false;
    }
    const Splice& splice = syn_proxy_[waiting.session];
    const ClientSyn syn = syn_of(session, splice);
    carry_own(flow, syn_again(session.original_key, syn, splice.client_window), options_of(syn).bytes(), visit);
    return true;
}

// The server has never answered.
void EdgeGateway::refuse_client(SessionFlow flow, Visit& visit) {
    const Ipv4FlowKey back = flow.session->original_key.reversed();
    PacketPtr reset = make_tcp_segment(pool_, back.source, back.destination,
                                       header_of_own(back, TcpHeader::kRst | TcpHeader::kAck, syn_proxy_[flow.index].shift + 1,
                                                     flow.session->tcp.end[index_of(Direction::original)], 0));
    end_session(flow.index, "the server does not answer");
    if (reset) originate(std::move(reset), visit);
}

}  // namespace hairpin::gateway
