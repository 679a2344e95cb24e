#include "lab/lab_state.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "lab/containers/container.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lookup.h"
#include "lab/machines/boot.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

NodeRole parse_role(const std::string& text) {
    for (const NodeRole role : {NodeRole::host, NodeRole::gateway, NodeRole::segment, NodeRole::machine, NodeRole::container})
        if (text == to_string(role)) return role;
    return NodeRole::host;
}

Runtime parse_runtime(const std::string& text) {
    for (const Runtime runtime : {Runtime::docker, Runtime::podman})
        if (text == to_string(runtime)) return runtime;
    return Runtime::netns;
}

OrderedJson to_json(const NodeState& node) {
    OrderedJson json = {{"name", node.name},     {"role", to_string(node.role)}, {"interfaces", node.interfaces},
                        {"ports", node.ports},   {"addresses", node.addresses},  {"environment", node.environment},
                        {"labels", node.labels}, {"commands", node.commands}};
    for (const auto& [key, text] :
         {std::pair{"machine", node.machine}, {"monitor", node.monitor}, {"container", node.container}, {"image", node.image}})
        if (!text.empty()) json[key] = text;
    return json;
}

NodeState node_from(const OrderedJson& json) {
    return {.name = json.at("name"),
            .role = parse_role(json.at("role")),
            .interfaces = json.at("interfaces"),
            .ports = json.value("ports", std::vector<std::string>{}),
            .addresses = json.at("addresses"),
            .environment = json.at("environment"),
            .labels = json.value("labels", std::map<std::string, std::string>{}),
            .commands = json.at("commands"),
            .machine = json.value("machine", ""),
            .monitor = json.value("monitor", ""),
            .container = json.value("container", ""),
            .image = json.value("image", "")};
}

}  // namespace

LabState LabState::of(const Topology& topology) {
    LabState state{.lab = topology.name,
                   .topology_file = topology.file,
                   .topology_folder = topology.folder,
                   .runtime = topology.runtime,
                   .daemon = {},
                   .nodes = {}};
    for (const Node& node : topology.nodes) {
        NodeState& row = state.nodes.emplace_back(NodeState{.name = node.name,
                                                            .role = node.role,
                                                            .interfaces = {},
                                                            .ports = {},
                                                            .addresses = {},
                                                            .environment = node.environment,
                                                            .labels = node.labels,
                                                            .commands = node.commands});
        if (node.role == NodeRole::machine) {
            row.machine = node.machine.in_words();
            row.monitor = monitor_of(topology, node);
        }
        row.container = topology.container_of(node);
        row.image = node.image.in_words();
        for (const Attachment& attachment : topology.attachments) {
            if (attachment.node != node.name) continue;
            row.interfaces.push_back(attachment.interface);
            if (node.role != NodeRole::gateway) row.ports.push_back(attachment.port);
            if (attachment.address) row.addresses.push_back(attachment.address->to_string());
        }
    }
    return state;
}

const NodeState* LabState::find(std::string_view node) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const NodeState& each) { return each.name == node; });
    return found == nodes.end() ? nullptr : &*found;
}

NodeState* LabState::find(std::string_view node) { return const_cast<NodeState*>(std::as_const(*this).find(node)); }

std::optional<PortEnd> LabState::end_of(std::string_view port) const {
    for (const NodeState& node : nodes)
        for (std::size_t i = 0; i < std::min(node.ports.size(), node.interfaces.size()); ++i)
            if (node.ports[i] == port) return PortEnd{.node = &node, .interface = node.interfaces[i]};
    return std::nullopt;
}

const NodeState* LabState::gateway() const {
    const auto found =
        std::find_if(nodes.begin(), nodes.end(), [](const NodeState& each) { return each.role == NodeRole::gateway; });
    return found == nodes.end() ? nullptr : &*found;
}

Result<void> write_state(const LabState& state) {
    OrderedJson json = {{"lab", state.lab},
                        {"topology", state.topology_file},
                        {"topology_folder", state.topology_folder},
                        {"runtime", to_string(state.runtime)},
                        {"complete", state.complete},
                        {"daemon", {{"pid", state.daemon.pid}, {"start_ticks", state.daemon.start_ticks}}},
                        {"nodes", OrderedJson::array()}};
    for (const NodeState& node : state.nodes) json["nodes"].push_back(to_json(node));
    return write_file(LabPaths{state.lab}.state(), json.dump(2) + "\n");
}

std::optional<LabState> read_state(const std::string& lab) {
    const auto text = read_file(LabPaths{lab}.state());
    if (!text) return std::nullopt;
    try {
        const OrderedJson json = OrderedJson::parse(*text);
        LabState state{.lab = json.at("lab"),
                       .topology_file = json.at("topology"),
                       .topology_folder = json.value("topology_folder", ""),
                       .runtime = parse_runtime(json.value("runtime", "")),
                       .complete = json.at("complete"),
                       .daemon = {.pid = json.at("daemon").at("pid"), .start_ticks = json.at("daemon").at("start_ticks")},
                       .nodes = {}};
        if (state.topology_folder.empty()) state.topology_folder = std::filesystem::path{state.topology_file}.parent_path();
        for (const OrderedJson& node : json.at("nodes")) state.nodes.push_back(node_from(node));
        return state;
    } catch (const OrderedJson::exception&) {
        return std::nullopt;
    }
}

std::vector<std::string> known_labs() {
    std::vector<std::string> labs;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{kLabsFolder, none}) labs.push_back(entry.path().filename());
    std::sort(labs.begin(), labs.end());
    return labs;
}

std::map<std::string, std::string> environment_of(const LabState& state, const NodeState& node) {
    std::map<std::string, std::string> environment = node.environment;
    environment["HAIRPIN_LAB"] = state.lab;
    environment["HAIRPIN_NODE"] = node.name;
    return environment;
}

bool is_known_lab(const std::string& name) {
    const std::vector<std::string> labs = known_labs();
    return std::find(labs.begin(), labs.end(), name) != labs.end();
}

Command command_at(const LabState& state, const NodeState& node, std::vector<std::string> words) {
    const std::string folder = LabPaths{state.lab}.node_folder(node.name);
    auto environment = environment_of(state, node);
    if (node.role == NodeRole::container)
        return {
            .words = words_in_container(state.runtime, node.container, environment, words), .environment = {}, .folder = folder};
    Command command{.words = std::move(words), .environment = std::move(environment), .folder = folder};
    command.environment["HAIRPIN_LAB_DIR"] = state.topology_folder;
    command.environment["HAIRPIN_PROGRAMS"] = program_folder();
    command.environment["HAIRPIN_NODE_DIR"] = folder;
    return command;
}

}  // namespace hairpin::lab
