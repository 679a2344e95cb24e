#pragma once
// The program `hairpin` without its process: words in, text out, an exit status.

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/daemon_address.h"
#include "cli/style.h"

namespace hairpin::cli {

struct Surroundings {
    std::ostream& out;
    std::ostream& error;
    Environment environment;
    Places places;
    std::function<int(std::vector<std::string> arguments)> lab;  // `hairpin lab ...`
    std::istream* in = nullptr;                                  // commands for the shell; without it there is no shell
    bool terminal = false;                                       // a person sits at `in` and `out`
};

// An error is one line on `error`: hairpin: error: SENTENCE.
int run(std::vector<std::string> arguments, const Surroundings& around);

}  // namespace hairpin::cli
