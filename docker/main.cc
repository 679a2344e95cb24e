// hairpin-docker: the network driver "hairpin" of a Docker engine. What it does is in driver.h, what the engine asks in contract.h.

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

#include "docker/driver.h"
#include "docker/options.h"
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
    CLI::App app;
    hairpin::docker::Options options;
    describe_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }
    auto driver = hairpin::docker::Driver::begin(options.records, {.control = options.control, .ports = options.ports});
    if (!driver) return fail(driver.error().message);
    auto listener = hairpin::docker::listen_at(options.socket);
    if (!listener) return fail(listener.error().message);
    // Both go on until the program is ended; what is to be remembered is on the disk at any time.
    std::thread{[&] { driver->follow(); }}.detach();
    const auto served = hairpin::docker::serve(std::move(*listener), *driver);
    return served ? 0 : fail(served.error().message);
}
