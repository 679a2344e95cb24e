#pragma once
// What may be typed behind `hairpin-docker`. The manual is made of the same description.

#include <string>

#include "control/protocol.h"

namespace CLI {
class App;
}

namespace hairpin::docker {

// Paths.
struct Options {
    std::string socket = "/run/docker/plugins/hairpin.sock";
    std::string control = control::kDefaultSocketPath;
    std::string ports = "/run/hairpin/ports/ports.sock";
    std::string records = "/var/lib/hairpin/docker.json";
};

// `options` receives what is parsed, and outlives `app`.
void describe_options(CLI::App& app, Options& options);

}  // namespace hairpin::docker
