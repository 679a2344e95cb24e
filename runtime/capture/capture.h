#pragma once
// One capture: what it wants to see, what it has seen and is not taken yet, and how that reads as pcapng.
//
// In the packet path a packet that matches is copied into the ring and nothing more is done; when the ring is full it is counted instead. Blocks
// are made of it when the burst is over and the reader takes more. What is said of a packet's session and of its being dropped is what is known then.
//
// A super-packet is written whole, with its length, as every capture on Linux shows it: it is what passed. So is a checksum that is yet to be
// completed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/flight_recorder.h"
#include "net/packet.h"
#include "runtime/capture/capture_places.h"
#include "runtime/capture/capture_ring.h"
#include "runtime/capture/packet_numbers.h"
#include "runtime/capture/recent_drops.h"
#include "runtime/clock.h"
#include "runtime/packet_filter.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

class Capture {
public:
    static constexpr std::size_t kLeastBuffer = 256 * 1024, kUsualBuffer = 8 * 1024 * 1024, kMostBuffer = 64 * 1024 * 1024;
    static constexpr std::uint32_t kMostSnapLength = 262'144;  // what readers allow at most; the longest packet is shorter

    struct Wish {
        std::vector<std::string> places = {};  // names as capture_places.h has them; none: everything
        PacketFilter filter = {};
        std::string filter_text = {};
        bool drops = false;                           // only packets that are dropped, each where it was then
        std::optional<std::uint64_t> count = {};      // how many packets; none: any number
        std::optional<Duration> duration = {};        // none: until somebody ends it
        std::uint32_t snap_length = kMostSnapLength;  // bytes of a packet that are kept at most
        std::size_t buffer = kUsualBuffer;
        std::string client = {};  // who captures, for people
    };
    // Fails, with the path "places", at a name that nobody has.
    static Result<Capture> begin(Wish wish, const Worker& worker);

    void passed(PortId port, TrafficObserver::Way way, const Batch& packets, const PacketNumbers& numbers, Timestamp now);
    void dropped(DropReason reason, const FlightRecorder::Frame& frame, std::uint64_t packet, Timestamp now);
    void gone(PortId port) { places_.forget(port); }
    void finish() { finished_ = true; }
    // Nothing more is seen: it was finished, has as many packets as it wanted, or its time is over.
    bool is_over(Timestamp now) const { return finished_ || now >= ends_ || counted_ == wish_.count; }

    // The next blocks of the file, at most about kPortion bytes; empty when there are none yet. The first begin with the file's header.
    static constexpr std::size_t kPortion = 1024 * 1024;
    std::string take(const RecentDrops& drops);
    // The last ones, when it is over and nothing more is to be taken.
    std::string closing() const;

    const Wish& wish() const { return wish_; }
    const CapturePlaces& places() const { return places_; }
    std::uint64_t captured() const { return counted_; }
    std::uint64_t lost() const;
    std::size_t waiting() const { return ring_.used(); }
    Timestamp begun() const { return begun_; }

private:
    Capture(Wish wish, CapturePlaces places, const Worker& worker);
    void keep(Sighting sighting, CapturePlaces::Place& place, std::span<const std::byte> bytes);
    SessionHint hint_of(const Packet& packet, const CapturePlaces::Place& place, SessionHint::Way way) const;
    void put_header(std::string& out) const;
    void put_new_interfaces(std::string& out);
    std::string comment_on(const Sighting& sighting, const RecentDrops& drops) const;

    Wish wish_;
    CapturePlaces places_;
    const Worker* worker_;
    CaptureRing ring_;
    Timestamp begun_, ends_;
    std::uint64_t counted_ = 0;
    bool finished_ = false;
    bool header_put_ = false;
    std::size_t interfaces_put_ = 0;
};

}  // namespace hairpin::runtime
