#pragma once
// Runs a lab's tests against the lab that is up: the real tools in its hosts, and questions to its gateway. One line is printed
// for each as it ends; the last two are those that hold for every lab: no packet is lost uncounted, and hairpind's log is clean.

#include <vector>

#include "lab/junit.h"
#include "lab/lab_state.h"
#include "lab/lab_tests.h"

namespace hairpin::lab {

struct VerifyOptions {
    bool wait = true;  // false: what is not true at once has failed
    bool tap = false;  // the lines are those of the Test Anything Protocol
};

std::vector<TestResult> verify(const LabState& lab, const std::vector<LabTest>& tests, const VerifyOptions& options);

}  // namespace hairpin::lab
