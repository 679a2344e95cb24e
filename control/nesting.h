#pragma once
// How deep a JSON text nests. Reading JSON is a loop; writing it, comparing it and walking through it is not, so what somebody else has
// sent is asked this before it is read.

#include <string_view>

#include "control/protocol.h"

namespace hairpin::control {

// Whether arrays and objects stand in each other more than kMaxNesting times.
bool nested_too_deeply(std::string_view text);

}  // namespace hairpin::control
