#include "cli/capture_listener.h"

#include <gtest/gtest.h>

namespace hairpin::cli {
namespace {

std::string read(const std::string& text) {
    const auto at = read_listen_address(text);
    return at ? at->address + " " + std::to_string(at->port) : "no place";
}

TEST(ListenAddress, IsThatOfTheLoopbackUnlessItSaysAnother) {
    EXPECT_EQ(read("57012"), "127.0.0.1 57012");
    EXPECT_EQ(read("0"), "127.0.0.1 0");
    EXPECT_EQ(read("192.0.2.1:57012"), "192.0.2.1 57012");
    EXPECT_EQ(read("[::1]:57012"), "::1 57012");
    for (const char* wrong : {"", "x", "127.0.0.1:", "127.0.0.1", ":57012", "127.0.0.1:65536"})
        EXPECT_EQ(read(wrong), "no place") << wrong;
}

}  // namespace
}  // namespace hairpin::cli
