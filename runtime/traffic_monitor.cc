#include "runtime/traffic_monitor.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/event_line.h"
#include "runtime/packet_summary.h"

namespace hairpin::runtime {

using nlohmann::json;

Result<SubscriptionToken> TrafficMonitor::begin(Watch watch) {
    const auto port = worker_.find_place(watch.place);
    if (!port) return failure(fmt::format("there is no port \"{}\", and no interface of the gateway", watch.place), "port");
    worker_.show_traffic(*this);
    return watches_.add({std::move(watch), *port});
}

void TrafficMonitor::end(SubscriptionToken token) {
    watches_.remove(token);
    rest();
}

void TrafficMonitor::rest() {
    if (watches_.empty()) worker_.hide_traffic(*this);
}

void TrafficMonitor::look() {
    watches_.tell([](Watching& watching) { return tell_skipped(watching), true; });
}

void TrafficMonitor::passed(PortId port, Way way, const Batch& packets, Timestamp now) {
    watches_.tell([&](Watching& watching) {
        if (watching.port != port) return true;
        for (const PacketPtr& packet : packets)
            if (watching.watch.filter.matches(packet->bytes()) && !show(watching, way, *packet, now)) return false;
        return true;
    });
    rest();
}

bool TrafficMonitor::show(Watching& watching, Way way, const Packet& packet, Timestamp now) {
    if (now - watching.second >= std::chrono::seconds{1}) {
        tell_skipped(watching);
        watching.second = now;
        watching.shown = 0;
    }
    if (watching.shown == kLinesPerSecond) return ++watching.skipped, true;
    ++watching.shown;
    watching.watch.listener(event_line("packet", {{"time", wall_clock_text(now)},
                                                  {"port", watching.watch.place},
                                                  {"direction", way == Way::in ? "in" : "out"},
                                                  {"length", packet.size()},
                                                  {"packet", packet_summary(packet.bytes())}}));
    if (!watching.watch.lines || --*watching.watch.lines > 0) return true;
    tell_skipped(watching);
    watching.watch.listener(last_event_line("end", {{"why", "count"}}, true));
    return false;
}

void TrafficMonitor::tell_skipped(Watching& watching) {
    if (watching.skipped == 0) return;
    watching.watch.listener(event_line("skipped", {{"packets", std::exchange(watching.skipped, 0)}}));
}

void TrafficMonitor::gone(PortId port) {
    watches_.tell([&](Watching& watching) {
        if (watching.port != port) return true;
        tell_skipped(watching);
        watching.watch.listener(last_event_line("end", {{"why", "gone"}, {"text", watching.watch.place + " is gone"}}, true));
        return false;
    });
    rest();
}

}  // namespace hairpin::runtime
