#include "lab/deploy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "lab/containers/container.h"
#include "lab/daemon_check.h"
#include "lab/daemon_config.h"
#include "lab/daemon_process.h"
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

// Everything below is made for one lab; the first step that fails ends it.
class Deployment {
public:
    Deployment(const Topology& topology, const std::vector<std::string>& daemon_options)
        : topology_(topology), daemon_options_(daemon_options), paths_(topology.name), state_(LabState::of(topology)) {}

    Result<LabState> run() {
        return prepare_files()
            .and_then([&] { return make_namespaces(); })
            .and_then([&] { return start_daemon(state_, daemon_options_); })
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
