#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "lab/containers/container.h"
#include "lab/did_you_mean.h"
#include "lab/enclave.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/machines/boot.h"
#include "lab/processes.h"
#include "lab/shell_words.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

struct Place {
    LabState lab;
    NodeState node;
};

std::string hosts_of(const LabState& lab) {
    std::vector<std::string> names;
    for (const NodeState& node : lab.nodes)
        if (lab.has_namespace(node)) names.push_back(node.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

// The node that is meant; an empty name is the gateway.
Result<Place> find_place(const std::string& lab_argument, const std::string& node_name) {
    const auto name = find_lab(lab_argument);
    if (!name) return tl::unexpected(name.error());
    auto lab = read_state(*name);
    if (!lab || !lab->complete) {
        return failure(
            fmt::format("the lab \"{}\" was not brought up to the end; `hairpin lab up {}` tries again", *name, *name));
    }
    const NodeState* node = node_name.empty() ? lab->gateway() : lab->find(node_name);
    if (node == nullptr)
        return failure(fmt::format("the lab \"{}\" has no node \"{}\"{} (it has {})", *name, node_name,
                                   did_you_mean(node_name, lab->nodes, [](const NodeState& each) { return each.name; }),
                                   hosts_of(*lab)));
    if (!lab->has_namespace(*node)) {
        return failure(
            fmt::format("\"{}\" is a segment of the switch, where nothing can run (hosts: {})", node_name, hosts_of(*lab)));
    }
    return Place{.lab = *lab, .node = *node};
}

ExitCode become(const Place& place, const Command& command) {
    std::fflush(stdout);
    const NotBecome problem = become_in_namespace(place.lab.namespace_of(place.node), command);
    return report(static_cast<ExitCode>(problem.status), problem.message);
}

constexpr std::chrono::hours kAsLongAsItTakes{24};

// What a machine's agent is asked has an end, and says what it said then.
ExitCode exec_in_machine(const Place& place, const std::vector<std::string>& words) {
    std::string script;
    for (const std::string& word : words) script += shell_quoted(word) + " ";
    const auto done = run_in_machine(place.lab, place.node, script, kAsLongAsItTakes);
    if (!done) return report(ExitCode::failed, done.error().message);
    fmt::print("{}", done->output);
    fmt::print(stderr, "{}", done->error_output);
    return static_cast<ExitCode>(done->status);
}

}  // namespace

ExitCode exec(const ExecOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (const auto able = check_reach("hairpin lab exec"); !able) return report(ExitCode::denied, able.error().message);
    const auto place = find_place(options.lab, options.node);
    if (!place) return report(ExitCode::not_found, place.error().message);
    if (place->node.role == NodeRole::machine) return exec_in_machine(*place, options.words);
    return become(*place, command_at(place->lab, place->node, options.words));
}

ExitCode shell(const std::string& lab, const std::string& node) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (const auto able = check_reach("hairpin lab shell"); !able) return report(ExitCode::denied, able.error().message);
    const auto place = find_place(lab, node);
    if (!place) return report(ExitCode::not_found, place.error().message);

    if (place->node.role == NodeRole::machine)
        return report(
            ExitCode::failed,
            fmt::format("\"{}\" is a virtual machine, which has no shell to offer; `hairpin lab exec {} {} -- COMMAND` runs a "
                        "command there, and its console is in {}",
                        node, place->lab.lab, node, LabPaths{place->lab.lab}.console_log(node)));
    if (place->node.role == NodeRole::container)
        return become(*place, {.words = shell_in_container(place->lab.runtime, place->node.container,
                                                           environment_of(place->lab, place->node))});
    const char* own = std::getenv("SHELL");
    Command command = command_at(place->lab, place->node, {own != nullptr && *own != '\0' ? own : "/bin/sh"});
    command.environment["PS1"] = fmt::format("{}:{}# ", place->lab.lab, place->node.name);
    if (place->node.role == NodeRole::gateway) {
        fmt::print(
            "This is the gateway's namespace, where hairpind runs. The gateway's own commands are  hairpin --lab {} show ...\n",
            place->lab.lab);
    }
    return become(*place, command);
}

}  // namespace hairpin::lab
