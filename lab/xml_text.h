#pragma once
// Text as XML takes it, in an element and in an attribute.

#include <string>
#include <string_view>

namespace hairpin::lab {

std::string xml_text(std::string_view text);

}  // namespace hairpin::lab
