#pragma once
// A session as its users see it: a row with both tuples side by side, and the guide's four stages.

#include <nlohmann/json_fwd.hpp>

#include "gateway/edge_gateway.h"

namespace hairpin::runtime {

nlohmann::json session_row(const gateway::Session& session, const gateway::EdgeGateway& edge, Timestamp now);

// What is on the wire at each stage, read from the two keys of the session: 1 the packet as it comes in, 2 as it goes out, 3 the
// answer as it comes in, 4 as it goes out; with the interface, and the rules that acted there.
nlohmann::json session_stages(const gateway::Session& session, const gateway::Ruleset& ruleset);

}  // namespace hairpin::runtime
