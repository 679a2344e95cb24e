#pragma once
// The captures that run, each for a client that reads it from its connection (docs/capture.md).
//
//   packet path            end of the loop's turn                       the client's connection
//   copy into the ring ──► blocks, at most Capture::kPortion at once ──► written when the one before has been taken
//
// A reader that is slow holds nobody up: its one portion waits, then its ring fills, and what does not fit is counted, in the file and by
// `show captures`. While nobody captures, neither the Worker nor the FlightRecorder shows anything to anybody, and packets get no numbers.
//
// At most kMostCaptures at once. One ends with its count, its duration, when its client asks for the end (it gets all that was seen, and the
// statistics), and without them when its client goes away.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "control/rpc.h"
#include "net/flight_recorder.h"
#include "runtime/capture/capture.h"
#include "runtime/capture/packet_numbers.h"
#include "runtime/capture/recent_drops.h"
#include "runtime/watch.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

class Captures final : public TrafficObserver, public DropObserver {
public:
    static constexpr std::size_t kMostCaptures = 16;
    using Id = std::uint64_t;

    // Both outlive the captures.
    Captures(EventLoop& loop, Worker& worker) : loop_(loop), worker_(worker) {}
    ~Captures() override { rest(); }
    Captures(const Captures&) = delete;
    Captures& operator=(const Captures&) = delete;

    // Fails when there are too many, and as Capture::begin does. What is seen waits in the ring until there is a stream.
    Result<Id> begin(Capture::Wish wish);
    void write_to(Id id, control::ByteStream stream);
    // Sees no more, writes what is left, and closes the stream.
    void finish(Id id);
    // The client is gone.
    void end(Id id);
    // Called now and then: writes, and ends what is over although nothing happens.
    void look();

    struct Running {
        Capture capture;
        control::ByteStream stream = {};
        bool writing = false;  // a portion is on its way
    };
    const std::map<Id, Running>& all() const { return running_; }

    void passed(PortId port, Way way, const Batch& packets, Timestamp now) override;
    void gone(PortId port) override;
    void dropped(DropReason reason, const FlightRecorder::Frame& frame, Timestamp now) override;

private:
    void attend();
    void rest();
    void write(Id id, Running& running);
    void taken(Id id, bool was_last);

    EventLoop& loop_;
    Worker& worker_;
    TurnWatch turns_;
    PacketNumbers numbers_;
    std::unique_ptr<RecentDrops> drops_;  // while somebody captures
    Id last_ = 0;
    std::map<Id, Running> running_;
};

}  // namespace hairpin::runtime
