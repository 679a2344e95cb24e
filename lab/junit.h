#pragma once
// Test results as JUnit XML, the form that CI systems read.

#include <chrono>
#include <string>
#include <vector>

#include "lab/lab_tests.h"

namespace hairpin::lab {

struct TestResult {
    std::string name;  // with the node, when the test runs on several
    std::string description;
    Severity severity = Severity::error;
    std::string problem = {};  // empty: passed
    std::chrono::milliseconds duration{0};

    bool passed() const { return problem.empty(); }
};

std::string junit_xml(const std::string& lab, const std::vector<TestResult>& results);

}  // namespace hairpin::lab
