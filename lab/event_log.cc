#include "lab/event_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "lab/lab_paths.h"
#include "lab/quoted.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson event(const std::string& time, const char* type, std::string action, std::string actor, OrderedJson attributes) {
    return {{"timestamp", time},
            {"type", type},
            {"action", std::move(action)},
            {"actor_name", std::move(actor)},
            {"attributes", std::move(attributes)}};
}

// containerlab's attributes are texts, all of them.
std::string as_text(const OrderedJson& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

std::string or_else(std::string text, const std::string& otherwise) { return text.empty() ? otherwise : std::move(text); }

std::string actor_of(const OrderedJson& row) { return or_else(as_text(row.at("node")), as_text(row.at("port"))); }

// As logfmt has it.
std::string quoted_where_needed(const std::string& text) {
    const auto plain = [](unsigned char c) { return c > ' ' && c != '"' && c != '=' && c != 0x7f; };
    if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return text;
    return quoted(text);
}

// What happens to a port, and what it is then; a state of nullptr is not told.
struct PortEvent {
    std::string_view event;
    const char* action;
    const char* state;
};
constexpr auto kPortEvents = std::to_array<PortEvent>({
    {"port_added", "create", nullptr},
    {"port_removed", "delete", nullptr},
    {"port_attached", "update", "up"},
    {"port_detached", "update", "down"},
    {"port_up", "update", "up"},
    {"port_down", "update", "down"},
});

OrderedJson interface_attributes(const LabState& lab, const OrderedJson& row) {
    return {{"lab", lab.lab},
            {"ifname", or_else(as_text(row.at("interface")), as_text(row.at("port")))},
            {"state", as_text(row.at("state"))},
            {"mtu", as_text(row.at("mtu"))},
            {"segment", as_text(row.at("segment"))}};
}

constexpr std::pair<const char*, const char*> kCounters[] = {
    {"rx_packets", "in_packets"}, {"rx_bytes", "in_bytes"}, {"tx_packets", "out_packets"}, {"tx_bytes", "out_bytes"}};

const OrderedJson* same_interface(const Rows& rows, const OrderedJson& wanted) {
    for (const OrderedJson& row : rows.rows)
        if (row.at("node") == wanted.at("node") && row.at("interface") == wanted.at("interface")) return &row;
    return nullptr;
}

}  // namespace

std::string timestamp(std::chrono::system_clock::time_point time) {
    const auto since = time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())), rest.count());
}

std::vector<OrderedJson> initial_events(const LabState& lab, const Rows& interfaces, const std::string& time) {
    std::vector<OrderedJson> events;
    for (const NodeState& node : lab.nodes) {
        OrderedJson attributes = {{"lab", lab.lab}, {"role", to_string(node.role)}};
        if (lab.has_namespace(node)) attributes["namespace"] = lab.namespace_of(node);
        events.push_back(event(time, "node", "running", node.name, std::move(attributes)));
    }
    for (const OrderedJson& row : interfaces.rows)
        events.push_back(event(time, "interface", "snapshot", actor_of(row), interface_attributes(lab, row)));
    return events;
}

std::vector<OrderedJson> stats_events(const LabState& lab, const Rows& interfaces, const Rows* before,
                                      std::chrono::duration<double> interval, const std::string& time) {
    std::vector<OrderedJson> events;
    for (const OrderedJson& row : interfaces.rows) {
        OrderedJson attributes = interface_attributes(lab, row);
        const OrderedJson* old = before == nullptr ? nullptr : same_interface(*before, row);
        for (const auto& [name, key] : kCounters) attributes[name] = as_text(row.at(key));
        if (old != nullptr && interval.count() > 0) {
            attributes["interval_seconds"] = fmt::format("{:.3f}", interval.count());
            const auto rate = [&](const char* key, double factor) {
                return fmt::format("{:.0f}",
                                   (row.at(key).get<double>() - old->at(key).get<double>()) * factor / interval.count());
            };
            attributes["rx_bps"] = rate("in_bytes", 8);
            attributes["rx_pps"] = rate("in_packets", 1);
            attributes["tx_bps"] = rate("out_bytes", 8);
            attributes["tx_pps"] = rate("out_packets", 1);
        }
        events.push_back(event(time, "interface", "stats", actor_of(row), std::move(attributes)));
    }
    return events;
}

PortOwners owners_in(const Rows& interfaces) {
    PortOwners owners;
    for (const OrderedJson& row : interfaces.rows)
        owners[as_text(row.at("port"))] = {.node = as_text(row.at("node")), .interface = as_text(row.at("interface"))};
    return owners;
}

OrderedJson event_of(const LabState& lab, const nlohmann::json& told, const PortOwners& owners) {
    const std::string what = told.value("event", "");
    OrderedJson attributes = {{"lab", lab.lab}};
    for (const auto& [key, value] : told.items())
        if (key != "event" && key != "time" && !value.is_null()) attributes[key] = as_text(value);
    const auto known =
        std::find_if(kPortEvents.begin(), kPortEvents.end(), [&](const PortEvent& each) { return each.event == what; });
    if (known == kPortEvents.end())
        return event(told.value("time", ""), "gateway", what, lab.gateway()->name, std::move(attributes));
    const std::string port = told.value("port", "");
    const auto owner = owners.find(port);
    const PortOwner of = owner == owners.end() ? PortOwner{} : owner->second;
    attributes["ifname"] = or_else(of.interface, port);
    if (known->state != nullptr) attributes["state"] = known->state;
    return event(told.value("time", ""), "interface", known->action, or_else(of.node, port), std::move(attributes));
}

std::string event_line(const OrderedJson& event) {
    std::string line = fmt::format("{} {} {} {}", as_text(event.at("timestamp")), as_text(event.at("type")),
                                   as_text(event.at("action")), as_text(event.at("actor_name")));
    for (const auto& [key, value] : event.at("attributes").items())
        line += fmt::format(" {}={}", key, quoted_where_needed(as_text(value)));
    return line;
}

}  // namespace hairpin::lab
