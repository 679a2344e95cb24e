#include "runtime/rule_or_null.h"

#include <nlohmann/json.hpp>

namespace hairpin::runtime {

nlohmann::json rule_or_null(gateway::RuleId rule) {
    return rule == gateway::kNoRule ? nlohmann::json(nullptr) : nlohmann::json(rule);
}

}  // namespace hairpin::runtime
