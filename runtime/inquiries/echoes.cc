#include "runtime/inquiries/echoes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/parameters.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

std::string name_of_error(IcmpType type, std::uint8_t code) {
    struct Row {
        IcmpType type;
        std::uint8_t code;
        const char* name;
    };
    constexpr Row kNames[] = {
        {IcmpType::destination_unreachable, unreachable::kNetwork, "network unreachable"},
        {IcmpType::destination_unreachable, unreachable::kHost, "host unreachable"},
        {IcmpType::destination_unreachable, unreachable::kProtocol, "protocol unreachable"},
        {IcmpType::destination_unreachable, unreachable::kPort, "port unreachable"},
        {IcmpType::destination_unreachable, unreachable::kFragmentationNeeded, "fragmentation needed"},
        {IcmpType::destination_unreachable, unreachable::kAdministrativelyProhibited, "administratively prohibited"},
        {IcmpType::time_exceeded, 0, "time to live exceeded"},
        {IcmpType::time_exceeded, 1, "reassembly time exceeded"},
    };
    const auto number = static_cast<unsigned>(type);
    for (const Row& row : kNames)
        if (row.type == type && row.code == code) return fmt::format("ICMP {}/{} {}", number, code, row.name);
    return fmt::format("ICMP {}/{}", number, code);
}

Result<Echoes> Echoes::towards(Worker& worker, const json& parameters) {
    const auto destination = address_in(parameters, "address");
    if (!destination) return tl::unexpected(destination.error());
    const gateway::Ruleset& ruleset = worker.gateway().ruleset();
    if (ruleset.owns(*destination))
        return failure(destination->to_string() + " is the gateway's own address: nothing would leave it", "address");
    if (destination->is_multicast() || destination->is_reserved() || destination->is_loopback() || destination->is_this_network())
        return failure(destination->to_string() + " is no host's address", "address");

    const auto identifier = static_cast<std::uint16_t>(random_key().first);
    if (parameters.contains("source")) {
        const auto source = address_in(parameters, "source");
        if (!source) return tl::unexpected(source.error());
        if (!ruleset.owns(*source))
            return failure(source->to_string() + " is none of the gateway's own addresses (show interfaces lists them)",
                           "source");
        return Echoes{worker, *source, *destination, identifier};
    }
    const gateway::Route* route = worker.gateway().routes().find(*destination);
    if (route == nullptr) return failure("no route to " + destination->to_string() + " (show routes lists them)", "address");
    const gateway::Interface& interface = ruleset.interfaces[index_of(route->interface)];
    if (interface.addresses.empty())
        return failure("the way leads out " + interface.name + ", which has no address to ask from: give a source", "source");
    return Echoes{worker, interface.addresses.front().address, *destination, identifier};
}

std::optional<std::string> Echoes::send(gateway::EchoRequest request, Timestamp now) {
    request.source = source_;
    request.destination = destination_;
    request.identifier = identifier_;
    PacketPtr packet = gateway::make_echo_request(worker_->pool(), request);
    if (!packet) return "no packet buffer is free";
    const auto refused = worker_->send_own(std::move(packet), now);
    if (!refused) return std::nullopt;
    if (refused->reason == DropReason::too_big) return fmt::format("longer than the link's MTU of {} bytes", refused->mtu);
    return std::string{description_of(refused->reason)};
}

std::int64_t microseconds(Duration duration) { return std::chrono::duration_cast<std::chrono::microseconds>(duration).count(); }

}  // namespace hairpin::runtime
