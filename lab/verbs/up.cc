#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "lab/bring_up.h"
#include "lab/enclave.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/live_view.h"
#include "lab/lookup.h"
#include "lab/node_filter.h"
#include "lab/processes.h"
#include "lab/rows.h"
#include "lab/table.h"
#include "lab/topology_reader.h"
#include "lab/variables.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kStandardInput = "-";

Result<std::string> read_standard_input() {
    const std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
    if (std::cin.bad()) return failure("standard input cannot be read: " + system_error());
    return text;
}

std::string first_host(const LabState& state) {
    for (const NodeState& node : state.nodes)
        if (has_taps(node.role)) return node.name;
    return state.gateway()->name;
}

void print_nodes(const LabState& state) {
    std::vector<std::vector<std::string>> rows = {{"node", "is", "address", "namespace"}};
    for (const NodeState& node : state.nodes) {
        rows.push_back({node.name, std::string{to_string(node.role)}, fmt::format("{}", fmt::join(node.addresses, ", ")),
                        state.has_namespace(node) ? state.namespace_of(node) : ""});
    }
    fmt::print("\n{}\n", format_table(rows, 4));
}

void print_next(const LabState& state) {
    const std::string& lab = state.lab;
    fmt::print("What to type next:\n{}",
               format_table({{fmt::format("hairpin lab shell {} {}", lab, first_host(state)), "a shell on that host"},
                             {fmt::format("hairpin lab verify {}", lab), "what this lab must show"},
                             {fmt::format("hairpin --lab {} show sessions", lab), "what the gateway knows"},
                             {fmt::format("hairpin lab down {}", lab), "removes everything"}},
                            4));
}

Rows rows_of(const std::string& lab, const LabDifference& difference) {
    Rows rows{.schema = "hairpin.lab-changes/1",
              .lab = lab,
              .list = "changes",
              .titles = {"change", "what", "name", "detail"},
              .rows = {}};
    for (const LabChange& change : difference.changes)
        rows.rows.push_back(
            {{"change", to_string(change.kind)}, {"what", change.what}, {"name", change.name}, {"detail", change.detail}});
    return rows;
}

nlohmann::ordered_json changes_json(const Topology& topology, const Plan& planned) {
    return {{"schema", "hairpin.lab-changes/1"},
            {"lab", topology.name},
            {"up", planned.is_up},
            {"again", planned.again},
            {"changes", rows_of(topology.name, planned.difference).rows}};
}

void print_changes(const LabDifference& difference) {
    std::vector<std::vector<std::string>> rows;
    for (const LabChange& change : difference.changes)
        rows.push_back({change.what, change.name, std::string{to_string(change.kind)}, change.detail});
    fmt::print("{}", format_table(rows, 4));
}

ExitCode say_plan(const Topology& topology, Format format) {
    const auto planned = plan(topology);
    if (!planned) return report(ExitCode::rejected, fmt::format("lab \"{}\": {}", topology.name, planned.error().message));
    if (format == Format::json) {
        fmt::print("{}\n", changes_json(topology, *planned).dump(2));
    } else if (format != Format::table) {
        fmt::print("{}", render(rows_of(topology.name, planned->difference), format));
    } else if (planned->again) {
        fmt::print(
            "The lab \"{}\" is not up any more: its hairpind has ended. It would be up again, with its commits, and its hosts "
            "would "
            "begin anew:\n",
            topology.name);
        print_changes(planned->difference);
    } else if (planned->difference.empty()) {
        fmt::print("The lab \"{}\" is up, and nothing would change.\n", topology.name);
    } else {
        fmt::print("The lab \"{}\" {}:\n", topology.name,
                   planned->is_up ? "is up, and this would change" : "is not up, and this would be made");
        print_changes(planned->difference);
    }
    return ExitCode::ok;
}

void say_what_is_up(const BroughtUp& lab, double seconds) {
    if (lab.was_up && !lab.difference.empty()) {
        fmt::print("The lab \"{}\" was up and is now, after {:.2f} s, what its files say. All else goes on:\n", lab.state.lab,
                   seconds);
        print_changes(lab.difference);
    } else if (lab.was_up)
        fmt::print("The lab \"{}\" is already up, and nothing has changed (--reconfigure takes it down first).\n", lab.state.lab);
    else if (lab.again)
        fmt::print(
            "The lab \"{}\" is up again, after {:.2f} s: its hairpind had ended, and goes on with its commits. Its hosts have "
            "begun anew.\n",
            lab.state.lab, seconds);
    else
        fmt::print("The lab \"{}\" is up, after {:.2f} s.\n", lab.state.lab, seconds);
    print_nodes(lab.state);
    print_next(lab.state);
}

// For programs: what became of it, and the nodes that it has.
nlohmann::ordered_json up_json(const BroughtUp& lab, double seconds) {
    const char* outcome = lab.again ? "up again" : !lab.was_up ? "made" : lab.difference.empty() ? "unchanged" : "changed";
    return {{"schema", "hairpin.lab-up/1"},
            {"lab", lab.state.lab},
            {"outcome", outcome},
            {"seconds", seconds},
            {"changes", rows_of(lab.state.lab, lab.difference).rows},
            {"nodes", nodes_of(lab.state).rows}};
}

ExitCode bring_up_and_say(const Topology& topology, const UpOptions& options) {
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::string> daemon_options;
    if (options.test_hooks) daemon_options.emplace_back("--test-hooks");
    if (options.seed) daemon_options.insert(daemon_options.end(), {"--seed", std::to_string(*options.seed)});
    const auto lab = bring_up(topology, options.reconfigure ? WhenUp::replace : WhenUp::adapt, daemon_options);
    if (!lab) return report(ExitCode::failed, fmt::format("lab \"{}\": {}", topology.name, lab.error().message));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;

    if (options.format == Format::table)
        say_what_is_up(*lab, took.count());
    else if (options.format == Format::json)
        fmt::print("{}\n", up_json(*lab, took.count()).dump(2));
    else
        fmt::print("{}", render(nodes_of(lab->state), options.format));
    std::fflush(stdout);
    if (!options.typed_topology.empty())
        if (const auto kept = write_file(topology.file, options.typed_topology); !kept)
            return report(ExitCode::failed, kept.error().message);
    if (!options.restore.empty())
        if (const ExitCode restored = restore(lab->state.lab, options.restore); restored != ExitCode::ok) return restored;
    return options.test ? test({.lab = lab->state.lab}) : ExitCode::ok;
}

// In a process of its own, because it waits in many places, for the kernel and for what hosts run. What a bring-up leaves that was
// killed half-way is found by its name, as always.
ExitCode bring_up_within(std::chrono::seconds limit, const Topology& topology, const UpOptions& options) {
    const auto before = read_state(topology.name);
    const bool was_there = before && before->is_running() && !options.reconfigure;
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child < 0) return report(ExitCode::failed, "fork: " + system_error());
    if (child == 0) {
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const ExitCode outcome = bring_up_and_say(topology, options);
        std::fflush(stdout);
        ::_exit(static_cast<int>(outcome));
    }
    ::setpgid(child, child);  // whoever of the two is first
    if (const auto status = wait_for(child, limit)) return static_cast<ExitCode>(*status);
    const std::string late = fmt::format("lab \"{}\": it is not up after {} s", topology.name, limit.count());
    if (was_there)
        return report(
            ExitCode::timed_out,
            fmt::format(
                "{}; it was up before, and some of the changes may be made (`hairpin lab up --reconfigure {}` makes it anew)",
                late, topology.name));
    if (const auto removed = take_down(topology.name); !removed)
        return report(ExitCode::timed_out, fmt::format("{}, and cannot be removed: {}", late, removed.error().message));
    return report(ExitCode::timed_out, late + "; nothing of it is left");
}

// A lab that is up keeps the runtime that it has, unless another is asked for. `typed`: the text that was typed instead of a file, which is kept with the
// lab, for the verbs that ask for it later; what it names lies in this folder.
Result<Topology> read_for(const UpOptions& options, const std::string& file, const std::string* typed) {
    const auto read = [&](Runtime runtime) {
        auto topology =
            typed != nullptr ? parse_topology(*typed, file, process_environment(), runtime) : read_topology(file, runtime);
        if (!topology) return topology;
        if (!options.name.empty()) topology->name = options.name;
        if (typed != nullptr) topology->file = LabPaths{topology->name}.typed_topology();
        return topology;
    };
    if (options.runtime) return read(*options.runtime);
    auto topology = read(Runtime::netns);
    if (!topology) return topology;
    const auto state = read_state(topology->name);
    return state && state->runtime != Runtime::netns ? read(state->runtime) : topology;
}

}  // namespace

ExitCode up(const UpOptions& options) {
    if (::geteuid() != 0 && options.runtime.value_or(Runtime::netns) != Runtime::netns)
        return report(
            ExitCode::denied,
            fmt::format("--runtime {}: a lab of an ordinary user is in a user namespace, where an engine's containers are "
                        "out of reach; run it as root (sudo)",
                        to_string(*options.runtime)));
    const auto enclave = Enclave::enter(EnclaveEntry::make);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (options.rootless && !enclave->is_entered())
        return report(ExitCode::denied,
                      "--rootless: you are root, whose labs stand outside of any user namespace; an ordinary user's are rootless "
                      "in any case (setpriv --reuid USER --regid USER --clear-groups hairpin lab up ...)");
    const auto typed = options.topology == kStandardInput ? read_standard_input() : Result<std::string>{""};
    if (!typed) return report(ExitCode::failed, typed.error().message);
    const bool is_typed = options.topology == kStandardInput;
    const auto file = is_typed ? Result<std::string>{"standard input"} : find_topology(options.topology);
    if (!file) return report(ExitCode::not_found, file.error().message);
    auto topology = read_for(options, *file, is_typed ? &*typed : nullptr);
    if (!topology) return report(ExitCode::rejected, topology.error().message);
    if (const auto wrong = wrong_lab_name(topology->name))
        return report(ExitCode::usage, fmt::format("\"{}\": {}", topology->name, *wrong));
    for (const std::string& warning : topology->warnings) fmt::print(stderr, "hairpin: warning: {}\n", warning);

    if (options.workers)
        fmt::print(stderr, "hairpin: warning: --max-workers has no effect: hosts are made one after the other\n");
    if (!options.nodes.empty())
        if (const auto kept = keep_nodes(*topology, options.nodes); !kept) return report(ExitCode::usage, kept.error().message);
    if (options.format != Format::table && !options.dry_run && (options.test || !options.restore.empty()))
        return report(ExitCode::usage,
                      "--format is for programs, which --test and --restore would speak in between: run them after it");
    if (options.dry_run) return say_plan(*topology, options.format);

    UpOptions wanted = options;
    wanted.typed_topology = *typed;
    if (options.timeout) return bring_up_within(std::chrono::seconds{*options.timeout}, *topology, wanted);
    return bring_up_and_say(*topology, wanted);
}

}  // namespace hairpin::lab
