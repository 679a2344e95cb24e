#include "lab/impairment_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lab/did_you_mean.h"
#include "net/numbers.h"
#include "net/quantity.h"

namespace hairpin::lab {
namespace {

using Form = ImpairmentForm;

constexpr auto kImpairmentKeys = std::to_array<ImpairmentKey>({
    {"delay", Form::duration, "how long a packet takes, as 20ms"},
    {"jitter", Form::duration, "how much longer or shorter it may take"},
    {"distribution", Form::distribution, "of the jitter: uniform, normal or pareto"},
    {"delay-correlation", Form::share, "how often a packet takes as long as the one before it"},
    {"loss", Form::share, "how many packets are lost, as 0.1%"},
    {"loss-burst", Form::packets, "how many packets are lost in a row, on average"},
    {"loss-correlation", Form::share, "how often a packet shares the fate of the one before it"},
    {"loss-every", Form::packets, "of so many packets the last is lost"},
    {"rate", Form::rate, "how fast packets are sent, as 100mbit"},
    {"limit", Form::packets, "how many packets may wait for the rate; 1000 otherwise"},
    {"corrupt", Form::share, "how many packets have one wrong bit", "corruption"},
    {"duplicate", Form::share, "how many packets come twice"},
    {"reorder", Form::share, "how many packets take no delay and overtake others"},
    {"order", Form::order, "kept, or free: jitter alone lets packets overtake each other"},
});

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<std::string> unless(bool right, const std::string& text, std::string_view form) {
    if (right) return std::nullopt;
    return fmt::format("\"{}\" is not {}", text, form);
}

// A number with a unit, whatever the number: what is wrong with it then is how large it is.
bool has_form_of(std::string_view text, std::initializer_list<std::string_view> units) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t end = text.find_first_not_of("0123456789.");
    return end != 0 && end != std::string_view::npos && is_one_of(text.substr(end), units);
}

std::optional<std::string> out_of_range(const std::string& text, std::string_view range) {
    return fmt::format("\"{}\" is out of range: {}", text, range);
}

std::optional<std::string> wrong_share(const std::string& text) {
    if (!parse_share(text) && has_form_of(text.ends_with('%') ? text : text + "%", {"%"}))
        return out_of_range(text, "a percentage is from 0% to 100%");
    return unless(parse_share(text).has_value(), text, kShareForm);
}

std::optional<std::string> wrong_rate(const std::string& text) {
    if (!parse_bit_rate(text) && has_form_of(text, {"bit", "kbit", "mbit", "gbit", "tbit"}))
        return out_of_range(text, "a rate is from 1bit to 1tbit");
    return unless(parse_bit_rate(text).has_value(), text, kBitRateForm);
}

std::optional<std::string> unless_one_of(std::initializer_list<std::string_view> words, const std::string& text,
                                         std::string_view form) {
    const auto nearest = did_you_mean(text, words, [](std::string_view word) { return word; });
    return unless(is_one_of(text, words), text, fmt::format("{}{}", form, nearest));
}

}  // namespace

std::span<const ImpairmentKey> impairment_keys() { return kImpairmentKeys; }

const ImpairmentKey* find_impairment_key(std::string_view name) {
    for (const ImpairmentKey& key : kImpairmentKeys)
        if (key.name == name || (!key.alias.empty() && key.alias == name)) return &key;
    return nullptr;
}

std::optional<std::string> wrong_value(const ImpairmentKey& key, const std::string& text) {
    constexpr std::uint64_t kMostPackets = 0xffff'ffff;
    switch (key.form) {
        case Form::duration: return wrong_time(text);
        case Form::share: return wrong_share(text);
        case Form::rate: return wrong_rate(text);
        case Form::packets: return unless(parse_number(text, kMostPackets).value_or(0) > 0, text, "a number of packets");
        case Form::distribution: return unless_one_of({"uniform", "normal", "pareto"}, text, "uniform, normal or pareto");
        case Form::order: return unless_one_of({"kept", "free"}, text, "kept or free");
    }
    return std::nullopt;
}

std::optional<std::string> wrong_time(const std::string& text) {
    if (!parse_duration(text) && has_form_of(text, {"ns", "us", "ms", "s"}))
        return out_of_range(text, "a time is from 0s to 10000s");
    return unless(parse_duration(text).has_value(), text, kDurationForm);
}

}  // namespace hairpin::lab
