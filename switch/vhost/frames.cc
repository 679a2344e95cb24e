#include "switch/vhost/frames.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hairpin::l2::vhost {

namespace {

// A run of bytes in parts, read from the front.
class Source {
public:
    Source(ConstPiece header, std::span<const ConstPiece> frame) : current_(header), rest_(frame) {}

    // As much as there is, at most what `into` holds; how much it was.
    std::size_t read(GuestMemory::Piece into) {
        std::size_t done = 0;
        while (done < into.size() && advance()) {
            const std::size_t count = std::min(into.size() - done, current_.size());
            std::memcpy(into.data() + done, current_.data(), count);
            current_ = current_.subspan(count);
            done += count;
        }
        return done;
    }

private:
    bool advance() {
        while (current_.empty() && !rest_.empty()) {
            current_ = rest_.front();
            rest_ = rest_.subspan(1);
        }
        return !current_.empty();
    }

    ConstPiece current_;
    std::span<const ConstPiece> rest_;
};

std::size_t size_of(std::span<const ConstPiece> parts) {
    std::size_t bytes = 0;
    for (const ConstPiece part : parts) bytes += part.size();
    return bytes;
}

}  // namespace

void gather(std::span<const GuestMemory::Piece> pieces, std::size_t offset, std::span<std::byte> into) {
    for (const GuestMemory::Piece piece : pieces) {
        if (into.empty()) return;
        if (offset >= piece.size()) {
            offset -= piece.size();
            continue;
        }
        const std::size_t count = std::min(piece.size() - offset, into.size());
        std::memcpy(into.data(), piece.data() + offset, count);
        into = into.subspan(count);
        offset = 0;
    }
}

tl::expected<PacketPtr, Refused> read_frame(const Chain& chain, std::size_t header_size, PacketPool& pool) {
    const auto refused = [](DropReason reason, std::size_t length, PacketPtr packet = nullptr) {
        return tl::unexpected(Refused{reason, length, std::move(packet)});
    };
    if (chain.length <= header_size) return refused(DropReason::runt, 0);
    const std::size_t length = chain.length - header_size;
    if (length > PacketPool::kLargestFrame) return refused(DropReason::oversize, length);
    PacketPtr packet = pool.take_for(length);
    if (!packet) return refused(DropReason::no_buffer, length);

    VirtioHeader header;
    gather(chain.pieces, 0, std::as_writable_bytes(std::span{&header, 1}).first(header_size));
    packet->resize(length);
    gather(chain.pieces, header_size, packet->bytes());
    if (!header.apply_to(*packet)) return refused(DropReason::malformed_offload, length, std::move(packet));
    return packet;
}

FrameWriter::Outcome FrameWriter::write(Virtqueue& queue, VirtioHeader header, std::size_t header_size,
                                        std::span<const ConstPiece> frame, bool mergeable) {
    if (const Outcome room = find_room(queue, header_size + size_of(frame), mergeable); room != Outcome::written) return room;
    header.buffers = static_cast<std::uint16_t>(taken_);
    Source source{std::as_bytes(std::span{&header, 1}).first(header_size), frame};
    for (std::size_t i = 0; i < taken_; ++i) {
        std::size_t written = 0;
        for (const GuestMemory::Piece piece : chains_[i].pieces) written += source.read(piece);
        queue.complete(chains_[i].head, static_cast<std::uint32_t>(written));
    }
    return Outcome::written;
}

FrameWriter::Outcome FrameWriter::find_room(Virtqueue& queue, std::size_t bytes, bool mergeable) {
    std::size_t room = 0, descriptors = 0;
    for (taken_ = 0; room < bytes && descriptors <= kMostDescriptors; ++taken_) {
        if (taken_ == 1 && !mergeable) break;
        if (chains_.size() == taken_) chains_.emplace_back();
        if (!queue.take(chains_[taken_])) break;
        room += chains_[taken_].length;
        descriptors += chains_[taken_].descriptors;
    }
    if (room >= bytes) return Outcome::written;
    queue.put_back(static_cast<unsigned>(taken_));
    return queue.breach().empty() ? Outcome::no_room : Outcome::breach;
}

}  // namespace hairpin::l2::vhost
