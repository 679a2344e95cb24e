#pragma once
// What happens in a lab as objects with the keys of containerlab's events: timestamp, type, action, actor_name, attributes.
//
//   {"timestamp":"...","type":"node","action":"running","actor_name":"webserver","attributes":{"lab":"hairpin",...}}      --initial-state
//   {"timestamp":"...","type":"interface","action":"snapshot","actor_name":"webserver","attributes":{"ifname":"eth1","state":"up",...}}
//   {"timestamp":"...","type":"interface","action":"update", ...}                    a port came, went, got or lost its device
//   {"timestamp":"...","type":"interface","action":"stats","attributes":{"rx_packets":"12",...}}                          --interface-stats
//   {"timestamp":"...","type":"gateway","action":"session_open", ...}               what hairpind tells of itself, as `hairpin monitor`

#include <chrono>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lab/lab_state.h"
#include "lab/rows.h"

namespace hairpin::lab {

// RFC 3339 in UTC, with nanoseconds.
std::string timestamp(std::chrono::system_clock::time_point time);

// Whose each port of the switch is, by the port's name: so that all events call an interface the same, by its node and its name there. What
// is on no node, as a tunnel, is called by the port's name.
struct PortOwner {
    std::string node, interface;
};
using PortOwners = std::map<std::string, PortOwner>;
PortOwners owners_in(const Rows& interfaces);

// What there is now: each node, then each interface.
std::vector<nlohmann::ordered_json> initial_events(const LabState& lab, const Rows& interfaces, const std::string& time);
// The counters of each interface, and what they were per second since `before` (null: since nothing was asked before).
std::vector<nlohmann::ordered_json> stats_events(const LabState& lab, const Rows& interfaces, const Rows* before,
                                                 std::chrono::duration<double> interval, const std::string& time);
// One that hairpind told.
nlohmann::ordered_json event_of(const LabState& lab, const nlohmann::json& told, const PortOwners& owners);

// `2026-11-29T21:00:00Z interface update webserver ifname=eth1 state=up`, for people, and for who reads logfmt: a value with a space or a
// quotation mark stands in quotation marks.
std::string event_line(const nlohmann::ordered_json& event);

}  // namespace hairpin::lab
