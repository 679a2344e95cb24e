#pragma once
// A port that remembers what passed: it wraps another and keeps a line about each of the last packets, in either direction.
//
//   in  12.500000s  98 bytes  02:00:00:00:00:01 -> 02:00:00:00:00:02  udp 192.0.2.1:5000 -> 192.0.2.2:53
//
// The ring is bounded: the newest packet takes the oldest's place. What passes is not changed, and nothing is counted twice.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/flow_key.h"
#include "net/mac_address.h"
#include "switch/port.h"

namespace hairpin::l2 {

struct PacketSummary {
    enum class Way : std::uint8_t { in, out };
    Way way = Way::in;
    Timestamp time = {};
    std::size_t size = 0;  // of the frame in bytes; a frame too short for an Ethernet header has nothing but this
    MacAddress source = {}, destination = {};
    VlanId vlan = {};
    EtherType ether_type = {};
    std::optional<Ipv4FlowKey> flow = {};  // of an untagged IPv4 packet that parses

    static PacketSummary of(Packet& packet, Way way, Timestamp time);
    std::string to_string() const;
};

class TracedPort final : public Port {
public:
    TracedPort(std::unique_ptr<Port> port, std::size_t capacity);

    bool receive(Batch& into, Timestamp now) override;
    void send(Batch& batch, Timestamp now) override;

    // Oldest first.
    std::vector<PacketSummary> trace() const;
    // Packets that passed since the beginning, also those that the ring has forgotten.
    std::uint64_t passed() const { return passed_; }
    Port& traced() { return *port_; }

    std::string_view kind() const override { return port_->kind(); }
    Capabilities capabilities() const override { return port_->capabilities(); }
    int readable_descriptor() const override { return port_->readable_descriptor(); }
    bool attached() const override { return port_->attached(); }
    unsigned mtu() const override { return port_->mtu(); }
    TrafficCounters counters() const override { return port_->counters(); }

private:
    void remember(Packet& packet, PacketSummary::Way way, Timestamp now);

    std::unique_ptr<Port> port_;
    std::size_t capacity_;
    std::vector<PacketSummary> ring_;
    std::uint64_t passed_ = 0;
};

}  // namespace hairpin::l2
