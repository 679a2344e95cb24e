#pragma once
// A switch of one segment for the tests of its features: frames in, frames out by port, and at the end the books must balance.

#include <gmock/gmock.h>

#include <chrono>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "switch/bridge.h"
#include "tests/support/packet_builder.h"

namespace hairpin::l2 {

class FeatureLab : public ::testing::Test {
protected:
    using Sent = std::multimap<PortId, testing::Bytes>;
    static constexpr auto kAlice = MacAddress::from_number(0x0200'0000'00aa);
    static constexpr auto kBob = MacAddress::from_number(0x0200'0000'00bb);
    static constexpr auto kCarol = MacAddress::from_number(0x0200'0000'00cc);

    FeatureLab() { lan_ = bridge_.add_segment("lan"); }
    void TearDown() override {
        collect();
        EXPECT_EQ(ledger_.expected_held(), 0);
        EXPECT_EQ(pool_.in_use(), 0u);
    }

    PortId add_port(const VlanMembership& vlan = {}, unsigned mtu = 1500) { return bridge_.add_port(lan_, vlan, mtu); }
    static testing::PacketBuilder frame(MacAddress from, MacAddress to) {
        return testing::udp().from_mac(from).to_mac(to).payload(20);
    }
    static VlanMembership access(unsigned vlan) {
        return {.kind = VlanMembership::Kind::access, .access = VlanId{static_cast<std::uint16_t>(vlan)}};
    }
    static VlanMembership trunk(std::initializer_list<std::uint16_t> vlans) {
        VlanMembership membership{.kind = VlanMembership::Kind::trunk};
        for (const auto vlan : vlans) membership.tagged.emplace_back(vlan);
        return membership;
    }

    // What has gone out since the last time.
    Sent collect() {
        Sent sent;
        out_.drain([&](PortId port, Batch& batch) {
            for (const PacketPtr& packet : batch) {
                sent.emplace(port, testing::bytes_of(*packet));
                ++ledger_.transmitted;
            }
        });
        return sent;
    }
    Sent forward(PortId ingress, PacketPtr packet) {
        Batch batch;
        batch.push_back(std::move(packet));
        ++ledger_.received;
        bridge_.forward(ingress, batch, now_, out_);
        return collect();
    }
    Sent forward(PortId ingress, const testing::PacketBuilder& packet) { return forward(ingress, packet.in(pool_)); }
    static std::vector<PortId> ports_of(const Sent& sent) {
        std::vector<PortId> ports;
        for (const auto& [port, bytes] : sent) ports.push_back(port);
        return ports;
    }
    std::vector<PortId> egress_of(PortId ingress, const testing::PacketBuilder& packet) {
        return ports_of(forward(ingress, packet));
    }
    std::uint64_t dropped(DropReason reason) const { return ledger_.dropped_for(reason); }

    PacketPool pool_{{.small = 256, .large = 16}};
    Ledger ledger_;
    Bridge bridge_{{.age = std::chrono::seconds{300}, .capacity = 100, .port_limit = 50}, HashKey{}, pool_, ledger_};
    Outbox<PortId> out_;
    Timestamp now_{};
    SegmentId lan_{};
};

}  // namespace hairpin::l2
