#pragma once
// The options that every command has. They may stand before or behind its words; what follows `lab` is the lab's own.

#include <string>
#include <vector>

#include "cli/failure.h"

namespace CLI {
class App;
}

namespace hairpin::cli {

struct Options {
    std::string socket;    // path of a daemon's control socket, or empty
    std::string lab;       // a running lab's name, or empty
    std::string commands;  // for the shell, instead of words
    bool json = false;
    bool help = false;
    bool version = false;
};

// Takes the options out of `words`: those before the first word, and from the rest as well when `everywhere`.
enum class Where { at_the_front, everywhere };
Outcome<Options> take_options(std::vector<std::string>& words, Where where, Options so_far = {});

// Their description, for help; and what they are, for the manual.
std::string options_help();
void describe_options(CLI::App& app, Options& options);

}  // namespace hairpin::cli
