#include "lab/junit.h"

#include <gtest/gtest.h>

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;

TEST(Junit, WritesOneCaseATest) {
    const std::vector<TestResult> results = {
        {.name = "web", .description = "it works", .duration = milliseconds{12}},
        {.name = "why (a)",
         .description = "",
         .problem = "rc 0 expected, came \"<28>\"\n& more\x01",
         .duration = milliseconds{1500}},
    };
    EXPECT_EQ(junit_xml("dmz", results), R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="dmz" tests="2" failures="1" errors="0" skipped="0" time="1.512">
  <testcase classname="dmz" name="web" time="0.012"/>
  <testcase classname="dmz" name="why (a)" time="1.500">
    <failure message="rc 0 expected, came &quot;&lt;28&gt;&quot;&#10;&amp; more?"/>
  </testcase>
</testsuite>
)xml");
}

}  // namespace
}  // namespace hairpin::lab
