// hairpin-port: what it does is in sidecar.h, what it is told in options.h.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "sidecar/host_interface.h"
#include "sidecar/options.h"
#include "sidecar/sidecar.h"

namespace {

int fail(const std::string& message, int status) {
    std::fprintf(stderr, "hairpin-port: error: %s\n", message.c_str());
    return status;
}

// For a container's health check.
int say_health(const std::string& device) {
    const auto carrier = hairpin::sidecar::has_carrier(device);
    if (!carrier) return fail(carrier.error().message, 1);
    std::printf("%s: %s\n", device.c_str(), *carrier ? "the gateway has it" : "no gateway has it");
    return *carrier ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app;
    hairpin::sidecar::Options options;
    describe_options(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 2;
    }
    if (options.healthy) return say_health(options.device);
    const auto plan = hairpin::sidecar::plan_of(options);
    if (!plan) return fail(plan.error().message, 2);
    const auto status = hairpin::sidecar::run(*plan);
    return status ? *status : fail(status.error().message, 1);
}
