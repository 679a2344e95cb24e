// The packet tracer's entrance: the same journey as any packet's, followed, and with nothing that stays behind.

#include "gateway/edge_gateway.h"

namespace hairpin::gateway {

Passage EdgeGateway::probe(InterfaceId inbound, PacketPtr packet, Timestamp now) {
    return run_probe(inbound, std::move(packet), now, std::nullopt);
}

Passage EdgeGateway::probe_reply(const Passage& passage, PacketPtr reply, Timestamp now) {
    return run_probe(passage.outbound, std::move(reply), now, passage.session);
}

Passage EdgeGateway::run_probe(InterfaceId inbound, PacketPtr packet, Timestamp now, std::optional<Session> session) {
    Passage passage;
    passage.session = session;
    Outbox<InterfaceId> nowhere;
    passage_ = &passage;
    probing_ = true;
    Visit visit{inbound, now, nowhere};
    receive(std::move(packet), visit);
    probing_ = false;
    passage_ = nullptr;
    if (passage.ended != kNoSession) sessions_.show(passage.ended);
    ensure(nowhere.empty());
    return passage;
}

EdgeGateway::Supposition::Supposition(EdgeGateway& gateway, RulesetPtr ruleset)
    : gateway_(gateway),
      ruleset_(std::move(ruleset)),
      loosest_(loosest_tracking(*ruleset_)),
      proxies_syns_(proxies_syns(*ruleset_)),
      routes_(std::make_unique<RouteTable>(*ruleset_)),
      limits_(*ruleset_) {
    exchange();
}

EdgeGateway::Supposition::~Supposition() { exchange(); }

void EdgeGateway::Supposition::exchange() {
    std::swap(gateway_.ruleset_, ruleset_);
    std::swap(gateway_.loosest_, loosest_);
    std::swap(gateway_.proxies_syns_, proxies_syns_);
    std::swap(gateway_.routes_, routes_);
    gateway_.census_.exchange(limits_);
}

}  // namespace hairpin::gateway
