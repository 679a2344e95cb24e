#pragma once
// Messages of the vhost-user protocol, from the front-end (who runs the guest, as QEMU) to the back-end, which we are. All numbers are in the
// machine's own byte order.
//
//   request │ flags │ size │ payload, `size` bytes      and beside the first byte, file descriptors
//      4        4       4
//
// What may come is a table: which payload a request has, which descriptors come with it, whether it has an answer of its own. What is
// not in it belongs to a feature that we do not offer. A message is taken apart only when it fits its row.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "switch/vhost/guest_memory.h"

namespace hairpin::l2::vhost {

enum class Request : std::uint32_t {
    get_features = 1,
    set_features = 2,
    set_owner = 3,
    reset_owner = 4,
    set_mem_table = 5,
    set_vring_num = 8,
    set_vring_addr = 9,
    set_vring_base = 10,
    get_vring_base = 11,
    set_vring_kick = 12,
    set_vring_call = 13,
    set_vring_err = 14,
    get_protocol_features = 15,
    set_protocol_features = 16,
    get_queue_num = 17,
    set_vring_enable = 18,
    net_set_mtu = 20,
};

struct MessageHeader {
    static constexpr std::uint32_t kVersionMask = 3;
    static constexpr std::uint32_t kVersion = 1;
    static constexpr std::uint32_t kReply = 4;
    static constexpr std::uint32_t kNeedReply = 8;

    std::uint32_t request = 0;
    std::uint32_t flags = 0;
    std::uint32_t size = 0;
};
static_assert(sizeof(MessageHeader) == 12);

struct RingState {
    std::uint32_t ring = 0;
    std::uint32_t number = 0;
};
struct RingAddresses {
    std::uint32_t ring = 0;
    std::uint32_t flags = 0;
    std::uint64_t descriptors = 0;
    std::uint64_t used = 0;
    std::uint64_t available = 0;
    std::uint64_t log = 0;
};
struct MemoryEntry {
    std::uint64_t guest = 0;
    std::uint64_t size = 0;
    std::uint64_t user = 0;
    std::uint64_t file_offset = 0;
};
static_assert(sizeof(RingState) == 8 && sizeof(RingAddresses) == 40 && sizeof(MemoryEntry) == 32);

enum class Payload : std::uint8_t { none, number, ring_state, ring_addresses, memory_table, ring_descriptor };

struct RequestRow {
    Request request;
    std::string_view name;
    Payload payload;
    bool has_answer;
};
// nullptr: none that may come.
const RequestRow* find_request(std::uint32_t request);

inline constexpr std::size_t kLargestPayload = 8 + GuestMemory::kMostRegions * sizeof(MemoryEntry);

struct Message {
    const RequestRow* row = nullptr;
    bool wants_reply = false;    // also where it has no answer of its own, if that was agreed on
    std::uint64_t number = 0;    // of Payload::number
    RingState state;             // of Payload::ring_state, and the ring of ring_descriptor
    bool has_descriptor = true;  // of Payload::ring_descriptor; without one the ring is polled
    RingAddresses addresses;
    std::array<MemoryEntry, GuestMemory::kMostRegions> regions{};
    std::size_t region_count = 0;
};

// What is wrong with a header, before its payload is waited for; empty: nothing.
std::string wrong_with(const MessageHeader& header);
// Of a header that nothing is wrong with, `payload` being as long as it says. Fails with what is wrong.
tl::expected<Message, std::string> read_message(const MessageHeader& header, std::span<const std::byte> payload,
                                                std::size_t descriptors);

}  // namespace hairpin::l2::vhost
