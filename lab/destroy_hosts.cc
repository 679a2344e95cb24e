#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "control/protocol.h"
#include "lab/containers/container.h"
#include "lab/daemon.h"
#include "lab/daemon_config.h"
#include "lab/destroy.h"
#include "lab/did_you_mean.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/namespaces.h"
#include "lab/processes.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;
// Of what the lab came up with, so that people find in edge.json what they wrote.
using OrderedJson = nlohmann::ordered_json;

Result<std::vector<const NodeState*>> find_hosts(const LabState& lab, const std::vector<std::string>& names) {
    std::vector<const NodeState*> hosts;
    for (const std::string& name : names) {
        const NodeState* node = lab.find(name);
        if (node == nullptr)
            return failure(fmt::format("it has no node \"{}\"{}", name,
                                       did_you_mean(name, lab.nodes, [](const NodeState& each) { return each.name; })));
        if (!has_taps(node->role))
            return failure(fmt::format("\"{}\" is a {}, which goes with the lab only", name, to_string(node->role)));
        hosts.push_back(node);
    }
    return hosts;
}

// The document without the ports of these names.
template <class AnyJson>
AnyJson without_ports(AnyJson document, const std::set<std::string>& ports) {
    AnyJson kept = AnyJson::array();
    for (const AnyJson& port : document[kSwitchPart].value("port", AnyJson::array()))
        if (!ports.contains(port.value("name", ""))) kept.push_back(port);
    document[kSwitchPart]["port"] = kept;
    return document;
}

// First, so that no device disappears under hairpind.
Result<void> remove_ports(const LabState& lab, const std::set<std::string>& ports) {
    const auto running = ask_daemon(lab.lab, control::method::kConfigGet, Json::object());
    if (!running) return tl::unexpected(running.error());
    const auto committed = ask_daemon(
        lab.lab, control::method::kConfigCommit,
        {{"config", without_ports(Json(running->at("config")), ports)}, {"comment", "hairpin lab down --node-filter"}});
    if (!committed) return tl::unexpected(committed.error());
    return {};
}

// The daemon's document as the files have it now, and the nodes that there are.
Result<void> note(LabState lab, const std::set<std::string>& ports, const std::vector<std::string>& gone) {
    const std::string file = LabPaths{lab.lab}.daemon_config();
    const auto applied = read_file(file);
    if (!applied) return tl::unexpected(applied.error());
    const OrderedJson document = OrderedJson::parse(*applied, nullptr, false);
    if (document.is_discarded()) return failure(file + " cannot be read");
    if (auto noted = write_file(file, without_ports(document, ports).dump(2) + "\n"); !noted) return noted;
    std::erase_if(lab.nodes, [&](const NodeState& node) { return std::find(gone.begin(), gone.end(), node.name) != gone.end(); });
    return write_state(lab);
}

}  // namespace

Result<void> destroy_hosts(const std::string& name, const std::vector<std::string>& names) {
    const auto lab = read_state(name);
    if (!lab || !lab->is_running()) return failure("it does not run, and some hosts alone are taken from a lab that does");
    const auto hosts = find_hosts(*lab, names);
    if (!hosts) return tl::unexpected(hosts.error());
    std::set<std::string> ports;
    std::vector<NamespaceId> ours;
    for (const NodeState* host : *hosts) {
        ports.insert(host->ports.begin(), host->ports.end());
        // What lives in a container is its engine's to end.
        if (host->role == NodeRole::container) continue;
        if (const auto id = namespace_id(fmt::format("{}/{}", kNamespaceFolder, lab->namespace_of(*host)))) ours.push_back(*id);
    }
    if (auto removed = remove_ports(*lab, ports); !removed) return removed;
    if (auto ended = end_processes(ours, {}); !ended) return ended;
    for (const NodeState* host : *hosts) {
        if (host->role == NodeRole::container)
            if (auto removed = remove_containers(lab->runtime, name, host->name); !removed) return removed;
        if (auto removed = remove_namespace(lab->namespace_of(*host)); !removed) return removed;
        std::error_code none;
        std::filesystem::remove_all(LabPaths{name}.node_folder(host->name), none);
    }
    return note(*lab, ports, names);
}

}  // namespace hairpin::lab
