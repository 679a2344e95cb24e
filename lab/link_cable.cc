#include "lab/link_cable.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "lab/impairment_keys.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kFirstToSecond = "a-to-b", kSecondToFirst = "b-to-a", kSeed = "seed";

// The keys of one direction, and what else may stand beside them.
std::vector<KeyRow> rows_with(std::initializer_list<std::string_view> others) {
    std::vector<KeyRow> rows;
    for (const ImpairmentKey& key : impairment_keys()) {
        rows.push_back({key.name, KeyUse::used, key.meaning});
        if (!key.alias.empty()) rows.push_back({key.alias, KeyUse::used, key.meaning});
    }
    for (const std::string_view other : others) rows.push_back({other, KeyUse::used});
    return rows;
}

LinkCable::Direction read_direction(const YamlNode& from, Complaints& complaints) {
    LinkCable::Direction direction;
    for (const YamlEntry& entry : read_entries(from, "impair", complaints)) {
        const ImpairmentKey* key = find_impairment_key(entry.key);
        if (key == nullptr) continue;
        const std::string text = read_text(entry.value, entry.key, complaints);
        if (const auto wrong = wrong_value(*key, text))
            complaints.error(entry.value.at, fmt::format("{}: {}", entry.key, *wrong));
        direction[std::string{key->name}] = text;
    }
    return direction;
}

void read_impair(const YamlNode& impair, HostEnd host, LinkCable& cable, Complaints& complaints) {
    const YamlNode* there = impair.find(kFirstToSecond);
    const YamlNode* back = impair.find(kSecondToFirst);
    if (const YamlNode* seed = impair.find(kSeed)) cable.seed = read_number(*seed, "seed", 0, 0xffff'ffff, complaints);
    if (there == nullptr && back == nullptr) {
        check_keys(impair, "impair", rows_with({kSeed}), complaints);
        cable.in = cable.out = read_direction(impair, complaints);
        return;
    }
    check_keys(impair, "impair with a-to-b or b-to-a",
               std::to_array<KeyRow>({{kFirstToSecond, KeyUse::used}, {kSecondToFirst, KeyUse::used}, {kSeed, KeyUse::used}}),
               complaints);
    LinkCable::Direction& from_first = host == HostEnd::first ? cable.in : cable.out;
    LinkCable::Direction& from_second = host == HostEnd::first ? cable.out : cable.in;
    for (const auto& [node, direction] : {std::pair{there, &from_first}, std::pair{back, &from_second}}) {
        if (node == nullptr) continue;
        check_keys(*node, "a direction of impair", rows_with({}), complaints);
        *direction = read_direction(*node, complaints);
    }
}

std::string read_flap_time(const YamlNode& flap, std::string_view key, Complaints& complaints) {
    const YamlNode* time = flap.find(key);
    if (time == nullptr) return {};
    std::string text = read_text(*time, key, complaints);
    if (const auto wrong = wrong_time(text)) complaints.error(time->at, fmt::format("{}: {}", key, *wrong));
    return text;
}

void read_state(const YamlNode& state, LinkCable& cable, Complaints& complaints) {
    if (state.is_scalar() && (state.text == "up" || state.text == "down")) {
        cable.down = state.text == "down";
        return;
    }
    if (!state.is_map()) return complaints.error(state.at, "state is up, down or {flap: {up: TIME, down: TIME, jitter: TIME}}");
    check_keys(state, "state", std::to_array<KeyRow>({{"flap", KeyUse::used}}), complaints);
    const YamlNode* flap = state.find("flap");
    if (flap == nullptr) return;
    check_keys(*flap, "flap", std::to_array<KeyRow>({{"up", KeyUse::used}, {"down", KeyUse::used}, {"jitter", KeyUse::used}}),
               complaints);
    cable.flap = LinkCable::Flap{.up = read_flap_time(*flap, "up", complaints),
                                 .down = read_flap_time(*flap, "down", complaints),
                                 .jitter = read_flap_time(*flap, "jitter", complaints)};
    if (cable.flap->up.empty() || cable.flap->down.empty())
        complaints.error(flap->at, "a link that flaps needs both `up` and `down`");
}

}  // namespace

LinkCable read_cable(const YamlNode& vars, HostEnd host, Complaints& complaints) {
    LinkCable cable;
    if (const YamlNode* impair = vars.find("impair")) read_impair(*impair, host, cable, complaints);
    if (const YamlNode* state = vars.find("state")) read_state(*state, cable, complaints);
    return cable;
}

}  // namespace hairpin::lab
