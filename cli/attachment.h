#pragma once
// A container that runs, wired to a segment: a port whose device the daemon makes in the container's network namespace.

#include <nlohmann/json_fwd.hpp>

#include "cli/command.h"

namespace hairpin::cli {

// Of `port attach` and `port detach`, by their terms. The port is called CONTAINER-DEVICE.
Outcome<nlohmann::json> attach_container(const nlohmann::json& parameters, const Ask& ask);
Outcome<nlohmann::json> detach_container(const nlohmann::json& parameters, const Ask& ask);

}  // namespace hairpin::cli
