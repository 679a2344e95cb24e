#pragma once
// From a valid document to what the daemon works with: the switch's settings and an immutable Ruleset.

#include <memory>
#include <string>
#include <vector>

#include "config/document.h"
#include "config/document_text.h"
#include "config/groups.h"
#include "gateway/ruleset.h"
#include "net/result.h"
#include "switch/settings.h"

namespace hairpin::config {

struct Configuration {
    l2::SwitchSettings switching;
    gateway::RulesetPtr ruleset;
    Groups groups;                                                      // that its rules name, for people: the Ruleset has none
    std::vector<std::string> warnings;                                  // what is allowed but hardly meant: "path: reason"
    gateway::MatchTuple match_address = gateway::MatchTuple::original;  // what rules compare that do not say it themselves
    std::shared_ptr<const DocumentText> text = {};  // that it was compiled from, where it was compiled from a text
};

// `previous`: the Ruleset in force, if any. Interfaces keep the ids that they have there, and the generation is the next. Refuses,
// with path and reason, what YANG cannot say: addresses that overlap, ranges that run backwards, rules that could not work. Nothing
// is changed by a refusal. The rules have their index (gateway/rule_index.h).
Result<Configuration> compile(const Document& document, const gateway::Ruleset* previous);

// Document::parse() and compile() in one, with the same outcome, errors included. Rules that stand in `previous` word for word are
// taken from there instead of being validated and compiled again, so a commit costs what it changes. `previous` may be nullptr.
Result<Configuration> compile(std::string text, const Configuration* previous);

}  // namespace hairpin::config
