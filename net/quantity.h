#pragma once
// Times, shares and rates as people write them, and as tc(8) reads them:
//
//   20ms  500us  1.5s     parse_duration: a number and its unit; a bare 0 needs none
//   1%  0.1%  0.1         parse_share: per cent, with the sign or without it
//   100mbit  1.5gbit      parse_bit_rate: bits a second, in powers of ten
//
// All of it is read exactly, to nine digits behind the point; nothing is answered where a text is something else, or too large.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/time.h"

namespace hairpin {

inline constexpr std::string_view kDurationForm = "a time with its unit, such as 20ms, 500us or 1.5s";
inline constexpr std::string_view kShareForm = "a percentage, such as 1% or 0.1%";
inline constexpr std::string_view kBitRateForm = "a rate with its unit, such as 512kbit, 100mbit or 1gbit";

// Up to 10000 s.
std::optional<Duration> parse_duration(std::string_view text);
// From 0 to 1: "1%" is 0.01.
std::optional<double> parse_share(std::string_view text);
// Bits a second, from 1 bit up to 1 Tbit.
std::optional<std::uint64_t> parse_bit_rate(std::string_view text);

// The shortest of these forms: "20ms", "1.5s", "0.1%", "100mbit".
std::string duration_text(Duration duration);
std::string share_text(double share);
std::string bit_rate_text(std::uint64_t bits_per_second);

}  // namespace hairpin
