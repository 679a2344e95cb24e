// hairpind: the daemon. What it does is in daemon.h; here are its options.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/protocol.h"
#include "runtime/daemon.h"
#include "runtime/log.h"

int main(int argc, char** argv) {
    CLI::App app{"Hairpin's daemon: a virtual switch with an Edge Gateway. `hairpin` drives it."};
    hairpin::runtime::DaemonOptions options;
    options.socket_path = hairpin::control::kDefaultSocketPath;
    std::string log_level = "info";
    bool check_only = false;
    app.add_option("--config", options.config_file, "Configuration file: JSON (RFC 7951) of the YANG module hairpin");
    app.add_option("--state", options.state_folder, "Folder where commits are kept; the newest is booted instead of --config");
    app.add_option("--socket", options.socket_path, "Path of the control socket")->capture_default_str();
    app.add_option("--ready-fd", options.ready_descriptor, "Descriptor to write \"1\" to, and close, when ready");
    app.add_option("--core", options.core, "Core of the worker's thread: auto (the last one), any, or a number")
        ->capture_default_str();
    app.add_option("--log-level", log_level, "debug, info, warn, error or off")->capture_default_str();
    app.add_flag("--check", check_only, "Check the configuration file and exit");
    app.set_version_flag("--version", std::string{"hairpind "} + HAIRPIN_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }

    const auto fail = [](const hairpin::Error& error, int code) {
        if (error.path.empty())
            std::fprintf(stderr, "hairpind: error: %s\n", error.message.c_str());
        else
            std::fprintf(stderr, "hairpind: error: %s: %s\n", error.path.c_str(), error.message.c_str());
        return code;
    };
    if (const auto logging = hairpin::runtime::log::start(log_level); !logging) return fail(logging.error(), 2);
    const auto outcome =
        check_only ? hairpin::runtime::check_configuration(options.config_file) : hairpin::runtime::run_daemon(options);
    return outcome ? 0 : fail(outcome.error(), 1);
}
