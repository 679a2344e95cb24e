#pragma once
// The shortest list of settings that makes a connection possible, proved: each remedy is applied to a copy of the document, that is
// compiled, and the question is put again to the datapath under those rules. Where a remedy only moves the obstacle, remedies for the
// new one are tried on top of it: all single settings first, then pairs, and so on.
//
// Packets wait meanwhile, so the search is bounded. A list that is found within the bounds is the shortest of those that can be made of
// the remedies; where they end it, that is said.

#include <functional>
#include <optional>

#include "gateway/ruleset.h"
#include "runtime/connectivity/remedies.h"

namespace hairpin::runtime::connectivity {

struct Bounds {
    std::size_t settings = 4;             // of a list
    std::size_t tries = 64;               // documents compiled and asked
    std::size_t bytes = 2 * 1024 * 1024;  // of all of them together: half a second of the daemon's time
};

struct Suggestion {
    std::vector<Remedy> settings;
    Verdict then;
};

struct SearchResult {
    std::optional<Suggestion> suggestion;
    std::string why_none;  // a sentence, where there is none
    std::size_t tries = 0;
};

// The rules that a document makes.
using Compile = std::function<Result<gateway::RulesetPtr>(const std::string& document)>;

// `verdict` is that of the rules that the gateway has at the moment, which `document` makes.
SearchResult search(Worker& worker, const Question& question, const Verdict& verdict, const config::Candidate& document,
                    const Compile& compile, const Bounds& bounds = {});

}  // namespace hairpin::runtime::connectivity
