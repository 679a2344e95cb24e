#pragma once
// A notification of the daemon as it goes to a client: what happened, and when.
//
//   {"jsonrpc":"2.0","method":"event","params":{"event":"port_added","time":"...","port":"workstation"}}

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace hairpin::runtime {

// The event's time is now, unless `fields` have one.
std::string event_line(std::string_view event, nlohmann::json fields);

// The last event of what ends by itself, a ping or a capture of so many packets: whether it `succeeded` is what a script asks, whose
// command ends with it.
std::string last_event_line(std::string_view event, nlohmann::json fields, bool succeeded);

}  // namespace hairpin::runtime
