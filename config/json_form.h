#pragma once
// Whether a text is well-formed JSON (RFC 8259), before libyang reads it: libyang takes what follows the document for nothing, reads
// no further than a NUL, and has no bound for how deep objects nest.

#include <string_view>

#include "net/result.h"

namespace hairpin::config {

inline constexpr std::size_t kDeepestJson = 32;  // objects and arrays within each other; the schema needs 8

// An error says line and column. Text that passes is valid UTF-8.
Result<void> check_json_form(std::string_view text);

}  // namespace hairpin::config
