// SIP over UDP: whom its messages name is translated as the session is, and the media that they announce are awaited.

#include <functional>
#include <string>

#include "gateway/alg/sdp.h"
#include "gateway/alg/sip_message.h"
#include "gateway/alg/sip_names.h"
#include "gateway/edge_gateway.h"
#include "gateway/packet_edits.h"

namespace hairpin::gateway {

namespace {

// A fragment is none, several datagrams in one packet are none, and neither is one whose length is not its own.
std::optional<std::string_view> whole_datagram(const FrameView& frame) {
    const bool alone = frame.has_l4() && !frame.ipv4().is_fragment() && frame.packet().offload.segmentation == Segmentation::none;
    if (!alone || frame.udp().length.value() != frame.l4_bytes().size()) return std::nullopt;
    const auto payload = frame.l4_bytes().subspan(sizeof(UdpHeader));
    return std::string_view{reinterpret_cast<const char*>(payload.data()), payload.size()};
}

enum class StreamStanding : std::uint8_t { not_awaited, of_another, not_served, served };

StreamStanding standing_of(const SdpMedia& media, Ipv4Address own) {
    constexpr L4Port kNotListening{9};  // of a TCP connection that its side opens itself (RFC 4145 §4.1)
    if (media.port == L4Port{0}) return StreamStanding::not_awaited;
    if (media.carries == SdpMedia::Carries::other && media.port == kNotListening) return StreamStanding::not_awaited;
    if (media.address && media.address->is_unspecified()) return StreamStanding::not_awaited;  // held, as RFC 2543 §B.5 did
    if (media.address != own) return StreamStanding::of_another;
    const bool reaches_behind_last = media.carries == SdpMedia::Carries::rtp && media.rtcp_port() == L4Port{0};
    const bool low = media.port.number() < Algs::kLowestPort || (media.rtcp && media.rtcp->number() < Algs::kLowestPort);
    if (media.carries == SdpMedia::Carries::other || media.several_ports || low || reaches_behind_last ||
        media.rtcp_address.value_or(own) != own)
        return StreamStanding::not_served;
    return StreamStanding::served;
}

// The message with these edits of its head and of its body, and the length that its body has then.
std::string with_edits(std::string_view text, const SipMessage& message, std::vector<TextEdit> head,
                       const std::vector<TextEdit>& body) {
    std::size_t length = message.body_length;
    for (const TextEdit& edit : body) length += edit.with.size() - edit.length;
    if (message.length_at && length != message.body_length)
        head.push_back({*message.length_at, message.length_digits, std::to_string(length)});
    head.insert(head.end(), body.begin(), body.end());
    return edited(text, std::move(head));
}

// Ports of five digits, and none behind another.
std::vector<SdpPorts> longest_ports(const Sdp& sdp) {
    return std::vector<SdpPorts>(sdp.media.size(), SdpPorts{L4Port{65535}, L4Port{65534}});
}

}  // namespace

// Whoever begins otherwise than with a request is not listened to, now or later.
bool EdgeGateway::attend_sip(const Session& session, const Arrival& first) {
    AlgCounters& counters = algs_.of(AlgKind::sip);
    const auto text = whole_datagram(first.frame);
    const auto message = text ? read_sip(*text) : std::nullopt;
    if (!message || message->start != SipStart::request) return ++counters.stopped, false;
    if (algs_.sip_dialogs.size() == Algs::kMostDialogs) return ++counters.no_room, false;
    algs_.sip_dialogs.try_emplace(session.serial);
    return true;
}

void EdgeGateway::hear_sip(SessionFlow flow, Arrival& arrival, SipDialog& dialog, std::size_t mtu, Visit& visit) {
    if (probing_ || !ruleset_->algs.of(AlgKind::sip).enabled) return;
    const auto text = whole_datagram(arrival.frame);
    // What keeps a way open passes as it is: an empty line, or STUN (RFC 5626 §3.5).
    if (!text || begins_sip(*text) == SipStart::none) return;
    AlgCounters& counters = algs_.of(AlgKind::sip);
    const auto message = read_sip(*text);
    const auto sdp = message && message->has_sdp ? read_sdp(text->substr(message->body_at, message->body_length)) : std::nullopt;
    if (!message || (message->has_sdp && !sdp)) {
        ++counters.unread;
        if (followed()) note(TraceStage::session, "the sip gateway cannot read this message, and leaves it as it is");
        return;
    }

    const Session& session = *flow.session;
    const Ipv4FlowKey own = session.key(flow.direction), seen = session.rewritten(flow.direction);
    const std::uint64_t call = std::hash<std::string_view>{}(message->call_id);
    if (message->ends_call())
        algs_.expectations.take_all(
            [&](const Expectation& expectation) { return expectation.serial == session.serial && expectation.call == call; },
            [&](const Expectation& expectation) { release_expectation(expectation); });

    bool& sender_leaves_out = dialog.without_port[index_of(flow.direction)];
    const SipEnd sender{own.source, own.source_port};
    sender_leaves_out = leaves_port_out(message->addresses, sender).value_or(sender_leaves_out);
    const SipNames names{{{sender, {seen.source, seen.source_port}, sender_leaves_out},
                          {{own.destination, own.destination_port},
                           {seen.destination, seen.destination_port},
                           dialog.without_port[index_of(opposite(flow.direction))]}}};
    const std::vector<TextEdit> head = sip_edits(message->addresses, names);

    // Who brings candidates of its own needs nobody's help (RFC 8445), and would find them at odds with the rest.
    const bool announces = sdp && !sdp->has_candidates;
    const auto body_with = [&](const std::vector<SdpPorts>& told) {
        return sdp_edits(*sdp, own.source, seen.source, told, message->body_at);
    };
    if (session.translated()) {
        const std::vector<TextEdit> most = announces ? body_with(longest_ports(*sdp)) : std::vector<TextEdit>{};
        const std::size_t headers = arrival.frame.l3_length() - text->size();
        const std::size_t longest = headers + std::max(text->size(), with_edits(*text, *message, head, most).size());
        const std::size_t room = arrival.packet->size() + arrival.packet->tailroom() - sizeof(EthernetHeader);
        if (longest > std::min(mtu, room)) {
            ++counters.refused;
            if (followed())
                note(TraceStage::session, "the sip gateway leaves it as it is: with other addresses it would be too long");
            return;
        }
    }
    const auto told = announces ? expect_media(flow, *sdp, call, visit) : std::nullopt;
    const std::string becomes = with_edits(*text, *message, head, told ? body_with(*told) : std::vector<TextEdit>{});
    if (becomes == *text) return;
    replace_payload(arrival.frame, std::as_bytes(std::span{becomes}));
    ++counters.rewritten;
    if (followed()) note(TraceStage::rewrite, "the sip gateway has put other addresses and ports into it");
}

// The ports of each stream as the other side is to be told them. nullopt: nothing is told, because one stream of them cannot be served; what is
// left as it was reaches nobody, where the outside address with an inside port might reach somebody else.
std::optional<std::vector<SdpPorts>> EdgeGateway::expect_media(const SessionFlow& flow, const Sdp& sdp, std::uint64_t call,
                                                               Visit& visit) {
    const Ipv4Address own = flow.session->key(flow.direction).source;
    AlgCounters& counters = algs_.of(AlgKind::sip);
    bool all_served = true;
    for (const SdpMedia& media : sdp.media) {
        const StreamStanding standing = standing_of(media, own);
        if (standing == StreamStanding::of_another || standing == StreamStanding::not_served) ++counters.refused;
        all_served = all_served && standing != StreamStanding::not_served;
    }
    if (!all_served) {
        if (followed()) note(TraceStage::session, "the sip gateway refuses what it announces: a stream that it does not serve");
        return std::nullopt;
    }
    std::vector<SdpPorts> told;
    for (const SdpMedia& media : sdp.media) {
        const bool awaited = standing_of(media, own) == StreamStanding::served;
        const auto ports = awaited ? expect_stream(flow, media, call, visit) : SdpPorts{};
        if (!ports) return std::nullopt;
        told.push_back(*ports);
    }
    return told;
}

std::optional<SdpPorts> EdgeGateway::expect_stream(const SessionFlow& flow, const SdpMedia& media, std::uint64_t call,
                                                   Visit& visit) {
    const L4Port rtp = media.port;
    const auto rtcp = media.carries == SdpMedia::Carries::rtp ? std::optional{media.rtcp_port()} : std::nullopt;
    const bool apart = rtcp && *rtcp != rtp;  // RFC 5761 lets both share a port
    const auto awaits = [&](L4Port inside, L4Port outside, const std::optional<NewMapping>& mapping) {
        return await(flow, {AlgKind::sip, inside, outside, mapping, call}, visit);
    };
    if (flow.session->key(flow.direction).source == flow.session->rewritten(flow.direction).source) {
        if (!awaits(rtp, rtp, {}) || (apart && !awaits(*rtcp, *rtcp, {}))) return std::nullopt;
        return SdpPorts{rtp, rtcp};
    }
    std::optional<NewMapping> first, second;
    if (apart) {
        if (const auto pair = find_pair(flow, rtp, *rtcp, visit.now)) first = (*pair)[0], second = (*pair)[1];
    } else {
        first = find_port(flow, {rtp}, visit.now);
    }
    if (!first) return ++algs_.of(AlgKind::sip).no_room, std::nullopt;
    if (!awaits(rtp, first->outside.port, first)) return std::nullopt;
    if (!apart) return SdpPorts{first->outside.port, rtcp ? std::optional{first->outside.port} : std::nullopt};
    if (second->outside.port == first->outside.port) second = find_port(flow, {*rtcp}, visit.now);  // the first was not taken yet
    if (!second || !awaits(*rtcp, second->outside.port, second)) return std::nullopt;
    return SdpPorts{first->outside.port, second->outside.port};
}

}  // namespace hairpin::gateway
