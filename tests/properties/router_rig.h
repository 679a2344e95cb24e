#pragma once
// The switch and the gateway with world.h's stations, in memory, without a word about what is right. Time stands still until wait() turns it.
//
//   rig.inject(kWorkstationPort, frame, {});        arrivals(): what has reached which station, in order
//
// Frames come and go as a device has them: bytes and the vnet_hdr before them. Stations answer ARP by themselves.

#include <memory>
#include <vector>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "switch/bridge.h"
#include "switch/ports/memory_port.h"
#include "switch/virtio_header.h"
#include "tests/properties/world.h"

namespace hairpin::testing {

class RouterRig {
    PacketPool pool_{{4096, 512}};  // before the ports, which take packets from it
    Ledger ledger_;

public:
    static constexpr std::size_t kSessions = 65536;

    struct Arrival {
        std::size_t station;
        l2::VirtioHeader header;
        plain::Bytes frame;
    };

    explicit RouterRig(std::uint64_t seed);

    // False where the header does not fit the frame, as a TAP would refuse it: nothing has come in then.
    bool inject(std::size_t station, plain::View frame, const l2::VirtioHeader& header);
    // What has arrived since the last call, ARP and what was flooded to others apart.
    std::vector<Arrival> arrivals() { return std::exchange(arrivals_, {}); }
    // Turns time, tick by tick.
    void wait(Duration duration);
    Timestamp now() const { return now_; }

    // Empty where the books balance: what came in and was made is gone, counted, or held.
    std::string unbalanced() const;
    std::uint64_t dropped(DropReason reason) const { return ledger_.dropped_for(reason); }
    const Ledger& ledger() const { return ledger_; }
    const gateway::EdgeGateway& gateway() const { return gateway_; }

private:
    void carry();
    void deliver();
    void take_in(std::size_t station, const Packet& packet);
    void answer_arp(std::size_t station, plain::View frame);

    l2::Bridge bridge_;
    gateway::EdgeGateway gateway_;
    Timestamp now_{std::chrono::seconds{1000}};
    std::vector<std::unique_ptr<l2::MemoryPort>> ports_;
    std::vector<PortId> ids_;          // of the stations' ports
    std::vector<PortId> attachments_;  // of the gateway's interfaces
    Outbox<PortId> switched_;
    Outbox<InterfaceId> routed_;
    std::vector<Arrival> arrivals_;
    std::uint64_t injected_ = 0, seen_ = 0;  // frames, as the stations count them
};

}  // namespace hairpin::testing
