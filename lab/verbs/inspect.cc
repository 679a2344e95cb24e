#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/table.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string state_of(const std::optional<LabState>& lab) {
    if (!lab || !lab->complete) return "incomplete";
    return lab->is_running() ? "up" : "hairpind ended";
}

std::string joined(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

OrderedJson node_json(const LabState& lab, const NodeState& node) {
    return {{"name", node.name},
            {"role", to_string(node.role)},
            {"interfaces", node.interfaces},
            {"addresses", node.addresses},
            {"console",
             node.role == NodeRole::machine ? OrderedJson(LabPaths{lab.lab}.console_log(node.name)) : OrderedJson(nullptr)},
            {"namespace", lab.has_namespace(node) ? OrderedJson(namespace_name(lab.lab, node.name)) : OrderedJson(nullptr)}};
}

}  // namespace

ExitCode list(Format format) {
    OrderedJson json = {{"schema", "hairpin.labs/1"}, {"labs", OrderedJson::array()}};
    std::vector<std::vector<std::string>> rows = {{"lab", "state", "nodes", "topology"}};
    for (const std::string& name : known_labs()) {
        const auto lab = read_state(name);
        const std::size_t nodes = lab ? lab->nodes.size() : 0;
        const std::string topology = lab ? lab->topology_file : "";
        json["labs"].push_back({{"lab", name}, {"state", state_of(lab)}, {"nodes", nodes}, {"topology", topology}});
        rows.push_back({name, state_of(lab), std::to_string(nodes), topology});
    }
    if (format == Format::json)
        fmt::print("{}\n", json.dump(2));
    else if (rows.size() == 1)
        fmt::print("No lab is up.\n");
    else
        fmt::print("{}", format_table(rows));
    return ExitCode::ok;
}

ExitCode inspect(const std::string& argument, Format format) {
    const auto name = find_lab(argument);
    if (!name) return report(ExitCode::not_found, name.error().message);
    const auto lab = read_state(*name);
    if (!lab) {
        return report(ExitCode::failed,
                      fmt::format("of the lab \"{}\" only remains are there; `hairpin lab down {}` removes them", *name, *name));
    }
    OrderedJson json = {{"schema", "hairpin.lab/1"},
                        {"lab", lab->lab},
                        {"state", state_of(lab)},
                        {"topology", lab->topology_file},
                        {"control_socket", LabPaths{lab->lab}.control_socket()},
                        {"daemon_pid", lab->daemon.pid},
                        {"nodes", OrderedJson::array()}};
    std::vector<std::vector<std::string>> rows = {{"node", "is", "interface", "address", "namespace"}};
    for (const NodeState& node : lab->nodes) {
        json["nodes"].push_back(node_json(*lab, node));
        rows.push_back({node.name, std::string{to_string(node.role)}, joined(node.interfaces), joined(node.addresses),
                        lab->has_namespace(node) ? namespace_name(lab->lab, node.name) : ""});
    }
    if (format == Format::json)
        fmt::print("{}\n", json.dump(2));
    else
        fmt::print("lab {} ({}), {}\n\n{}", lab->lab, state_of(lab), lab->topology_file, format_table(rows));
    return ExitCode::ok;
}

}  // namespace hairpin::lab
