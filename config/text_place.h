#pragma once
// Where in a text something is, for people: "line 3, column 17".

#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::config {

// Lines and columns begin with 1; columns are bytes. `byte` may be the text's size: its end.
std::string place_of(std::string_view text, std::size_t byte);

inline tl::unexpected<Error> failure_at(std::string_view text, std::size_t byte, std::string message) {
    return failure(std::move(message), place_of(text, byte));
}

}  // namespace hairpin::config
