#include "net/quantity.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace hairpin {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t size;
};
// The largest last, so that what fits one of them is written in it.
constexpr auto kTimes = std::to_array<Unit>({{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}});
constexpr auto kRates =
    std::to_array<Unit>({{"bit", 1}, {"kbit", 1'000}, {"mbit", 1'000'000}, {"gbit", 1'000'000'000}, {"tbit", 1'000'000'000'000}});

constexpr std::uint64_t kLongest = 10'000'000'000'000;  // ns
constexpr std::uint64_t kFastest = 1'000'000'000'000;   // bits a second

constexpr std::size_t kDigitsBefore = 13, kDigitsBehind = 9;

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// A decimal number in billionths, and what stands behind it.
struct Decimal {
    unsigned __int128 billionths;
    std::string_view rest;
};
std::optional<Decimal> read_decimal(std::string_view text) {
    std::size_t at = 0;
    unsigned __int128 value = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) value = value * 10 + static_cast<unsigned>(text[at] - '0');
    if (at == 0 || at > kDigitsBefore) return std::nullopt;
    std::size_t behind = 0;
    if (at < text.size() && text[at] == '.') {
        for (++at; at < text.size() && is_digit(text[at]); ++at, ++behind)
            value = value * 10 + static_cast<unsigned>(text[at] - '0');
        if (behind == 0 || behind > kDigitsBehind) return std::nullopt;
    }
    for (; behind < kDigitsBehind; ++behind) value *= 10;
    return Decimal{value, text.substr(at)};
}

template <class Units>
std::optional<std::uint64_t> read_quantity(std::string_view text, const Units& units, std::uint64_t most) {
    const auto decimal = read_decimal(text);
    if (!decimal) return std::nullopt;
    if (decimal->billionths == 0 && decimal->rest.empty()) return 0;
    for (const Unit& unit : units) {
        if (unit.name != decimal->rest) continue;
        const unsigned __int128 whole = decimal->billionths * unit.size / 1'000'000'000U;
        if (whole > most) return std::nullopt;
        return static_cast<std::uint64_t>(whole);
    }
    return std::nullopt;
}

// With as many digits behind the point as it takes, at most `digits`.
std::string number_text(double value, int digits) {
    std::array<char, 64> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, digits);
    std::string text{buffer.data(), written.ptr};
    if (text.find('.') == std::string::npos) return text;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

template <class Units>
std::string quantity_text(std::uint64_t value, const Units& units) {
    const Unit* fitting = &units.front();
    for (const Unit& unit : units)
        if (value >= unit.size) fitting = &unit;
    return number_text(static_cast<double>(value) / static_cast<double>(fitting->size), 3) + std::string{fitting->name};
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const auto nanoseconds = read_quantity(text, kTimes, kLongest);
    if (!nanoseconds) return std::nullopt;
    return Duration{static_cast<Duration::rep>(*nanoseconds)};
}

std::optional<double> parse_share(std::string_view text) {
    if (text.ends_with('%')) text.remove_suffix(1);
    const auto decimal = read_decimal(text);
    if (!decimal || !decimal->rest.empty()) return std::nullopt;
    const double share = static_cast<double>(decimal->billionths) / 1e11;
    return share <= 1 ? std::optional{share} : std::nullopt;
}

std::optional<std::uint64_t> parse_bit_rate(std::string_view text) {
    const auto rate = read_quantity(text, kRates, kFastest);
    return rate && *rate > 0 ? rate : std::nullopt;
}

std::string duration_text(Duration duration) {
    if (duration == Duration::zero()) return "0";
    return quantity_text(static_cast<std::uint64_t>(duration.count()), kTimes);
}

std::string share_text(double share) { return number_text(share * 100, 6) + "%"; }

std::string bit_rate_text(std::uint64_t bits_per_second) { return quantity_text(bits_per_second, kRates); }

}  // namespace hairpin
