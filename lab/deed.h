#pragma once
// A test that does something to a lab that is up: what was done to a cable is undone whatever comes of it, and hairpind, when it was killed, runs again.

#include <optional>
#include <string>

#include "lab/lab_state.h"
#include "lab/lab_tests.h"

namespace hairpin::lab {

// Nothing when all that is expected came, else what came instead. `test` names it in the gateway's history.
std::optional<std::string> try_deed(const LabState& lab, const std::string& test, const DeedCheck& check);

}  // namespace hairpin::lab
