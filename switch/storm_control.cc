#include "switch/storm_control.h"

#include <algorithm>
#include <chrono>

namespace hairpin::l2 {

namespace {

constexpr double kBurstSeconds = 0.125;

// On the wire, where a super-packet is many.
struct WireSize {
    std::uint64_t packets, bytes;
};
WireSize wire_size(const Packet& packet) {
    const Offload& offload = packet.offload;
    if (offload.segmentation == Segmentation::none || offload.segment_size == 0) return {1, packet.size()};
    const std::size_t payload = packet.size() - std::min<std::size_t>(packet.size(), offload.header_length);
    const std::uint64_t segments = std::max<std::uint64_t>(1, (payload + offload.segment_size - 1) / offload.segment_size);
    return {segments, packet.size() + (segments - 1) * offload.header_length};
}

}  // namespace

TokenBucket::TokenBucket(double per_second)
    : per_second_(per_second), most_(std::max(1.0, per_second * kBurstSeconds)), tokens_(most_) {}

bool TokenBucket::take(double size, Timestamp now) {
    const double seconds = std::chrono::duration<double>(std::max(now - filled_, Duration{})).count();
    tokens_ = std::min(most_, tokens_ + seconds * per_second_);
    filled_ = std::max(filled_, now);
    if (tokens_ <= 0) return false;
    tokens_ -= size;
    return true;
}

StormControl::StormControl(const StormLimits& limits) {
    const auto begin = [this](Traffic traffic, const std::optional<StormLimit>& limit) {
        if (limit)
            meters_[static_cast<std::size_t>(traffic)] = Meter{*limit, TokenBucket{static_cast<double>(limit->per_second)}};
    };
    begin(Traffic::broadcast, limits.broadcast);
    begin(Traffic::multicast, limits.multicast);
    begin(Traffic::unknown_unicast, limits.unknown_unicast);
}

bool StormControl::admits(Traffic traffic, const Packet& packet, Timestamp now) {
    std::optional<Meter>& meter = meters_[static_cast<std::size_t>(traffic)];
    if (!meter) return true;
    const WireSize size = wire_size(packet);
    const std::uint64_t cost = meter->limit.unit == StormLimit::Unit::packets ? size.packets : 8 * size.bytes;
    if (meter->bucket.take(static_cast<double>(cost), now)) {
        meter->passed += size.packets;
        return true;
    }
    meter->dropped += size.packets;
    meter->last_refused = now;
    if (!meter->storming) ++meter->storms, meter->storming = true, meter->told = false;
    return false;
}

}  // namespace hairpin::l2
