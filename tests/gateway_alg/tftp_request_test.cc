// What begins a TFTP transfer.

#include "gateway/alg/tftp_request.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>

namespace hairpin::gateway {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

bool is_request(std::string_view text) { return is_tftp_request(std::as_bytes(std::span{text})); }

TEST(TftpRequest, ReadsAndWritesWithOptionsOrWithout) {
    EXPECT_TRUE(is_request("\0\1boot.img\0octet\0"sv));
    EXPECT_TRUE(is_request("\0\2boot.img\0NetASCII\0"sv));
    EXPECT_TRUE(is_request("\0\1boot.img\0octet\0tsize\0000\0blksize\0001428\0"sv));
}

TEST(TftpRequest, NothingElse) {
    EXPECT_FALSE(is_request(""sv));
    EXPECT_FALSE(is_request("\0\1"sv));
    EXPECT_FALSE(is_request("\0\1boot.img"sv));
    EXPECT_FALSE(is_request("\0\1boot.img\0octet"sv));
    EXPECT_FALSE(is_request("\0\1\0octet\0"sv)) << "no name";
    EXPECT_FALSE(is_request("\0\1boot.img\0binary\0"sv));
    EXPECT_FALSE(is_request("\0\1boot.img\0octet\0tsize\0"sv)) << "an option without a value";
    EXPECT_FALSE(is_request("\0\3boot.img\0octet\0"sv)) << "data";
    EXPECT_FALSE(is_request("\1\1boot.img\0octet\0"sv));
    EXPECT_FALSE(is_request("\0\1"s + std::string(600, 'x') + "\0octet\0"s)) << "longer than RFC 2347 allows";
}

RC_GTEST_PROP(TftpRequest, OfAnyBytesIsDecidedWithoutReadingBeyond, (const std::string& noise)) {
    is_request(noise);
    is_request("\0\1"s + noise);
    // Behind the last zero nothing may stand, so whatever is cut off makes it none.
    const std::string whole = "\0\1name\0octet\0a\0b\0"s;
    for (std::size_t length = 0; length < whole.size(); ++length)
        RC_ASSERT(is_request(std::string_view{whole}.substr(0, length)) == (length == 13));
    RC_ASSERT(is_request(whole));
}

}  // namespace
}  // namespace hairpin::gateway
