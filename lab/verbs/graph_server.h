#pragma once
// `hairpin lab graph --srv`.

#include <string>

#include "lab/exit_code.h"

namespace hairpin::lab {

// Until it is interrupted. `place` is [ADDRESS:]PORT.
ExitCode serve_graph(const std::string& topology, const std::string& place);

}  // namespace hairpin::lab
