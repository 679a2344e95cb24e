#pragma once
// One question to a lab's hairpind, over its control socket.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/result.h"

namespace hairpin::lab {

Result<nlohmann::json> ask_daemon(const std::string& lab, const std::string& method, const nlohmann::json& parameters);

}  // namespace hairpin::lab
