#include "lab/schema.h"

#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "lab/file_keys.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

// What values a key takes, where the schema can say it. A key without a row takes anything.
struct ShapeRow {
    std::string_view where;  // the map that has the key: node, link, tunnel, ...
    std::string_view key;
    const char* shape;  // JSON
};
constexpr auto kShapes = std::to_array<ShapeRow>({
    {"node", "kind", R"({"enum": ["linux", "bridge", "generic_vm"]})"},
    {"node", "group", R"({"type": "string"})"},
    {"node", "labels",
     R"({"type": "object", "properties": {"hairpin.role": {"const": "gateway"},
         "hairpin.kernel": {"type": "string"}, "hairpin.initrd": {"type": "string"}, "hairpin.append": {"type": "string"},
         "hairpin.disk": {"type": "string"}, "hairpin.netdev": {"enum": ["dgram", "stream", "vde", "tap"]},
         "hairpin.mem": {"type": ["string", "integer"]}, "hairpin.cpus": {"type": ["string", "integer"]},
         "hairpin.qmp": {"type": "string"}, "hairpin.agent": {"enum": ["yes", "no", true, false]}}})"},
    {"node", "env", R"({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}})"},
    {"node", "exec", R"({"type": "array", "items": {"type": "string"}})"},
    {"node", "binds", R"({"type": "array", "items": {"type": "string"}})"},
    {"link", "endpoints",
     R"({"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}:[^ /:]{1,15}$"}})"},
    {"link", "ipv4", R"({"type": "array", "maxItems": 2, "items": {"type": "string", "pattern": "^$|^[0-9.]+/[0-9]+$"}})"},
    {"link", "mtu", R"({"type": "integer", "minimum": 576, "maximum": 9216})"},
    {"link variable", "gateway", R"({"type": "string", "format": "ipv4"})"},
    {"link variable", "mac", R"({"type": "string", "pattern": "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"})"},
    {"link variable", "vlan", R"({"type": "integer", "minimum": 1, "maximum": 4094})"},
    {"link variable", "native", R"({"type": "integer", "minimum": 1, "maximum": 4094})"},
    {"link variable", "impair", R"({"type": "object"})"},
    {"link variable", "state", R"({"anyOf": [{"enum": ["up", "down"]}, {"type": "object", "required": ["flap"]}]})"},
    {"link variable", "capture", R"({"type": "boolean"})"},
    {"link variable", "trunk", R"({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 4094}})"},
    {"tunnel", "type", R"({"const": "vxlan"})"},
    {"tunnel", "remote", R"({"type": "string", "format": "ipv4"})"},
    {"tunnel", "vni", R"({"type": "integer", "minimum": 0, "maximum": 16777215})"},
    {"tunnel", "dst-port", R"({"type": "integer", "minimum": 1, "maximum": 65535})"},
    {"tunnel", "mtu", R"({"type": "integer", "minimum": 576, "maximum": 9216})"},
    {"tunnel variable", "local", R"({"type": "string", "format": "ipv4"})"},
});

OrderedJson shape_of(std::string_view where, std::string_view key) {
    for (const ShapeRow& row : kShapes)
        if (row.where == where && row.key == key) return OrderedJson::parse(row.shape);
    return OrderedJson::object();
}

// A map that has the table's keys and no others. A key that has no effect is none that an editor should offer.
OrderedJson map_of(std::string_view where, std::span<const KeyRow> table) {
    OrderedJson map = {{"type", "object"}, {"additionalProperties", false}, {"properties", OrderedJson::object()}};
    for (const KeyRow& row : table) {
        if (row.use == KeyUse::ignored) continue;
        OrderedJson value = shape_of(where, row.name);
        if (!row.meaning.empty()) value["description"] = row.meaning;
        map["properties"][std::string{row.name}] = std::move(value);
    }
    return map;
}

OrderedJson reference(const char* name) { return {{"$ref", std::string{"#/definitions/"} + name}}; }

OrderedJson named(OrderedJson value) { return {{"type", "object"}, {"additionalProperties", std::move(value)}}; }

// The value that the table's key has been given, with the key's own description.
void set(OrderedJson& map, const char* key, const OrderedJson& value) { map["properties"][key].update(value); }

}  // namespace

std::string topology_schema() {
    OrderedJson link = map_of("link", link_keys());
    set(link, "vars", map_of("link variable", link_variable_keys()));
    link["required"] = {"endpoints"};
    OrderedJson tunnel = map_of("tunnel", tunnel_keys());
    set(tunnel, "vars", map_of("tunnel variable", tunnel_variable_keys()));
    tunnel["required"] = {"type", "endpoint", "remote", "vni", "vars"};

    OrderedJson topology = map_of("topology", topology_keys());
    set(topology, "nodes", named({{"anyOf", OrderedJson::array({reference("node"), {{"type", "null"}}})}}));
    set(topology, "links",
        {{"type", "array"},
         {"items", {{"if", {{"required", {"type"}}}}, {"then", reference("tunnel")}, {"else", reference("link")}}}});
    set(topology, "defaults", reference("node"));
    set(topology, "kinds", named(reference("node")));
    set(topology, "groups", named(reference("node")));
    topology["required"] = {"nodes"};

    OrderedJson file = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                        {"title", "Topology of a Hairpin lab"},
                        {"description", "A containerlab topology of which `hairpin lab up` does everything."}};
    file.update(map_of("file", topology_file_keys()));
    set(file, "name", {{"type", "string"}, {"pattern", "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$"}});
    set(file, "topology", topology);
    file["required"] = {"name", "topology"};
    file["definitions"] = {{"node", map_of("node", node_keys())}, {"link", std::move(link)}, {"tunnel", std::move(tunnel)}};
    return file.dump(2) + "\n";
}

}  // namespace hairpin::lab
