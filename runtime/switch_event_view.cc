#include "runtime/switch_event_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

json port_name_or_null(PortId port, const Worker& worker) {
    const std::string* name = worker.port_name(port);
    return name != nullptr ? json(*name) : json(nullptr);
}

}  // namespace

SwitchEventView view_of(l2::SwitchEvent::Kind kind) {
    using Kind = l2::SwitchEvent::Kind;
    switch (kind) {
        case Kind::storm_begins: return {"storm_begins", true};
        case Kind::storm_ends: return {"storm_ends", false};
        case Kind::loop_found: return {"loop_found", true};
        case Kind::loop_over: return {"loop_over", false};
        case Kind::station_flaps: return {"station_flaps", true};
    }
    return {};
}

json fields_of(const l2::SwitchEvent& event, const Worker& worker) {
    using Kind = l2::SwitchEvent::Kind;
    json fields{{"port", port_name_or_null(event.port, worker)}};
    switch (event.kind) {
        case Kind::storm_begins:
        case Kind::storm_ends:
            fields["traffic"] = event.traffic;
            fields["dropped"] = event.count;
            break;
        case Kind::loop_found: fields["through"] = port_name_or_null(event.other, worker); break;
        case Kind::loop_over: break;
        case Kind::station_flaps:
            fields["from"] = port_name_or_null(event.other, worker);
            fields["mac"] = event.station.to_string();
            fields["moves"] = event.count;
            break;
    }
    return fields;
}

std::string log_text(const l2::SwitchEvent& event, const Worker& worker) {
    std::string text = "event=" + view_of(event.kind).name;
    const auto fields = fields_of(event, worker);
    for (const auto& [key, value] : fields.items())
        text += fmt::format(" {}={}", key, value.is_string() ? value.get<std::string>() : value.dump());
    return text;
}

}  // namespace hairpin::runtime
