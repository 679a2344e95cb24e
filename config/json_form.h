#pragma once
// Whether a text is well-formed JSON (RFC 8259), before libyang reads it: libyang takes what follows the document for nothing, reads
// no further than a NUL, and has no bound for how deep objects nest.

#include <optional>
#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::config {

inline constexpr std::size_t kDeepestJson = 32;  // objects and arrays within each other; the schema needs 8

struct JsonFault {
    std::size_t byte;  // the first that is wrong
    std::string reason;
};

// The first thing that is no JSON. Text without a fault is valid UTF-8.
std::optional<JsonFault> find_json_fault(std::string_view text);
// The same as an error that says line and column.
Result<void> check_json_form(std::string_view text);

}  // namespace hairpin::config
