#include "lab/quoted.h"

#include <nlohmann/json.hpp>

namespace hairpin::lab {

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace hairpin::lab
