#pragma once
// The last packets that were dropped, as an aircraft's recorder keeps its last minutes: always on, and asked when something went wrong.
//
//   ring   the newest kCapacity drops, whatever their reason
//   last   of each DropReason the newest drop, also when a flood of others has pushed it out of the ring
//
// Owned by the Ledger, which hands it every packet that is dropped by whoever still has it in hand. A drop costs one copy of the frame's
// first bytes into memory that is there from the start: no allocation, no clock. What a frame has beyond DroppedPacket::kKept is not kept.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "net/drop_reason.h"
#include "net/numbers.h"
#include "net/time.h"

namespace hairpin {

struct DroppedPacket {
    static constexpr std::size_t kKept = 128;

    std::uint64_t number = 0;  // of this drop, among all from 1 on; 0: of none
    Timestamp time{};
    PortId port = kNoPort;                 // by which it came in
    InterfaceId interface = kNoInterface;  // of the gateway, where it was when it was dropped
    DropReason reason{};
    std::uint8_t kept = 0;     // bytes of the frame that are here
    std::uint32_t length = 0;  // of the frame; 0: nobody had it in hand any more
    std::array<std::byte, kKept> bytes{};

    std::span<const std::byte> frame() const { return std::span{bytes}.first(kept); }
};

class Packet;
class DropObserver;

class FlightRecorder {
public:
    static constexpr std::size_t kCapacity = 512;

    FlightRecorder() : ring_(kCapacity) {}

    // Who is shown every drop; nullptr: nobody, which costs a branch a drop.
    void observe(DropObserver* observer) { observer_ = observer; }

    // What is dropped from now on was dropped at `now`; what no port has brought yet came in by `arriving`. Told once a burst.
    void begin_burst(Timestamp now, PortId arriving = kNoPort) { now_ = now, arriving_ = arriving; }

    struct Frame {
        std::span<const std::byte> bytes = {};  // as much of it as there is
        std::size_t length = 0;
        PortId port = kNoPort;
        InterfaceId interface = kNoInterface;
        const Packet* packet = nullptr;  // whose bytes they are, where it is one of ours
    };
    void record(DropReason reason, const Frame& frame);

    // A port or an interface that is gone: its number may be another's soon, so records forget it.
    void forget(PortId port);
    void forget(InterfaceId interface);

    // How many drops there have been; the ring has the newest kCapacity of them.
    std::uint64_t recorded() const { return recorded_; }
    // The drop with this number, which must be in the ring.
    const DroppedPacket& at(std::uint64_t number) const { return ring_[number % kCapacity]; }
    bool holds(std::uint64_t number) const { return number > 0 && at(number).number == number; }
    // The newest drop for this reason; nullptr when there was none.
    const DroppedPacket* last(DropReason reason) const;

private:
    template <class Change>
    void for_each(Change&& change) {
        for (DroppedPacket& packet : ring_) change(packet);
        for (DroppedPacket& packet : pushed_out_) change(packet);
    }

    DropObserver* observer_ = nullptr;
    Timestamp now_{};
    PortId arriving_ = kNoPort;
    std::uint64_t recorded_ = 0;
    std::vector<DroppedPacket> ring_;  // a drop's place is its number, modulo kCapacity
    std::array<std::uint64_t, kDropReasonCount> newest_{};
    // Those that left the ring as the newest of their reason. So a flood of one reason copies each packet once and not twice.
    std::array<DroppedPacket, kDropReasonCount> pushed_out_{};
};

// Shown what is dropped, whole, while it is still there. Called from the packet path: must be quick and must not call back.
class DropObserver {
public:
    virtual ~DropObserver() = default;
    virtual void dropped(DropReason reason, const FlightRecorder::Frame& frame, Timestamp now) = 0;
};

}  // namespace hairpin
