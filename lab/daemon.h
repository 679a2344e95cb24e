#pragma once
// Questions to a lab's hairpind, over its control socket.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/result.h"

namespace hairpin::lab {

Result<nlohmann::json> ask_daemon(const std::string& lab, const std::string& method, const nlohmann::json& parameters);

// Whether somebody listens there. A hairpind that was killed stops doing so a little before it has ended.
bool daemon_listens(const std::string& lab);

}  // namespace hairpin::lab
