#include "net/siphash.h"

#include <gtest/gtest.h>

#include <array>

namespace hairpin {
namespace {

// From the paper's appendix and the reference implementation: the key 00 01 … 0f, of messages 00 01 … of each length.
TEST(SipHash, IsThatOfThePaper) {
    const HashKey key{0x0706'0504'0302'0100, 0x0f0e'0d0c'0b0a'0908};
    std::array<std::byte, 64> message{};
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i);
    const auto of = [&](std::size_t length) { return siphash(std::span{message}.first(length), key); };
    EXPECT_EQ(of(0), 0x726f'db47'dd0e'0e31U);
    EXPECT_EQ(of(1), 0x74f8'39c5'93dc'67fdU);
    EXPECT_EQ(of(8), 0x93f5'f579'9a93'2462U);
    EXPECT_EQ(of(15), 0xa129'ca61'49be'45e5U);
    EXPECT_EQ(of(63), 0x958a'324c'eb06'4572U);
}

}  // namespace
}  // namespace hairpin
