#include "lab/deploy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "lab/daemon_config.h"
#include "lab/destroy.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lookup.h"
#include "lab/machines/boot.h"
#include "lab/namespaces.h"
#include "lab/processes.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kDaemonError = "hairpind: error: ";  // how its last words begin
constexpr std::chrono::milliseconds kDaemonPatience{10'000};
constexpr std::chrono::milliseconds kCommandPatience{30'000};

std::string daemon_program() { return program_folder() + "/hairpind"; }

// Everything below is made for one lab; the first step that fails ends it.
class Deployment {
public:
    Deployment(const Topology& topology, const std::vector<std::string>& daemon_options)
        : topology_(topology), daemon_options_(daemon_options), paths_(topology.name), state_(LabState::of(topology)) {}

    Result<LabState> run() {
        return prepare_files()
            .and_then([&] { return make_namespaces(); })
            .and_then([&] { return start_daemon(); })
            .and_then([&] { return boot_machines(); })
            .and_then([&] { return run_commands(); })
            .and_then([&] {
                state_.complete = true;
                return write_state(state_);
            })
            .map([&] { return state_; });
    }

private:
    Result<void> prepare_files() {
        const auto written =
            read_file((std::filesystem::path{topology_.folder} / topology_.gateway().config_file).lexically_normal());
        if (!written) return tl::unexpected(written.error());
        const auto config = daemon_config(topology_, *written);
        if (!config) return tl::unexpected(config.error());
        state_.find(topology_.gateway().name)->addresses = config->gateway_addresses;

        if (auto state = write_state(state_); !state) return state;
        if (auto file = write_file(paths_.daemon_config(), config->text); !file) return file;
        if (auto logs = make_folders(paths_.log_folder()); !logs) return logs;
        if (auto sockets = make_folders(paths_.machine_folder()); !sockets) return sockets;
        for (const NodeState& node : state_.nodes) {
            if (!state_.has_namespace(node)) continue;
            if (auto folder = make_folders(paths_.node_folder(node.name)); !folder) return folder;
        }
        return {};
    }

    Result<void> make_namespaces() {
        for (const NodeState& node : state_.nodes) {
            if (!state_.has_namespace(node)) continue;
            if (auto made = create_namespace(namespace_name(state_.lab, node.name)); !made) return made;
        }
        return {};
    }

    Result<void> start_daemon() {
        const auto log = open_log(paths_.daemon_log());
        if (!log) return tl::unexpected(log.error());
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe: " + system_error());
        const UniqueFd ready{ends[0]};
        UniqueFd told{ends[1]};

        Command command{.words = {daemon_program(), "--config", paths_.daemon_config(), "--state", paths_.commits(), "--socket",
                                  paths_.control_socket(), "--port-socket", paths_.port_socket(), "--ready-fd",
                                  std::to_string(kPassedDescriptor)},
                        .environment = {},
                        .folder = paths_.folder,
                        .output = log->number(),
                        .error_output = log->number(),
                        .passed = told.number()};
        command.words.insert(command.words.end(), daemon_options_.begin(), daemon_options_.end());
        const auto daemon = start_in_namespace(namespace_name(state_.lab, state_.gateway()->name), command);
        if (!daemon) return tl::unexpected(daemon.error());
        state_.daemon = ProcessId::of(*daemon);
        if (auto state = write_state(state_); !state) return state;
        told.reset();  // now only hairpind holds it, so that its end is seen as the end of the pipe
        return wait_until_ready(ready);
    }

    Result<void> wait_until_ready(const UniqueFd& ready) {
        pollfd waiting{.fd = ready.number(), .events = POLLIN, .revents = 0};
        int answered = 0;
        while ((answered = ::poll(&waiting, 1, static_cast<int>(kDaemonPatience.count()))) < 0 && errno == EINTR) {
        }
        char byte = 0;
        if (answered > 0 && ::read(ready.number(), &byte, 1) == 1) return {};
        return failure(
            fmt::format("hairpind {}: {}", answered == 0 ? "is not ready after 10 s" : "did not start", end_of_daemon_log()));
    }

    // hairpind ends with one line that says why; when it does not, more of its log is worth seeing.
    std::string end_of_daemon_log() const {
        const std::string log = read_file(paths_.daemon_log()).value_or("");
        const std::string last = last_lines(log, 1);
        if (last.starts_with(kDaemonError)) return last.substr(kDaemonError.size());
        return log.empty() ? "it left no word in its log" : "the end of its log:\n" + last_lines(log, 20);
    }

    // All of them begin before one is waited for.
    Result<void> boot_machines() {
        std::vector<std::pair<const Node*, ProcessId>> booting;
        for (const Node& node : topology_.nodes) {
            if (node.role != NodeRole::machine) continue;
            const auto qemu = start_machine(topology_, node);
            if (!qemu) return failure(fmt::format("node \"{}\": {}", node.name, qemu.error().message));
            booting.emplace_back(&node, ProcessId::of(*qemu));
        }
        for (const auto& [node, qemu] : booting)
            if (auto ready = wait_for_machine(topology_, *node, qemu); !ready) return ready;
        return {};
    }

    Result<void> run_commands() {
        for (const Node& node : topology_.nodes) {
            if (node.role == NodeRole::segment || node.commands.empty()) continue;
            const auto log = open_log(paths_.node_log(node.name));
            if (!log) return tl::unexpected(log.error());
            for (const std::string& line : node.commands)
                if (auto done = run_command(node, line, *log); !done) return done;
        }
        return {};
    }

    Result<void> run_command(const Node& node, const std::string& line, const UniqueFd& log) {
        if (node.role == NodeRole::machine) return run_command_in_machine(node, line, log);
        Command command = command_at(state_, *state_.find(node.name), {"/bin/sh", "-c", line});
        command.output = command.error_output = log.number();
        const auto child = start_in_namespace(namespace_name(state_.lab, node.name), command);
        if (!child) return tl::unexpected(child.error());
        const auto status = wait_for(*child, kCommandPatience);
        if (status && *status == 0) return {};
        const std::string said = last_lines(read_file(paths_.node_log(node.name)).value_or(""), 1);
        return failure(fmt::format("node \"{}\": the command `{}` {}{}{}", node.name, line,
                                   status ? fmt::format("ended with {}", *status) : status.error().message,
                                   said.empty() ? "" : ": ", said));
    }

    Result<void> run_command_in_machine(const Node& node, const std::string& line, const UniqueFd& log) {
        const auto done =
            run_in_machine(state_, *state_.find(node.name), line, std::chrono::ceil<std::chrono::seconds>(kCommandPatience));
        if (!done) return tl::unexpected(done.error());
        const std::string said = done->output + done->error_output;
        if (::write(log.number(), said.data(), said.size()) < 0) return failure("cannot write the log: " + system_error());
        if (done->status == 0) return {};
        const std::string last = last_lines(said, 1);
        return failure(fmt::format("node \"{}\": the command `{}` ended with {}{}{}", node.name, line, done->status,
                                   last.empty() ? "" : ": ", last));
    }

    static Result<UniqueFd> open_log(const std::string& path) {
        UniqueFd log{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
        if (!log) return failure(fmt::format("cannot write {}: {}", path, system_error()));
        return log;
    }

    const Topology& topology_;
    const std::vector<std::string>& daemon_options_;
    LabPaths paths_;
    LabState state_;
};

}  // namespace

Result<void> check_machine() {
    if (::access("/dev/net/tun", F_OK) != 0) {
        return failure(
            "this machine has no /dev/net/tun, without which there are no TAP interfaces (`modprobe tun` may make it)");
    }
    if (::access(daemon_program().c_str(), X_OK) != 0) {
        return failure(fmt::format("{}: {} (hairpind is expected beside the program hairpin)", daemon_program(), system_error()));
    }
    return {};
}

Result<LabState> deploy(const Topology& topology, const std::vector<std::string>& daemon_options) {
    const std::vector<std::string> taken = namespaces_of_lab(topology.name);
    if (!taken.empty()) {
        return failure(
            fmt::format("the namespace {} exists, but nothing is known about a lab \"{}\" (`hairpin lab down {}` removes it and "
                        "everything that runs in it)",
                        taken.front(), topology.name, topology.name));
    }
    auto state = Deployment{topology, daemon_options}.run();
    if (state) return state;
    const auto undone = destroy(topology.name);
    if (!undone)
        return failure(
            fmt::format("{} (and what was made could not be removed: {})", state.error().message, undone.error().message));
    return state;
}

Result<LabState> deploy_again(const Topology& topology, const LabState& before, const std::vector<std::string>& daemon_options) {
    if (auto ended = destroy_all_but_files(topology.name); !ended) return tl::unexpected(ended.error());
    auto state = Deployment{topology, daemon_options}.run();
    if (state) return state;
    const auto ended = destroy_all_but_files(topology.name);
    const auto noted = write_state(before);
    for (const auto& undone : {ended.map([](bool) {}), noted})
        if (!undone)
            return failure(
                fmt::format("{} (and what was made could not be removed: {})", state.error().message, undone.error().message));
    return failure(
        fmt::format("{} (its commits are kept; `hairpin lab up --reconfigure` begins without them)", state.error().message));
}

}  // namespace hairpin::lab
