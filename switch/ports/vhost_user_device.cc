#include "switch/ports/vhost_user_device.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace hairpin::l2 {

namespace {

using vhost::Feature;
using vhost::Request;

constexpr std::uint64_t kQueuePairs = 1;

template <class T>
VhostUserDevice::Answer answer_of(const T& value) {
    VhostUserDevice::Answer bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

bool is_about_a_ring(vhost::Payload payload) {
    return payload == vhost::Payload::ring_state || payload == vhost::Payload::ring_addresses ||
           payload == vhost::Payload::ring_descriptor;
}

}  // namespace

Result<VhostUserDevice::Answer> VhostUserDevice::handle(const vhost::Message& message, std::vector<FileDescriptor> descriptors) {
    if (is_about_a_ring(message.row->payload) && message.state.ring >= kRings)
        return failure(fmt::format("{} of ring {}, of one pair of rings", message.row->name, message.state.ring));
    const auto done = [](const Result<void>& result) -> Result<Answer> {
        if (!result) return tl::unexpected(result.error());
        return Answer{};
    };
    switch (message.row->request) {
        case Request::get_features: return answer_of(vhost::kOfferedFeatures);
        case Request::get_protocol_features: return answer_of(vhost::kOfferedProtocolFeatures);
        case Request::get_queue_num: return answer_of(kQueuePairs);
        case Request::get_vring_base: return stop(message.state.ring);
        case Request::set_owner: return Answer{};
        case Request::reset_owner: return stop_all(), Answer{};
        case Request::set_features: return done(set_features(message.number));
        case Request::set_protocol_features:
            if ((message.number & ~vhost::kOfferedProtocolFeatures) != 0)
                return failure(fmt::format("protocol features {:#x}, not all of which were offered", message.number));
            protocol_features_ = message.number;
            return Answer{};
        case Request::set_mem_table: return done(set_memory(message, descriptors));
        case Request::net_set_mtu:
            if (message.number > mtu_) return failure(fmt::format("an MTU of {}, where the port's is {}", message.number, mtu_));
            return Answer{};
        case Request::set_vring_num:
        case Request::set_vring_addr:
        case Request::set_vring_base:
        case Request::set_vring_kick:
        case Request::set_vring_call:
        case Request::set_vring_err:
        case Request::set_vring_enable: return done(set_ring(message, std::move(descriptors)));
    }
    unreachable_because("a message has a row of the table");
}

Result<void> VhostUserDevice::set_features(std::uint64_t bits) {
    if ((bits & ~vhost::kOfferedFeatures) != 0)
        return failure(fmt::format("features {:#x}, of which {:#x} were not offered", bits, bits & ~vhost::kOfferedFeatures));
    features_ = vhost::Features{bits};
    // Without them no message enables a ring: it is, from the start.
    if (!features_.has(Feature::protocol_features))
        for (Ring& ring : rings_) ring.enabled = true;
    return {};
}

Result<void> VhostUserDevice::set_memory(const vhost::Message& message, std::span<const FileDescriptor> files) {
    auto memory = VhostUserMemory::map(std::span{message.regions}.first(message.region_count), files);
    if (!memory) return tl::unexpected(memory.error());
    return move_to(std::move(*memory));
}

// Rings that run are in the new memory by the same addresses, or nothing changes.
Result<void> VhostUserDevice::move_to(VhostUserMemory memory) {
    std::array<std::optional<vhost::Virtqueue>, kRings> queues;
    for (unsigned i = 0; i < kRings; ++i) {
        if (!rings_[i].queue) continue;
        auto queue = open(i, memory.guest());
        if (!queue) return tl::unexpected(queue.error());
        queues[i] = *queue;
    }
    for (unsigned i = 0; i < kRings; ++i) rings_[i].queue = queues[i];
    memory_ = std::move(memory);
    return {};
}

Result<void> VhostUserDevice::set_ring(const vhost::Message& message, std::vector<FileDescriptor> descriptors) {
    const unsigned index = message.state.ring;
    Ring& ring = rings_[index];
    switch (message.row->request) {
        case Request::set_vring_enable: ring.enabled = message.state.number != 0; return {};
        case Request::set_vring_call: return set_event(message, std::move(descriptors), ring.call);
        case Request::set_vring_err: return set_event(message, std::move(descriptors), ring.error);
        case Request::set_vring_num:
            if (ring.queue) return failure("SET_VRING_NUM of a ring that runs");
            ring.place.size = message.state.number;
            return {};
        case Request::set_vring_base:
            if (ring.queue) return failure("SET_VRING_BASE of a ring that runs");
            if (message.state.number > 0xffff) return failure(fmt::format("SET_VRING_BASE {}", message.state.number));
            ring.place.base = static_cast<std::uint16_t>(message.state.number);
            return {};
        case Request::set_vring_addr:
            ring.place.descriptors = message.addresses.descriptors;
            ring.place.available = message.addresses.available;
            ring.place.used = message.addresses.used;
            ring.has_place = true;
            return start_where_ready(index);
        case Request::set_vring_kick:
            if (!message.has_descriptor) return failure("SET_VRING_KICK without a descriptor: rings are not polled");
            if (auto set = set_event(message, std::move(descriptors), ring.kick); !set) return set;
            ring.has_kick = true;
            return start_where_ready(index);
        default: unreachable_because("only requests about a ring come here");
    }
}

Result<void> VhostUserDevice::set_event(const vhost::Message& message, std::vector<FileDescriptor> descriptors,
                                        EventDescriptor& event) {
    EventDescriptor taken;
    if (!descriptors.empty()) {
        taken = EventDescriptor::accept(std::move(descriptors.front()));
        if (!taken) return failure(fmt::format("{} with a descriptor that is no eventfd", message.row->name));
    }
    event = std::move(taken);
    return {};
}

Result<vhost::Virtqueue> VhostUserDevice::open(unsigned index, const vhost::GuestMemory& memory) const {
    const Ring& ring = rings_[index];
    vhost::Virtqueue::Place place = ring.place;
    if (ring.queue) place.base = ring.queue->position();
    const auto way = index == in ? vhost::Virtqueue::Way::from_guest : vhost::Virtqueue::Way::to_guest;
    auto queue = vhost::Virtqueue::open(memory, place, way, features_.has(Feature::event_idx));
    if (!queue) return failure(fmt::format("ring {}: {}", index, queue.error()));
    return *queue;
}

Result<void> VhostUserDevice::start_where_ready(unsigned index) {
    Ring& ring = rings_[index];
    if (!ring.has_place || !ring.has_kick) return {};
    auto queue = open(index, memory_.guest());
    if (!queue) return tl::unexpected(queue.error());
    ring.queue = *queue;
    return {};
}

VhostUserDevice::Answer VhostUserDevice::stop(unsigned index) {
    Ring& ring = rings_[index];
    const vhost::RingState state{.ring = index, .number = ring.queue ? ring.queue->position() : ring.place.base};
    const bool enabled = ring.enabled;
    ring = Ring{};
    ring.enabled = enabled;
    ring.place.base = static_cast<std::uint16_t>(state.number);
    return answer_of(state);
}

void VhostUserDevice::stop_all() {
    for (unsigned i = 0; i < kRings; ++i) stop(i);
}

}  // namespace hairpin::l2
