#pragma once
// Frames in a stream of bytes, as QEMU writes them to a socket: before each frame stands its length, four bytes, big-endian.
//
//   00 00 00 3c │ 60 bytes of a frame │ 00 00 05 ea │ 1514 bytes ····     a read may end anywhere
//
// Whoever writes is not believed: a length that no frame has is the end of the stream, since nobody knows where the next frame begins.
// The buffer is of one size, for two of the longest frames, and holds what has not made a whole frame yet.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/packet_pool.h"

namespace hairpin::l2 {

class StreamFraming {
public:
    static constexpr std::size_t kLengthSize = 4;
    static constexpr std::size_t kLongestFrame = PacketPool::kLargestFrame;

    StreamFraming() : buffer_(2 * (kLengthSize + kLongestFrame)) {}

    // Where the next bytes of the stream are to be put; never empty while next() has nothing. Frames that were given out are gone.
    std::span<std::byte> room();
    void put(std::size_t count) { end_ += count; }
    // The next whole frame, perhaps of no bytes; valid until room(). Nothing: more bytes are wanted, or the stream is broken.
    std::optional<std::span<const std::byte>> next();
    // Whether next() would have one.
    bool has_frame() const { return wanted() && end_ - begin_ >= kLengthSize + *wanted(); }
    // A length was absurd. There are no more frames.
    bool broken() const { return broken_; }
    // For another stream.
    void reset() { begin_ = end_ = 0, broken_ = false; }

    // What stands before a frame of so many bytes.
    static void write_length(std::byte* at, std::size_t frame_size);

private:
    // The length of the frame that begins here, when it has been read and can be one's.
    std::optional<std::size_t> wanted() const;

    std::vector<std::byte> buffer_;
    std::size_t begin_ = 0, end_ = 0;
    bool broken_ = false;
};

}  // namespace hairpin::l2
