// libyang's paths, taken apart.

#include "config/data_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hairpin::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(DataPath, IsTypedInWords) {
    EXPECT_THAT(words_of_path("/hairpin:gateway/firewall/rule[id='3']/action"),
                ElementsAre("gateway", "firewall", "rule", "3", "action"));
    EXPECT_THAT(words_of_path("/hairpin:gateway/neighbor[interface='lan'][address='192.0.2.1']"),
                ElementsAre("gateway", "neighbor", "lan", "192.0.2.1"));
    EXPECT_THAT(words_of_path("/hairpin:gateway/interface[name='lan']/address[.='192.0.2.1/24']"),
                ElementsAre("gateway", "interface", "lan", "address", "192.0.2.1/24"));
    EXPECT_THAT(words_of_path(""), IsEmpty());
}

TEST(DataPath, AKeyMayHoldWhatParts) {
    EXPECT_THAT(words_of_path("/hairpin:switch/x[name=\"it's\"]/y[name='a/b]']"),
                ElementsAre("switch", "x", "it's", "y", "a/b]"));
    EXPECT_THAT(words_of_path("/hairpin:switch/x[name='unclosed"), ElementsAre("switch", "x"));
}

}  // namespace
}  // namespace hairpin::config
