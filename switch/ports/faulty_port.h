#pragma once
// A port with a bad cable: it wraps another and, on what arrives and on what is sent, loses, repeats, damages or swaps packets as
// often as it was asked to. The same seed gives the same faults.
//
// The books stay right: what is lost counts as injected_fault, what is repeated as copied. A damaged packet is one whose checksum
// nobody vouches for any more, so it is damage that the receiver can find; super-packets, whose checksum is yet to be made, are
// never damaged.

#include <memory>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "net/random.h"
#include "switch/port.h"

namespace hairpin::l2 {

// Probabilities from 0 to 1, for each packet.
struct Faults {
    double drop = 0;
    double duplicate = 0;
    double corrupt = 0;  // one bit of one byte
    double reorder = 0;  // changes places with the packet before it in its burst
};

class FaultyPort final : public Port {
public:
    // Pool and ledger are the worker's, the same that the wrapped port counts in.
    FaultyPort(std::unique_ptr<Port> port, const Faults& faults, std::uint64_t seed, PacketPool& pool, Ledger& ledger);

    bool receive(Batch& into, Timestamp now) override;
    void send(Batch& batch, Timestamp now) override;

    std::string_view kind() const override { return port_->kind(); }
    Capabilities capabilities() const override { return port_->capabilities(); }
    int readable_descriptor() const override { return port_->readable_descriptor(); }
    bool attached() const override { return port_->attached(); }
    unsigned mtu() const override { return port_->mtu(); }
    TrafficCounters counters() const override;

private:
    // Disturbs the packets from `first` on.
    void disturb(Batch& batch, std::size_t first);
    bool happens(double probability);
    void damage(Packet& packet);

    std::unique_ptr<Port> port_;
    Faults faults_;
    Random random_;
    PacketPool& pool_;
    Ledger& ledger_;
    std::uint64_t lost_ = 0;
    Batch disturbed_;  // empty between calls; kept for its memory
};

}  // namespace hairpin::l2
