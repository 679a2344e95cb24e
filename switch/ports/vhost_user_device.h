#pragma once
// The device that a front-end has set up by its messages: which features its driver took, the guest's memory, and two rings.
//
// A ring runs when it has been told where it is and got its kick descriptor (SET_VRING_KICK), until GET_VRING_BASE stops it; it carries frames
// when it is enabled, too. The network device has a link while both of its rings carry. A guest whose driver breaks the rules of a ring loses the
// link: its queue stays broken until the front-end sets it up anew, which a reset of the guest, or of its driver, makes it do.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/result.h"
#include "switch/ports/event_descriptor.h"
#include "switch/ports/vhost_user_memory.h"
#include "switch/vhost/features.h"
#include "switch/vhost/message.h"
#include "switch/vhost/virtqueue.h"

namespace hairpin::l2 {

class VhostUserDevice {
public:
    // Named as the switch sees it; a guest calls `out` its receive queue.
    enum RingIndex : unsigned { out = 0, in = 1 };
    static constexpr unsigned kRings = 2;

    struct Ring {
        std::optional<vhost::Virtqueue> queue = {};  // while it runs
        bool enabled = false;
        EventDescriptor kick = {};  // the guest tells us
        EventDescriptor call = {};  // we tell the guest
        EventDescriptor error = {};
        vhost::Virtqueue::Place place = {};
        bool has_place = false;
        bool has_kick = false;

        bool carries() const { return queue && enabled && queue->breach().empty(); }
        // Whether there is anything to do about its kicks.
        bool runs() const { return queue && queue->breach().empty(); }
    };

    explicit VhostUserDevice(unsigned mtu) : mtu_(mtu) {}

    // Does what the message says; the descriptors are those that came with it. The answer of one that has an answer, or nothing. An error
    // leaves everything as it was.
    using Answer = std::vector<std::byte>;
    Result<Answer> handle(const vhost::Message& message, std::vector<FileDescriptor> descriptors);
    // Whether each message is answered where that is asked for.
    bool acknowledges() const { return (protocol_features_ & vhost::kProtocolReplyAck) != 0; }

    bool carries() const { return rings_[in].carries() && rings_[out].carries(); }
    Ring& ring(RingIndex index) { return rings_[index]; }
    const Ring& ring(RingIndex index) const { return rings_[index]; }
    vhost::Features features() const { return features_; }

private:
    Result<void> set_features(std::uint64_t bits);
    Result<void> set_memory(const vhost::Message& message, std::span<const FileDescriptor> files);
    Result<void> set_ring(const vhost::Message& message, std::vector<FileDescriptor> descriptors);
    Result<void> set_event(const vhost::Message& message, std::vector<FileDescriptor> descriptors, EventDescriptor& event);
    Answer stop(unsigned index);
    void stop_all();
    // A queue for the ring as it is now, going on where it was.
    Result<vhost::Virtqueue> open(unsigned index, const vhost::GuestMemory& memory) const;
    Result<void> start_where_ready(unsigned index);
    Result<void> move_to(VhostUserMemory memory);

    unsigned mtu_;
    vhost::Features features_;
    std::uint64_t protocol_features_ = 0;
    VhostUserMemory memory_;
    std::array<Ring, kRings> rings_{};
};

}  // namespace hairpin::l2
