// A capture in bounded room: two files, each a capture of its own.

#include "cli/capture_ring.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>

#include "tests/support/temporary_folder.h"

namespace hairpin::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string word(std::uint32_t number) {
    std::string bytes(sizeof number, '\0');
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}
std::string block(std::uint32_t type, const std::string& body) {
    const std::string length = word(static_cast<std::uint32_t>(12 + body.size()));
    return word(type) + length + body + length;
}
const std::string kHeader = block(0x0a0d0d0a, "header--") + block(1, "interface 0 ") + block(4, "names---");
std::string packet(char name, std::size_t size = 9988) { return block(6, std::string(size, name)); }  // 10000 bytes

std::string content(const std::string& file) {
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

class CaptureRingTest : public ::testing::Test {
protected:
    CaptureRing ring(std::size_t room) {
        auto opened = CaptureRing::open(file_, room);
        EXPECT_TRUE(opened.has_value());
        return std::move(*opened);
    }
    const hairpin::testing::TemporaryFolder folder_;
    const std::string file_ = folder_.path() + "/x.pcapng";
};

TEST_F(CaptureRingTest, WhatFitsIsOneFile) {
    CaptureRing ring = this->ring(64'000);
    EXPECT_EQ(ring.take(kHeader + packet('a') + packet('b')), 0);
    EXPECT_EQ(content(file_), kHeader + packet('a') + packet('b'));
    EXPECT_EQ(content(file_ + ".1"), "");
    struct stat about {};
    ASSERT_EQ(::stat(file_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(CaptureRingTest, WhatComesLastIsKeptAndEachFileBeginsAlike) {
    CaptureRing ring = this->ring(64'000);  // three packets a file
    std::string stream = kHeader;
    for (char name = 'a'; name <= 'h'; ++name) stream += packet(name);
    EXPECT_EQ(ring.take(stream), 0);
    EXPECT_EQ(content(file_ + ".1"), kHeader + packet('d') + packet('e') + packet('f'));
    EXPECT_EQ(content(file_), kHeader + packet('g') + packet('h'));
}

TEST_F(CaptureRingTest, AStreamMayBeCutAnywhere) {
    CaptureRing ring = this->ring(64'000);
    std::string stream = kHeader;
    for (char name = 'a'; name <= 'e'; ++name) stream += packet(name);
    for (std::size_t at = 0; at < stream.size(); at += 7) ASSERT_EQ(ring.take(std::string_view{stream}.substr(at, 7)), 0);
    EXPECT_EQ(content(file_ + ".1") + content(file_),
              kHeader + packet('a') + packet('b') + packet('c') + kHeader + packet('d') + packet('e'));
}

TEST_F(CaptureRingTest, AnInterfaceThatComesLaterIsInAllThatFollows) {
    CaptureRing ring = this->ring(64'000);
    const std::string later = block(1, "interface 1 ");
    EXPECT_EQ(ring.take(kHeader + packet('a') + later + packet('b') + packet('c') + packet('d')), 0);
    EXPECT_EQ(content(file_), kHeader + later + packet('d'));
}

TEST_F(CaptureRingTest, ABlockThatIsLongerThanTheRoomIsKept) {
    CaptureRing ring = this->ring(64'000);
    EXPECT_EQ(ring.take(kHeader + packet('a', 100'000) + packet('b')), 0);
    EXPECT_EQ(content(file_ + ".1"), kHeader + packet('a', 100'000));
    EXPECT_EQ(content(file_), kHeader + packet('b'));
}

TEST_F(CaptureRingTest, WhatIsNoCaptureIsRefused) {
    EXPECT_EQ(ring(64'000).take(word(6) + word(4) + word(0)), EBADMSG);
    const auto nowhere = CaptureRing::open(folder_.path() + "/none/x", 64'000);
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_THAT(nowhere.error().sentence, HasSubstr("No such file"));
}

TEST(CaptureRingSize, HasUnits) {
    EXPECT_EQ(read_ring_size("100MB"), 100'000'000U);
    EXPECT_EQ(read_ring_size("64kB"), 64'000U);
    EXPECT_EQ(read_ring_size("2GB"), 2'000'000'000U);
    EXPECT_EQ(read_ring_size("1000000"), 1'000'000U);
    for (const char* wrong : {"", "MB", "1kB", "100 MB", "100mb", "2TB", "1001GB", "-5MB", "99999999999999999999"}) {
        const auto refused = read_ring_size(wrong);
        ASSERT_FALSE(refused.has_value()) << wrong;
        EXPECT_THAT(refused.error().sentence, StartsWith("\"" + std::string{wrong} + "\" is no size"));
    }
}

}  // namespace
}  // namespace hairpin::cli
