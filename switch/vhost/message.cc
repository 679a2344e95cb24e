#include "switch/vhost/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace hairpin::l2::vhost {

namespace {

constexpr auto kRequests = std::to_array<RequestRow>({
    {Request::get_features, "GET_FEATURES", Payload::none, true},
    {Request::set_features, "SET_FEATURES", Payload::number, false},
    {Request::set_owner, "SET_OWNER", Payload::none, false},
    {Request::reset_owner, "RESET_OWNER", Payload::none, false},
    {Request::set_mem_table, "SET_MEM_TABLE", Payload::memory_table, false},
    {Request::set_vring_num, "SET_VRING_NUM", Payload::ring_state, false},
    {Request::set_vring_addr, "SET_VRING_ADDR", Payload::ring_addresses, false},
    {Request::set_vring_base, "SET_VRING_BASE", Payload::ring_state, false},
    {Request::get_vring_base, "GET_VRING_BASE", Payload::ring_state, true},
    {Request::set_vring_kick, "SET_VRING_KICK", Payload::ring_descriptor, false},
    {Request::set_vring_call, "SET_VRING_CALL", Payload::ring_descriptor, false},
    {Request::set_vring_err, "SET_VRING_ERR", Payload::ring_descriptor, false},
    {Request::get_protocol_features, "GET_PROTOCOL_FEATURES", Payload::none, true},
    {Request::set_protocol_features, "SET_PROTOCOL_FEATURES", Payload::number, false},
    {Request::get_queue_num, "GET_QUEUE_NUM", Payload::none, true},
    {Request::set_vring_enable, "SET_VRING_ENABLE", Payload::ring_state, false},
    {Request::net_set_mtu, "NET_SET_MTU", Payload::number, false},
});

constexpr std::uint64_t kRingMask = 0xff;
constexpr std::uint64_t kNoDescriptor = 0x100;
constexpr std::size_t kTableHead = 8;  // how many regions there are, and padding

std::size_t smallest_size(Payload payload) {
    switch (payload) {
        case Payload::none: return 0;
        case Payload::number:
        case Payload::ring_descriptor: return sizeof(std::uint64_t);
        case Payload::ring_state: return sizeof(RingState);
        case Payload::ring_addresses: return sizeof(RingAddresses);
        case Payload::memory_table: return kTableHead;
    }
    return 0;
}

std::size_t largest_size(Payload payload) { return payload == Payload::memory_table ? kLargestPayload : smallest_size(payload); }

template <class T>
T read_at(std::span<const std::byte> bytes, std::size_t offset = 0) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// False where it is not as long as it says.
bool read_table(std::span<const std::byte> payload, Message& message) {
    const auto count = read_at<std::uint32_t>(payload);
    if (count > message.regions.size() || payload.size() != kTableHead + count * sizeof(MemoryEntry)) return false;
    message.region_count = count;
    for (std::size_t i = 0; i < count; ++i)
        message.regions[i] = read_at<MemoryEntry>(payload, kTableHead + i * sizeof(MemoryEntry));
    return true;
}

std::size_t descriptors_of(const Message& message) {
    switch (message.row->payload) {
        case Payload::ring_descriptor: return message.has_descriptor ? 1 : 0;
        case Payload::memory_table: return message.region_count;
        default: return 0;
    }
}

}  // namespace

const RequestRow* find_request(std::uint32_t request) {
    const auto* found = std::find_if(kRequests.begin(), kRequests.end(),
                                     [&](const RequestRow& row) { return static_cast<std::uint32_t>(row.request) == request; });
    return found == kRequests.end() ? nullptr : found;
}

std::string wrong_with(const MessageHeader& header) {
    const RequestRow* row = find_request(header.request);
    if (row == nullptr) return fmt::format("request {}, which belongs to no feature that was offered", header.request);
    if ((header.flags & MessageHeader::kVersionMask) != MessageHeader::kVersion)
        return fmt::format("{} of version {} of the protocol", row->name, header.flags & MessageHeader::kVersionMask);
    if ((header.flags & MessageHeader::kReply) != 0) return fmt::format("{} as a reply to nothing", row->name);
    if (header.size < smallest_size(row->payload) || header.size > largest_size(row->payload))
        return fmt::format("{} of {} bytes", row->name, header.size);
    return {};
}

tl::expected<Message, std::string> read_message(const MessageHeader& header, std::span<const std::byte> payload,
                                                std::size_t descriptors) {
    Message message;
    message.row = find_request(header.request);
    message.wants_reply = (header.flags & MessageHeader::kNeedReply) != 0;
    switch (message.row->payload) {
        case Payload::none: break;
        case Payload::number: message.number = read_at<std::uint64_t>(payload); break;
        case Payload::ring_state: message.state = read_at<RingState>(payload); break;
        case Payload::ring_addresses:
            message.addresses = read_at<RingAddresses>(payload);
            message.state.ring = message.addresses.ring;
            break;
        case Payload::ring_descriptor: {
            const auto number = read_at<std::uint64_t>(payload);
            message.state.ring = static_cast<std::uint32_t>(number & kRingMask);
            message.has_descriptor = (number & kNoDescriptor) == 0;
            break;
        }
        case Payload::memory_table:
            if (!read_table(payload, message))
                return tl::unexpected(fmt::format("{} of {} bytes", message.row->name, header.size));
            break;
    }
    if (descriptors != descriptors_of(message))
        return tl::unexpected(
            fmt::format("{} with {} descriptors and not {}", message.row->name, descriptors, descriptors_of(message)));
    return message;
}

}  // namespace hairpin::l2::vhost
