#pragma once
// The books of one worker: what became of every packet. At any moment between two bursts
//
//   received + originated + copied  ==  transmitted + absorbed + dropped + held
//
// where `held` are the packets that wait in a neighbour queue or for missing fragments. A super-packet counts once wherever it
// is one buffer; software that cuts it in n adds n - 1 to `copied`, flooding to n ports adds n - 1 too.

#include <array>
#include <cstdint>

#include "net/drop_reason.h"
#include "net/flight_recorder.h"
#include "net/packet.h"

namespace hairpin {

struct PacketCounts {
    std::uint64_t received = 0;     // read from a port
    std::uint64_t originated = 0;   // made by the gateway: ARP, ICMP; by the switch: LLDP, loop guard, queries
    std::uint64_t copied = 0;       // made from another packet: flooding, fragmenting, segmenting
    std::uint64_t transmitted = 0;  // written to a port
    std::uint64_t absorbed = 0;     // taken in by the gateway: ARP, echo requests, what is reassembled; by the switch: loop guard
    std::array<std::uint64_t, kDropReasonCount> dropped{};

    std::uint64_t dropped_for(DropReason reason) const { return dropped[static_cast<std::size_t>(reason)]; }
    std::uint64_t dropped_total() const {
        std::uint64_t total = 0;
        for (const auto packets : dropped) total += packets;
        return total;
    }
    // What has been written into them since they looked like this.
    PacketCounts since(const PacketCounts& before) const {
        PacketCounts difference = *this;
        difference.received -= before.received;
        difference.originated -= before.originated;
        difference.copied -= before.copied;
        difference.transmitted -= before.transmitted;
        difference.absorbed -= before.absorbed;
        for (std::size_t i = 0; i < dropped.size(); ++i) difference.dropped[i] -= before.dropped[i];
        return difference;
    }
    // What the books say must be held right now; compare with what is.
    std::int64_t expected_held() const {
        return static_cast<std::int64_t>(received + originated + copied) -
               static_cast<std::int64_t>(transmitted + absorbed + dropped_total());
    }
};

struct Ledger : PacketCounts {
    FlightRecorder recorder;  // of what was dropped last

    // Counts a packet that goes nowhere and remembers how it began. `interface`: of the gateway, where it is.
    void drop(DropReason reason, const Packet& packet, InterfaceId interface = kNoInterface) {
        drop(reason, FlightRecorder::Frame{packet.bytes(), packet.size(), packet.ingress, interface, &packet});
    }
    // The same of a frame that is in no buffer of ours; without one, of a packet that nobody could take in hand.
    void drop(DropReason reason, const FlightRecorder::Frame& frame = {}) {
        ++dropped[static_cast<std::size_t>(reason)];
        recorder.record(reason, frame);
    }
};

}  // namespace hairpin
