#include "manual/page.h"

#include <gmock/gmock.h>

namespace hairpin::manual {
namespace {

Result<std::string> echo(const Request& request) {
    if (request == "nonsense") return failure("nothing is called that");
    return "about " + request + "\n";
}

TEST(Page, WhatStandsBetweenTheMarksIsWrittenAnew) {
    const auto page = filled("before\n<!-- generated: a b -->\nold\n<!-- end -->\nbehind\n", Form::markdown, echo);
    ASSERT_TRUE(page);
    EXPECT_EQ(*page, "before\n<!-- generated: a b -->\n\nabout a b\n\n<!-- end -->\nbehind\n");
    EXPECT_EQ(*filled(*page, Form::markdown, echo), *page) << "a page that is up to date stays as it is";
}

TEST(Page, InScdocMarksAreComments) {
    const auto page = filled("; generated: a\n; end\n", Form::scdoc, echo);
    ASSERT_TRUE(page);
    EXPECT_EQ(*page, "; generated: a\n\nabout a\n\n; end\n");
    EXPECT_EQ(*filled("<!-- generated: a -->\n", Form::scdoc, echo), "<!-- generated: a -->\n");
}

TEST(Page, AMistakeIsToldWithItsLine) {
    const auto wrong = [](const std::string& text) {
        const auto page = filled(text, Form::markdown, echo);
        return page ? "" : page.error().path + ": " + page.error().message;
    };
    EXPECT_EQ(wrong("\n<!-- generated: a -->\n"), "2: what is generated has no end: <!-- end -->");
    EXPECT_EQ(wrong("<!-- generated: a -->\n<!-- generated: b -->\n<!-- end -->\n"),
              "1: what is generated has no end: <!-- end -->");
    EXPECT_EQ(wrong("\n\n<!-- end -->\n"), "3: this ends nothing");
    EXPECT_EQ(wrong("<!-- generated: nonsense -->\n<!-- end -->\n"), "1: nothing is called that");
}

TEST(Page, ItsRequestsAreKnown) {
    EXPECT_THAT(requests_in("<!-- generated: a b -->\n<!-- end -->\n<!-- generated: c -->\n<!-- end -->\n", Form::markdown),
                ::testing::ElementsAre("a b", "c"));
}

}  // namespace
}  // namespace hairpin::manual
