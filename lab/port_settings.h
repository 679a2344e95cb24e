#pragma once
// The settings of one port of a running lab, changed as people change them in the shell: read, edited, committed with a comment. So
// `show configuration` has them, and `rollback` takes them back.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "net/result.h"

namespace hairpin::lab {

// The port that `link` means: NODE:INTERFACE as the topology file has it, SEGMENT:PORT, the port's name, or a node that has one port.
Result<std::string> find_port(const std::string& lab, const std::string& link);

// Hands the port's entry of the configuration to `edit`, and commits what that leaves. When somebody has committed meanwhile, it begins
// again. An error of `edit` is handed on.
Result<void> change_port(const std::string& lab, const std::string& port, const std::string& comment,
                         const std::function<Result<void>(nlohmann::json& port)>& edit);

}  // namespace hairpin::lab
