#include "tests/support/json.h"

#include <ostream>

template class nlohmann::basic_json<>;

namespace nlohmann {
void PrintTo(const json& value, std::ostream* out) { *out << value; }
}  // namespace nlohmann
