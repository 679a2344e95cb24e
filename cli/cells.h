#pragma once
// A JSON value as people read it in a table. Null is "-".

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/style.h"

namespace hairpin::cli {

// How a column shows its value.
using Cell = std::string (*)(const nlohmann::json& value, const Style& style);

std::string plain(const nlohmann::json& value, const Style& style);         // text, number, yes or no, a list with commas
std::string bytes(const nlohmann::json& value, const Style& style);         // 999 B, 3.4 kB, 20 MB: powers of 1000
std::string duration(const nlohmann::json& value, const Style& style);      // 3s, 4m10s, 2h4m, 3d4h: from seconds
std::string milliseconds(const nlohmann::json& value, const Style& style);  // 0.31 ms: from microseconds
std::string ago(const nlohmann::json& value, const Style& style);           // 3s ago; null is never

std::string rate(const nlohmann::json& value, const Style& style);      // 120 , 3.4 k, 20.0 M: of what is counted a second
std::string bit_rate(const nlohmann::json& value, const Style& style);  // 3.4 kb/s

// "13:45:10.123" of "2026-11-23T13:45:10.123456789Z".
std::string time_of_day(const std::string& time);
// "192.0.2.1:40000 → 192.0.2.80:80"; without a destination the source alone.
std::string tuple_text(const nlohmann::json& row, const char* source, const char* destination, const Style& style);
// "dnat 196613, firewall 3, snat 196612": those that acted, in their order, from the keys dnat_rule, firewall_rule, snat_rule. With
// through_mapping the first is an snat rule, one of whose mappings has let the session in: "mapping 196609".
std::string rules_text(const nlohmann::json& row, const char* separator);
// "dnat 196613", "firewall 3": those that acted at a stage, named by the same keys of `rules`. One that they do not name is a "rule".
std::vector<std::string> rules_at(const nlohmann::json& stage, const nlohmann::json& rules);

// A member as text, or "" when it is missing or null.
std::string text_of(const nlohmann::json& object, const char* key);
// "192.0.2.1" of "192.0.2.1:40000".
std::string address_of(const std::string& endpoint);

}  // namespace hairpin::cli
