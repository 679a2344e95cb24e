#include "gateway/sessions/progress.h"

#include <cstring>
#include <optional>

#include "gateway/sessions/tcp_state.h"
#include "net/dccp.h"
#include "net/sctp.h"

namespace hairpin::gateway {

namespace {

template <class Header>
std::optional<Header> header_in(std::span<const std::byte> l4, std::size_t offset = 0) {
    if (l4.size() < offset + sizeof(Header)) return std::nullopt;
    Header header;
    std::memcpy(&header, l4.data() + offset, sizeof header);
    return header;
}

// ---- SCTP

std::optional<SctpChunk> first_chunk(const FrameView& packet) {
    return header_in<SctpChunk>(packet.l4_bytes(), sizeof(SctpHeader));
}

bool opens_association(const FrameView& packet) {
    const auto chunk = first_chunk(packet);
    // A HEARTBEAT confirms another path of an association that began elsewhere (RFC 9260 §5.4).
    return chunk && (chunk->type() == SctpChunkType::init || chunk->type() == SctpChunkType::heartbeat);
}

bool has_right_tag(const PeerTags& tags, Direction direction, std::uint32_t tag, const SctpChunk& chunk) {
    const std::uint32_t expected = tags.carried[index_of(direction)];
    const bool may_reflect = chunk.type() == SctpChunkType::abort || chunk.type() == SctpChunkType::shutdown_complete;
    if (may_reflect && (chunk.flags & SctpChunk::kReflectedTag) != 0) return tag == tags.carried[index_of(opposite(direction))];
    return expected == 0 || tag == expected;
}

SessionState after_chunk(SessionState state, SctpChunkType type) {
    switch (type) {
        case SctpChunkType::cookie_ack:
        case SctpChunkType::heartbeat_ack: return state == SessionState::sctp_opening ? SessionState::sctp_established : state;
        case SctpChunkType::abort:
        case SctpChunkType::shutdown:
        case SctpChunkType::shutdown_ack:
        case SctpChunkType::shutdown_complete: return SessionState::sctp_closing;
        default: return state;
    }
}

void follow_sctp(Session& session, Direction direction, const FrameView& packet) {
    const auto header = header_in<SctpHeader>(packet.l4_bytes());
    const auto chunk = first_chunk(packet);
    if (!header || !chunk) return;
    PeerTags& tags = session.peer;
    const bool init = chunk->type() == SctpChunkType::init;
    if (init && session.state == SessionState::sctp_closing) {
        tags = {};
        session.state = SessionState::sctp_opening;
    }
    if (!init && !has_right_tag(tags, direction, header->verification_tag.value(), *chunk)) return;
    // Who begins says by which tag it wants to be called.
    const auto own = header_in<Be32>(packet.l4_bytes(), sizeof(SctpHeader) + sizeof(SctpChunk));
    if ((init || chunk->type() == SctpChunkType::init_ack) && own && session.state == SessionState::sctp_opening)
        tags.carried[index_of(opposite(direction))] = own->value();
    if (!init && tags.carried[index_of(direction)] == 0) tags.carried[index_of(direction)] = header->verification_tag.value();
    session.state = after_chunk(session.state, chunk->type());
}

// ---- DCCP

std::optional<DccpType> dccp_type(const FrameView& packet) {
    const auto header = header_in<DccpHeader>(packet.l4_bytes());
    return header ? std::optional{header->type()} : std::nullopt;
}

bool opens_dccp(const FrameView& packet) {
    const auto type = dccp_type(packet);
    return type == DccpType::request || type == DccpType::listen;
}

void follow_dccp(Session& session, const FrameView& packet) {
    const auto type = dccp_type(packet);
    if (!type) return;
    const bool both = session.packets[0] != 0 && session.packets[1] != 0;
    switch (*type) {
        case DccpType::request:
        case DccpType::listen:
            if (session.state == SessionState::dccp_closing) session.state = SessionState::dccp_opening;
            return;
        case DccpType::data:
        case DccpType::ack:
        case DccpType::data_ack:
            if (both && session.state == SessionState::dccp_opening) session.state = SessionState::dccp_established;
            return;
        case DccpType::close_request:
        case DccpType::close:
        case DccpType::reset: session.state = SessionState::dccp_closing; return;
        default: return;
    }
}

// The first SPI word, which changes when a tunnel's keys do.
void note_spi(Session& session, Direction direction, const FrameView& packet) {
    if (const auto spi = header_in<Be32>(packet.l4_bytes())) session.peer.carried[index_of(direction)] = spi->value();
}

}  // namespace

SessionState first_state(IpProtocol protocol) {
    switch (protocol) {
        case IpProtocol::tcp: return SessionState::opening;
        case IpProtocol::udp:
        case IpProtocol::udp_lite: return SessionState::udp;
        case IpProtocol::icmp: return SessionState::icmp;
        case IpProtocol::gre: return SessionState::gre;
        case IpProtocol::esp: return SessionState::esp;
        case IpProtocol::sctp: return SessionState::sctp_opening;
        case IpProtocol::dccp: return SessionState::dccp_opening;
        default: return SessionState::other;
    }
}

bool begins_session(const FrameView& packet, TcpTracking tracking) {
    switch (packet.ipv4().protocol()) {
        case IpProtocol::tcp: return opens_connection(packet.tcp(), tracking);
        case IpProtocol::icmp: return packet.icmp().is_query_request();
        case IpProtocol::sctp: return tracking == TcpTracking::loose || opens_association(packet);
        case IpProtocol::dccp: return tracking == TcpTracking::loose || opens_dccp(packet);
        default: return true;
    }
}

void take_note(Session& session, Direction direction, const FrameView& packet) {
    const bool answered = direction == Direction::reply;
    switch (session.state) {
        case SessionState::udp:
            if (answered) session.state = SessionState::udp_stream;
            return;
        case SessionState::gre:
            if (answered) session.state = SessionState::gre_stream;
            return;
        default: break;
    }
    if (!packet.has_l4()) return;
    switch (session.original_key.protocol) {
        case IpProtocol::sctp: return follow_sctp(session, direction, packet);
        case IpProtocol::dccp: return follow_dccp(session, packet);
        case IpProtocol::esp: return note_spi(session, direction, packet);
        default: return;
    }
}

}  // namespace hairpin::gateway
