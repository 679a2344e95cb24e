// The gateway as a host among others: what it asks the network itself, and how the answers find back. A ping of its own is a packet of
// a session like any other's, but that it enters by no interface, and that what comes back leaves by none.

#include "gateway/edge_gateway.h"
#include "gateway/rewrite.h"

namespace hairpin::gateway {

std::optional<EdgeGateway::OwnRefusal> EdgeGateway::send_own(PacketPtr packet, Timestamp now, Outbox<InterfaceId>& out) {
    ++ledger_.originated;
    Visit visit{kGatewayItself, now, out};
    if (!ruleset_) {
        drop(std::move(packet), DropReason::forwarding_disabled, visit);
        return OwnRefusal{DropReason::forwarding_disabled};
    }
    const FrameView frame = FrameView::parse(*packet);
    ensure(frame && frame.is_ipv4());
    const Ipv4FlowKey key = frame.key();
    pass({std::move(packet), frame, key}, visit);
    if (!visit.dropped) return std::nullopt;
    // What was too big had a way to go.
    const bool too_big = *visit.dropped == DropReason::too_big;
    return OwnRefusal{*visit.dropped, too_big ? interface(routes_->find(key.destination)->interface).mtu : 0};
}

bool EdgeGateway::request_arp(InterfaceId interface, Ipv4Address address, Timestamp now, Outbox<InterfaceId>& out) {
    return neighbors_.request(interface, address, now, out);
}

// An answer to what the gateway asked: the journey ends here.
void EdgeGateway::take_in(SessionFlow flow, Arrival arrival, Visit& visit) {
    if (!probing_) count(flow, arrival, std::nullopt, visit);
    rewrite(arrival.frame, *flow.session, flow.direction);
    hand_to_listener(std::move(arrival), visit);
}

void EdgeGateway::hand_to_listener(Arrival arrival, Visit& visit) {
    if (followed()) {
        note(TraceStage::local, "an answer to what the gateway itself has asked");
        passage_->answered = true;
    }
    if (probing_) return;
    ++ledger_.absorbed;
    if (own_traffic_ != nullptr) own_traffic_->received(arrival.frame, visit.now);
}

}  // namespace hairpin::gateway
