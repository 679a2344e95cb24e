#include "runtime/drop_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/packet_summary.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

std::string hexadecimal(std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
    return text;
}

// What the gateway's interface sent came in by that one's place in the switch; what the gateway itself began, nowhere.
const std::string* interface_of(const DroppedPacket& packet, const Worker& worker) {
    if (packet.interface == gateway::kGatewayItself) return &worker.gateway().ruleset().name_of(packet.interface);
    const std::string* interface = worker.interface_name(packet.interface);
    return interface != nullptr ? interface : worker.interface_at(packet.port);
}

json text_or_null(const std::string* text) { return text == nullptr ? json(nullptr) : json(*text); }

}  // namespace

json drop_row(const DroppedPacket& packet, const Worker& worker) {
    const bool seen = packet.length > 0;
    const std::string* interface = interface_of(packet, worker);
    return {{"time", wall_clock_text(packet.time)},
            {"reason", name_of(packet.reason)},
            {"port", text_or_null(worker.port_name(packet.port))},
            {"interface", text_or_null(interface)},
            {"length", packet.length},
            {"packet", seen ? json(packet_summary(packet.frame(), packet.length)) : json(nullptr)},
            {"bytes", hexadecimal(packet.frame())}};
}

std::vector<const DroppedPacket*> newest_drops(const FlightRecorder& recorder, std::size_t count,
                                               std::optional<DropReason> reason) {
    std::vector<const DroppedPacket*> drops;
    for (std::uint64_t number = recorder.recorded(); recorder.holds(number) && drops.size() < count; --number) {
        const DroppedPacket& packet = recorder.at(number);
        if (!reason || packet.reason == *reason) drops.push_back(&packet);
    }
    // Of a rare reason the newest is known for longer than the ring remembers.
    if (reason && drops.empty() && count > 0)
        if (const DroppedPacket* last = recorder.last(*reason)) drops.push_back(last);
    return drops;
}

}  // namespace hairpin::runtime
