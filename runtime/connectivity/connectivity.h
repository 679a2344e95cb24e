#pragma once
// `test connectivity`: whether a client can reach a server through the gateway, by which rules; and if not, where it ends and the
// smallest change that lets it, tried before it is told.
//
//   question.h   what is asked           verdict.h   the answer under some rules
//   remedies.h   what might help         search.h    what does

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "gateway/ruleset.h"
#include "runtime/connectivity/search.h"

namespace hairpin::runtime::connectivity {

// The rules that are asked, and the document that makes them.
struct Configuration {
    std::string document;  // JSON
    gateway::RulesetPtr rules;
};

// The parameters are read_question's; an Error's path is the name of one. Changes nothing.
Result<nlohmann::json> test(Worker& worker, const nlohmann::json& parameters, const Configuration& configuration,
                            const Compile& compile);

}  // namespace hairpin::runtime::connectivity
