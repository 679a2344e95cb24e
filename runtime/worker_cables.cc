// Ports whose cable is not perfect: what passes them is lost, damaged, repeated or late, and a cable that is pulled takes the carrier away.

#include <fmt/format.h>

#include "runtime/clock.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

namespace {

// What waits on impaired ports: at 1448 bytes a packet, 100 ms at 7 Gbit/s. It is memory only once there is something in it.
constexpr PacketPool::Capacity kWaitingCapacity{.small = 65536, .large = 2048};
// How much may leave one cable before others get their turn.
constexpr int kReleasesPerTurn = 8;
constexpr std::size_t kEverything = static_cast<std::size_t>(-1);

}  // namespace

Result<void> Worker::set_cable(const std::string& port, const l2::CableSettings& settings) {
    const auto found = ports_.find(port);
    if (found == ports_.end()) return failure(fmt::format("there is no port \"{}\"", port));
    PortEntry& entry = found->second;
    const Timestamp now = monotonic_now();
    ledger_.recorder.begin_burst(now, entry.id);
    if (entry.cable == nullptr) {
        entry.settings.cable = settings;
        if (settings.perfect()) return {};
        if (waiting_pool_ == nullptr) waiting_pool_ = std::make_unique<PacketPool>(kWaitingCapacity);
        auto made = PortCable::make(loop_, settings, *waiting_pool_, ledger_, [this, &entry] { on_cable(entry); });
        if (!made) return failure(fmt::format("port \"{}\": {}", port, made.error().message));
        entry.cable = std::move(*made);
        if (!entry.cable->cable.connected()) plug_in_or_pull(entry, "configured");
        entry.cable->arm();
        return {};
    }
    const bool was_connected = entry.cable->cable.connected();
    entry.cable->cable.set(settings, now);
    entry.settings.cable = settings;
    if (entry.cable->cable.connected() != was_connected) plug_in_or_pull(entry, "configured");
    if (settings.perfect()) {
        // All that was on its way has arrived now.
        release_from_cable(entry, now, kEverything);
        entry.former_cable_drops += entry.cable->cable.drops();
        entry.cable.reset();
    } else {
        on_cable(entry);
    }
    return {};
}

std::size_t Worker::held() const {
    std::size_t held = gateway_.held();
    for (const auto& [name, entry] : ports_)
        if (entry.cable != nullptr) held += entry.cable->cable.held();
    return held;
}

void Worker::clear_cable_statistics() {
    for (auto& [name, entry] : ports_)
        if (entry.cable != nullptr) entry.cable->cable.clear_statistics();
}

void Worker::plug_in_or_pull(PortEntry& entry, std::string_view why) {
    const bool connected = entry.cable->cable.connected();
    entry.port->set_carrier(connected ? l2::Carrier::on : l2::Carrier::off);
    // Who was there is there no more; nobody should wait for an entry's age to find another way to them.
    if (!connected) bridge_.clear_stations(entry.id);
    if (observer_ != nullptr) observer_->port_changed(entry.settings.name, connected ? "up" : "down", why);
}

// Now and then, and where time is turned by hand. Whoever has passed a device may have given it its carrier meanwhile.
void Worker::look_at_cable(PortEntry& entry) {
    if (!entry.cable->cable.connected()) entry.port->set_carrier(l2::Carrier::off);
    on_cable(entry);
}

void Worker::arrive_by_cable(PortEntry& entry, Timestamp now) {
    entry.cable->cable.take(l2::Cable::Way::in, burst_, now);
    entry.cable->cable.release(l2::Cable::Way::in, burst_, now, kEverything);
    entry.cable->arm();
}

void Worker::send_by_cable(PortEntry& entry, Batch& batch, Timestamp now) {
    entry.cable->cable.take(l2::Cable::Way::out, batch, now);
    entry.cable->cable.release(l2::Cable::Way::out, batch, now, kEverything);
    if (!batch.empty()) entry.port->send(batch, now);
    entry.cable->arm();
}

bool Worker::release_from_cable(PortEntry& entry, Timestamp now, std::size_t most) {
    l2::Cable& cable = entry.cable->cable;
    bool more = cable.release(l2::Cable::Way::out, leaving_, now, most);
    if (!leaving_.empty()) entry.port->send(leaving_, now);
    more |= cable.release(l2::Cable::Way::in, burst_, now, most);
    if (!burst_.empty()) switch_burst(entry, now);
    return more;
}

void Worker::on_cable(PortEntry& entry) {
    for (int releases = 0; releases < kReleasesPerTurn; ++releases) {
        const Timestamp now = monotonic_now();
        ledger_.recorder.begin_burst(now, entry.id);
        if (entry.cable->cable.follow(now)) plug_in_or_pull(entry, "flap");
        if (!release_from_cable(entry, now, kBurstPackets)) break;
    }
    entry.cable->arm();
}

}  // namespace hairpin::runtime
