#include "config/text_place.h"

#include <fmt/format.h>

#include <algorithm>

namespace hairpin::config {

std::string place_of(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte);
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    return fmt::format("line {}, column {}", 1 + std::count(before.begin(), before.end(), '\n'), before.size() - line_begin + 1);
}

}  // namespace hairpin::config
