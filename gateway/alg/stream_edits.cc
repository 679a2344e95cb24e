#include "gateway/alg/stream_edits.h"

#include <algorithm>

#include "net/result.h"

namespace hairpin::gateway {

namespace {

bool lies_before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

}  // namespace

bool StreamEdits::has_room(std::uint32_t acknowledged) const {
    return count_ < kMost || !lies_before(acknowledged, edits_[0].end());
}

void StreamEdits::add(std::uint32_t at, std::size_t length, std::string_view text, std::uint32_t acknowledged) {
    ensure(has_room(acknowledged) && text.size() <= kLongest && length <= 0xffff);
    ensure(count_ == 0 || !lies_before(at, edits_[count_ - 1].end()));
    if (count_ == kMost) {
        shift_ += edits_[0].size - std::uint32_t{edits_[0].length};
        std::copy(edits_.begin() + 1, edits_.end(), edits_.begin());
        --count_;
    }
    Edit& edit = edits_[count_++];
    edit.at = at;
    edit.length = static_cast<std::uint16_t>(length);
    edit.size = static_cast<std::uint16_t>(text.size());
    std::copy(text.begin(), text.end(), edit.text.begin());
}

std::uint32_t StreamEdits::as_received(std::uint32_t sent) const {
    std::uint32_t shift = shift_;
    for (const Edit& edit : std::span{edits_}.first(count_)) {
        if (lies_before(sent, edit.end())) return (lies_before(edit.at, sent) ? edit.at : sent) + shift;
        shift += edit.size - std::uint32_t{edit.length};
    }
    return sent + shift;
}

std::uint32_t StreamEdits::as_sent(std::uint32_t received, Inside inside) const {
    std::uint32_t shift = shift_;
    for (const Edit& edit : std::span{edits_}.first(count_)) {
        const std::uint32_t begins = edit.at + shift, ends = begins + edit.size;
        if (!lies_before(begins, received)) return received - shift;
        if (lies_before(received, ends)) return inside == Inside::begins ? edit.at : edit.end();
        shift += edit.size - std::uint32_t{edit.length};
    }
    return received - shift;
}

bool StreamEdits::touches(std::uint32_t sequence, std::size_t length) const {
    const std::uint32_t end = sequence + static_cast<std::uint32_t>(length);
    return std::any_of(edits_.begin(), edits_.begin() + static_cast<std::ptrdiff_t>(count_),
                       [&](const Edit& edit) { return lies_before(sequence, edit.end()) && lies_before(edit.at, end); });
}

std::vector<std::byte> StreamEdits::applied_to(std::uint32_t sequence, std::span<const std::byte> payload) const {
    std::vector<std::byte> result;
    const std::uint32_t end = sequence + static_cast<std::uint32_t>(payload.size());
    std::uint32_t copied = sequence;  // up to here
    const auto copy_until = [&](std::uint32_t until) {
        const auto part = payload.subspan(copied - sequence, until - copied);
        result.insert(result.end(), part.begin(), part.end());
        copied = until;
    };
    for (const Edit& edit : std::span{edits_}.first(count_)) {
        if (!lies_before(sequence, edit.end()) || !lies_before(edit.at, end)) continue;
        if (lies_before(copied, edit.at)) copy_until(edit.at);
        const auto text = std::as_bytes(std::span{edit.text}.first(edit.size));
        result.insert(result.end(), text.begin(), text.end());
        copied = lies_before(end, edit.end()) ? end : edit.end();
    }
    copy_until(end);
    return result;
}

}  // namespace hairpin::gateway
