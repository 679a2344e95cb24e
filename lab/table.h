#pragma once
// Rows of text in aligned columns, the first row their titles.

#include <string>
#include <vector>

namespace hairpin::lab {

// Each line is indented by `indent` spaces and ends without trailing ones.
std::string format_table(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

}  // namespace hairpin::lab
