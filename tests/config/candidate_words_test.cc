// Lines taken apart into words, and words written so that they come back whole.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "config/candidate/words.h"

namespace hairpin::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(std::string_view line, Comments comments = Comments::dropped) {
    const auto tokens = tokenize(line, comments);
    if (!tokens) return {"error at " + std::to_string(tokens.error().begin)};
    std::vector<std::string> result;
    for (const Token& token : *tokens) result.push_back(token.text);
    return result;
}

TEST(Words, EndAtWhiteSpace) {
    EXPECT_THAT(texts("set  gateway\tfirewall "), ElementsAre("set", "gateway", "firewall"));
    EXPECT_THAT(texts(""), IsEmpty());
    EXPECT_THAT(texts(" \t "), IsEmpty());
}

TEST(Words, MarksAreWordsOfTheirOwn) {
    EXPECT_THAT(texts("address [a b];"), ElementsAre("address", "[", "a", "b", "]", ";"));
    EXPECT_THAT(texts("rule 3{action accept;}|x"), ElementsAre("rule", "3", "{", "action", "accept", ";", "}", "|", "x"));
}

TEST(Words, AreCommentsFromAHashToTheEndOfTheLine) {
    EXPECT_THAT(texts("set a # and \"why"), ElementsAre("set", "a"));
    EXPECT_THAT(texts("a#b\nc"), ElementsAre("a", "c"));
    EXPECT_THAT(texts("\"a#b\""), ElementsAre("a#b"));
}

TEST(Words, QuotesMakeMarksPlain) {
    EXPECT_THAT(texts(R"(name "Web {server}; [1] | #2")"), ElementsAre("name", "Web {server}; [1] | #2"));
    EXPECT_THAT(texts(R"("say \"hi\" \\ C:\new" "")"), ElementsAre(R"(say "hi" \ C:\new)", ""));
    EXPECT_THAT(texts(R"(a"b c"d a\b)"), ElementsAre("ab cd", R"(a\b)"));
}

TEST(Words, KnowWhereTheyStand) {
    const auto tokens = tokenize(R"(ab "c d" [)");
    ASSERT_TRUE(tokens);
    EXPECT_THAT(*tokens, ElementsAre(Token{"ab", 0, 2}, Token{"c d", 3, 8, true}, Token{"[", 9, 10}));
    EXPECT_TRUE((*tokens)[2].is("["));
    EXPECT_FALSE((Token{"[", 0, 3, true}).is("["));
}

TEST(Words, AQuoteThatIsNotClosedSaysWhereItBegins) {
    for (const std::string_view line : {R"(set "abc)", R"(set "abc\")", R"(set ")"}) {
        const auto tokens = tokenize(line);
        ASSERT_FALSE(tokens) << line;
        EXPECT_EQ(tokens.error().begin, 4u);
        EXPECT_EQ(tokens.error().message, "the quote is not closed");
    }
}

TEST(Words, BlocksOfCommentsAreKeptWhereTheyAreAskedFor) {
    const auto tokens = tokenize("/* web; */ rule \"/* 3 */\"", Comments::blocks_kept);
    ASSERT_TRUE(tokens);
    ASSERT_EQ(tokens->size(), 3u);
    EXPECT_TRUE((*tokens)[0].comment);
    EXPECT_EQ((*tokens)[0].text, "web;");
    EXPECT_FALSE((*tokens)[2].comment);
    EXPECT_THAT(texts("a /* b", Comments::blocks_kept), ElementsAre("error at 2"));
    EXPECT_THAT(texts("/* b */"), ElementsAre("/*", "b", "*/"));
}

RC_GTEST_PROP(WordsProperty, WhatIsQuotedComesBack, (const std::vector<std::string>& words)) {
    for (const Comments comments : {Comments::dropped, Comments::blocks_kept}) RC_ASSERT(texts(quoted(words), comments) == words);
}

RC_GTEST_PROP(WordsProperty, AnyTextIsTakenApartOrRefusedAtAByteOfIt, (const std::string& noise)) {
    const std::string hostile = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"\"\\ #{}[];|/*a\n"}));
    for (const std::string& line : {noise, hostile}) {
        for (const Comments comments : {Comments::dropped, Comments::blocks_kept}) {
            const auto tokens = tokenize(line, comments);
            if (!tokens) {
                RC_ASSERT(tokens.error().begin < line.size());
                continue;
            }
            std::size_t end = 0;
            for (const Token& token : *tokens) {
                RC_ASSERT(token.begin >= end && token.end > token.begin && token.end <= line.size());
                end = token.end;
            }
        }
    }
}

}  // namespace
}  // namespace hairpin::config
