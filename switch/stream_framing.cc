#include "switch/stream_framing.h"

#include <cstring>

#include "net/big_endian.h"

namespace hairpin::l2 {

namespace {
std::size_t length_at(const std::byte* at) {
    Be32 length;
    std::memcpy(&length, at, sizeof length);
    return length.value();
}
}  // namespace

std::span<std::byte> StreamFraming::room() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    return std::span{buffer_}.subspan(end_);
}

std::optional<std::size_t> StreamFraming::wanted() const {
    if (broken_ || end_ - begin_ < kLengthSize) return std::nullopt;
    const std::size_t length = length_at(buffer_.data() + begin_);
    return length <= kLongestFrame ? std::optional{length} : std::nullopt;
}

std::optional<std::span<const std::byte>> StreamFraming::next() {
    if (end_ - begin_ >= kLengthSize && length_at(buffer_.data() + begin_) > kLongestFrame) broken_ = true;
    if (!has_frame()) return std::nullopt;
    const std::size_t length = *wanted();
    const std::span frame{buffer_.data() + begin_ + kLengthSize, length};
    begin_ += kLengthSize + length;
    return frame;
}

void StreamFraming::write_length(std::byte* at, std::size_t frame_size) {
    const Be32 length{static_cast<std::uint32_t>(frame_size)};
    std::memcpy(at, &length, sizeof length);
}

}  // namespace hairpin::l2
