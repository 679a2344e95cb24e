#include "lab/expectations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "lab/files.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostPairs = 8;  // in one line
constexpr auto kLoudLevels = std::to_array<std::string_view>({"warning", "error", "critical"});

// The end of what a command said, on one line.
std::string shown(const std::string& text) {
    std::string end = last_lines(text, 3);
    std::replace(end.begin(), end.end(), '\n', ' ');
    return end.empty() ? "nothing" : fmt::format("\"{}\"", end);
}

std::optional<std::string> missing_text(std::string_view what, const std::vector<std::string>& expected,
                                        const std::string& came) {
    for (const std::string& each : expected)
        if (came.find(each) == std::string::npos) return fmt::format("{} with \"{}\" expected, came {}", what, each, shown(came));
    return std::nullopt;
}

// "192.168.255.10:80" is that; "192.168.255.10" is any port of it.
bool is_at(const std::string& endpoint, const std::string& expected) {
    return endpoint == expected || (expected.find(':') == std::string::npos && endpoint.starts_with(expected + ":"));
}

std::string text_of(const Json& object, const char* key) {
    const Json value = object.value(key, Json{});
    if (value.is_null()) return "none";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<unsigned> nat_rules(const Json& trace) {
    std::vector<unsigned> rules;
    for (const char* key : {"dnat_rule", "snat_rule"})
        if (const Json rule = trace.value(key, Json{}); rule.is_number_integer()) rules.push_back(rule.get<unsigned>());
    return rules;
}

std::optional<std::string> other_text(std::string_view what, const std::optional<std::string>& expected,
                                      const std::string& came) {
    if (!expected || *expected == came) return std::nullopt;
    return fmt::format("{} \"{}\" expected, came \"{}\"", what, *expected, came);
}

std::optional<std::string> other_endpoint(std::string_view what, const std::optional<std::string>& expected,
                                          const std::string& came) {
    if (!expected || is_at(came, *expected)) return std::nullopt;
    return fmt::format("{} {} expected, came {}", what, *expected, came);
}

std::optional<std::string> other_firewall_rule(std::optional<unsigned> expected, const std::string& came) {
    if (!expected || came == std::to_string(*expected)) return std::nullopt;
    return fmt::format("firewall rule {} expected, came {}", *expected, came);
}

std::optional<std::string> other_nat_rules(const std::optional<std::vector<unsigned>>& expected,
                                           const std::vector<unsigned>& came) {
    if (!expected || *expected == came) return std::nullopt;
    return fmt::format("NAT rules [{}] expected, came [{}]", fmt::join(*expected, ", "), fmt::join(came, ", "));
}

}  // namespace

std::optional<std::string> difference(const CommandExpectation& expected, const Finished& came) {
    if (came.status != expected.status) {
        const std::string& said = came.error_output.empty() ? came.output : came.error_output;
        return fmt::format("rc {} expected, came {}{}", expected.status, came.status, said.empty() ? "" : " and " + shown(said));
    }
    if (auto missing = missing_text("stdout", expected.output, came.output)) return missing;
    return missing_text("stderr", expected.error_output, came.error_output);
}

std::optional<std::string> difference(const TraceExpectation& expected, const Json& came) {
    const auto differences = std::to_array({
        other_text("verdict", expected.verdict, text_of(came, "verdict")),
        other_text("drop reason", expected.drop_reason, text_of(came, "drop_reason")),
        other_firewall_rule(expected.firewall, text_of(came, "firewall_rule")),
        other_nat_rules(expected.nat, nat_rules(came)),
        other_endpoint("destination", expected.translated_destination, text_of(came, "translated_destination")),
        other_endpoint("source", expected.translated_source, text_of(came, "translated_source")),
        other_text("port", expected.out, text_of(came, "out_port")),
    });
    std::vector<std::string> found;
    for (const auto& each : differences)
        if (each) found.push_back(*each);
    if (found.empty()) return std::nullopt;
    return fmt::format("{}", fmt::join(found, "; "));
}

std::optional<std::string> difference(const ReachCheck& expected, const Reachability& came) {
    std::vector<std::string> wrong;
    for (std::size_t from = 0; from < came.hosts.size(); ++from)
        for (std::size_t to = 0; to < came.hosts.size(); ++to) {
            if (from == to) continue;
            const std::pair<std::string, std::string> pair{came.hosts[from], came.hosts[to]};
            const bool is_exception = std::find(expected.except.begin(), expected.except.end(), pair) != expected.except.end();
            if (came.reached[from][to] != is_exception) continue;
            wrong.push_back(is_exception ? fmt::format("{} reaches {}, which it must not", pair.first, pair.second)
                                         : fmt::format("{} does not reach {}", pair.first, pair.second));
        }
    if (wrong.empty()) return std::nullopt;
    const std::size_t shown = std::min(wrong.size(), kMostPairs);
    const auto end = wrong.begin() + static_cast<std::ptrdiff_t>(shown);
    return fmt::format("{}{}", fmt::join(wrong.begin(), end, "; "),
                       wrong.size() > shown ? fmt::format("; and {} more", wrong.size() - shown) : "");
}

std::optional<std::string> imbalance(const Json& counters) {
    for (const Json& row : counters.value("rows", Json::array())) {
        if (row.value("name", "") != "balance") continue;
        const Json value = row.value("value", Json{});
        if (value == 0) return std::nullopt;
        return fmt::format("balance 0 expected, came {}", value.dump());
    }
    return "the counters have no row \"balance\"";
}

std::optional<std::string> first_complaint(const std::string& log) {
    std::istringstream lines{log};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};  // "<time> warning <text>"
        std::string time;
        std::string level;
        words >> time >> level;
        // The last is what the compiler's sanitizers say when hairpind is built with them.
        if (std::find(kLoudLevels.begin(), kLoudLevels.end(), level) != kLoudLevels.end() ||
            line.starts_with("hairpind: error:") || line.find("Sanitizer") != std::string::npos ||
            line.find("runtime error:") != std::string::npos)
            return line;
    }
    return std::nullopt;
}

}  // namespace hairpin::lab
