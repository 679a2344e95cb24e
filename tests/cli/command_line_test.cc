#include "cli/shell/command_line.h"

#include <gmock/gmock.h>

#include <random>

namespace hairpin::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CommandLine, IsTakenApartIntoWords) {
    const CommandLine line = take_apart("  show   sessions\tsource 192.0.2.1 ");
    EXPECT_THAT(line.words, ElementsAre("show", "sessions", "source", "192.0.2.1"));
    EXPECT_THAT(line.columns, ElementsAre(2, 9, 18, 25, 35));
    EXPECT_TRUE(line.complete);
    EXPECT_FALSE(take_apart("show sess").complete);
    EXPECT_TRUE(take_apart("").complete);
}

TEST(CommandLine, QuotesHoldSpacesAndSigns) {
    EXPECT_THAT(take_apart(R"(set x "a b | # c")").words, ElementsAre("set", "x", "a b | # c"));
    EXPECT_THAT(take_apart(R"(set x "a \"b\" \\")").words, ElementsAre("set", "x", R"(a "b" \)"));
    EXPECT_THAT(take_apart(R"(set x "")").words, ElementsAre("set", "x", ""));
    EXPECT_TRUE(take_apart("set x \"a").open_quote);
    EXPECT_FALSE(take_apart("set x \"a\" b").open_quote);
}

TEST(CommandLine, ACommentEndsIt) {
    const CommandLine line = take_apart("show ports # all of them | count");
    EXPECT_THAT(line.words, ElementsAre("show", "ports"));
    EXPECT_TRUE(line.comment);
    EXPECT_THAT(take_apart("# nothing").words, IsEmpty());
}

TEST(CommandLine, BracketsAreWordsButNotInAFilter) {
    EXPECT_THAT(take_apart("set port [80 443]").words, ElementsAre("set", "port", "[", "80", "443", "]"));
    EXPECT_THAT(take_apart("show ports | match a[bc]{2} | count").words,
                ElementsAre("show", "ports", "|", "match", "a[bc]{2}", "|", "count"));
}

TEST(CommandLine, FiltersStandBehindThePipe) {
    const CommandLine line = take_apart("show ports|match lan | count");
    EXPECT_THAT(line.command(), ElementsAre("show", "ports"));
    EXPECT_THAT(line.filters(), ElementsAre("match", "lan", "|", "count"));
    EXPECT_THAT(take_apart("show ports").filters(), IsEmpty());
    EXPECT_THAT(take_apart("show ports |").filters(), IsEmpty());
}

// Every word's column is where it stands, whatever the line holds.
TEST(CommandLine, TakesAnyNonsense) {
    std::mt19937 random{4711};
    for (int round = 0; round < 20'000; ++round) {
        std::string text(random() % 30, ' ');
        for (char& c : text) c = "ab \"\\|#\t\x01\xc3"[random() % 10];
        const CommandLine line = take_apart(text);
        ASSERT_EQ(line.columns.size(), line.words.size() + 1) << text;
        for (std::size_t i = 0; i < line.words.size(); ++i) {
            ASSERT_LT(line.columns[i], line.columns[i + 1]) << text;
            ASSERT_NE(text[line.columns[i]], ' ') << text;
        }
    }
}

}  // namespace
}  // namespace hairpin::cli
