#include "cli/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace hairpin::cli {

using nlohmann::json;

std::string plain(const json& value, const Style& style) {
    if (value.is_null()) return "-";
    if (value.is_string())
        return value.get_ref<const std::string&>().empty() ? "-" : style.fit(value.get_ref<const std::string&>());
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (!value.is_array()) return style.fit(value.dump());
    std::string text;
    for (const json& item : value) text += (text.empty() ? "" : ", ") + plain(item, style);
    return text.empty() ? "-" : text;
}

std::string bytes(const json& value, const Style& style) {
    if (!value.is_number()) return plain(value, style);
    constexpr auto kUnits = std::to_array<const char*>({"B", "kB", "MB", "GB", "TB", "PB", "EB"});
    double number = value.get<double>();
    std::size_t unit = 0;
    // What would be rounded up to 1000 belongs to the next unit.
    for (; number >= (unit == 0 ? 1000.0 : 999.5) && unit + 1 < kUnits.size(); ++unit) number /= 1000.0;
    return fmt::format("{:.{}f} {}", number, unit > 0 && number < 99.95 ? 1 : 0, kUnits[unit]);
}

std::string duration(const json& value, const Style& style) {
    if (!value.is_number()) return plain(value, style);
    const auto seconds = value.get<std::int64_t>();
    constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
    const auto two = [](std::int64_t whole, char unit, std::int64_t rest, char rest_unit) {
        return rest == 0 ? fmt::format("{}{}", whole, unit) : fmt::format("{}{}{}{}", whole, unit, rest, rest_unit);
    };
    if (seconds < kMinute) return fmt::format("{}s", seconds);
    if (seconds < kHour) return two(seconds / kMinute, 'm', seconds % kMinute, 's');
    if (seconds < kDay) return two(seconds / kHour, 'h', seconds % kHour / kMinute, 'm');
    return two(seconds / kDay, 'd', seconds % kDay / kHour, 'h');
}

std::string milliseconds(const json& value, const Style&) {
    return value.is_number() ? fmt::format("{:.2f} ms", value.get<double>() / 1000) : "-";
}

std::string ago(const json& value, const Style& style) { return value.is_null() ? "never" : duration(value, style) + " ago"; }

std::string rate(const json& value, const Style&) {
    const double number = value.is_number() ? value.get<double>() : 0;
    constexpr const char* kUnits[] = {"", "k", "M", "G"};
    std::size_t unit = 0;
    double shown = number;
    while (shown >= 1000 && unit + 1 < std::size(kUnits)) shown /= 1000, ++unit;
    return fmt::format("{:.{}f} {}", shown, unit == 0 ? 0 : 1, kUnits[unit]);
}
std::string bit_rate(const json& value, const Style& style) { return rate(value, style) + "b/s"; }

std::string time_of_day(const std::string& time) {
    const auto begin = time.find('T');
    return begin == std::string::npos ? time : time.substr(begin + 1, 12);
}

std::string tuple_text(const json& row, const char* source, const char* destination, const Style& style) {
    if (text_of(row, destination).empty()) return style.fit(text_of(row, source));
    return fmt::format("{} {} {}", style.fit(text_of(row, source)), style.arrow(), style.fit(text_of(row, destination)));
}

namespace {

// What lets a session in may be a mapping of an snat rule, in the place of a dnat rule.
std::string_view named_kind(std::string_view kind, const json& session) {
    const bool through_mapping = session.is_object() && session.value("through_mapping", false);
    return kind == "dnat" && through_mapping ? "mapping" : kind;
}

}  // namespace

std::string rules_text(const json& row, const char* separator) {
    struct RuleKey {
        const char* key;
        const char* name;
    };
    // The order in which they act on a session's first packet.
    constexpr auto kRules = std::to_array<RuleKey>({{"dnat_rule", "dnat"}, {"firewall_rule", "firewall"}, {"snat_rule", "snat"}});
    std::string text;
    for (const RuleKey& rule : kRules)
        if (const std::string id = text_of(row, rule.key); !id.empty())
            text += fmt::format("{}{} {}", text.empty() ? "" : separator, named_kind(rule.name, row), id);
    return text;
}

std::vector<std::string> rules_at(const json& stage, const json& rules) {
    std::vector<std::string> texts;
    // In the order in which they act. A dnat rule that hides the clients of its hairpin stands there twice.
    std::vector<std::string_view> kinds = {"dnat", "firewall", "snat"};
    for (const json& id : stage.value("rules", json::array())) {
        const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](std::string_view one) {
            return rules.is_object() && rules.value(std::string{one} + "_rule", json()) == id;
        });
        texts.push_back(fmt::format("{} {}", kind == kinds.end() ? "rule" : named_kind(*kind, rules), plain(id, {})));
        if (kind != kinds.end()) kinds.erase(kind);
    }
    return texts;
}

std::string text_of(const json& object, const char* key) {
    if (!object.is_object() || !object.contains(key) || object[key].is_null()) return {};
    return object[key].is_string() ? object[key].get<std::string>() : object[key].dump();
}

std::string address_of(const std::string& endpoint) { return endpoint.substr(0, endpoint.find(':')); }

}  // namespace hairpin::cli
