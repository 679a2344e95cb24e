#pragma once
// Paths as libyang writes them, taken apart: /hairpin:gateway/firewall/rule[id='3']/action

#include <string>
#include <string_view>
#include <vector>

namespace hairpin::config {

struct PathStep {
    std::string name;  // "rule"; of the first step with its module, "hairpin:gateway"
    std::string keys;  // "[id='3']", or empty
};

// A slash or bracket within a key's quotes is part of the key.
std::vector<PathStep> steps_of(std::string_view path);
std::string without_keys(std::string_view path);

// As it is typed in the shell: {"gateway", "firewall", "rule", "3", "action"}.
std::vector<std::string> words_of_path(std::string_view path);

}  // namespace hairpin::config
