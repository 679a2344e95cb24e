#pragma once
// What people may type after the verbs that look at a lab, draw it, make one up, or keep its configuration.

#include <functional>

#include "lab/exit_code.h"

namespace CLI {
class App;
}

namespace hairpin::lab {

// Adds the verbs to `lab`. The one that is typed puts into `run` what is to be done, which must live as long as `lab`.
void describe_more(CLI::App& lab, std::function<ExitCode()>& run);

}  // namespace hairpin::lab
