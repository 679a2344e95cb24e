#include "sidecar/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace hairpin::sidecar {
namespace {

using ::testing::HasSubstr;

TEST(SidecarPlace, ReplicasShareOutThePortsAndComeBackToWhatIsFree) {
    const hairpin::testing::TemporaryFolder folder;
    const std::vector<std::string> ports{"web-1", "web-2"};
    auto first = take_place(folder.path(), ports);
    const auto second = take_place(folder.path(), ports);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->index, 0U);
    EXPECT_EQ(second->index, 1U);

    const auto third = take_place(folder.path(), ports);
    ASSERT_FALSE(third);
    EXPECT_THAT(third.error().message, HasSubstr("all 2 ports are taken by others, web-1 to web-2"));

    first->lock.reset();
    const auto next = take_place(folder.path(), ports);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->index, 0U);
}

TEST(SidecarPlace, AloneThereIsNothingToShareOut) {
    EXPECT_TRUE(take_place("/nowhere", {"web"}));
    const auto place = take_place("/nowhere", {"web-1", "web-2"});
    ASSERT_FALSE(place);
    EXPECT_THAT(place.error().message, HasSubstr("open /nowhere/web-1.lock: No such file or directory (replicas"));
}

}  // namespace
}  // namespace hairpin::sidecar
