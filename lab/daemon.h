#pragma once
// Questions to a lab's hairpind, over its control socket.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/result.h"

namespace hairpin::lab {

Result<nlohmann::json> ask_daemon(const std::string& lab, const std::string& method, const nlohmann::json& parameters);

// Whether it answers. A hairpind that was killed a moment ago may have a process, and even a socket, but it does not.
bool daemon_answers(const std::string& lab);

}  // namespace hairpin::lab
