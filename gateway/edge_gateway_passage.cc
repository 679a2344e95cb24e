// What is written down about a packet that is followed, and following one.

#include "gateway/edge_gateway.h"

namespace hairpin::gateway {

void EdgeGateway::receive_followed(PacketPtr packet, Visit& visit) {
    Passage passage;
    passage_ = &passage;
    receive(std::move(packet), visit);
    passage_ = nullptr;
    passage_observer_->passed(visit.inbound, passage);
}

void EdgeGateway::note_session(const SessionTable::Flow& flow, std::optional<std::string_view> gone) {
    const Session& session = *passage_->session;
    note(TraceStage::session, "session " + std::to_string(session.id()) + ", " + std::string{row_of(session.state).name} + ", " +
                                  (flow.direction == Direction::original ? "original" : "reply") + " direction" +
                                  (gone ? ": ends, " + std::string{*gone} : ""));
    if (!gone) return;
    passage_->ended = flow.session;
    passage_->session.reset();
}

void EdgeGateway::note_rewrite(const Ipv4FlowKey& from, const Ipv4FlowKey& to) {
    passage_->left = to;
    TraceStep& step = passage_->tracer.note(TraceStage::rewrite, from == to ? "addresses stay" : "becomes " + to.to_string());
    step.before = from;
    step.after = to;
}

void EdgeGateway::note_report(const IcmpError& error, bool told) {
    if (!told)
        return note(TraceStage::icmp, "the sender is not told: none may be of such a packet, or the rate of errors is used up");
    passage_->reported = error;
    note(TraceStage::icmp, "the sender is told: " + std::string{error.name});
}

void EdgeGateway::note_reset(bool told) {
    if (!told) return note(TraceStage::icmp, "the sender is not told: the rate of errors is used up");
    passage_->reset = true;
    note(TraceStage::icmp, "the sender is told: a TCP reset");
}

void EdgeGateway::note_drop(DropReason reason) {
    passage_->drop = reason;
    passage_->forwarded = passage_->answered = false;
    passage_->tracer.note(TraceStage::drop, std::string{description_of(reason)}).drop = reason;
}

// Of a segment that is not simply valid.
void EdgeGateway::note_standing(SegmentStanding standing) {
    note(TraceStage::session,
         standing == SegmentStanding::harmless
             ? "the segment is not exactly what the other side waits for: the connection's state does not follow it"
             : "the segment is outside of what the other side has allowed");
}

void EdgeGateway::note_departure(const Packet& packet, InterfaceId outbound, Ipv4Address next_hop) {
    if (passage_->forwarded) return;  // a further fragment of it
    if (neighbors_.has_failed(outbound, next_hop))
        return note(TraceStage::neighbor, next_hop.to_string() + " has not answered ARP just now, and is not asked again yet");
    passage_->forwarded = true;
    passage_->outbound = outbound;
    passage_->next_hop = next_hop;
    passage_->next_hop_mac = neighbors_.peek(outbound, next_hop);
    passage_->frame.assign(packet.bytes().begin(), packet.bytes().end());
    auto& ethernet = *reinterpret_cast<EthernetHeader*>(passage_->frame.data());
    ethernet.source = interface(outbound).mac;
    if (passage_->next_hop_mac) ethernet.destination = *passage_->next_hop_mac;
    note(TraceStage::neighbor,
         next_hop.to_string() + (passage_->next_hop_mac ? " is at " + passage_->next_hop_mac->to_string()
                                                        : " is not in the ARP table: the packet waits for its answer"));
    note(TraceStage::transmit, "out " + interface(outbound).name);
}

}  // namespace hairpin::gateway
