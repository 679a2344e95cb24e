#include "lab/table.h"

#include <gtest/gtest.h>

namespace hairpin::lab {
namespace {

TEST(Table, AlignsColumnsWithoutTrailingSpaces) {
    EXPECT_EQ(format_table({{"node", "address"}, {"workstation", "192.0.2.2/24"}, {"lan", ""}, {"x"}}, 2),
              "  node         address\n"
              "  workstation  192.0.2.2/24\n"
              "  lan\n"
              "  x\n");
    EXPECT_EQ(format_table({}), "");
}

}  // namespace
}  // namespace hairpin::lab
