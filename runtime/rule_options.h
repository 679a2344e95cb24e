#pragma once
// What a rule does beyond its table's columns, in the words of its configuration, so that two rules that behave differently never look
// the same: ["match-translated true", "limit per-source sessions 20", "timeout 60"]. Empty of a rule that has nothing of its own.

#include <nlohmann/json_fwd.hpp>

#include "gateway/ruleset.h"

namespace hairpin::runtime {

// The settings of a limit by their names, without those that are not set.
nlohmann::json limit_json(const gateway::SessionLimit& limit);
// The same of a rule's, with those of each source as "per-source"; null where it has none.
nlohmann::json rule_limits_or_null(const gateway::RuleLimits& limits);

// `usual`: which tuple rules compare that do not say it themselves.
nlohmann::json options_of(const gateway::FirewallRule& rule, gateway::MatchTuple usual);
// What is as it is unless anything is configured is left out. The hairpin mode stands where it acts: in rules that clients inside meet.
nlohmann::json options_of(const gateway::NatRule& rule, const gateway::Ruleset& ruleset);
// Of an interface.
nlohmann::json options_of(const gateway::Interface& interface);

// As they are configured.
std::string_view word_of(gateway::TcpTracking tracking);
std::string_view word_of(gateway::RejectWith answer);
// "clamp", a number, or null.
nlohmann::json tcp_mss_or_null(const gateway::Interface& interface);

}  // namespace hairpin::runtime
