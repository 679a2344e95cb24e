#pragma once
// `trace tcp SRC DST in INTERFACE`: makes the packet that is asked about, sends it through the gateway's own datapath with side
// effects off, answers it as its receiver would, and sends that back the same way.

#include <nlohmann/json_fwd.hpp>

#include "net/result.h"

namespace hairpin::runtime {

class Worker;

// Parameters: protocol (tcp, udp, icmp), source and destination ("address:port"; for icmp the port is the identifier and may be
// left out), interface, and optionally ttl (64), size (of the payload, 0), df (true), flags (tcp: "syn"). An Error's path is the
// name of the parameter that is wrong.
Result<nlohmann::json> trace_packet(Worker& worker, const nlohmann::json& parameters);

}  // namespace hairpin::runtime
