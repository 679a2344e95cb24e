// Frames as strangers send them, several one after the other, with whatever a guest may say of them in its vnet_hdr, through switch and
// gateway. What holds of all that leaves, router.h says.
//
// A record is a byte, two bits of which choose the port, two more what comes then:
//   0   length (2 bytes), L3: an Ethernet header for the gateway is put before it, lengths and checksums are made right
//   1   length (2 bytes), frame: as it is
//   2   vnet_hdr (10 bytes), length (2 bytes), frame: checksums are made right, or partial where the header asks for that
//   3   time passes, or rules change

#include <cstring>
#include <vector>

#include "tests/fuzz/frames/router.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/mend.h"

namespace hairpin::fuzz {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kMostRecords = 64;
constexpr std::size_t kLongestFrame = 2048;
constexpr Duration kWaits[] = {milliseconds{125}, seconds{1}, seconds{4}, seconds{31}, minutes{5}, hours{3}};

std::vector<std::byte> bytes(Input& input, std::size_t headroom) {
    const auto taken = input.take(input.word() % kLongestFrame);
    std::vector<std::byte> result(headroom + taken.size());
    if (!taken.empty()) std::memcpy(result.data() + headroom, taken.data(), taken.size());
    return result;
}

void send_to_gateway(Router& router, std::size_t port, Input& input) {
    std::vector<std::byte> frame = bytes(input, sizeof(EthernetHeader));
    const bool ipv4 = frame.size() > sizeof(EthernetHeader) && std::to_integer<unsigned>(frame[sizeof(EthernetHeader)]) >> 4 == 4;
    EthernetHeader header;
    header.destination = Router::gateway_mac(port);
    header.source = Router::host_mac(port);
    header.type = Be16{static_cast<std::uint16_t>(ipv4 ? EtherType::ipv4 : EtherType::arp)};
    std::memcpy(frame.data(), &header, sizeof header);
    mend(frame, L4Checksum::complete);
    router.send(port, frame, {});
}

void send_with_header(Router& router, std::size_t port, Input& input) {
    constexpr std::size_t kHeader = 10;  // without the number of buffers, which means nothing
    l2::VirtioHeader header;
    const auto taken = input.take(kHeader);
    if (!taken.empty()) std::memcpy(&header, taken.data(), taken.size());
    std::vector<std::byte> frame = bytes(input, 0);
    const bool partial = (header.flags & l2::VirtioHeader::kNeedsChecksum) != 0;
    mend(frame, partial ? L4Checksum::partial : L4Checksum::complete);
    router.send(port, frame, header);
}

void record(Router& router, Input& input) {
    const unsigned what = input.byte();
    const std::size_t port = what % Router::kPorts;
    switch (what / Router::kPorts % 4) {
        case 0: return send_to_gateway(router, port, input);
        case 1: return router.send(port, bytes(input, 0), {});
        case 2: return send_with_header(router, port, input);
        default: break;
    }
    if (port == 0) return router.change_rules(input.byte());
    router.wait(input.one_of(kWaits));
}

}  // namespace
}  // namespace hairpin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::fuzz;
    Input input{data, size};
    Router router;
    for (std::size_t records = 0; records < kMostRecords && !input.empty(); ++records) record(router, input);
    return 0;
}
