#pragma once
// What texts of protocols are made of. Letters are those of ASCII, whatever the locale is; words are the same in capitals or not (RFC 959 §5.3,
// RFC 1350 §5, RFC 3261 §7.3.1).

#include <algorithm>
#include <string_view>

namespace hairpin::gateway {

constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }
constexpr char small_letter(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
constexpr bool same_ignoring_case(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](char a, char b) { return small_letter(a) == small_letter(b); });
}
constexpr bool begins_ignoring_case(std::string_view text, std::string_view beginning) {
    return same_ignoring_case(text.substr(0, beginning.size()), beginning);
}

}  // namespace hairpin::gateway
