#pragma once
// What may be typed behind `hairpin-node`, and what it is told by the environment of its container.

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hairpin::node {

struct Options {
    std::optional<unsigned> interfaces;  // how many there will be, besides the management's; without it those that are there
    std::string management = "eth0";     // the network's that the emulator itself uses; "none" where there is none
    std::string startup = "/etc/hairpin/startup.cfg";
    std::string document = "/run/hairpin/startup.json";  // what hairpind is started with
    std::vector<std::string> daemon;                     // further words for hairpind
};

// `options` receives what is parsed, and outlives `app`. A variable of the environment stands for an option that is not typed: CLAB_INTFS is
// containerlab's own for how many interfaces it will make.
void describe_options(CLI::App& app, Options& options);

}  // namespace hairpin::node
