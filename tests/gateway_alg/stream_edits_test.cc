// Numbers and bytes of a stream in which something was changed, against the whole stream on both sides.

#include "gateway/alg/stream_edits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace hairpin::gateway {
namespace {

std::string text_of(const std::vector<std::byte>& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
std::vector<std::byte> applied(const StreamEdits& edits, std::uint32_t sequence, std::string_view text) {
    return edits.applied_to(sequence, std::as_bytes(std::span{text}));
}

TEST(StreamEdits, ShiftWhatComesBehind) {
    StreamEdits edits;
    EXPECT_TRUE(edits.empty());
    edits.add(100, 4, "seven..", 100);
    EXPECT_EQ(edits.as_received(99), 99U);
    EXPECT_EQ(edits.as_received(100), 100U);
    EXPECT_EQ(edits.as_received(102), 100U) << "inside: its beginning";
    EXPECT_EQ(edits.as_received(104), 107U);
    EXPECT_EQ(edits.as_sent(100), 100U);
    EXPECT_EQ(edits.as_sent(103), 100U) << "a part acknowledges nothing";
    EXPECT_EQ(edits.as_sent(103, StreamEdits::Inside::ends), 104U);
    EXPECT_EQ(edits.as_sent(107), 104U);
    EXPECT_EQ(text_of(applied(edits, 98, "ab1234cd")), "abseven..cd");
    EXPECT_EQ(text_of(applied(edits, 102, "34cd")), "seven..cd");
    EXPECT_EQ(text_of(applied(edits, 98, "ab12")), "abseven..");
    EXPECT_FALSE(edits.touches(104, 10));
    EXPECT_FALSE(edits.touches(90, 10));
    EXPECT_TRUE(edits.touches(103, 1));
}

TEST(StreamEdits, MakeRoomOnlyOfWhatIsAcknowledged) {
    StreamEdits edits;
    for (std::uint32_t i = 0; i < StreamEdits::kMost; ++i) edits.add(i * 10, 2, "long", 0);
    EXPECT_FALSE(edits.has_room(1));
    EXPECT_TRUE(edits.has_room(2));
    edits.add(500, 2, "long", 2);
    EXPECT_EQ(edits.as_received(502), 502 + 2 * (StreamEdits::kMost + 1));
    EXPECT_EQ(edits.as_received(9), 11U) << "the oldest is forgotten, not its shift";
}

// A stream of pieces, some of them replaced: wherever it is cut, what is sent fits into what the receiver is to get.
RC_GTEST_PROP(StreamEdits, FitWhereverTheStreamIsCut, (std::uint32_t first, bool wraps)) {
    if (wraps) first = 0U - first % 64;  // the numbers go round in the midst
    StreamEdits edits;
    std::string sent, received;
    const auto count = *rc::gen::inRange<std::size_t>(0, StreamEdits::kMost + 1);
    for (std::size_t i = 0; i < count; ++i) {
        const auto between = *rc::gen::inRange<std::size_t>(0, 6), length = *rc::gen::inRange<std::size_t>(1, 12);
        const std::string text(*rc::gen::inRange<std::size_t>(1, 12), static_cast<char>('A' + i));
        sent.append(between, '-'), received.append(between, '-');
        edits.add(first + static_cast<std::uint32_t>(sent.size()), length, text, first);
        sent.append(length, static_cast<char>('a' + i)), received += text;
    }
    sent += "end", received += "end";
    const auto begin = *rc::gen::inRange<std::size_t>(0, sent.size());
    const auto end = *rc::gen::inRange<std::size_t>(begin + 1, sent.size() + 1);
    const std::uint32_t sequence = first + static_cast<std::uint32_t>(begin);
    const std::string payload = text_of(applied(edits, sequence, std::string_view{sent}.substr(begin, end - begin)));
    const std::size_t at = edits.as_received(sequence) - first;
    RC_ASSERT(at + payload.size() <= received.size());
    RC_ASSERT(received.substr(at, payload.size()) == payload);
    // It reaches at least as far as what its sender wanted to say, and an acknowledgment of all of it is one of at least that.
    const std::uint32_t behind = first + static_cast<std::uint32_t>(at + payload.size());
    RC_ASSERT(static_cast<std::int32_t>(edits.as_sent(behind) - (first + static_cast<std::uint32_t>(end))) >= 0);
    RC_ASSERT(edits.as_received(first + static_cast<std::uint32_t>(sent.size())) ==
              first + static_cast<std::uint32_t>(received.size()));
    if (!edits.touches(sequence, end - begin)) RC_ASSERT(payload == sent.substr(begin, end - begin));
}

}  // namespace
}  // namespace hairpin::gateway
