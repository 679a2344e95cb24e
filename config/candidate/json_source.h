#pragma once
// A JSON text as it stands: members in their order, repeated ones too, and where each value ends in the text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/result.h"

namespace hairpin::config {

struct JsonSource {
    enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

    Kind kind = Kind::null;
    std::size_t byte = 0;             // of its last byte; of an array or object its first
    std::string name;                 // of a member
    std::string text;                 // of a string what it says, of a number or boolean what is written
    std::vector<JsonSource> members;  // of an array or object
};

// At most 16 MiB, nested at most kDeepestJson deep.
Result<JsonSource> read_json_source(const std::string& text);

}  // namespace hairpin::config
