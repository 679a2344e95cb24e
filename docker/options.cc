#include "docker/options.h"

#include <CLI/CLI.hpp>

namespace hairpin::docker {

void describe_options(CLI::App& app, Options& options) {
    app.description(
        "The network driver \"hairpin\" of a Docker engine: networks become segments of the switch, containers hosts on them");
    app.set_version_flag("--version", std::string{"hairpin-docker "} + HAIRPIN_VERSION, "Print the version");
    app.add_option("--socket", options.socket, "Where the engine asks, unless systemd has opened the socket")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_option("--control", options.control, "The daemon's control socket")->type_name("PATH")->capture_default_str();
    app.add_option("--port-socket", options.ports, "The daemon's port socket")->type_name("PATH")->capture_default_str();
    app.add_option("--state", options.records, "The file in which networks and containers are remembered")
        ->type_name("FILE")
        ->capture_default_str();
}

}  // namespace hairpin::docker
