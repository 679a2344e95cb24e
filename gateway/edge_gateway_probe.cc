// The packet tracer's entrance: the same journey as any packet's, with a Tracer that listens and a Passage that catches what
// would have stayed behind.

#include "gateway/edge_gateway.h"

namespace hairpin::gateway {

EdgeGateway::Passage EdgeGateway::probe(InterfaceId inbound, PacketPtr packet, Timestamp now) {
    return run_probe(inbound, std::move(packet), now, std::nullopt);
}

EdgeGateway::Passage EdgeGateway::probe_reply(const Passage& passage, PacketPtr reply, Timestamp now) {
    return run_probe(passage.outbound, std::move(reply), now, passage.session);
}

EdgeGateway::Passage EdgeGateway::run_probe(InterfaceId inbound, PacketPtr packet, Timestamp now,
                                            std::optional<Session> session) {
    Passage passage;
    passage.session = session;
    Tracer tracer;
    Outbox<InterfaceId> nowhere;
    tracer_ = &tracer;
    passage_ = &passage;
    Visit visit{inbound, now, nowhere};
    receive(std::move(packet), visit);
    tracer_ = nullptr;
    passage_ = nullptr;
    if (passage.ended != kNoSession) sessions_.show(passage.ended);
    ensure(nowhere.empty());
    passage.steps = tracer.take();
    return passage;
}

EdgeGateway::Supposition::Supposition(EdgeGateway& gateway, RulesetPtr ruleset)
    : gateway_(gateway), ruleset_(std::move(ruleset)), routes_(std::make_unique<RouteTable>(*ruleset_)) {
    exchange();
}

EdgeGateway::Supposition::~Supposition() { exchange(); }

void EdgeGateway::Supposition::exchange() {
    std::swap(gateway_.ruleset_, ruleset_);
    std::swap(gateway_.routes_, routes_);
}

void EdgeGateway::finish_probe(const Packet& packet, InterfaceId outbound, Ipv4Address next_hop) {
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
                                                        : " is not in the ARP table: the packet would wait for its answer"));
    note(TraceStage::transmit, "out " + interface(outbound).name);
}

}  // namespace hairpin::gateway
