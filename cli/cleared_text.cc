#include "cli/cleared_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace hairpin::cli {

std::string cleared_text(const nlohmann::json& result, std::string_view thing) {
    const auto count = result.value("cleared", std::uint64_t{0});
    return fmt::format("{} {}{} cleared\n", count, thing, count == 1 ? "" : "s");
}

}  // namespace hairpin::cli
