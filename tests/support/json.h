#pragma once
// JSON in tests: the library's class compiled once, in json.cc, and not by every test that mentions it; GoogleTest shows a value
// as its text. It is among the precompiled headers, so a test includes <nlohmann/json.hpp> and needs not know of this file.

#include <iosfwd>
#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;

namespace nlohmann {
void PrintTo(const json& value, std::ostream* out);
}
