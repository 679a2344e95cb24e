// The switch: its ports and the stations it knows.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "cli/json_file.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr auto kPortColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"kind", "KIND"},
    {"segment", "SEGMENT"},
    {"vlan", "VLAN"},
    {"device", "DEVICE"},
    {"namespace", "NAMESPACE"},
    {"mtu", "MTU", Align::right},
    {"state", "STATE"},
    {"in_packets", "IN", Align::right},
    {"in_bytes", "BYTES", Align::right, bytes},
    {"out_packets", "OUT", Align::right},
    {"out_bytes", "BYTES", Align::right, bytes},
    {"drops", "DROPS", Align::right},
});

constexpr auto kStationColumns = std::to_array<Column>({
    {"segment", "SEGMENT"},
    {"vlan", "VLAN", Align::right},
    {"mac", "MAC"},
    {"port", "PORT"},
    {"type", "TYPE"},
    {"age_seconds", "AGE", Align::right, duration},
});

using Value = Keyword::Value;
constexpr auto kPortWords = std::to_array<Keyword>({
    {"segment", "segment", Value::text},
    {"tap", "device", Value::text},
    {"namespace", "namespace", Value::text},
    {"mac", "mac", Value::text},
    {"mtu", "mtu", Value::number},
    {"address", "address", Value::list},
    {"via", "via", Value::text},
    {"access", "access", Value::number},
});

// The entry of hairpin:switch/port that the words describe.
json port_of(const std::string& name, json words) {
    json port{{"name", name}};
    if (words.contains("segment")) port["segment"] = words["segment"];
    if (words.contains("access")) port["vlan"]["access"] = words["access"];
    json& tap = port["tap"] = json::object();
    for (const char* key : {"device", "namespace", "mac", "mtu", "address"})
        if (words.contains(key)) tap[key] = words[key];
    if (words.contains("via")) tap["route"] = json::array({{{"prefix", "0.0.0.0/0"}, {"via", words["via"]}}});
    return port;
}

Outcome<json> port_to_add(Words words) {
    if (words.empty()) return misused("port add: expected a port's name and words about it, or a file");
    if (words.size() == 1) {
        const auto port = read_json_file(words.front());
        if (!port) return tl::unexpected(port.error());
        return json{{"port", *port}};
    }
    const auto about = read_keywords(words.subspan(1), kPortWords, "port add");
    if (!about) return tl::unexpected(about.error());
    for (const char* needed : {"segment", "device"})
        if (!about->contains(needed)) return misused("port add " + words.front() + ": expected segment SEGMENT and tap DEVICE");
    return json{{"port", port_of(words.front(), *about)}};
}

Outcome<json> port_to_remove(Words words) {
    if (words.size() != 1) return misused("port remove: expected one port's name");
    return json{{"name", words.front()}};
}

constexpr auto kCommands = std::to_array<Command>({
    {.words = "show ports",
     .arguments = "",
     .description = "the switch's ports and what passed them",
     .method = control::method::kShowPorts,
     .schema = "ports",
     .columns = kPortColumns,
     .nothing = "the switch has no ports"},
    {.words = "show mac-table",
     .arguments = "",
     .description = "which station is behind which port",
     .method = control::method::kShowMacTable,
     .schema = "mac-table",
     .columns = kStationColumns,
     .nothing = "the switch knows no station"},
    {.words = "port add",
     .arguments =
         "NAME segment SEGMENT tap DEVICE [namespace NS] [address A/P]... [via GATEWAY] [mac M] [mtu N] [access VLAN] | FILE",
     .description = "add a port while traffic runs",
     .method = control::method::kPortAdd,
     .schema = "port",
     .parameters = port_to_add,
     .columns = kPortColumns},
    {.words = "port remove",
     .arguments = "NAME",
     .description = "remove a port while traffic runs",
     .method = control::method::kPortRemove,
     .schema = "port",
     .parameters = port_to_remove,
     .columns = kPortColumns},
});

}  // namespace

std::span<const Command> switch_commands() { return kCommands; }

}  // namespace hairpin::cli
