#pragma once
// What happens to the switch itself, as events and as lines of the log.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "switch/switch_events.h"

namespace hairpin::runtime {

class Worker;

struct SwitchEventView {
    std::string name;       // "storm_begins"
    bool is_alarm = false;  // a warning in the log, and not only a remark
};
SwitchEventView view_of(l2::SwitchEvent::Kind kind);
// What the event says of itself: the port by its name, and what else its kind has.
nlohmann::json fields_of(const l2::SwitchEvent& event, const Worker& worker);
// "event=storm_begins port=guest traffic=broadcast dropped=1"
std::string log_text(const l2::SwitchEvent& event, const Worker& worker);

}  // namespace hairpin::runtime
