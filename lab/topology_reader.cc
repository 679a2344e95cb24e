#include "lab/topology_reader.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "lab/address_warnings.h"
#include "lab/file_keys.h"
#include "lab/files.h"
#include "lab/link_reader.h"
#include "lab/node_reader.h"
#include "lab/tunnel_reader.h"
#include "lab/yaml_tree.h"

namespace hairpin::lab {
namespace {

constexpr auto kTopologyFileKeys = std::to_array<KeyRow>({
    {"name", KeyUse::used, "the lab's name, by which all commands know it"},
    {"topology", KeyUse::used, "everything else"},
    {"mgmt", KeyUse::expected},  // a lab of namespaces has no management network
    {"prefix", KeyUse::used, "how the names of containers begin that the lab starts: PREFIX-LAB-NODE; clab where it is not said"},
    {"settings", KeyUse::ignored},
    {"debug", KeyUse::ignored},
});

constexpr auto kTopologyKeys = std::to_array<KeyRow>({
    {"nodes", KeyUse::used, "each node by its name: hosts, segments, and one gateway"},
    {"links", KeyUse::used, "what is connected with what"},
    {"defaults", KeyUse::used, "what all nodes have"},
    {"kinds", KeyUse::used, "what nodes of a kind have, by the kind"},
    {"groups", KeyUse::used, "what nodes of a group have, by the group's name"},
});

void check_gateway(const Topology& topology, Position at, Complaints& complaints) {
    const Node* gateway = nullptr;
    for (const Node& node : topology.nodes) {
        if (node.role != NodeRole::gateway) continue;
        if (gateway != nullptr)
            complaints.error(node.at, fmt::format("\"{}\" would be a second gateway beside \"{}\" in line {}; a lab has one",
                                                  node.name, gateway->name, gateway->at.line));
        gateway = &node;
    }
    if (gateway == nullptr)
        complaints.error(at, "no node is the gateway: one of kind linux needs the label  hairpin.role: gateway");
}

}  // namespace

std::span<const KeyRow> topology_file_keys() { return kTopologyFileKeys; }
std::span<const KeyRow> topology_keys() { return kTopologyKeys; }

Result<Topology> parse_topology(const std::string& text, const std::string& file, const Environment& environment,
                                Runtime runtime) {
    Complaints complaints{file};
    YamlNode root = parse_yaml(text, complaints);
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    expand_variables(root, environment, complaints);
    check_keys(root, "a topology file", kTopologyFileKeys, complaints);

    Topology topology;
    topology.runtime = runtime;
    topology.file = std::filesystem::absolute(file).lexically_normal();
    topology.folder = std::filesystem::path{topology.file}.parent_path();
    if (const YamlNode* name = root.find("name")) {
        topology.name = read_text(*name, "name", complaints);
        if (const auto wrong = wrong_lab_name(topology.name)) complaints.error(name->at, *wrong);
    } else {
        complaints.error(root.at, "a topology file needs a `name`");
    }
    if (const YamlNode* prefix = root.find("prefix")) topology.prefix = read_text(*prefix, "prefix", complaints);
    if (const YamlNode* inner = root.find("topology")) {
        check_keys(*inner, "topology", kTopologyKeys, complaints);
        topology.nodes = read_nodes(*inner, runtime, complaints);
        topology.attachments = read_links(*inner, topology.nodes, complaints);
        topology.tunnels = read_tunnels(*inner, topology.nodes, complaints);
        check_gateway(topology, inner->at, complaints);
    } else {
        complaints.error(root.at, "a topology file needs a `topology`");
    }
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    warn_about_addresses(topology, complaints);
    topology.warnings = complaints.warnings();
    return topology;
}

Result<Topology> read_topology(const std::string& file, Runtime runtime) {
    const auto text = read_file(file);
    if (!text) return tl::unexpected(text.error());
    return parse_topology(*text, file, process_environment(), runtime);
}

}  // namespace hairpin::lab
