#pragma once
// From a valid document to what the daemon works with: the switch's settings and an immutable Ruleset.

#include <string>
#include <vector>

#include "config/document.h"
#include "gateway/ruleset.h"
#include "net/result.h"
#include "switch/settings.h"

namespace hairpin::config {

struct Configuration {
    l2::SwitchSettings switching;
    gateway::RulesetPtr ruleset;
    std::vector<std::string> warnings;  // what is allowed but hardly meant: "path: reason"
};

// `previous`: the Ruleset in force, if any. Interfaces keep the ids that they have there, and the generation is the next. Refuses,
// with path and reason, what YANG cannot say: addresses that overlap, ranges that run backwards, rules that could not work. Nothing
// is changed by a refusal.
Result<Configuration> compile(const Document& document, const gateway::Ruleset* previous);

}  // namespace hairpin::config
