#pragma once
// `monitor traffic`: a line for each packet that passes a port of the switch, or an interface of the gateway, and matches a filter.
//
// While nobody watches, the Worker is not asked to show anything. A client is sent at most kLinesPerSecond lines a second; what passes
// beyond them is counted and said ("skipped"), so that watching a flood neither floods the client nor holds the flood up for long.
// A watch ends after as many lines as were asked for, when its port goes, and with its client.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/packet_filter.h"
#include "runtime/subscribers.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

class TrafficMonitor final : public TrafficObserver {
public:
    static constexpr std::uint64_t kLinesPerSecond = 200;

    explicit TrafficMonitor(Worker& worker) : worker_(worker) {}
    ~TrafficMonitor() override { worker_.hide_traffic(*this); }
    TrafficMonitor(const TrafficMonitor&) = delete;
    TrafficMonitor& operator=(const TrafficMonitor&) = delete;

    // Takes finished lines: events, of which the last is "end".
    using Listener = std::function<void(std::string_view line)>;
    struct Watch {
        std::string place;  // the name of a port, or of an interface of the gateway
        PacketFilter filter;
        std::optional<std::uint64_t> lines;  // how many to be shown; none: until it is ended
        Listener listener;
    };
    // Fails, with the path "port", when nothing has that name.
    Result<SubscriptionToken> begin(Watch watch);
    void end(SubscriptionToken token);
    // Called now and then: says what was left out.
    void look();

    void passed(PortId port, Way way, const Batch& packets, Timestamp now) override;
    void gone(PortId port) override;

private:
    struct Watching {
        Watch watch;
        PortId port;
        Timestamp second{};  // in which `shown` lines have been sent
        std::uint64_t shown = 0;
        std::uint64_t skipped = 0;
    };
    // False when the watch is over.
    static bool show(Watching& watching, Way way, const Packet& packet, Timestamp now);
    static void tell_skipped(Watching& watching);
    void rest();

    Worker& worker_;
    Subscribers<Watching> watches_;
};

}  // namespace hairpin::runtime
