#include "runtime/live_traces.h"

#include <nlohmann/json.hpp>

#include "runtime/event_line.h"
#include "runtime/packet_summary.h"
#include "runtime/passage_view.h"

namespace hairpin::runtime {

using nlohmann::json;

SubscriptionToken LiveTraces::begin(Trace trace) {
    worker_.gateway().follow(this);
    return traces_.add({std::move(trace)});
}

void LiveTraces::end(SubscriptionToken token) {
    traces_.remove(token);
    rest();
}

void LiveTraces::rest() {
    if (traces_.empty()) worker_.gateway().follow(nullptr);
}

bool LiveTraces::wants(InterfaceId inbound, const Packet& packet) {
    bool anybody = false;
    traces_.tell([&](Tracing& tracing) {
        const bool here = !tracing.trace.inbound || *tracing.trace.inbound == inbound;
        tracing.wants = here && tracing.trace.filter.matches(packet.bytes());
        anybody = anybody || tracing.wants;
        return true;
    });
    if (!anybody) return false;
    at_hand_ = packet_summary(packet.bytes());
    length_ = packet.size();
    return true;
}

void LiveTraces::passed(InterfaceId inbound, const gateway::Passage& passage) {
    json view = passage_view(passage, worker_.gateway().ruleset());
    view["packet"] = at_hand_;
    view["length"] = length_;
    view["in_interface"] = worker_.gateway().ruleset().interfaces[index_of(inbound)].name;
    view["out_port"] = egress_port_of(passage, worker_);
    const std::string line = event_line("trace", std::move(view));
    traces_.tell([&](Tracing& tracing) {
        if (!std::exchange(tracing.wants, false)) return true;
        tracing.trace.listener(line);
        if (--tracing.trace.packets > 0) return true;
        tracing.trace.listener(last_event_line("end", {{"why", "count"}}, true));
        return false;
    });
    rest();
}

}  // namespace hairpin::runtime
