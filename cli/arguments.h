#pragma once
// What stands behind the words of a command, as the parameters of its method: `protocol tcp source 192.0.2.1` becomes
// {"protocol":"tcp","source":"192.0.2.1"}. Which words there are is a table of each command's; they may be abbreviated, and
// `--source 192.0.2.1` or `--source=192.0.2.1` is the same as `source 192.0.2.1`.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "cli/failure.h"

namespace hairpin::cli {

using Words = std::span<const std::string>;

struct Keyword {
    enum class Value {
        text,    // the next word
        number,  // the next word, a number
        list,    // the next word; may come again, and all are kept
        yes,     // none: true
        no,      // none: false
    };
    std::string_view word;
    std::string_view key;  // of the parameters
    Value value;
};

// Each keyword stands at most once, but those of lists.
Outcome<nlohmann::json> read_keywords(Words words, std::span<const Keyword> keywords, std::string_view command);

// For commands that take nothing.
Outcome<nlohmann::json> no_arguments(Words words);

}  // namespace hairpin::cli
