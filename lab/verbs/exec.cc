#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "lab/containers/container.h"
#include "lab/did_you_mean.h"
#include "lab/enclave.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/machines/boot.h"
#include "lab/processes.h"
#include "lab/shell_words.h"
#include "lab/verbs/exec_at_nodes.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

// containerlab's, which every node has.
constexpr std::string_view kNodeNameLabel = "clab-node-name";
constexpr std::chrono::hours kAsLongAsItTakes{24};

std::string hosts_of(const LabState& lab) {
    std::vector<std::string> names;
    for (const NodeState& node : lab.nodes)
        if (lab.has_namespace(node)) names.push_back(node.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

// A lab of which every node is there.
Result<LabState> find_complete_lab(const std::string& argument) {
    const auto name = find_lab(argument);
    if (!name) return tl::unexpected(name.error());
    auto lab = read_state(*name);
    if (lab && lab->complete) return *std::move(lab);
    return failure(fmt::format("the lab \"{}\" was not brought up to the end; `hairpin lab up {}` tries again", *name, *name));
}

// Where something can run; an empty name is the gateway.
Result<const NodeState*> find_node(const LabState& lab, const std::string& name) {
    const NodeState* node = name.empty() ? lab.gateway() : lab.find(name);
    if (node == nullptr)
        return failure(fmt::format("the lab \"{}\" has no node \"{}\"{} (it has {})", lab.lab, name,
                                   did_you_mean(name, lab.nodes, [](const NodeState& each) { return each.name; }),
                                   hosts_of(lab)));
    if (!lab.has_namespace(*node))
        return failure(fmt::format("\"{}\" is a segment of the switch, where nothing can run (hosts: {})", name, hosts_of(lab)));
    return node;
}

bool has_label(const NodeState& node, const NodeLabel& label) {
    if (label.key == kNodeNameLabel) return node.name == label.value;
    const auto found = node.labels.find(label.key);
    return found != node.labels.end() && found->second == label.value;
}

// Those that are named, or else all where something can run; of them those that have every label.
Result<std::vector<const NodeState*>> choose_nodes(const LabState& lab, const ExecOptions& options) {
    std::vector<const NodeState*> nodes;
    for (const std::string& name : options.nodes) {
        const auto node = find_node(lab, name);
        if (!node) return tl::unexpected(node.error());
        nodes.push_back(*node);
    }
    if (options.nodes.empty())
        for (const NodeState& node : lab.nodes)
            if (lab.has_namespace(node)) nodes.push_back(&node);
    std::erase_if(nodes, [&](const NodeState* node) {
        return !std::all_of(options.labels.begin(), options.labels.end(),
                            [&](const NodeLabel& label) { return has_label(*node, label); });
    });
    if (!nodes.empty()) return nodes;
    std::vector<std::string> labels;
    for (const NodeLabel& label : options.labels) labels.push_back(label.key + "=" + label.value);
    return failure(fmt::format("no node of the lab \"{}\"{} has the label {}", lab.lab,
                               options.nodes.empty() ? "" : " that is named", fmt::join(labels, " and ")));
}

ExitCode become(const LabState& lab, const NodeState& node, const Command& command) {
    std::fflush(stdout);
    const NotBecome problem = become_in_namespace(lab.namespace_of(node), command);
    return report(static_cast<ExitCode>(problem.status), problem.message);
}

// What a machine's agent is asked has an end, and says what it said then.
ExitCode exec_in_machine(const LabState& lab, const NodeState& node, const std::vector<std::string>& words) {
    std::string script;
    for (const std::string& word : words) script += shell_quoted(word) + " ";
    const auto done = run_in_machine(lab, node, script, kAsLongAsItTakes);
    if (!done) return report(ExitCode::failed, done.error().message);
    fmt::print("{}", done->output);
    fmt::print(stderr, "{}", done->error_output);
    return static_cast<ExitCode>(done->status);
}

// Returns only when the command cannot be started, or was a machine's: this process becomes the command.
ExitCode exec_at(const LabState& lab, const NodeState& node, const std::vector<std::string>& words) {
    if (node.role == NodeRole::machine) return exec_in_machine(lab, node, words);
    return become(lab, node, command_at(lab, node, words));
}

// The line that was typed, or the words of one.
std::string shown(const std::vector<std::string>& command) {
    const bool is_line = command.size() == 3 && command[0] == "/bin/sh" && command[1] == "-c";
    return is_line ? command[2] : fmt::format("{}", fmt::join(command, " "));
}

void print_answers(const NodeAnswers& answers, const std::vector<std::vector<std::string>>& commands) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const Finished& came = answers.commands[i];
        fmt::print("==> {}{} <==\n{}", answers.node->name, commands.size() > 1 ? ": " + shown(commands[i]) : "", came.output);
        std::fflush(stdout);
        fmt::print(stderr, "{}", came.error_output);
    }
}

// With containerlab's keys.
nlohmann::ordered_json answers_json(const NodeAnswers& answers, const std::vector<std::vector<std::string>>& commands) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const Finished& came = answers.commands[i];
        all.push_back(
            {{"cmd", commands[i]}, {"return-code", came.status}, {"stdout", came.output}, {"stderr", came.error_output}});
    }
    return all;
}

ExitCode exec_at_all(const LabState& lab, const std::vector<const NodeState*>& nodes, const ExecOptions& options) {
    nlohmann::ordered_json json = {
        {"schema", "hairpin.lab-exec/1"}, {"lab", lab.lab}, {"nodes", nlohmann::ordered_json::object()}};
    std::vector<std::string> failed;
    const auto done = exec_at_nodes(
        nodes, options.commands,
        [&](const NodeState& node, const std::vector<std::string>& command) {
            return static_cast<int>(exec_at(lab, node, command));
        },
        [&](const NodeAnswers& answers) {
            for (const Finished& came : answers.commands)
                if (came.status != 0) failed.push_back(fmt::format("{} with {}", answers.node->name, came.status));
            if (options.format == Format::json)
                json["nodes"][answers.node->name] = answers_json(answers, options.commands);
            else
                print_answers(answers, options.commands);
        });
    if (!done) return report(ExitCode::failed, done.error().message);
    if (options.format == Format::json)
        fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    if (failed.empty()) return ExitCode::ok;
    return report(ExitCode::failed, fmt::format("{} of {} commands failed: {}", failed.size(),
                                                nodes.size() * options.commands.size(), fmt::join(failed, ", ")));
}

}  // namespace

ExitCode exec(const ExecOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (const auto able = check_reach("hairpin lab exec"); !able) return report(ExitCode::denied, able.error().message);
    ExecOptions chosen = options;
    // One word is the lab, where one is called so, and otherwise the node; of two the second is the node.
    std::vector<std::string>& words = chosen.words;
    if (chosen.lab.empty() && (words.size() == 2 || (words.size() == 1 && is_known_lab(words[0])))) {
        chosen.lab = words[0];
        words.erase(words.begin());
    }
    chosen.nodes.insert(chosen.nodes.begin(), words.begin(), words.end());
    const auto lab = find_complete_lab(chosen.lab);
    if (!lab) return report(ExitCode::not_found, lab.error().message);
    const auto nodes = choose_nodes(*lab, chosen);
    if (!nodes) return report(ExitCode::not_found, nodes.error().message);
    const bool is_one = chosen.nodes.size() == 1 && chosen.labels.empty() && chosen.commands.size() == 1;
    if (is_one && chosen.format != Format::json) return exec_at(*lab, *nodes->front(), chosen.commands.front());
    return exec_at_all(*lab, *nodes, chosen);
}

ExitCode shell(const std::string& lab_argument, const std::string& name) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (const auto able = check_reach("hairpin lab shell"); !able) return report(ExitCode::denied, able.error().message);
    const auto lab = find_complete_lab(lab_argument);
    if (!lab) return report(ExitCode::not_found, lab.error().message);
    const auto found = find_node(*lab, name);
    if (!found) return report(ExitCode::not_found, found.error().message);
    const NodeState& node = **found;

    if (node.role == NodeRole::machine)
        return report(
            ExitCode::failed,
            fmt::format("\"{}\" is a virtual machine, which has no shell to offer; `hairpin lab exec {} {} -- COMMAND` runs a "
                        "command there, and its console is in {}",
                        name, lab->lab, name, LabPaths{lab->lab}.console_log(name)));
    if (node.role == NodeRole::container)
        return become(*lab, node, {.words = shell_in_container(lab->runtime, node.container, environment_of(*lab, node))});
    const char* own = std::getenv("SHELL");
    Command command = command_at(*lab, node, {own != nullptr && *own != '\0' ? own : "/bin/sh"});
    command.environment["PS1"] = fmt::format("{}:{}# ", lab->lab, node.name);
    if (node.role == NodeRole::gateway) {
        fmt::print(
            "This is the gateway's namespace, where hairpind runs. The gateway's own commands are  hairpin --lab {} show ...\n",
            lab->lab);
    }
    return become(*lab, node, command);
}

}  // namespace hairpin::lab
