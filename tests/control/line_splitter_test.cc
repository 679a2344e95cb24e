#include "control/line_splitter.h"

#include <gmock/gmock.h>

#include <vector>

namespace hairpin::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> lines_in(LineSplitter& splitter) {
    std::vector<std::string> lines;
    while (const auto line = splitter.next()) lines.emplace_back(*line);
    return lines;
}

TEST(LineSplitter, SplitsWhatCameTogether) {
    LineSplitter splitter;
    splitter.feed("one\ntwo\n\nfour\n");
    EXPECT_THAT(lines_in(splitter), ElementsAre("one", "two", "", "four"));
}

TEST(LineSplitter, JoinsWhatCameInPieces) {
    LineSplitter splitter;
    std::vector<std::string> lines;
    for (const char letter : std::string{"one\ntwo\n"}) {
        splitter.feed({&letter, 1});
        for (auto& line : lines_in(splitter)) lines.push_back(line);
    }
    EXPECT_THAT(lines, ElementsAre("one", "two"));
}

TEST(LineSplitter, KeepsTheRestForLater) {
    LineSplitter splitter;
    splitter.feed("one\ntw");
    EXPECT_THAT(lines_in(splitter), ElementsAre("one"));
    splitter.feed("o");
    EXPECT_THAT(lines_in(splitter), IsEmpty());
    splitter.feed("\n");
    EXPECT_THAT(lines_in(splitter), ElementsAre("two"));
}

TEST(LineSplitter, GivesAwayWhatIsNoLine) {
    LineSplitter splitter;
    splitter.feed(std::string_view{"one\n\n\r\0 bytes", 14});
    EXPECT_EQ(splitter.next(), "one");
    EXPECT_EQ(splitter.take_rest(), (std::string{"\n\r\0 bytes", 10}));
    EXPECT_EQ(splitter.take_rest(), "");
}

TEST(LineSplitter, TakesTheLongestLineAndNotOneByteMore) {
    LineSplitter fits{8}, does_not{8};
    fits.feed("12345678\n");
    EXPECT_THAT(lines_in(fits), ElementsAre("12345678"));
    EXPECT_FALSE(fits.overflowed());
    does_not.feed("123456789\n");
    EXPECT_THAT(lines_in(does_not), IsEmpty());
    EXPECT_TRUE(does_not.overflowed());
}

TEST(LineSplitter, OverflowsBeforeTheNewlineComes) {
    LineSplitter splitter{8};
    splitter.feed("ok\n12345");
    EXPECT_THAT(lines_in(splitter), ElementsAre("ok"));
    EXPECT_FALSE(splitter.overflowed());
    splitter.feed("6789");
    EXPECT_THAT(lines_in(splitter), IsEmpty());
    EXPECT_TRUE(splitter.overflowed());
}

TEST(LineSplitter, TakesNothingMoreAfterAnOverflow) {
    LineSplitter splitter{8};
    splitter.feed("123456789");
    EXPECT_THAT(lines_in(splitter), IsEmpty());
    splitter.feed("\nnext\n");
    EXPECT_THAT(lines_in(splitter), IsEmpty());
    EXPECT_TRUE(splitter.overflowed());
}

}  // namespace
}  // namespace hairpin::control
