#include "switch/device_port.h"

#include <gtest/gtest.h>

#include "switch/ports/memory_port.h"
#include "tests/support/packet_builder.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;

PacketBuilder big_super_packet() { return tcp().ack().payload(5000).super_packet(1000); }

class DevicePortTest : public ::testing::Test {
protected:
    void TearDown() override { EXPECT_EQ(ledger_.expected_held(), 0); }
    void send(MemoryPort& port, PacketPtr packet) {
        ++ledger_.originated;
        Batch batch;
        batch.push_back(std::move(packet));
        port.send(batch, {});
        EXPECT_TRUE(batch.empty());
    }
    PacketPool pool_{{.small = 256, .large = 8}};
    Ledger ledger_;
};

TEST_F(DevicePortTest, ACapableDeviceGetsSuperPacketsWhole) {
    MemoryPort port{pool_, ledger_};
    send(port, big_super_packet().in(pool_));
    const Batch sent = port.take_sent();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0]->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(port.counters().out_packets, 1u);
    EXPECT_EQ(port.counters().out_bytes, 5054u);
}

TEST_F(DevicePortTest, AnIncapableDeviceGetsPiecesWithChecksums) {
    MemoryPort port{pool_, ledger_, {.capabilities = {}}};
    send(port, udp().payload(10).in(pool_));
    send(port, big_super_packet().in(pool_));
    send(port, udp().payload(11).partial_checksum().in(pool_));
    const Batch sent = port.take_sent();
    ASSERT_EQ(sent.size(), 7u);
    for (const PacketPtr& packet : sent) {
        EXPECT_EQ(packet->offload.segmentation, Segmentation::none);
        EXPECT_NE(packet->offload.checksum, ChecksumState::partial);
        EXPECT_TRUE(checksums_hold(*packet));
    }
    EXPECT_EQ(ledger_.copied, 4u);
    EXPECT_EQ(ledger_.transmitted, 7u);
}

TEST_F(DevicePortTest, ADeviceThatCutsTcpOnlyGetsUdpInPieces) {
    MemoryPort port{pool_, ledger_, {.capabilities = {.partial_checksum = true, .tcp4_segmentation = true}}};
    send(port, big_super_packet().in(pool_));
    send(port, udp().payload(1000).super_packet(100).in(pool_));
    EXPECT_EQ(port.take_sent().size(), 11u);
}

TEST_F(DevicePortTest, WhatCannotBeCutIsDropped) {
    MemoryPort port{pool_, ledger_, {.capabilities = {}}};
    auto packet = big_super_packet().in(pool_);
    packet->offload.segment_size = 0;
    send(port, std::move(packet));
    EXPECT_TRUE(port.take_sent().empty());
    EXPECT_EQ(ledger_.dropped_for(DropReason::malformed_offload), 1u);
    EXPECT_EQ(port.counters().drops, 1u);
}

TEST_F(DevicePortTest, ADetachedPortDropsWhatItIsGiven) {
    MemoryPort port{pool_, ledger_};
    port.detach();
    send(port, udp().in(pool_));
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 1u);
}

TEST_F(DevicePortTest, MemoryQueuesAreBounded) {
    MemoryPort port{pool_, ledger_, {.queue_capacity = 2}};
    EXPECT_TRUE(port.inject(udp().bytes()));
    EXPECT_TRUE(port.inject(udp().bytes()));
    EXPECT_FALSE(port.inject(udp().bytes()));
    Batch batch;
    EXPECT_FALSE(port.receive(batch, {}));
    EXPECT_EQ(batch.size(), 2u);
    EXPECT_TRUE(port.inject(udp().bytes()));
    port.receive(batch, {});
    port.send(batch, {});
    EXPECT_EQ(port.take_sent().size(), 2u);
    EXPECT_EQ(ledger_.dropped_for(DropReason::egress_refused), 1u);
}

TEST_F(DevicePortTest, ABurstIsBoundedInPacketsAndBytes) {
    MemoryPort port{pool_, ledger_};
    for (std::size_t i = 0; i < kBurstPackets + 1; ++i) port.inject(udp().bytes());
    Batch batch;
    EXPECT_TRUE(port.receive(batch, {}));
    EXPECT_EQ(batch.size(), kBurstPackets);
    EXPECT_FALSE(port.receive(batch, {}));
    EXPECT_EQ(batch.size(), kBurstPackets + 1);
    EXPECT_EQ(port.counters().in_packets, kBurstPackets + 1);
    port.send(batch, {});
}

}  // namespace
}  // namespace hairpin::l2
