// What a guest may write into its memory, and its front-end into the socket: rings, descriptors and frames that are whatever they are, and
// messages. Nothing outside the memory is touched, no more is used than there is room for, and what comes out is sound.
//
//   direction and features (1 byte), where the rings began (2 bytes), available index (2 bytes), size of what is sent (2 bytes), memory
//
// The memory is two regions that meet, so that buffers go from one into the other; each is as long as it is, for the sanitizer to see.

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "net/packet_pool.h"
#include "switch/vhost/frames.h"
#include "switch/vhost/guest_memory.h"
#include "switch/vhost/message.h"
#include "switch/vhost/virtqueue.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"

namespace hairpin::l2::vhost {
namespace {

using fuzz::holds;

constexpr std::size_t kRegion = 4096;
constexpr unsigned kEntries = 8;
constexpr std::size_t kAvailable = 128, kUsed = 160;

void put(std::span<std::byte> bytes, std::size_t offset, unsigned number) {
    const auto value = static_cast<std::uint16_t>(number);
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

std::size_t take_all(Virtqueue& queue, std::size_t header_size, PacketPool& pool) {
    Chain chain;
    std::size_t taken = 0;
    for (; queue.take(chain); ++taken) {
        holds(chain.descriptors <= Virtqueue::kLongestChain, "a chain that is too long");
        std::size_t length = 0;
        for (const GuestMemory::Piece piece : chain.pieces) length += piece.size();
        holds(length == chain.length, "a chain is not as long as its pieces");
        const auto frame = read_frame(chain, header_size, pool);
        if (frame) {
            holds((*frame)->size() + header_size == chain.length, "a frame of another length than its chain");
            holds(VirtioHeader::describe(**frame).apply_to(**frame), "what is said of a frame does not fit it");
        }
        queue.complete(chain.head, 0);
    }
    return taken;
}

std::size_t fill_all(Virtqueue& queue, std::size_t header_size, std::size_t size, bool mergeable) {
    const std::vector<std::byte> frame(size);
    const std::array parts{ConstPiece{frame}.first(size / 3), ConstPiece{frame}.subspan(size / 3)};
    FrameWriter writer;
    std::size_t written = 0;
    while (writer.write(queue, {}, header_size, parts, mergeable) == FrameWriter::Outcome::written) ++written;
    return written;
}

void run_ring(fuzz::Input& input) {
    static PacketPool pool{{64, 4}};
    const unsigned features = input.byte();
    const unsigned base = input.word(), index = input.word();
    const std::size_t size = input.word() % 4096;
    std::vector<std::byte> low(kRegion), high(kRegion);
    for (const std::span<std::byte> region : {std::span{low}, std::span{high}}) {
        const auto bytes = input.take(kRegion);
        std::memcpy(region.data(), bytes.data(), bytes.size());
    }
    put(low, kUsed + 2, base);
    put(low, kAvailable + 2, index);

    GuestMemory memory;
    holds(memory.add({0, 0, low}) && memory.add({kRegion, kRegion, high}), "regions that are good");
    const bool to_guest = (features & 1) != 0;
    const std::size_t header_size = (features & 2) != 0 ? 10 : 12;
    const Virtqueue::Place place{
        .size = kEntries, .descriptors = 0, .available = kAvailable, .used = kUsed, .base = static_cast<std::uint16_t>(base)};
    auto queue =
        Virtqueue::open(memory, place, to_guest ? Virtqueue::Way::to_guest : Virtqueue::Way::from_guest, (features & 4) != 0);
    holds(queue.has_value(), "a ring that is good");
    const std::size_t done =
        to_guest ? fill_all(*queue, header_size, size, (features & 8) != 0) : take_all(*queue, header_size, pool);
    holds(done <= kEntries, "more was taken than there is room for");
    queue->publish();
    queue->ask_for_kicks();
    holds(pool.in_use() == 0, "a packet that was not given back");
}

void read_messages(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(MessageHeader)) return;
    MessageHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (!wrong_with(header).empty()) return;
    holds(header.size <= kLargestPayload, "a payload that nobody has room for");
    std::vector<std::byte> payload(header.size);
    const auto there = bytes.subspan(sizeof header);
    std::memcpy(payload.data(), there.data(), std::min(there.size(), payload.size()));
    for (std::size_t descriptors = 0; descriptors <= GuestMemory::kMostRegions; ++descriptors)
        if (const auto message = read_message(header, payload, descriptors))
            holds(message->region_count <= message->regions.size(), "more regions than there can be");
}

}  // namespace
}  // namespace hairpin::l2::vhost

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hairpin::l2::vhost::read_messages({data, size});
    hairpin::fuzz::Input input{data, size};
    hairpin::l2::vhost::run_ring(input);
    return 0;
}
