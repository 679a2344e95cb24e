#include "lab/link_end.h"

#include <gtest/gtest.h>

namespace hairpin::lab {
namespace {

TEST(LinkEnd, IsCalledByItsNodeByItsSegmentAndByItsPort) {
    const LinkEnd end{.node = "workstation", .interface = "eth1", .segment = "lan", .port = "ws"};
    for (const char* name : {"workstation:eth1", "lan:ws", "ws"}) EXPECT_TRUE(end.is_called(name)) << name;
    for (const char* name : {"workstation", "workstation:eth2", "workstation:ws", "lan:eth1", "lan", "ws:", ":ws", ""})
        EXPECT_FALSE(end.is_called(name)) << name;
}

}  // namespace
}  // namespace hairpin::lab
