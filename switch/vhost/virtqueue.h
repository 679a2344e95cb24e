#pragma once
// A split virtqueue (virtio 1.2 §2.7), from the device's side. The guest's driver puts buffers into the available ring, as chains of
// descriptors; we take them in that order, and give them back by the used ring, in the same order:
//
//   available  │ flags │ idx │ head │ head │ ··· │ used_event │        the driver's index runs ahead of ours
//   used       │ flags │ idx │ head, written │ ··· │ avail_event │    ours follows, and never by more than the ring holds
//
// All of it is memory that the guest writes as it likes. Every index, length, address and chain is checked when it is used, and read once
// (switch/vhost/shared_memory.h). A driver that breaks the rules is not argued with: breach() says what it was, and from then on there is
// nothing to take. No chain has more than kLongestChain descriptors, so one that runs in a circle ends there.
//
// A burst of chains is taken and completed, then published at once, so whatever the ring says is used has been dealt with, and nothing
// else has: a device that begins anew goes on at the used index and needs no other memory of where it was.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "switch/vhost/guest_memory.h"

namespace hairpin::l2::vhost {

// One buffer of the driver, in the pieces that its descriptors name.
struct Chain {
    std::uint16_t head = 0;
    std::size_t length = 0;  // of all pieces
    std::size_t descriptors = 0;
    std::vector<GuestMemory::Piece> pieces;
};

class Virtqueue {
public:
    static constexpr unsigned kLargest = 1024;  // entries, as QEMU allows
    static constexpr std::size_t kLongestChain = 1024;

    enum class Way : std::uint8_t {
        from_guest,  // buffers are to be read
        to_guest,    // buffers are to be written
    };
    // Where the ring is, in the addresses of the process that runs the guest, and how many entries have been taken so far.
    struct Place {
        unsigned size = 0;
        std::uint64_t descriptors = 0, available = 0, used = 0;
        std::uint16_t base = 0;
    };

    // Fails with what is wrong. The memory must outlive the queue. What the used ring says counts more than `base`: they differ where the
    // one who told us had it from a device that went away with entries taken and not used.
    static tl::expected<Virtqueue, std::string_view> open(const GuestMemory& memory, const Place& place, Way way,
                                                          bool event_index);

    // The next chain, in place of what `chain` held. False: there is none, or breach() says why there will be none.
    bool take(Chain& chain);
    // The last `count` that were taken have not been: they will be again. Not those that are completed.
    void put_back(unsigned count) { next_ = static_cast<std::uint16_t>(next_ - count); }
    // In the order in which they were taken.
    void complete(std::uint16_t head, std::uint32_t written);
    // Lets the driver see what is completed. True: it wants to be told of it.
    bool publish();

    // The driver is to kick when there is more than we have taken. False when there is already: no kick will come for that.
    bool ask_for_kicks();
    void refuse_kicks();

    std::string_view breach() const { return breach_; }
    unsigned size() const { return size_; }
    // Entries taken so far, modulo 2^16.
    std::uint16_t position() const { return next_; }

private:
    Virtqueue(const GuestMemory& memory, Way way, bool event_index) : memory_(&memory), way_(way), event_index_(event_index) {}
    bool walk(Chain& chain);
    bool broken(std::string_view how) { return breach_ = how, false; }

    const std::byte* available_event() const { return available_ + 4 + 2 * std::size_t{size_}; }
    std::byte* used_event() const { return used_ + 4 + 8 * std::size_t{size_}; }

    const GuestMemory* memory_;
    const std::byte* descriptors_ = nullptr;
    const std::byte* available_ = nullptr;
    std::byte* used_ = nullptr;
    unsigned size_ = 0;
    Way way_;
    bool event_index_;
    bool told_once_ = false;
    std::uint16_t next_ = 0;       // to take
    std::uint16_t seen_ = 0;       // how far the driver was when we looked
    std::uint16_t completed_ = 0;  // and not published from published_ on
    std::uint16_t published_ = 0;
    std::string_view breach_;
};

}  // namespace hairpin::l2::vhost
