#include "switch/ports/traced_port.h"

#include <fmt/format.h>

#include <chrono>

#include "net/frame_view.h"
#include "net/result.h"

namespace hairpin::l2 {

PacketSummary PacketSummary::of(Packet& packet, Way way, Timestamp time) {
    PacketSummary summary{.way = way, .time = time, .size = packet.size()};
    const auto ethernet = EthernetView::parse(packet);
    if (!ethernet) return summary;
    summary.source = ethernet.source();
    summary.destination = ethernet.destination();
    summary.vlan = ethernet.vlan();
    summary.ether_type = ethernet.ether_type();
    if (ethernet.tagged()) return summary;
    if (const auto frame = FrameView::parse(packet); frame && frame.is_ipv4()) summary.flow = frame.key();
    return summary;
}

std::string PacketSummary::to_string() const {
    const double seconds = std::chrono::duration<double>(time.time_since_epoch()).count();
    std::string text = fmt::format("{} {:.6f}s {} bytes {} -> {}", way == Way::in ? "in " : "out", seconds, size,
                                   source.to_string(), destination.to_string());
    if (vlan.tagged()) text += fmt::format(" vlan {}", vlan.number());
    if (flow) return text + " " + flow->to_string();
    return text + fmt::format(" type {:#06x}", static_cast<unsigned>(ether_type));
}

TracedPort::TracedPort(std::unique_ptr<Port> port, std::size_t capacity) : port_(std::move(port)), capacity_(capacity) {
    ensure(capacity > 0);
    ring_.reserve(capacity);
}

bool TracedPort::receive(Batch& into, Timestamp now) {
    const std::size_t before = into.size();
    const bool more = port_->receive(into, now);
    for (std::size_t i = before; i < into.size(); ++i) remember(*into[i], PacketSummary::Way::in, now);
    return more;
}

void TracedPort::send(Batch& batch, Timestamp now) {
    for (const PacketPtr& packet : batch) remember(*packet, PacketSummary::Way::out, now);
    port_->send(batch, now);
}

void TracedPort::remember(Packet& packet, PacketSummary::Way way, Timestamp now) {
    const PacketSummary summary = PacketSummary::of(packet, way, now);
    if (ring_.size() < capacity_)
        ring_.push_back(summary);
    else
        ring_[passed_ % capacity_] = summary;
    ++passed_;
}

std::vector<PacketSummary> TracedPort::trace() const {
    if (ring_.size() < capacity_) return ring_;
    std::vector<PacketSummary> ordered;
    for (std::size_t i = 0; i < capacity_; ++i) ordered.push_back(ring_[(passed_ + i) % capacity_]);
    return ordered;
}

}  // namespace hairpin::l2
