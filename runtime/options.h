#pragma once
// What may be typed behind `hairpind`. The manual is made of the same description.

#include <string>

#include "runtime/daemon.h"

namespace CLI {
class App;
}

namespace hairpin::runtime {

struct ProgramOptions {
    DaemonOptions daemon;
    std::string log_level = "info";
    bool check_only = false;  // whether the configuration file is right, and nothing else
};

// `options` receives what is parsed, and outlives `app`.
void describe_options(CLI::App& app, ProgramOptions& options);

}  // namespace hairpin::runtime
