#include "cli/shell/listing.h"

#include <gtest/gtest.h>

namespace hairpin::cli {
namespace {

TEST(Listing, PutsDescriptionsInOneColumn) {
    EXPECT_EQ(listing({{"lan", ""}, {"uplink", "towards the Internet"}, {"<interface>", "an interface", true}}, Style{}),
              "Possible completions:\n"
              "  lan\n"
              "  uplink       towards the Internet\n"
              "  <interface>  an interface\n");
}

TEST(Listing, WrapsToTheTerminal) {
    EXPECT_EQ(listing({{"word", "a description that is longer than the terminal is wide"}}, Style{.width = 40}),
              "Possible completions:\n"
              "  word  a description that is longer\n"
              "        than the terminal is wide\n");
}

TEST(Listing, OfNothingSaysSo) { EXPECT_EQ(listing({}, Style{}), "No more is expected here: press Enter.\n"); }

}  // namespace
}  // namespace hairpin::cli
