#pragma once
// What pings and traceroutes have in common: whom to ask and from which address, and the questions that are under way.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gateway/icmp/icmp_messages.h"
#include "runtime/inquiries/inquiry.h"

namespace hairpin::runtime {

// "ICMP 3/1 host unreachable", as people know it.
std::string name_of_error(IcmpType type, std::uint8_t code);

// Echo requests of one identifier, told apart by their sequence numbers.
class Echoes {
public:
    // "address", and optionally "source", one of the gateway's own; else it is the address of the interface by which the way leads there.
    static Result<Echoes> towards(Worker& worker, const nlohmann::json& parameters);

    // Fills in whose request it is. Why nothing went out, in a sentence; nothing: it did.
    std::optional<std::string> send(gateway::EchoRequest request, Timestamp now);
    bool asked(std::uint16_t identifier) const { return identifier == identifier_; }
    Ipv4Address destination() const { return destination_; }
    Ipv4Address source() const { return source_; }

private:
    Echoes(Worker& worker, Ipv4Address source, Ipv4Address destination, std::uint16_t identifier)
        : worker_(&worker), source_(source), destination_(destination), identifier_(identifier) {}

    Worker* worker_;
    Ipv4Address source_, destination_;
    std::uint16_t identifier_;
};

// A span of time as events carry it: whole microseconds.
std::int64_t microseconds(Duration duration);

}  // namespace hairpin::runtime
