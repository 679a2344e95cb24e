#pragma once
// Runs tests against a lab that is up: the real tools in its hosts, and questions to its gateway. One line is printed for each as it ends.

#include <vector>

#include "lab/junit.h"
#include "lab/lab_state.h"
#include "lab/lab_tests.h"

namespace hairpin::lab {

struct VerifyOptions {
    bool wait = true;            // false: what is not true at once has failed
    bool tap = false;            // the lines are those of the Test Anything Protocol
    bool failures_only = false;  // only what failed has a line, on standard error
};

std::vector<TestResult> verify(const LabState& lab, const std::vector<LabTest>& tests, const VerifyOptions& options);

}  // namespace hairpin::lab
