#pragma once
// A port as texts of protocols write one: a decimal number of at most five digits, without needless zeros in front.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/alg/letters.h"
#include "net/numbers.h"

namespace hairpin::gateway {

constexpr std::optional<L4Port> read_port(std::string_view text) {
    constexpr std::size_t kMostDigits = 5;
    if (text.empty() || text.size() > kMostDigits || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    unsigned number = 0;
    for (const char digit : text) number = 10 * number + static_cast<unsigned>(digit - '0');
    if (number > 65535 || (text.front() == '0' && text.size() > 1)) return std::nullopt;
    return L4Port{static_cast<std::uint16_t>(number)};
}

}  // namespace hairpin::gateway
