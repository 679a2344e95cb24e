#pragma once

#include <string_view>

namespace hairpin::cli {

// Writes all of it to a descriptor, which may be one that does not wait. 0, or errno.
int write_all(int output, std::string_view bytes);

}  // namespace hairpin::cli
