#pragma once
// The guide's four stages of a session: at a terminal the drawing of stages_drawing.h. Where there is no room for it, as a list instead;
// and in files and pipes, where a line is a record, the list before it:
//
//   stage 1  192.168.255.2:40000 → 203.0.113.80:80      in  lan  the client sends
//   stage 2  192.168.255.1:51234 → 192.168.255.10:80    out lan  dnat 196613, firewall 3, snat 196612
//   stage 3  192.168.255.10:80   → 192.168.255.1:51234  in  lan  the server answers
//   stage 4  203.0.113.80:80     → 192.168.255.2:40000  out lan  the gateway restores the addresses
//
// What does not fit at the end of a line stands under it.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/style.h"

namespace hairpin::cli {

// `stages` as the daemon gives them; `rules` has the keys firewall_rule, dnat_rule, snat_rule, which name the rules of a stage.
std::string render_stages(const nlohmann::json& stages, const nlohmann::json& rules, const Style& style);

}  // namespace hairpin::cli
