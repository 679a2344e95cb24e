// hairpin-docker: the network driver "hairpin" of a Docker engine. What it does is in driver.h, what the engine asks in contract.h.

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

#include "control/protocol.h"
#include "docker/driver.h"
#include "docker/server.h"

namespace {

int fail(const std::string& message) {
    std::fprintf(stderr, "hairpin-docker: error: %s\n", message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    // Whoever has asked may be gone when the answer comes.
    std::signal(SIGPIPE, SIG_IGN);
    std::string socket = "/run/docker/plugins/hairpin.sock", records = "/var/lib/hairpin/docker.json";
    hairpin::docker::RouterSockets router{.control = hairpin::control::kDefaultSocketPath,
                                          .ports = "/run/hairpin/ports/ports.sock"};
    CLI::App app{
        "The network driver \"hairpin\" of a Docker engine: networks become segments of the switch, containers hosts on them"};
    app.set_version_flag("--version", std::string{"hairpin-docker "} + HAIRPIN_VERSION);
    app.add_option("--socket", socket, "Where the engine asks, unless systemd has opened the socket")->capture_default_str();
    app.add_option("--control", router.control, "The daemon's control socket")->capture_default_str();
    app.add_option("--port-socket", router.ports, "The daemon's port socket")->capture_default_str();
    app.add_option("--state", records, "The file in which networks and containers are remembered")->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }
    auto driver = hairpin::docker::Driver::begin(records, router);
    if (!driver) return fail(driver.error().message);
    auto listener = hairpin::docker::listen_at(socket);
    if (!listener) return fail(listener.error().message);
    // Both go on until the program is ended; what is to be remembered is on the disk at any time.
    std::thread{[&] { driver->follow(); }}.detach();
    const auto served = hairpin::docker::serve(std::move(*listener), *driver);
    return served ? 0 : fail(served.error().message);
}
