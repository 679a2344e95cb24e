#include "runtime/kept_counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "gateway/edge_gateway.h"
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

}  // namespace

KeptCounters::KeptCounters(gateway::EdgeGateway& gateway, const std::string& folder)
    : gateway_(gateway), file_(folder, kFileName, "rule_counters", kLargestCounters) {}

Result<void> KeptCounters::restore(const Clock& now) {
    if (!file_.is_kept()) return {};
    const auto content = file_.read();
    if (!content) return tl::unexpected(content.error());
    if (content->is_null()) return {};
    if (!content->is_object() || kept_number(*content, kVersionKey) != kVersion || !content->contains("rules") ||
        !(*content)["rules"].is_array() || (*content)["rules"].size() > kMostRules)
        return failure(file_.path() + " is damaged, or no file of rule counters that this version writes");
    Rows rows;
    for (const json& row : (*content)["rules"]) {
        const auto rule = rule_in(row, now);
        if (!rule) return failure(file_.path() + " is damaged: " + row.dump() + " is no rule's counters");
        rows.push_back(*rule);
    }
    for (const auto& [rule, count] : rows) gateway_.rule_counters().restore(rule, count);
    return {};
}

void KeptCounters::look(const Clock& now) {
    if (!file_.is_kept() || still_writes()) return;
    const std::uint64_t cleared = gateway_.rule_counters().cleared();
    if (!next_) next_ = now.monotonic + kInterval;
    if (cleared == cleared_ && now.monotonic < *next_) return;
    next_ = now.monotonic + kInterval;
    Rows counted = rows();
    if (counted == written_ && cleared == cleared_) return;
    written_ = std::move(counted);
    cleared_ = cleared;
    file_.write(file_text(written_, now));
}

Result<void> KeptCounters::finish(const Clock& now) {
    if (!file_.is_kept()) return {};
    return file_.finish(file_text(rows(), now));
}

// What failed is tried again a minute later.
bool KeptCounters::still_writes() {
    const KeptFile::Writing writing = file_.writing();
    if (writing == KeptFile::Writing::failed) written_.clear();
    return writing == KeptFile::Writing::going_on;
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
