#include "runtime/options.h"

#include <CLI/CLI.hpp>

#include "control/protocol.h"

namespace hairpin::runtime {

void describe_options(CLI::App& app, ProgramOptions& options) {
    DaemonOptions& daemon = options.daemon;
    daemon.socket_path = control::kDefaultSocketPath;
    app.description("Hairpin's daemon: a virtual switch with an Edge Gateway. `hairpin` drives it.");
    app.add_option("--config", daemon.config_file, "Configuration file: JSON (RFC 7951) of the YANG module hairpin")
        ->type_name("FILE");
    app.add_option(
           "--state", daemon.state_folder,
           "Folder where commits are kept, and counters of rules and ports; the newest commit is booted instead of --config")
        ->type_name("FOLDER");
    app.add_option("--socket", daemon.socket_path, "Path of the control socket")->type_name("PATH")->capture_default_str();
    app.add_option("--port-socket", daemon.port_socket_path, "Path of the port socket, where TAP devices are passed to ports")
        ->type_name("PATH");
    app.add_option("--ready-fd", daemon.ready_descriptor, "Descriptor to write \"1\" to, and close, when ready")
        ->type_name("NUMBER");
    app.add_option("--core", daemon.core, "Core of the worker's thread: auto (the last one), any, or a number")
        ->type_name("CORE")
        ->capture_default_str();
    app.add_option("--log-level", options.log_level, "debug, info, warn, error or off")
        ->type_name("LEVEL")
        ->capture_default_str();
    auto* hooks = app.add_flag("--test-hooks", daemon.test_hooks, "For tests alone: `hairpin debug` may turn the clock");
    app.add_option("--seed", daemon.seed,
                   "For tests alone: ports and keys are drawn from this number, and are the same each time")
        ->type_name("NUMBER")
        ->needs(hooks);
    app.add_flag("--check", options.check_only, "Check the configuration file and exit");
    app.set_version_flag("--version", std::string{"hairpind "} + HAIRPIN_VERSION, "Print the version");
}

}  // namespace hairpin::runtime
