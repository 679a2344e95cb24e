#include "cli/shell/filters.h"

#include <gmock/gmock.h>

#include "cli/shell/command_line.h"

namespace hairpin::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Outcome<Filters> parsed(const std::string& text) {
    const CommandLine line = take_apart(text);
    return Filters::parse(line.words);
}
std::string filtered(const std::string& filters, std::string_view text) {
    const auto made = parsed(filters);
    return made ? made->applied_to(text) : "error: " + made.error().sentence;
}
constexpr std::string_view kTable = "NAME  SEGMENT\nworkstation  lan\nwebserver  lan\ninternet  wan\n";

TEST(Filters, ChooseLines) {
    EXPECT_EQ(filtered("match lan", kTable), "workstation  lan\nwebserver  lan\n");
    EXPECT_EQ(filtered("except lan", kTable), "NAME  SEGMENT\ninternet  wan\n");
    EXPECT_EQ(filtered("match \"^w.*lan$\" | except station", kTable), "webserver  lan\n");
    EXPECT_EQ(filtered("match nothing", kTable), "");
}

TEST(Filters, CountWhatIsLeft) {
    EXPECT_EQ(filtered("count", kTable), "Count: 4 lines\n");
    EXPECT_EQ(filtered("match lan | count", kTable), "Count: 2 lines\n");
    EXPECT_EQ(filtered("count", ""), "Count: 0 lines\n");
}

TEST(Filters, SayInWhichFormTheAnswerIsMade) {
    EXPECT_EQ(parsed("json")->form(Form::text), Form::json_document);
    EXPECT_EQ(parsed("set")->form(Form::text), Form::set);
    EXPECT_EQ(parsed("match x")->form(Form::json_document), Form::json_document);
    EXPECT_FALSE(parsed("no-more")->paged());
    EXPECT_TRUE(parsed("match x")->paged());
}

TEST(Filters, MayBeAbbreviated) { EXPECT_EQ(filtered("m lan | c", kTable), "Count: 2 lines\n"); }

TEST(Filters, SayWhatIsWrongAndWhere) {
    const auto wrong = [](const std::string& text) { return parsed(text).error(); };
    EXPECT_THAT(wrong("mtach lan").sentence, HasSubstr("did you mean match?"));
    EXPECT_EQ(wrong("mtach lan").word, 0u);
    EXPECT_THAT(wrong("match").sentence, HasSubstr("a regular expression is missing"));
    EXPECT_EQ(wrong("match").word, 1u);
    EXPECT_THAT(wrong("match (").sentence, HasSubstr("is no regular expression"));
    EXPECT_EQ(wrong("json | match (").word, 3u);
    EXPECT_THAT(wrong("count lan").sentence, HasSubstr("expected |"));
    EXPECT_THAT(wrong("count |").sentence, HasSubstr("a filter is missing"));
}

std::vector<std::string> expected_behind(const std::string& text) {
    const CommandLine line = take_apart(text);
    std::vector<std::string> words;
    for (const Expected& one : Filters::expected_after(line.words)) words.push_back(one.word);
    return words;
}

TEST(Filters, OneIsWantedBehindTheBar) {
    EXPECT_THAT(filtered("", kTable), HasSubstr("a filter is missing after |: expected match, except"));
    EXPECT_THAT(filtered("match lan |", kTable), HasSubstr("a filter is missing after |"));
}

TEST(Filters, TellWhatMayFollow) {
    EXPECT_THAT(expected_behind(""), ElementsAre("match", "except", "count", "json", "set", "no-more"));
    EXPECT_THAT(expected_behind("match"), ElementsAre("<regular-expression>"));
    EXPECT_THAT(expected_behind("match lan"), ElementsAre("|"));
    EXPECT_THAT(expected_behind("match lan |"), ElementsAre("match", "except", "count", "json", "set", "no-more"));
    EXPECT_THAT(expected_behind("count"), ElementsAre("|"));
}

}  // namespace
}  // namespace hairpin::cli
