#pragma once
// "3 sessions cleared": what the clear commands answer.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "cli/style.h"

namespace hairpin::cli {

std::string cleared_text(const nlohmann::json& result, std::string_view thing);

template <const auto& Thing>
std::string cleared_text(const nlohmann::json& result, const Style&) {
    return cleared_text(result, Thing);
}

}  // namespace hairpin::cli
