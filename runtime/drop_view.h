#pragma once
// A dropped packet as its users see it: when, why, where it came in, and the packet in one line.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "net/flight_recorder.h"

namespace hairpin::runtime {

class Worker;

// `port` is the switch's, `interface` the gateway's: where the packet came in, and where in the gateway it was. Each is null where
// there is none, or none any more.
nlohmann::json drop_row(const DroppedPacket& packet, const Worker& worker);

// The recorder's newest drops, newest first: at most `count`, for one reason or for any.
std::vector<const DroppedPacket*> newest_drops(const FlightRecorder& recorder, std::size_t count,
                                               std::optional<DropReason> reason);

}  // namespace hairpin::runtime
