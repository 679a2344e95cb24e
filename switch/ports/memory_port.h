#pragma once
// A port without a device: two queues in memory, for tests and benches. A test injects what shall arrive and takes what was sent.
//
// Each queue is bounded. A full inbound queue refuses inject(); a full outbound queue refuses the packet, as a device would.

#include <span>

#include "switch/device_port.h"

namespace hairpin::l2 {

class MemoryPort final : public DevicePort {
public:
    struct Options {
        unsigned mtu = 1500;
        Capabilities capabilities = Capabilities::all();
        std::size_t queue_capacity = 4096;  // packets, of each queue
    };
    MemoryPort(PacketPool& pool, Ledger& ledger) : MemoryPort(pool, ledger, Options{}) {}
    MemoryPort(PacketPool& pool, Ledger& ledger, Options options) : DevicePort(pool, ledger, options.mtu), options_(options) {}

    // The next thing that receive() sees. False, and the packet gone uncounted, when the queue is full or the pool empty.
    bool inject(PacketPtr packet);
    bool inject(std::span<const std::byte> frame) { return inject(pool_.make(frame)); }
    // What was sent since the last call, in order.
    Batch take_sent();
    // As if the device had been unplugged.
    void detach() { attached_ = false; }

    std::string_view kind() const override { return "memory"; }
    Capabilities capabilities() const override { return options_.capabilities; }
    bool attached() const override { return attached_; }

private:
    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    Options options_;
    Batch arriving_;  // from next_ on; before it they have been received
    std::size_t next_ = 0;
    Batch sent_;
    bool attached_ = true;
};

}  // namespace hairpin::l2
