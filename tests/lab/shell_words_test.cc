// Words as a shell writes them.

#include <gmock/gmock.h>

#include "lab/shell_words.h"

namespace hairpin::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ShellWords, AreQuotedSoThatEachIsOne) {
    EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_quoted(""), "''");
}

TEST(ShellWords, AreTakenApartAtBlanks) {
    EXPECT_THAT(*split_words("  nginx -g\t'daemon off;' \n"), ElementsAre("nginx", "-g", "daemon off;"));
    EXPECT_THAT(*split_words(""), IsEmpty());
    EXPECT_THAT(*split_words("a\"b c\"'d e'f ''"), ElementsAre("ab cd ef", ""));
}

TEST(ShellWords, BackslashesKeepWhatTheyStandBefore) {
    EXPECT_THAT(*split_words(R"(a\ b \"c "d\"e\f" 'g\h')"), ElementsAre("a b", "\"c", "d\"e\\f", "g\\h"));
    EXPECT_THAT(*split_words("end\\"), ElementsAre("end\\"));
}

TEST(ShellWords, AQuoteThatDoesNotEndIsAMistake) {
    EXPECT_FALSE(split_words("echo 'a"));
    EXPECT_FALSE(split_words("echo \"a\\\""));
}

TEST(ShellWords, WhatWasQuotedIsOneWordAgain) {
    for (const char* word : {"", " ", "'", "\\", "a'b\"c$d", "\n"})
        EXPECT_THAT(*split_words(shell_quoted(word)), ElementsAre(word));
}

}  // namespace
}  // namespace hairpin::lab
