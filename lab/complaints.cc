#include "lab/complaints.h"

#include <fmt/format.h>

namespace hairpin::lab {

void Complaints::error(Position at, const std::string& message) {
    if (!first_error_) first_error_ = Error{.message = located(at, message)};
}

void Complaints::warning(Position at, const std::string& message) { warnings_.push_back(located(at, message)); }

std::string Complaints::located(Position at, const std::string& message) const {
    return fmt::format("{}:{}:{}: {}", file_, at.line, at.column, message);
}

}  // namespace hairpin::lab
