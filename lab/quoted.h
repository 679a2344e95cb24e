#pragma once
// A text between quotes, as JSON, YAML and logfmt have it. What is no UTF-8 in it is replaced.

#include <string>

namespace hairpin::lab {

std::string quoted(const std::string& text);

}  // namespace hairpin::lab
