#pragma once
// Documents made at random, all of them valid. Within a rapidcheck property only.

#include <nlohmann/json_fwd.hpp>

namespace hairpin::config {

nlohmann::json any_firewall_rule(int id);
nlohmann::json any_nat_rule(int id);
// That those rules name.
nlohmann::json any_groups();
// The guide's lab with other rules.
nlohmann::json any_document();

}  // namespace hairpin::config
