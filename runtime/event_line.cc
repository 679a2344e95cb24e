#include "runtime/event_line.h"

#include <nlohmann/json.hpp>

#include "control/protocol.h"
#include "runtime/clock.h"

namespace hairpin::runtime {

using nlohmann::json;

std::string event_line(std::string_view event, json fields) {
    if (!fields.contains("time")) fields["time"] = wall_clock_text();
    fields["event"] = event;
    return json{{"jsonrpc", "2.0"}, {"method", control::method::kEvent}, {"params", std::move(fields)}}.dump();
}

std::string last_event_line(std::string_view event, json fields, bool succeeded) {
    fields["final"] = true;
    fields["succeeded"] = succeeded;
    return event_line(event, std::move(fields));
}

}  // namespace hairpin::runtime
