#include "tests/properties/plain_pieces.h"

#include <algorithm>

namespace hairpin::testing::plain {

namespace {

// The device adds up what lies behind checksum_start, the field's own content with it, and writes the complement there.
void complete(Bytes& l3, std::size_t start, std::size_t field) {
    unsigned sum = Sum{}.add(View{l3}.subspan(start)).complement();
    if (byte_at(l3, 9) == kUdp && sum == 0) sum = 0xffff;
    put_word(l3, start + field, sum);
}

}  // namespace

std::vector<Bytes> finished_by_device(View l3, std::size_t l3_offset, const l2::VirtioHeader& header) {
    constexpr unsigned kSegmentation = 0x7f, kFinAndPush = 0x09, kWindowReduced = 0x80;
    std::vector<Bytes> pieces;
    const bool partial = (header.flags & l2::VirtioHeader::kNeedsChecksum) != 0;
    const std::size_t start = header.checksum_start - l3_offset;
    if ((header.segmentation & kSegmentation) == 0) {
        pieces.emplace_back(l3.begin(), l3.end());
        if (partial) complete(pieces.back(), start, header.checksum_offset);
        return pieces;
    }
    const auto packet = read_packet(l3);
    if (!packet) return pieces;
    const std::size_t headers = packet->header + packet->l4_header(), payload = l3.size() - headers;
    for (std::size_t at = 0; at < payload; at += header.segment_size) {
        const std::size_t length = std::min<std::size_t>(header.segment_size, payload - at);
        Bytes piece(l3.begin(), l3.begin() + static_cast<std::ptrdiff_t>(headers));
        piece.insert(piece.end(), l3.begin() + static_cast<std::ptrdiff_t>(headers + at),
                     l3.begin() + static_cast<std::ptrdiff_t>(headers + at + length));
        put_word(piece, 2, static_cast<unsigned>(piece.size()));
        put_word(piece, 4, static_cast<unsigned>(word_at(piece, 4) + pieces.size()) & 0xffff);
        write_header_checksum(piece);
        const std::size_t l4 = packet->header;
        if (packet->protocol == kTcp) {
            put_long(piece, l4 + 4, long_at(piece, l4 + 4) + static_cast<std::uint32_t>(at));
            unsigned flags = byte_at(piece, l4 + 13);
            if (at + length < payload) flags &= ~kFinAndPush;
            if (at != 0) flags &= ~kWindowReduced;
            put_byte(piece, l4 + 13, flags);
        } else {
            put_word(piece, l4 + 4, static_cast<unsigned>(piece.size() - l4));
        }
        // The field holds the pseudo-header's sum with the length of all; this piece has another.
        const unsigned of_all = static_cast<unsigned>(l3.size() - l4), of_piece = static_cast<unsigned>(piece.size() - l4);
        const std::size_t field = l4 + *packet->checksum_place();
        put_word(piece, field, Sum{}.add_word(word_at(piece, field)).add_word(~of_all & 0xffff).add_word(of_piece).value());
        complete(piece, l4, *packet->checksum_place());
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

std::vector<Bytes> cut_at(View l3, const std::vector<std::size_t>& ends) {
    std::vector<Bytes> pieces;
    const auto packet = read_packet(l3);
    if (!packet) return pieces;
    std::size_t at = 0;
    for (std::size_t i = 0; i <= ends.size(); ++i) {
        const std::size_t end = i < ends.size() ? ends[i] : packet->l4().size();
        if (end <= at) continue;
        Bytes piece(l3.begin(), l3.begin() + static_cast<std::ptrdiff_t>(packet->header));
        const View part = packet->l4().subspan(at, end - at);
        piece.insert(piece.end(), part.begin(), part.end());
        put_word(piece, 2, static_cast<unsigned>(piece.size()));
        put_word(piece, 6, static_cast<unsigned>(at / 8) | (i < ends.size() ? 0x2000U : 0U));
        write_header_checksum(piece);
        pieces.push_back(std::move(piece));
        at = end;
    }
    return pieces;
}

std::optional<Bytes> Joiner::add(std::size_t receiver, View l3) {
    const auto packet = read_packet(l3);
    if (!packet) return std::nullopt;
    const Key key{receiver, packet->ends.source, packet->ends.destination, packet->protocol, word_at(l3, 4)};
    auto& parts = parts_[key];
    parts[packet->offset()] = Bytes(packet->bytes.begin(), packet->bytes.end());
    Bytes whole;
    for (const auto& [offset, bytes] : parts) {
        const auto part = read_packet(bytes);
        const std::size_t so_far = whole.empty() ? 0 : whole.size() - read_packet(parts.begin()->second)->header;
        if (offset != so_far) return std::nullopt;
        if (whole.empty())
            whole = bytes;
        else
            whole.insert(whole.end(), part->l4().begin(), part->l4().end());
    }
    if (read_packet(parts.rbegin()->second)->more()) return std::nullopt;
    put_word(whole, 2, static_cast<unsigned>(whole.size()));
    put_word(whole, 6, 0);
    write_header_checksum(whole);
    parts_.erase(key);
    return whole;
}

}  // namespace hairpin::testing::plain
