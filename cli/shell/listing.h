#pragma once
// What can be typed next, for reading: a word a line, its description beside it, wrapped to the terminal.
//
//   Possible completions:
//     interfaces     the gateway's interfaces and what passed them
//     <address>      an IPv4 address

#include <string>

#include "cli/expected.h"
#include "cli/style.h"

namespace hairpin::cli {

std::string listing(const Expectations& expected, const Style& style);

}  // namespace hairpin::cli
