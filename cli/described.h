#pragma once
// What help and the manual say of a command, in whichever mode it is typed.

#include <span>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace hairpin::cli {

struct Described {
    std::string_view words;                          // "show sessions"
    std::string usage;                               // "show sessions [protocol tcp|udp|icmp]"
    std::string_view description, details, example;  // as in Command
    std::span<const Term> terms;
};

Described described(const Command& command);

// The usage where it has at most so many columns; otherwise without what may be left out: "show sessions ...".
std::string brief_usage(const Described& command, std::size_t columns);

// "live sessions" -> "Live sessions."
std::string as_sentence(std::string_view text);

}  // namespace hairpin::cli
