// Application layer gateways: who listens to which session, FTP's connections, and requests of TFTP.

#include <algorithm>

#include "gateway/alg/tftp_request.h"
#include "gateway/edge_gateway.h"
#include "gateway/packet_edits.h"

namespace hairpin::gateway {

namespace {

std::span<const std::byte> tcp_payload(const FrameView& frame) { return frame.l4_bytes().subspan(frame.tcp().header_length()); }

}  // namespace

// A session has begun: does somebody listen to it? Only from its beginning on.
void EdgeGateway::attend(SessionFlow flow, const Arrival& first) {
    Session& session = *flow.session;
    if (probing_ || session.inbound() == kGatewayItself || session.outbound() == kGatewayItself) return;
    for (const AlgRow& row : kAlgRows) {
        if (!ruleset_->algs.listens(row.kind, session.reply_key.protocol, session.reply_key.source_port)) continue;
        if (row.kind == AlgKind::ftp) {
            if (algs_.dialogs.size() == Algs::kMostDialogs) return static_cast<void>(++algs_.of(row.kind).no_room);
            algs_.dialogs.try_emplace(session.serial);
        }
        if (row.kind == AlgKind::sip && !attend_sip(session, first)) return;
        session.has_alg = 1;
        ++algs_.of(row.kind).followed;
        return;
    }
}

// What a side acknowledges it has received as it left; the session is kept in the numbers that each side has sent.
void EdgeGateway::hear_with_alg(SessionFlow flow, Arrival& arrival) {
    if (arrival.key.protocol != IpProtocol::tcp || !arrival.frame.has_l4()) return;
    const FtpDialog* dialog = algs_.dialog_of(*flow.session);
    if (dialog == nullptr) return;
    const StreamEdits& edits = dialog->edits(opposite(flow.direction));
    if (edits.empty()) return;
    change_acknowledgments(arrival.frame,
                           {[&](std::uint32_t number) { return edits.as_sent(number); },
                            [&](std::uint32_t number) { return edits.as_sent(number, StreamEdits::Inside::ends); }});
}

// A packet that goes on: what it announces is awaited, and what was changed in its stream is changed in it.
void EdgeGateway::pass_by_alg(SessionFlow flow, Arrival& arrival, std::optional<SegmentStanding> standing, std::size_t mtu,
                              Visit& visit) {
    const Session& session = *flow.session;
    FrameView& frame = arrival.frame;
    if (!frame.has_l4()) return;
    if (arrival.key.protocol == IpProtocol::udp) {
        if (SipDialog* dialog = algs_.sip_of(session)) return hear_sip(flow, arrival, *dialog, mtu, visit);
        const bool asks = flow.direction == Direction::original && !frame.ipv4().is_fragment() &&
                          is_tftp_request(frame.l4_bytes().subspan(sizeof(UdpHeader)).first(frame.l4_payload_length()));
        if (!probing_ && asks && ruleset_->algs.of(AlgKind::tftp).enabled)
            expect(flow, AlgKind::tftp, session.key(flow.direction).source_port, session.rewritten(flow.direction).source_port,
                   visit);
        return;
    }
    FtpDialog* dialog = algs_.dialog_of(session);
    if (dialog == nullptr) return;
    if (!probing_ && standing == SegmentStanding::valid && ruleset_->algs.of(AlgKind::ftp).enabled && dialog->listens())
        hear_ftp(flow, arrival, *dialog, mtu, visit);

    const StreamEdits& edits = dialog->edits(flow.direction);
    if (edits.empty()) return;
    const std::uint32_t sequence = frame.tcp().sequence.value();
    if (standing && edits.touches(sequence, frame.l4_payload_length())) {
        std::vector<std::byte> payload = edits.applied_to(sequence, tcp_payload(frame));
        // What has no room is cut off, and comes again.
        const std::size_t headers = frame.l3_length() - frame.l4_payload_length();
        const bool super = frame.packet().offload.segmentation != Segmentation::none;
        const std::size_t room = std::max(frame.l3_length(), super ? std::size_t{0xffff} : mtu) - headers;
        if (payload.size() > room) {
            payload.resize(room);
            frame.tcp().flags = static_cast<std::uint8_t>(frame.tcp().flags & ~TcpHeader::kFin);
        }
        replace_payload(frame, payload);
        if (followed()) note(TraceStage::rewrite, "the ftp gateway has put another address and port into it");
    }
    const std::uint32_t shifted = edits.as_received(sequence);
    if (followed() && shifted != sequence)
        note(TraceStage::rewrite,
             "its sequence number becomes " + std::to_string(shifted) + ", after what was changed before it");
    set_sequence(frame, shifted);
}

void EdgeGateway::hear_ftp(SessionFlow flow, Arrival& arrival, FtpDialog& dialog, std::size_t mtu, Visit& visit) {
    const Session& session = *flow.session;
    const TcpHeader& tcp = arrival.frame.tcp();
    const std::uint32_t sequence = tcp.sequence.value();
    if (tcp.has(TcpHeader::kSyn)) return dialog.begin(flow.direction, sequence + 1);
    const std::span<const std::byte> payload = tcp_payload(arrival.frame);
    if (payload.empty()) return;
    AlgCounters& counters = algs_.of(AlgKind::ftp);
    const FtpDialog::Hearing hearing = dialog.hear(flow.direction, sequence, payload);
    switch (hearing.heard) {
        case FtpDialog::Heard::nothing: return;
        case FtpDialog::Heard::split: ++counters.split; return;
        case FtpDialog::Heard::stopped:
            ++counters.stopped;
            if (followed()) note(TraceStage::session, "the ftp gateway listens no more: this is not FTP, or a part is missing");
            return;
        case FtpDialog::Heard::announcement: break;
    }

    // A side may speak for its own address alone, and of no service of the system.
    const FtpAnnouncement& said = hearing.announcement;
    const Ipv4FlowKey own = session.key(flow.direction), seen = session.rewritten(flow.direction);
    const std::uint32_t acknowledged = session.tcp.acked[index_of(opposite(flow.direction))];
    const std::size_t longest = said.with(Ipv4Address{255, 255, 255, 255}, L4Port{65535}).size();
    const bool too_long = arrival.frame.l3_length() - said.length + longest > mtu || longest > StreamEdits::kLongest;
    StreamEdits& edits = dialog.edits(flow.direction);
    if (said.address.value_or(own.source) != own.source || said.port.number() < Algs::kLowestPort || too_long) {
        ++counters.refused;
        if (followed())
            note(TraceStage::session, "the ftp gateway refuses what it announces: not its own address, or no port for data");
        return;
    }
    if (!edits.has_room(acknowledged)) return static_cast<void>(++counters.no_room);
    const bool translated = own.source != seen.source;
    const auto port = expect(flow, AlgKind::ftp, said.port, translated ? std::nullopt : std::optional{said.port}, visit);
    if (!port || !translated) return;
    edits.add(sequence + static_cast<std::uint32_t>(said.at), said.length, said.with(seen.source, *port), acknowledged);
    ++counters.rewritten;
}

}  // namespace hairpin::gateway
