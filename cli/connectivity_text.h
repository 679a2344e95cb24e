#pragma once
// Whether a client can reach a server, for people:
//
//   no: firewall rule 196608 "default" drops it
//     in        lan
//     dnat      196613 "Hairpin: LAN to Web Server, http"
//     firewall  196608 "default"
//   This allows it, typed in the configuration mode and committed:
//     set gateway firewall rule 5 source address 192.168.255.7
//     ...
//
// Lines that are to be typed are never wrapped.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/style.h"

namespace hairpin::cli {

// The result of the method `test.connectivity`.
std::string render_connectivity(const nlohmann::json& answer, const Style& style);
bool is_no(const nlohmann::json& answer);

}  // namespace hairpin::cli
