#pragma once
// `trace live`: the next packets that enter the gateway and match a filter are traced as they pass, with all that comes of them. Each is
// told of by an event like an answer of `trace`, with the packet as it came in; the last one is followed by "end".
//
// While nobody waits for a packet, the gateway asks nobody. Whoever does asks for at most kMostPackets.

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/passage.h"
#include "runtime/packet_filter.h"
#include "runtime/subscribers.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

class LiveTraces final : public gateway::PassageObserver {
public:
    static constexpr std::uint64_t kMostPackets = 1000;

    explicit LiveTraces(Worker& worker) : worker_(worker) {}
    ~LiveTraces() override { worker_.gateway().follow(nullptr); }
    LiveTraces(const LiveTraces&) = delete;
    LiveTraces& operator=(const LiveTraces&) = delete;

    struct Trace {
        PacketFilter filter;
        std::optional<InterfaceId> inbound;  // none: any
        std::uint64_t packets = 1;           // how many are still to come
        std::function<void(std::string_view line)> listener;
    };
    SubscriptionToken begin(Trace trace);
    void end(SubscriptionToken token);

    bool wants(InterfaceId inbound, const Packet& packet) override;
    void passed(InterfaceId inbound, const gateway::Passage& passage) override;

private:
    struct Tracing {
        Trace trace;
        bool wants = false;  // the packet at hand
    };
    void rest();

    Worker& worker_;
    Subscribers<Tracing> traces_;
    std::string at_hand_;  // the packet that is traced, in one line, as it came in
    std::size_t length_ = 0;
};

}  // namespace hairpin::runtime
