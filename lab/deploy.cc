#include "lab/deploy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "lab/containers/container.h"
#include "lab/daemon_check.h"
#include "lab/daemon_config.h"
#include "lab/destroy.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/machines/boot.h"
#include "lab/namespaces.h"
#include "lab/node_commands.h"
#include "lab/processes.h"
#include "lab/progress.h"
#include "lab/recorder.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kDaemonError = "hairpind: error: ";  // how its last words begin
constexpr std::chrono::milliseconds kDaemonPatience{10'000};
constexpr std::chrono::milliseconds kPatiencePerNode{50};  // each has a TAP, which the kernel makes in its own time

// Everything below is made for one lab; the first step that fails ends it.
class Deployment {
public:
    Deployment(const Topology& topology, const std::vector<std::string>& daemon_options)
        : topology_(topology), daemon_options_(daemon_options), paths_(topology.name), state_(LabState::of(topology)) {}

    Result<LabState> run() {
        return prepare_files()
            .and_then([&] { return make_namespaces(); })
            .and_then([&] { return start_daemon(); })
            .and_then([&] { return start_recorder(topology_, state_); })
            .and_then([&] { return boot_machines(); })
            .and_then([&] { return run_all_commands(); })
            .and_then([&] {
                state_.complete = true;
                return write_state(state_);
            })
            .map([&] { return state_; });
    }

private:
    Result<void> prepare_files() {
        const auto config = read_daemon_config(topology_);
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
        Progress progress{"hosts", topology_.nodes.size()};
        for (const Node& node : topology_.nodes) {
            progress.step();
            if (node.role == NodeRole::segment) continue;
            const auto made =
                node.role == NodeRole::container ? take_in(topology_, node) : create_namespace(topology_.namespace_of(node));
            if (!made) return made;
        }
        return {};
    }

    Result<void> start_daemon() {
        const auto log = open_log(paths_.daemon_log());
        if (!log) return tl::unexpected(log.error());
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe: " + system_error());
        const FileDescriptor ready{ends[0]};
        FileDescriptor told{ends[1]};

        Command command{.words = {daemon_program(), "--config", paths_.daemon_config(), "--state", paths_.commits(), "--socket",
                                  paths_.control_socket(), "--port-socket", paths_.port_socket(), "--ready-fd",
                                  std::to_string(kPassedDescriptor)},
                        .environment = {},
                        .folder = paths_.folder,
                        .output = log->get(),
                        .error_output = log->get(),
                        .passed = told.get()};
        command.words.insert(command.words.end(), daemon_options_.begin(), daemon_options_.end());
        const auto daemon = start_in_namespace(namespace_name(state_.lab, state_.gateway()->name), command);
        if (!daemon) return tl::unexpected(daemon.error());
        state_.daemon = ProcessId::of(*daemon);
        if (auto state = write_state(state_); !state) return state;
        told.reset();  // now only hairpind holds it, so that its end is seen as the end of the pipe
        return wait_until_ready(ready);
    }

    Result<void> wait_until_ready(const FileDescriptor& ready) {
        pollfd waiting{.fd = ready.get(), .events = POLLIN, .revents = 0};
        const std::chrono::milliseconds patience = kDaemonPatience + kPatiencePerNode * topology_.nodes.size();
        int answered = 0;
        while ((answered = ::poll(&waiting, 1, static_cast<int>(patience.count()))) < 0 && errno == EINTR) {
        }
        char byte = 0;
        if (answered > 0 && ::read(ready.get(), &byte, 1) == 1) return {};
        return failure(fmt::format(
            "hairpind {}: {}", answered == 0 ? fmt::format("is not ready after {} s", patience.count() / 1000) : "did not start",
            end_of_daemon_log()));
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

    Result<void> run_all_commands() {
        Progress progress{"commands of hosts", topology_.nodes.size()};
        for (const Node& node : topology_.nodes) {
            if (auto done = run_commands(state_, node); !done) return done;
            progress.step();
        }
        return {};
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
    if (const FileDescriptor tun{::open("/dev/net/tun", O_RDWR | O_CLOEXEC)}; !tun) {
        return failure(fmt::format(
            "/dev/net/tun, of which TAP interfaces are made, cannot be opened: {} (`sudo chmod 666 /dev/net/tun` lets every "
            "user make them in namespaces of his own, as most systems do)",
            system_error()));
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
