#pragma once
// hairpind as a whole: a loop, a Worker, the running configuration, the control socket, and the signals that end it.

#include <memory>
#include <optional>
#include <string>

#include "net/result.h"

namespace hairpin::runtime {

struct DaemonOptions {
    std::string config_file;   // used when there is no commit to boot with; empty: an empty gateway
    std::string state_folder;  // where commits are kept; empty: they end with the daemon
    std::string socket_path;
    std::string port_socket_path;  // where TAP devices are passed to ports; empty: nowhere
    std::string core = "auto";     // where the Worker runs: see cpu_affinity.h
    int ready_descriptor = -1;     // told "1\n" and closed when the daemon is ready; -1: nobody waits
    // For tests and labs alone: `debug` may turn the clock, and randomness may come from a seed. Whoever can guess the ports and sequence
    // numbers of a gateway can send into its sessions.
    bool test_hooks = false;
    std::optional<std::uint64_t> seed = {};
};

// Runs until SIGTERM, SIGINT or the `stop` method. An Error means that it never became ready, and that nothing was left behind.
Result<void> run_daemon(const DaemonOptions& options);

// Reads, validates and compiles the file, and says what is wrong with it, if anything.
Result<void> check_configuration(const std::string& file);

}  // namespace hairpin::runtime
