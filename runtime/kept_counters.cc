#include "runtime/kept_counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "gateway/edge_gateway.h"
#include "runtime/durable_file.h"
#include "runtime/log.h"
#include "runtime/rule_totals.h"

namespace hairpin::runtime {

using nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr const char* kVersionKey = "hairpin-rule-counters";
constexpr std::size_t kLargestCounters = 64 * 1024 * 1024, kMostRules = 262'144;

std::string hit_text(const char* name, const std::optional<Timestamp>& hit, const Clock& now) {
    if (!hit) return "";
    return fmt::format(R"(,"{}":{})", name, std::chrono::floor<milliseconds>(now.wall_at(*hit)).count());
}

// A line a rule, so that people can read it; times are milliseconds since 1970.
template <class Rows>
std::string file_text(const Rows& rows, const Clock& now) {
    std::string text = fmt::format("{{\"{}\":{},\"rules\":[", kVersionKey, kVersion);
    const char* before = "\n";
    for (const auto& [rule, count] : rows) {
        text += fmt::format(R"({}{{"id":{},"hits":{},"bytes":{}{}{}}})", before, rule, count.hits, count.bytes,
                            hit_text("first_hit", count.first_hit, now), hit_text("last_hit", count.last_hit, now));
        before = ",\n";
    }
    return text + "\n]}\n";
}

// What stands under `name`; nothing where it is no such number.
std::optional<std::uint64_t> kept_number(const json& row, const char* name) {
    const auto found = row.find(name);
    if (found == row.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
}

// No later than now, whatever the clock has been set to meanwhile.
std::optional<Timestamp> hit_in(const json& row, const char* name, const Clock& now) {
    const auto wall = kept_number(row, name);
    if (!wall) return std::nullopt;
    const auto latest = static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::floor<milliseconds>(now.wall).count(), 0));
    return now.monotonic_at(milliseconds{static_cast<std::int64_t>(std::min(*wall, latest))});
}

std::optional<std::pair<gateway::RuleId, gateway::RuleCount>> rule_in(const json& row, const Clock& now) {
    if (!row.is_object()) return std::nullopt;
    const auto id = kept_number(row, "id"), hits = kept_number(row, "hits"), bytes = kept_number(row, "bytes");
    if (!id || *id == gateway::kNoRule || *id > ~gateway::RuleId{0} || !hits || !bytes) return std::nullopt;
    return std::pair{static_cast<gateway::RuleId>(*id),
                     gateway::RuleCount{*hits, *bytes, hit_in(row, "first_hit", now), hit_in(row, "last_hit", now)}};
}

// Null where there is no such file.
Result<json> read_json(const std::string& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error == std::errc::no_such_file_or_directory) return json{};
    if (error) return failure("cannot read " + file + ": " + error.message());
    if (size > kLargestCounters) return failure(fmt::format("{} is larger than {} bytes", file, kLargestCounters));
    std::ifstream stream{file, std::ios::binary};
    if (!stream) return failure("cannot read " + file + ": " + std::strerror(errno));
    json content = json::parse(stream, nullptr, false);
    if (content.is_null()) return failure(file + " is damaged");
    return content;
}

}  // namespace

KeptCounters::KeptCounters(gateway::EdgeGateway& gateway, const std::string& folder)
    : gateway_(gateway), file_(folder.empty() ? "" : folder + "/" + kFileName) {}

Result<void> KeptCounters::restore(const Clock& now) {
    if (file_.empty()) return {};
    const auto content = read_json(file_);
    if (!content) return tl::unexpected(content.error());
    if (content->is_null()) return {};
    if (!content->is_object() || kept_number(*content, kVersionKey) != kVersion || !content->contains("rules") ||
        !(*content)["rules"].is_array() || (*content)["rules"].size() > kMostRules)
        return failure(file_ + " is damaged, or no file of rule counters that this version writes");
    Rows rows;
    for (const json& row : (*content)["rules"]) {
        const auto rule = rule_in(row, now);
        if (!rule) return failure(file_ + " is damaged: " + row.dump() + " is no rule's counters");
        rows.push_back(*rule);
    }
    for (const auto& [rule, count] : rows) gateway_.rule_counters().restore(rule, count);
    return {};
}

void KeptCounters::look(const Clock& now) {
    if (file_.empty() || is_writing()) return;
    const std::uint64_t cleared = gateway_.rule_counters().cleared();
    if (!next_) next_ = now.monotonic + kInterval;
    if (cleared == cleared_ && now.monotonic < *next_) return;
    next_ = now.monotonic + kInterval;
    Rows counted = rows();
    if (counted == written_ && cleared == cleared_) return;
    written_ = std::move(counted);
    cleared_ = cleared;
    writing_ =
        std::async(std::launch::async, [file = file_, text = file_text(written_, now)] { return replace_durably(file, text); });
}

Result<void> KeptCounters::finish(const Clock& now) {
    if (file_.empty()) return {};
    if (writing_.valid()) writing_.wait();
    is_writing();
    return replace_durably(file_, file_text(rows(), now));
}

// Also hears how the writing went that is over; what failed is tried again a minute later.
bool KeptCounters::is_writing() {
    if (!writing_.valid()) return false;
    if (writing_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return true;
    if (const auto written = writing_.get(); !written) {
        written_.clear();
        log::warn("event=rule_counters_not_kept reason=\"" + written.error().message + "\"");
    }
    return false;
}

KeptCounters::Rows KeptCounters::rows() const {
    Rows rows;
    RuleTotals{gateway_}.for_each([&](gateway::RuleId rule, const gateway::RuleCount& count) {
        if (count.hits > 0 || count.bytes > 0) rows.emplace_back(rule, count);
    });
    std::sort(rows.begin(), rows.end(), [](const auto& one, const auto& other) { return one.first < other.first; });
    return rows;
}

}  // namespace hairpin::runtime
