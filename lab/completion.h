#pragma once
// What may follow at a TAB behind `hairpin lab`: verbs, their options, and the names of topologies, labs, hosts and links.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hairpin::lab {

// The words that may stand in the place of the last of `words`, which is as far as it was typed. `lab` describes what may be typed, a subcommand for
// each verb. Nothing where a file is meant, a text or the words of a command: a file is what the shell offers then.
std::vector<std::string> completions(const CLI::App& lab, const std::vector<std::string>& words);

}  // namespace hairpin::lab
