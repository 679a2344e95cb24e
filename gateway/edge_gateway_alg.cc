// Application layer gateways: what control sessions announce is awaited, and what comes of it is let in as they were.

#include <algorithm>

#include "gateway/alg/payload.h"
#include "gateway/alg/tftp_request.h"
#include "gateway/edge_gateway.h"

namespace hairpin::gateway {

namespace {

std::span<const std::byte> tcp_payload(const FrameView& frame) { return frame.l4_bytes().subspan(frame.tcp().header_length()); }

bool logs(const Ruleset& ruleset, RuleId id) {
    return std::any_of(ruleset.firewall.begin(), ruleset.firewall.end(),
                       [&](const FirewallRule& rule) { return rule.id == id && rule.log; });
}

}  // namespace

// ---- Control sessions ------------------------------------------------------------------------------------------------------------

// A session has begun: does somebody listen to it? Only from its beginning on.
void EdgeGateway::attend(SessionFlow flow) {
    Session& session = *flow.session;
    if (probing_ || session.inbound() == kGatewayItself || session.outbound() == kGatewayItself) return;
    for (const AlgRow& row : kAlgRows) {
        if (!ruleset_->algs.listens(row.kind, session.reply_key.protocol, session.reply_key.source_port)) continue;
        if (row.kind == AlgKind::ftp) {
            if (algs_.dialogs.size() == Algs::kMostDialogs) return static_cast<void>(++algs_.of(row.kind).no_room);
            algs_.dialogs.try_emplace(session.serial);
        }
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

// The sender of this flow awaits another one at its port `inside`, which its peer sees as `outside`; none: a port is to be found. Answers that.
std::optional<L4Port> EdgeGateway::expect(const SessionFlow& flow, AlgKind alg, L4Port inside, std::optional<L4Port> outside,
                                          Visit& visit) {
    const Session& control = *flow.session;
    const Ipv4FlowKey own = control.key(flow.direction), seen = control.rewritten(flow.direction);
    Expectation expectation;
    expectation.alg = alg;
    expectation.control = flow.index;
    expectation.serial = control.serial;
    expectation.announced = flow.direction;
    expectation.inside = {own.source, inside, own.protocol};
    expectation.until = visit.now + Algs::kPatience;

    std::optional<NewMapping> port;
    if (!outside) {
        // As if the inside had sent from there, so that a port it has already is the same for everybody.
        const Ipv4FlowKey original{own.source, own.destination, inside, {}, own.protocol};
        const Ipv4FlowKey to{own.source, seen.destination, inside, {}, own.protocol};
        SourceChoice choice = source_as_seen(control, seen.source);
        choice.mapping = MappingMode::endpoint_independent;
        choice.filtering = FilteringMode::address_and_port_dependent;  // it lets nobody in but who is awaited
        choice.rule = kNoRule;
        const auto grant = allocator_.allocate(original, to, choice, sessions_, mappings_, visit.now);
        if (!grant || !grant->mapping) return ++algs_.of(alg).no_room, std::nullopt;
        port = grant->mapping;
        const MappingIndex old = mappings_.find_outside(port->outside);
        if (old != kNoMapping && mappings_[old].used()) {
            port->mode = mappings_[old].mode;
            port->filtering = mappings_[old].filtering;
            port->firewall_match = mappings_[old].firewall_match;
            port->rule = mappings_[old].rule;
            port->outbound = mappings_[old].outbound;
        }
        outside = port->outside.port;
        expectation.held_for = port->peer;
    }
    expectation.awaited = {seen.destination, seen.source, {}, *outside, own.protocol};

    if (const auto same = algs_.expectations.find(expectation.awaited)) {
        if (algs_.expectations[*same].serial != control.serial) return ++algs_.of(alg).no_room, std::nullopt;
        algs_.expectations.prolong(*same, expectation.until);
        return outside;
    }
    if (algs_.expectations.count_of(control.serial) == Expectations::kMostOfSession)
        release_expectation(algs_.expectations.take(*algs_.expectations.oldest_of(control.serial)));
    if (!algs_.expectations.add(expectation)) return ++algs_.of(alg).no_room, std::nullopt;
    if (port) mappings_.hold(*port, visit.now);
    ++algs_.of(alg).announced;
    if (followed())
        note(TraceStage::session, "the " + std::string{name_of(alg)} + " gateway awaits a flow from " +
                                      seen.destination.to_string() + " to " + endpoint_text(seen.source, *outside));
    return outside;
}

// An address that stands for somebody in a control session stands for it in what is related, too.
SourceChoice EdgeGateway::source_as_seen(const Session& control, Ipv4Address address) const {
    SourceChoice choice{{address, address}};
    choice.mapping = MappingMode::endpoint_independent;
    choice.allocation = PortAllocation::preserve;
    choice.outbound = control.outbound();
    const auto rule = std::find_if(ruleset_->nat.begin(), ruleset_->nat.end(),
                                   [&](const NatRule& candidate) { return candidate.id == control.snat_rule; });
    if (rule == ruleset_->nat.end() || rule->action != NatAction::snat ||
        address != control.rewritten(Direction::original).source)
        return choice;
    choice.ports = rule->translated_port;
    choice.mapping = rule->mapping;
    choice.filtering = rule->filtering;
    choice.allocation = rule->port_allocation;
    choice.firewall_match = rule->firewall_match;
    choice.rule = rule->id;
    return choice;
}

// ---- What is awaited ---------------------------------------------------------------------------------------------------------------

// What the packet, which belongs to no session, was announced as; its control session lives, and the rules in force still let it.
std::optional<ExpectationIndex> EdgeGateway::find_expectation(const Arrival& arrival, const Visit& visit) {
    const auto found = algs_.expectations.find(arrival.key);
    if (!found) return std::nullopt;
    const Expectation& expectation = algs_.expectations[*found];
    const SessionIndex index = expectation.control;
    if (expectation.until < visit.now || visit.inbound != sessions_[index].egress[index_of(expectation.announced)])
        return std::nullopt;
    if (sessions_[index].decided_by(ruleset_->edition())) return found;
    Session copy = sessions_[index];
    Session& control = probing_ ? copy : sessions_[index];
    if (still_right(control, sender_of(control))) return found;
    if (!probing_) end_session(index, "the new rules decide otherwise");
    return std::nullopt;
}

// Its source is as the one who awaits it knows its peer, and its destination where that is.
Decision EdgeGateway::decide_as_expected(const Expectation& expectation, const Ipv4FlowKey& first) {
    const Session& control = sessions_[expectation.control];
    const Direction back = opposite(expectation.announced);
    const bool by_client = expectation.announced == Direction::original;
    Decision decision;
    decision.outcome = Decision::Outcome::forward;
    decision.firewall_rule = control.firewall_rule;
    decision.firewall_logs = logs(*ruleset_, control.firewall_rule);
    decision.outbound = control.egress[index_of(back)];
    decision.next_hop = control.next_hop[index_of(back)];
    decision.after_dnat = first;
    decision.after_dnat.destination = expectation.inside.address;
    decision.after_dnat.destination_port = expectation.inside.port;
    if (decision.after_dnat != first) {
        decision.dnat_rule = by_client ? control.snat_rule : control.dnat_rule;
        decision.mapping = mappings_.find_outside(Ipv4TransportAddress::destination_of(first));
    }
    const Ipv4Address peer = control.key(expectation.announced).destination;
    if (peer != first.source) {
        decision.snat_rule = by_client ? control.dnat_rule : control.snat_rule;
        decision.source = source_as_seen(control, peer);
        decision.source->outbound = decision.outbound;
    }
    if (followed())
        note(TraceStage::session,
             "expected by " + std::string{name_of(expectation.alg)} + ", session " + std::to_string(control.id()) + ", rule " +
                 std::to_string(control.firewall_rule),
             control.firewall_rule);
    return decision;
}

// It has come.
void EdgeGateway::relate(Session& session, ExpectationIndex expected) {
    session.related = 1;
    if (probing_) return;
    const Expectation expectation = algs_.expectations.take(expected);
    algs_.relations.insert_or_assign(session.serial,
                                     RelatedSession{expectation.alg, expectation.announced, sessions_[expectation.control]});
    ++algs_.of(expectation.alg).arrived;
    release_expectation(expectation);
}

void EdgeGateway::release_expectation(const Expectation& expectation) {
    if (expectation.held_for) mappings_.release(Ipv4TransportAddress::destination_of(expectation.awaited), *expectation.held_for);
}

// A control session or a related one ends. What was announced and has not come is not awaited any more; what has come goes on.
void EdgeGateway::forget_with_alg(const Session& session) {
    algs_.relations.erase(session.serial);
    algs_.dialogs.erase(session.serial);
    algs_.expectations.take_all([&](const Expectation& expectation) { return expectation.serial == session.serial; },
                                [&](const Expectation& expectation) { release_expectation(expectation); });
}

void EdgeGateway::expire_expectations(Timestamp now) {
    algs_.expectations.take_all([&](const Expectation& expectation) { return expectation.until < now; },
                                [&](const Expectation& expectation) { release_expectation(expectation); });
}

// ---- What is related ----------------------------------------------------------------------------------------------------------------

// What becomes of the control session, or would, becomes of it.
SessionFate EdgeGateway::fate_of_related(const Session& session, const Ruleset& ruleset, const RouteTable& routes) const {
    const RelatedSession* relation = algs_.related(session);
    if (relation == nullptr || !ruleset.has(session.inbound()) || !ruleset.has(session.outbound())) return SessionFate::ended;
    const Session& control = relation->control;
    const SessionFate fate = review(control, ruleset, routes, &mappings_, sender_of(control)).fate;
    return fate == SessionFate::kept ? fate : SessionFate::ended;
}

bool EdgeGateway::related_still_right(Session& session) const {
    if (fate_of_related(session, *ruleset_, *routes_) != SessionFate::kept) return false;
    session.decide_by(ruleset_->edition());
    return true;
}

// ---- ICMP errors ---------------------------------------------------------------------------------------------------------------------

// An error quotes a segment as it left: its sender must find the number that it has sent.
void EdgeGateway::unshift_quote(const Session& session, Direction quoted, Arrival& error) const {
    const FtpDialog* dialog = algs_.dialog_of(session);
    if (dialog == nullptr || dialog->edits(quoted).empty()) return;
    const QuotedView view = QuotedView::parse(error.frame.l4_bytes().subspan(sizeof(IcmpHeader)));
    if (!view || view.ipv4().fragment_offset() != 0) return;
    auto& sequence = reinterpret_cast<Be32*>(view.l4_bytes().data())[1];
    const Be32 sent{dialog->edits(quoted).as_sent(sequence.value())};
    const ChecksumDelta delta{ChecksumSum{}.subtract(sequence).add(sent)};
    sequence = sent;
    if (error.frame.packet().offload.checksum != ChecksumState::partial)
        error.frame.icmp().checksum = delta.applied_to(error.frame.icmp().checksum);
}

}  // namespace hairpin::gateway
