#include "control/suggest.h"

#include <gtest/gtest.h>

namespace hairpin::control {
namespace {

const std::vector<std::string> kWords{"interfaces", "ports", "sessions", "mac-table", "arp"};

TEST(EditDistance, CountsTheKeysThatWentWrong) {
    EXPECT_EQ(edit_distance("ports", "ports"), 0u);
    EXPECT_EQ(edit_distance("port", "ports"), 1u);
    EXPECT_EQ(edit_distance("prots", "ports"), 1u);  // two neighbours swapped are one mistake
    EXPECT_EQ(edit_distance("", "arp"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(NearestWord, FindsWhatWasMeant) {
    EXPECT_EQ(nearest_word("sesions", kWords), "sessions");
    EXPECT_EQ(nearest_word("prots", kWords), "ports");
    EXPECT_EQ(nearest_word("mactable", kWords), "mac-table");
    EXPECT_EQ(nearest_word("apr", kWords), "arp");
}

TEST(NearestWord, GuessesNothingFromNonsense) {
    EXPECT_EQ(nearest_word("xyzzy", kWords), std::nullopt);
    EXPECT_EQ(nearest_word("", kWords), std::nullopt);
    EXPECT_EQ(nearest_word(std::string(100'000, 's'), kWords), std::nullopt);
}

}  // namespace
}  // namespace hairpin::control
