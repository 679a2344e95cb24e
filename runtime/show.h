#pragma once
// What the daemon knows, as rows for its clients: one function a `show` command, each returning {"rows": [...]} with the keys that
// docs/control.md lists. Table, JSON and console are made of these by cli/.

#include <nlohmann/json_fwd.hpp>

#include "net/result.h"

namespace hairpin::runtime {

class Worker;

nlohmann::json show_interfaces(Worker& worker);
nlohmann::json show_ports(Worker& worker);
nlohmann::json show_mac_table(Worker& worker);
nlohmann::json show_arp(Worker& worker);
nlohmann::json show_routes(Worker& worker);
nlohmann::json show_firewall(Worker& worker);
nlohmann::json show_nat_rules(Worker& worker);
nlohmann::json show_counters(Worker& worker);
nlohmann::json show_drops(Worker& worker);
nlohmann::json show_segments(Worker& worker);
// A row for each protocol and state; beside the rows how many "sessions" there are, and the "capacity".
nlohmann::json show_sessions_summary(Worker& worker);

// `filter` is SessionFilter's; for showing also "top": only so many, those with the most bytes first. What cannot be read is an Error
// with the name of the parameter as its path.
Result<nlohmann::json> show_sessions(Worker& worker, const nlohmann::json& filter);
Result<nlohmann::json> clear_sessions(Worker& worker, const nlohmann::json& filter);

}  // namespace hairpin::runtime
