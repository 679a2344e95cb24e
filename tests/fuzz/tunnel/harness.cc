// What anybody may send to the UDP port of a VXLAN tunnel: datagrams, alone or several at once, and the frames inside. What is taken
// out lies within what came, what is said of a frame fits it, and whatever it says, a device that takes nothing can be given it.
//
//   size of each (2 bytes), MTU (2 bytes), what was received
//
// A checksum that is open is rare among random ones, so each frame is looked at twice: as it is, and with its checksum made open.

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "net/ledger.h"
#include "switch/ports/memory_port.h"
#include "switch/virtio_header.h"
#include "switch/vxlan/datagram.h"
#include "switch/vxlan/inner_packet.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/mend.h"
#include "tests/fuzz/property.h"

namespace hairpin::l2 {
namespace {

using fuzz::holds;
using Frame = std::vector<std::byte>;

constexpr unsigned kSmallestMtu = 576;

// What would be said to a device, a device must believe.
void check_metadata(const Packet& packet, PacketPool& pool) {
    const PacketPtr copy = pool.copy(packet);
    holds(VirtioHeader::describe(packet).apply_to(*copy), "what is said of an inner packet does not fit it");
    holds(copy->offload.segmentation == packet.offload.segmentation, "a super-packet is understood otherwise");
}

void check_frame(const Frame& frame, const VxlanDatagrams::Datagram& datagram, unsigned mtu, PacketPool& pool) {
    PacketPtr packet = pool.make(frame);
    if (!packet) return;
    const std::uint32_t flow = inner_flow(*packet, HashKey{});
    describe_inner(*packet, datagram, mtu);
    holds(inner_flow(*packet, HashKey{}) == flow, "what is said of a packet changes its flow");
    check_metadata(*packet, pool);

    Ledger ledger;
    MemoryPort port{pool, ledger, {.mtu = 9000, .capabilities = {}}};
    Batch batch;
    batch.push_back(std::move(packet));
    ++ledger.originated;
    port.send(batch, {});
    for (const PacketPtr& sent : port.take_sent())
        holds(sent->offload.segmentation == Segmentation::none && sent->offload.checksum != ChecksumState::partial,
              "a packet that is not finished for a device that takes nothing");
    holds(ledger.expected_held() == 0, "the books do not balance");
}

}  // namespace
}  // namespace hairpin::l2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::l2;
    static hairpin::PacketPool pool{{2048, 16}};  // every packet is home again behind each input
    hairpin::fuzz::Input input{data, size};
    const std::size_t size_of_each = input.word();
    const unsigned mtu = std::max(input.word(), kSmallestMtu);
    const auto bytes = input.rest();
    const std::span received{reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};

    VxlanDatagrams datagrams{received, size_of_each};
    std::size_t seen = 0;
    while (const auto datagram = datagrams.next()) {
        seen += datagram->bytes.size();
        hairpin::fuzz::holds(!datagram->bytes.empty(), "a datagram of nothing");
        const auto frame = read_vxlan(datagram->bytes);
        if (!frame) continue;
        Frame copy{frame->bytes.begin(), frame->bytes.end()};
        check_frame(copy, *datagram, mtu, pool);
        hairpin::fuzz::mend(copy, hairpin::fuzz::L4Checksum::partial);
        check_frame(copy, *datagram, mtu, pool);
    }
    hairpin::fuzz::holds(seen == received.size(), "bytes that are in no datagram, or in two");
    return 0;
}
