#include "lab/did_you_mean.h"

#include <fmt/format.h>

#include "control/suggest.h"

namespace hairpin::lab {

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& names) {
    const auto meant = control::nearest_word(typed, names);
    return meant ? fmt::format(", did you mean \"{}\"?", *meant) : "";
}

}  // namespace hairpin::lab
