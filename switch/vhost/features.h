#pragma once
// What a guest's network device may have (virtio 1.2 §5.1.3, §6), what of it we offer, and what follows from what its driver took.

#include <cstddef>
#include <cstdint>

#include "switch/port.h"
#include "switch/virtio_header.h"

namespace hairpin::l2::vhost {

// Bits of the device: VIRTIO_NET_F_*, VIRTIO_F_* and VHOST_USER_F_*.
enum class Feature : std::uint8_t {
    csum = 0,        // the guest may leave checksums open
    guest_csum = 1,  // the guest takes packets whose checksum is open
    mtu = 3,         // the guest is told an MTU
    guest_tso4 = 7,  // ... and super-packets of TCP
    guest_tso6 = 8,
    guest_ecn = 9,   // ... that begin with CWR
    host_tso4 = 11,  // the guest may send super-packets of TCP
    host_tso6 = 12,
    host_ecn = 13,
    mrg_rxbuf = 15,  // a packet may fill several of the guest's buffers
    indirect_desc = 28,
    event_idx = 29,
    protocol_features = 30,  // of vhost-user alone
    version_1 = 32,
    guest_uso4 = 54,  // datagrams of one size
    guest_uso6 = 55,
    host_uso = 56,
};

constexpr std::uint64_t bit(Feature feature) { return std::uint64_t{1} << static_cast<unsigned>(feature); }

inline constexpr std::uint64_t kOfferedFeatures =
    bit(Feature::csum) | bit(Feature::guest_csum) | bit(Feature::mtu) | bit(Feature::guest_tso4) | bit(Feature::guest_tso6) |
    bit(Feature::guest_ecn) | bit(Feature::host_tso4) | bit(Feature::host_tso6) | bit(Feature::host_ecn) |
    bit(Feature::mrg_rxbuf) | bit(Feature::indirect_desc) | bit(Feature::event_idx) | bit(Feature::protocol_features) |
    bit(Feature::version_1) | bit(Feature::guest_uso4) | bit(Feature::guest_uso6) | bit(Feature::host_uso);

// Bits of the protocol between us and who runs the guest: VHOST_USER_PROTOCOL_F_*.
inline constexpr std::uint64_t kProtocolMq = 1 << 0;  // the number of queues can be asked for: it is one pair
inline constexpr std::uint64_t kProtocolReplyAck = 1 << 3;
inline constexpr std::uint64_t kProtocolMtu = 1 << 4;
inline constexpr std::uint64_t kOfferedProtocolFeatures = kProtocolMq | kProtocolReplyAck | kProtocolMtu;

class Features {
public:
    Features() = default;
    explicit Features(std::uint64_t bits) : bits_(bits) {}

    bool has(Feature feature) const { return (bits_ & bit(feature)) != 0; }
    std::uint64_t bits() const { return bits_; }

    // Before each frame, in both directions. A driver from before virtio 1 leaves out the number of buffers where it is always one.
    std::size_t header_size() const {
        return has(Feature::version_1) || has(Feature::mrg_rxbuf) ? sizeof(VirtioHeader) : sizeof(VirtioHeader) - 2;
    }
    // What the guest takes whole. A super-packet has an open checksum, so one without the other is neither (§5.1.3.1).
    Capabilities capabilities() const {
        const bool open = has(Feature::guest_csum);
        return {.partial_checksum = open,
                .tcp4_segmentation = open && has(Feature::guest_tso4),
                .tcp6_segmentation = open && has(Feature::guest_tso6),
                .udp_segmentation = open && has(Feature::guest_uso4) && has(Feature::guest_uso6)};
    }

private:
    std::uint64_t bits_ = 0;
};

}  // namespace hairpin::l2::vhost
