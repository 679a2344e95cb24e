#pragma once
// Results of tests in the Test Anything Protocol, version 13 (testanything.org), which `prove` and most build systems read.

#include <cstddef>
#include <string>

#include "lab/junit.h"

namespace hairpin::lab {

inline constexpr const char* kTapHeader = "TAP version 13\n";

// `ok 3 - hairpin-http: the workstation ...`; of a failure with its reason in a block of YAML. A failure that is only a warning gets the directive
// by which readers count it as expected.
std::string tap_lines(std::size_t number, const TestResult& result);
// The last line: how many there were.
std::string tap_plan(std::size_t count);

}  // namespace hairpin::lab
