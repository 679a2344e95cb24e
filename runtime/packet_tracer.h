#pragma once
// `trace tcp SRC DST in INTERFACE`: makes the packet that is asked about, sends it through the gateway's own datapath with side
// effects off, answers it as its receiver would, and sends that back the same way.

#include <nlohmann/json_fwd.hpp>

#include "gateway/ruleset.h"
#include "net/result.h"

namespace hairpin::runtime {

class Worker;

// Parameters: protocol (tcp, udp, icmp), source and destination ("address:port"; for icmp the port is the identifier and may be
// left out), interface, and optionally ttl (64), size (of the payload, 0), df (true), flags (tcp: "syn"). An Error's path is the
// name of the parameter that is wrong.
Result<nlohmann::json> trace_packet(Worker& worker, const nlohmann::json& parameters);

// The same question put to rules that are not in force. Beside the answer stand what those in force say ("running", null where they
// cannot be asked) and what is different ("differences", sentences).
Result<nlohmann::json> trace_packet_under(gateway::RulesetPtr ruleset, Worker& worker, const nlohmann::json& parameters);

}  // namespace hairpin::runtime
