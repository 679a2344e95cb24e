// What a guest says of its frames in the vnet_hdr, and what the switch makes of it: cutting super-packets, joining packets to one,
// completing checksums. What is cut and joined is, to the byte, what there was.
//
//   a record    vnet_hdr (10 bytes), length (2 bytes), frame; a burst of up to 16
//
// What joins is rare among random frames, so a length of zero means: the frame before once more, as the next segment.

#include <cstring>
#include <vector>

#include "net/offload.h"
#include "switch/coalesce.h"
#include "switch/ports/memory_port.h"
#include "switch/segmentation.h"
#include "switch/transport_view.h"
#include "switch/virtio_header.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/mend.h"
#include "tests/fuzz/property.h"

namespace hairpin::l2 {
namespace {

using fuzz::holds;
using fuzz::Input;
using Frame = std::vector<std::byte>;

constexpr std::size_t kMostPackets = 16;
constexpr std::size_t kLongestFrame = 4096;

Frame copy_of(const Packet& packet) { return {packet.bytes().begin(), packet.bytes().end()}; }

// As it would look on a wire, but for the identification of what must not be fragmented, which means nothing (RFC 6864 §4.1).
Frame on_the_wire(Packet& packet) {
    TransportView view = TransportView::find(packet);
    if (view && view.is_ipv4() && view.ipv4().dont_fragment()) view.ipv4().identification = Be16{};
    if (view) {
        view.set_l3_end(packet.size());
        view.compute_checksum();
    }
    return copy_of(packet);
}

VirtioHeader read_header(Input& input) {
    constexpr std::size_t kHeader = 10;  // without the number of buffers, which means nothing
    VirtioHeader header;
    const auto taken = input.take(kHeader);
    if (!taken.empty()) std::memcpy(&header, taken.data(), taken.size());
    return header;
}

// The TCP segment that would follow.
void advance(Frame& frame, PacketPool& pool) {
    const PacketPtr packet = pool.make(frame);
    if (!packet) return;
    const TransportView view = TransportView::find(*packet);
    if (!view) return;
    if (view.is_ipv4()) view.ipv4().identification = Be16{static_cast<std::uint16_t>(view.ipv4().identification.value() + 1)};
    if (view.is_tcp())
        view.tcp().sequence = Be32{view.tcp().sequence.value() + static_cast<std::uint32_t>(view.payload_length())};
    frame = copy_of(*packet);
}

// The packets of the input whose headers fit their frames.
Batch read_burst(Input& input, PacketPool& pool) {
    Batch burst;
    Frame frame;
    for (std::size_t i = 0; i < kMostPackets && !input.empty(); ++i) {
        const VirtioHeader header = read_header(input);
        const auto bytes = input.take(input.word() % kLongestFrame);
        if (bytes.empty())
            advance(frame, pool);
        else
            frame.assign(reinterpret_cast<const std::byte*>(bytes.data()),
                         reinterpret_cast<const std::byte*>(bytes.data() + bytes.size()));
        const bool partial = (header.flags & VirtioHeader::kNeedsChecksum) != 0;
        fuzz::mend(frame, partial ? fuzz::L4Checksum::partial : fuzz::L4Checksum::complete);
        PacketPtr packet = pool.make(frame);
        if (packet && header.apply_to(*packet)) burst.push_back(std::move(packet));
    }
    return burst;
}

// What a device would be told of the packet says the same of it.
void check_description(const Packet& packet, PacketPool& pool) {
    const PacketPtr copy = pool.copy(packet);
    holds(VirtioHeader::describe(packet).apply_to(*copy), "what is described does not fit its own frame");
    holds(copy->offload.checksum == packet.offload.checksum && copy->offload.segmentation == packet.offload.segmentation &&
              copy->offload.segment_size == packet.offload.segment_size &&
              copy->offload.header_length == packet.offload.header_length,
          "what is described is understood otherwise");
}

std::size_t payload_of(Packet& packet) {
    const TransportView view = TransportView::find(packet);
    return view ? view.payload_length() : 0;
}

Batch cut(Packet& super_packet, PacketPool& pool) {
    Batch pieces;
    const std::size_t segment = super_packet.offload.segment_size;
    const std::size_t wanted = (payload_of(super_packet) + segment - 1) / segment;
    const auto count = cut_into_segments(super_packet, pool, pieces);
    holds(count && *count == pieces.size() && *count == wanted, "a super-packet that was admitted cannot be cut as it says");
    return pieces;
}

// The first with the payloads of the others behind its own.
PacketPtr joined(const Batch& run, PacketPool& pool) {
    const std::size_t headers = lead(run);
    Frame frame = copy_of(*run.front());
    for (std::size_t i = 1; i < run.size(); ++i)
        frame.insert(frame.end(), run[i]->bytes().begin() + static_cast<std::ptrdiff_t>(headers), run[i]->bytes().end());
    PacketPtr packet = pool.make(frame);
    if (packet) packet->offload = run.front()->offload;
    return packet;
}

void check_same(const Batch& pieces, const Batch& originals) {
    holds(pieces.size() == originals.size(), "what was joined is cut into another number of packets");
    for (std::size_t i = 0; i < pieces.size(); ++i)
        holds(on_the_wire(*pieces[i]) == on_the_wire(*originals[i]), "a packet that was joined and cut is not what it was");
}

Batch copies(const Batch& packets, PacketPool& pool) {
    Batch result;
    for (const PacketPtr& packet : packets) result.push_back(pool.copy(*packet));
    return result;
}

void check_joining(Batch burst, PacketPool& pool) {
    while (!burst.empty()) {
        const std::size_t count = joinable(burst, Capabilities::all());
        holds(count >= 1 && count <= burst.size(), "a run that is longer than the burst, or nothing");
        const Batch run{std::make_move_iterator(burst.begin()),
                        std::make_move_iterator(burst.begin() + static_cast<std::ptrdiff_t>(count))};
        burst.erase(burst.begin(), burst.begin() + static_cast<std::ptrdiff_t>(count));
        if (count == 1) continue;
        const Batch originals = copies(run, pool);
        const PacketPtr super_packet = joined(run, pool);
        if (super_packet) check_same(cut(*super_packet, pool), originals);
    }
}

// A device that takes nothing: everything is finished in software.
void check_finishing(Batch burst, PacketPool& pool, Ledger& ledger) {
    MemoryPort port{pool, ledger, {.mtu = 9000, .capabilities = {}}};
    port.send(burst, {});
    for (const PacketPtr& packet : port.take_sent()) {
        holds(packet->offload.segmentation == Segmentation::none, "a super-packet for a device that takes none");
        holds(packet->offload.checksum != ChecksumState::partial, "a checksum that nobody will complete");
    }
}

}  // namespace
}  // namespace hairpin::l2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::l2;
    hairpin::PacketPool pool{{4096, 64}};
    hairpin::Ledger ledger;
    hairpin::fuzz::Input input{data, size};
    const hairpin::Batch burst = read_burst(input, pool);
    for (const hairpin::PacketPtr& packet : burst) {
        check_description(*packet, pool);
        if (packet->offload.segmentation != hairpin::Segmentation::none) (void)cut(*pool.copy(*packet), pool);
    }
    check_joining(copies(burst, pool), pool);
    check_finishing(copies(burst, pool), pool, ledger);
    return 0;
}
