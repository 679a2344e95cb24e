#include "lab/imports/gns3_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "lab/yaml_tree.h"

namespace hairpin::lab {
namespace {

constexpr unsigned kHighestPort = 999;  // so that eth999p999.4094, the longest name of an interface, is one of Linux
constexpr unsigned kHighestVlan = 4094;

// Properties that are about a program of a kind that has no counterpart, and would be missed.
constexpr auto kMissedProperties =
    std::to_array<std::string_view>({"extra_hosts", "extra_volumes", "startup_script", "startup_config_content"});

// JSON is YAML, and the reader of that knows where everything stands; whether it is JSON is asked before.
bool is_json(const std::string& text, Complaints& complaints) {
    try {
        return !nlohmann::json::parse(text).is_discarded();
    } catch (const nlohmann::json::parse_error& error) {
        const std::size_t byte = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
        const std::string_view before = std::string_view{text}.substr(0, byte);
        const std::size_t line = before.rfind('\n');
        complaints.error({.line = static_cast<unsigned>(std::count(before.begin(), before.end(), '\n') + 1),
                          .column = static_cast<unsigned>(byte - (line == std::string_view::npos ? 0 : line + 1) + 1)},
                         "this is not JSON, which a GNS3 project's file is");
    } catch (const nlohmann::json::exception& error) {
        complaints.error({}, fmt::format("this cannot be read as JSON: {}", error.what()));
    }
    return false;
}

class ProjectReader {
public:
    explicit ProjectReader(Complaints& complaints) : complaints_(complaints) {}

    Gns3Project read(const YamlNode& root) {
        if (!root.is_map()) {
            complaints_.error(root.at, "a GNS3 project's file is an object with `topology`");
            return {};
        }
        if (const YamlNode* name = root.find("name")) project_.name = text_of(*name, "name");
        const YamlNode* topology = member(root, "topology", "a project", YamlNode::Kind::map);
        if (topology == nullptr) return {};
        const YamlNode* nodes = member(*topology, "nodes", "the topology", YamlNode::Kind::list);
        if (nodes == nullptr) return {};
        for (const YamlNode& node : nodes->items) read_node(node);
        if (project_.nodes.empty()) complaints_.error(nodes->at, "the project has no nodes");
        // The file of a project that was never cabled may have no links.
        if (topology->find("links") != nullptr)
            if (const YamlNode* links = member(*topology, "links", "the topology", YamlNode::Kind::list))
                for (const YamlNode& link : links->items) read_link(link);
        if (const YamlNode* drawings = topology->find("drawings"); drawings != nullptr && !drawings->items.empty())
            project_.drawings = PlacedText{.text = std::to_string(drawings->items.size()), .at = drawings->at};
        return std::move(project_);
    }

private:
    std::string text_of(const YamlNode& from, const std::string& what) { return read_text(from, what, complaints_); }

    // Complains where it is not there, or something else.
    const YamlNode* member(const YamlNode& from, const char* key, const char* what, YamlNode::Kind kind) {
        const YamlNode* found = from.find(key);
        if (found == nullptr) {
            complaints_.error(from.at, fmt::format("{} has no `{}`", what, key));
            return nullptr;
        }
        if (found->kind == kind) return found;
        constexpr auto kKinds = std::to_array<std::string_view>({"null", "a text or a number", "a list", "an object"});
        complaints_.error(found->at, fmt::format("`{}` of {} must be {}", key, what, kKinds.at(static_cast<std::size_t>(kind))));
        return nullptr;
    }

    std::string text_member(const YamlNode& from, const char* key, const char* what) {
        const YamlNode* found = member(from, key, what, YamlNode::Kind::scalar);
        return found == nullptr ? "" : found->text;
    }

    unsigned number_member(const YamlNode& from, const char* key, const char* what, unsigned most) {
        const YamlNode* found = member(from, key, what, YamlNode::Kind::scalar);
        return found == nullptr ? 0 : read_number(*found, key, 0, most, complaints_);
    }

    void read_node(const YamlNode& from) {
        if (!from.is_map()) return complaints_.error(from.at, "a node must be an object");
        Gns3Node node{.id = text_member(from, "node_id", "a node"),
                      .name = text_member(from, "name", "a node"),
                      .type = text_member(from, "node_type", "a node"),
                      .at = from.at};
        if (const YamlNode* name = from.find("name")) node.at = name->at;
        if (!numbers_.emplace(node.id, project_.nodes.size()).second)
            complaints_.error(from.at, fmt::format("two nodes have the node_id {}", node.id));
        if (const YamlNode* properties = from.find("properties"); properties != nullptr && !properties->is_null()) {
            if (!properties->is_map()) return complaints_.error(properties->at, "`properties` of a node must be an object");
            read_properties(*properties, node);
        }
        project_.nodes.push_back(std::move(node));
    }

    void read_properties(const YamlNode& from, Gns3Node& node) {
        const auto text = [&](const char* key) {
            const YamlNode* found = from.find(key);
            return found == nullptr || found->is_null() ? std::string{} : text_of(*found, key);
        };
        if (node.type == "docker") {
            node.image = text("image");
            node.start_command = text("start_command");
            std::string lines = text("environment");
            std::replace(lines.begin(), lines.end(), '\r', '\n');
            for (std::size_t start = 0; start < lines.size();) {
                const std::size_t end = std::min(lines.find('\n', start), lines.size());
                if (end > start) node.environment.push_back(lines.substr(start, end - start));
                start = end + 1;
            }
        }
        for (const std::string_view key : kMissedProperties)
            if (const YamlNode* found = from.find(key); found != nullptr && says_something(*found))
                node.untaken.push_back({.text = std::string{key}, .at = found->at});
        if (const YamlNode* ports = from.find("ports_mapping"); ports != nullptr && node.type == "ethernet_switch")
            read_ports(*ports, node);
    }

    static bool says_something(const YamlNode& node) {
        return !node.text.empty() || !node.items.empty() || !node.entries.empty();
    }

    void read_ports(const YamlNode& from, Gns3Node& node) {
        if (!from.is_list()) return complaints_.error(from.at, "`ports_mapping` must be a list");
        for (const YamlNode& each : from.items) {
            if (!each.is_map()) {
                complaints_.error(each.at, "a port of `ports_mapping` must be an object");
                continue;
            }
            Gns3SwitchPort port;
            if (each.find("type") != nullptr) port.type = text_member(each, "type", "a port");
            if (const YamlNode* vlan = each.find("vlan")) port.vlan = read_number(*vlan, "vlan", 1, kHighestVlan, complaints_);
            node.ports[number_member(each, "port_number", "a port", kHighestPort)] = port;
        }
    }

    void read_link(const YamlNode& from) {
        if (!from.is_map()) return complaints_.error(from.at, "a link must be an object");
        const YamlNode* ends = member(from, "nodes", "a link", YamlNode::Kind::list);
        if (ends == nullptr) return;
        if (ends->items.size() != 2)
            return complaints_.error(ends->at, fmt::format("a link has two ends, and this one has {}", ends->items.size()));
        const auto first = read_end(ends->items[0]), second = read_end(ends->items[1]);
        if (!first || !second) return;
        Gns3Link link{.first = *first, .second = *second, .at = from.at};
        if (const YamlNode* suspend = from.find("suspend")) link.suspended = suspend->text == "true";
        if (const YamlNode* filters = from.find("filters"); filters != nullptr && !filters->is_null()) {
            if (!filters->is_map()) return complaints_.error(filters->at, "`filters` of a link must be an object");
            for (const YamlEntry& filter : filters->entries) {
                Gns3Filter read{
                    .type = filter.key, .values = read_text_or_texts(filter.value, filter.key, complaints_), .at = filter.at};
                link.filters.push_back(std::move(read));
            }
        }
        project_.links.push_back(std::move(link));
    }

    std::optional<Gns3End> read_end(const YamlNode& from) {
        if (!from.is_map()) {
            complaints_.error(from.at, "an end of a link must be an object");
            return std::nullopt;
        }
        const YamlNode* id = member(from, "node_id", "an end of a link", YamlNode::Kind::scalar);
        if (id == nullptr) return std::nullopt;
        const auto node = numbers_.find(id->text);
        if (node == numbers_.end()) {
            complaints_.error(id->at, fmt::format("there is no node with the node_id {}", id->text));
            return std::nullopt;
        }
        return Gns3End{.node = node->second,
                       .adapter = number_member(from, "adapter_number", "an end of a link", kHighestPort),
                       .port = number_member(from, "port_number", "an end of a link", kHighestPort)};
    }

    Complaints& complaints_;
    Gns3Project project_;
    std::map<std::string, std::size_t> numbers_;  // by node_id
};

}  // namespace

Gns3Project read_gns3_project(const std::string& text, Complaints& complaints) {
    if (!is_json(text, complaints)) return {};
    const YamlNode root = parse_yaml(text, complaints);
    if (complaints.first_error()) return {};
    return ProjectReader{complaints}.read(root);
}

}  // namespace hairpin::lab
