#pragma once
// What all kinds of ports that stand before a device have in common: the counting, and that the device gets nothing that it
// cannot take. What needs cutting or a checksum is finished in software, for that port alone.

#include <cstddef>
#include <span>

#include "net/ledger.h"
#include "net/packet_pool.h"
#include "switch/port.h"

namespace hairpin::l2 {

class DevicePort : public Port {
public:
    bool receive(Batch& into, Timestamp now) final;
    void send(Batch& batch, Timestamp now) final;

    Capabilities capabilities() const override { return {}; }
    int readable_descriptor() const override { return -1; }
    bool attached() const override { return true; }
    unsigned mtu() const final { return mtu_; }
    TrafficCounters counters() const final { return counters_; }

protected:
    // Pool and ledger are the worker's and outlive the port.
    DevicePort(PacketPool& pool, Ledger& ledger, unsigned mtu) : pool_(pool), ledger_(ledger), mtu_(mtu) {}

    // Appends at most kBurstPackets; true when more may be waiting. What arrived but is no good is rejected.
    virtual bool read(Batch& into, Timestamp now) = 0;
    // Writes packets that capabilities() allow, in their order, and says of each what became of it: sent() or refused(). May
    // keep what it likes; what is left is destroyed afterwards.
    virtual void write(Batch& packets, Timestamp now) = 0;

    // Whether write() is to be tried at all.
    virtual bool takes_frames() const { return attached(); }

    // Appends a frame, of which there are `length` bytes, in a packet of its own; rejects what was longer than there is in hand.
    void take(std::span<const std::byte> frame, std::size_t length, Batch& into);
    // `frame` is as much as there is in hand of a frame of `length` bytes.
    void reject(std::span<const std::byte> frame, std::size_t length, DropReason reason);
    void reject(const Packet& packet, DropReason reason) { reject(packet.bytes(), packet.size(), reason); }
    void sent(const Packet& packet);
    void refused(const Packet& packet, DropReason reason) { ledger_.drop(reason, packet), ++counters_.drops; }

    PacketPool& pool_;
    Ledger& ledger_;

private:
    void count_arrival(std::size_t bytes);
    void finish_for_device(PacketPtr packet, const Capabilities& device);

    unsigned mtu_;
    TrafficCounters counters_;
    Batch outgoing_;  // empty between calls; kept for its memory
};

}  // namespace hairpin::l2
