#pragma once
// The four stages of a session as a sequence diagram: client, gateway and server as three lines, the four packets as arrows with the
// addresses that they carry, and beside the gateway's line the rules that acted between the first two. What the gateway changed is marked:
//
//     client                   gateway                  server
//     192.168.255.2          lan │ lan          192.168.255.10
//     │                          │                           │
//     │ 192.168.255.2:40000      │                           │
//     │ → 203.0.113.80:80        │                           │
//     ├─────────── 1 ───────────►│                           │
//     │              dnat 196613 │                           │
//     │               firewall 3 │                           │
//     │              snat 196612 │                           │
//     │                          │ 192.168.255.1:58543 *     │
//     │                          │ → 192.168.255.10:80 *     │
//     │                          ├─────────── 2 ────────────►│
//
// It takes 59 columns at most, whatever the addresses are, or more for long names of interfaces; these are left out where they do
// not fit into the terminal.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/style.h"

namespace hairpin::cli {

// Nothing where there are no four stages, or the terminal has too few columns. Arguments as those of render_stages.
std::string draw_stages(const nlohmann::json& stages, const nlohmann::json& rules, const Style& style);

}  // namespace hairpin::cli
