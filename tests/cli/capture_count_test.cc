#include "cli/capture_count.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace hairpin::cli {
namespace {

template <class Number>
std::string bytes_of(Number number) {
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}
std::string block_of(std::uint32_t type, const std::string& body) {
    const std::string length = bytes_of(static_cast<std::uint32_t>(12 + body.size()));
    return bytes_of(type) + length + body + length;
}
std::string statistics(std::uint64_t lost) {
    const auto option = [](std::uint16_t code, std::uint64_t value) {
        return bytes_of(code) + bytes_of(std::uint16_t{8}) + bytes_of(value);
    };
    return block_of(5, std::string(12, 't') + option(4, 1000) + option(5, lost) + bytes_of(std::uint32_t{0}));
}

TEST(CaptureCount, CountsPacketsHoweverTheStreamIsCut) {
    const std::string stream = block_of(0x0a0d0d0a, "header--") + block_of(1, "interface 0 ") +
                               block_of(6, std::string(100, 'a')) + block_of(6, std::string(60, 'b')) + block_of(4, "names---") +
                               block_of(6, "last") + statistics(7) + statistics(2);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, stream.size()}) {
        CaptureCount count;
        for (std::size_t at = 0; at < stream.size(); at += piece) count.take(std::string_view{stream}.substr(at, piece));
        EXPECT_EQ(count.packets(), 3) << piece;
        EXPECT_EQ(count.lost(), 9) << piece;
    }
}

TEST(CaptureCount, IsNotHeldUpByWhatIsNoCapture) {
    CaptureCount count;
    count.take(std::string(1000, '\0'));
    count.take(block_of(5, ""));
    EXPECT_EQ(count.packets(), 0);
    EXPECT_EQ(count.lost(), 0);
}

}  // namespace
}  // namespace hairpin::cli
