#pragma once
// The options behind a TCP header (RFC 9293 §3.2).

#include <cstddef>
#include <optional>
#include <span>

namespace hairpin {

inline constexpr unsigned kTcpMaximumSegmentSize = 2, kTcpWindowScale = 3, kTcpSelectiveAcknowledgmentsPermitted = 4,
                          kTcpSelectiveAcknowledgments = 5;

// What the first option of this kind carries; nullopt when there is none, and when what stands before it is broken.
template <class Byte>
std::optional<std::span<Byte>> find_tcp_option(std::span<Byte> options, unsigned wanted) {
    constexpr unsigned kEnd = 0, kNothing = 1;
    const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(options[i]); };
    for (std::size_t i = 0; i < options.size() && at(i) != kEnd;) {
        if (at(i) == kNothing) {
            ++i;
            continue;
        }
        if (i + 1 >= options.size() || at(i + 1) < 2 || i + at(i + 1) > options.size()) return std::nullopt;
        if (at(i) == wanted) return options.subspan(i + 2, at(i + 1) - 2);
        i += at(i + 1);
    }
    return std::nullopt;
}

template <class Byte>
bool has_tcp_option(std::span<Byte> options, unsigned wanted) {
    return find_tcp_option(options, wanted).has_value();
}

// The same, and empty when it carries nothing or is not there.
template <class Byte>
std::span<Byte> tcp_option(std::span<Byte> options, unsigned wanted) {
    return find_tcp_option(options, wanted).value_or(std::span<Byte>{});
}

}  // namespace hairpin
