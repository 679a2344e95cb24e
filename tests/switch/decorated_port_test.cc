#include <gmock/gmock.h>

#include <random>

#include "switch/ports/faulty_port.h"
#include "switch/ports/memory_port.h"
#include "switch/ports/traced_port.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using namespace std::chrono_literals;

class DecoratedPortTest : public ::testing::Test {
protected:
    void TearDown() override { EXPECT_EQ(ledger_.expected_held(), 0); }
    std::unique_ptr<MemoryPort> make_port() {
        auto port = std::make_unique<MemoryPort>(pool_, ledger_);
        port_ = port.get();
        return port;
    }
    // Sends `count` datagrams that carry their number, in one burst.
    void send(Port& port, std::size_t count) {
        Batch batch;
        for (std::size_t i = 0; i < count; ++i)
            batch.push_back(udp().from(kHere, 1).to(kThere, 2).ip_id(static_cast<unsigned>(i)).payload(100).in(pool_));
        ledger_.originated += count;
        port.send(batch, Timestamp{1s});
        EXPECT_TRUE(batch.empty());
    }
    std::vector<unsigned> ids_sent() {
        std::vector<unsigned> ids;
        for (const PacketPtr& packet : port_->take_sent())
            ids.push_back(reinterpret_cast<Ipv4Header*>(packet->data() + 14)->identification.value());
        return ids;
    }
    PacketPool pool_{{.small = 4096, .large = 8}};
    Ledger ledger_;
    MemoryPort* port_ = nullptr;
};

TEST_F(DecoratedPortTest, ATraceTellsWhatPassedBothWays) {
    TracedPort port{make_port(), 10};
    port_->inject(arp_request().from(kHere).to(kThere).bytes());
    Batch batch;
    port.receive(batch, Timestamp{500ms});
    port.send(batch, Timestamp{2s});
    send(port, 1);
    const auto trace = port.trace();
    ASSERT_EQ(trace.size(), 3u);
    EXPECT_EQ(trace[0].to_string(), "in  0.500000s 42 bytes 02:00:00:00:00:01 -> ff:ff:ff:ff:ff:ff type 0x0806");
    EXPECT_EQ(trace[1].way, PacketSummary::Way::out);
    EXPECT_THAT(trace[2].to_string(), ::testing::EndsWith("udp 192.0.2.1:1 -> 192.0.2.2:2"));
    EXPECT_EQ(port.counters().in_packets, 1u);
    EXPECT_EQ(port.counters().out_packets, 2u);
}

TEST_F(DecoratedPortTest, ATraceForgetsTheOldest) {
    TracedPort port{make_port(), 4};
    send(port, 10);
    EXPECT_EQ(port.passed(), 10u);
    Batch batch;
    batch.push_back(arp_request().in(pool_));
    ++ledger_.originated;
    port.send(batch, Timestamp{9s});
    ASSERT_EQ(port.trace().size(), 4u);
    EXPECT_EQ(port.trace().front().ether_type, EtherType::ipv4);
    EXPECT_EQ(port.trace().back().ether_type, EtherType::arp);
    EXPECT_EQ(port_->take_sent().size(), 11u);
}

TEST_F(DecoratedPortTest, ATraceTakesAnyNonsense) {
    TracedPort port{make_port(), 4};
    const Bytes whole = tcp().vlan(7).bytes();
    Batch batch;
    for (std::size_t size = 0; size < whole.size(); ++size) batch.push_back(pool_.make(std::span{whole}.first(size)));
    ledger_.originated += batch.size();
    port.send(batch, {});
    for (const auto& summary : port.trace()) EXPECT_FALSE(summary.to_string().empty());
}

TEST_F(DecoratedPortTest, WithoutFaultsNothingHappens) {
    FaultyPort port{make_port(), {}, 1, pool_, ledger_};
    send(port, 20);
    const auto ids = ids_sent();
    EXPECT_EQ(ids.size(), 20u);
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(DecoratedPortTest, FaultsHappenAboutAsOftenAsAskedAndTheBooksBalance) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    FaultyPort port{make_port(), {.drop = 0.2, .duplicate = 0.1}, seed, pool_, ledger_};
    send(port, 2000);
    const auto lost = ledger_.dropped_for(DropReason::injected_fault);
    EXPECT_NEAR(static_cast<double>(lost), 400, 120);
    EXPECT_NEAR(static_cast<double>(ledger_.copied), 160, 80);
    EXPECT_EQ(ids_sent().size(), 2000 - lost + ledger_.copied);
    EXPECT_EQ(port.counters().drops, lost);
}

TEST_F(DecoratedPortTest, WhatArrivesIsDisturbedToo) {
    FaultyPort port{make_port(), {.drop = 1}, 1, pool_, ledger_};
    port_->inject(udp().bytes());
    Batch batch;
    port.receive(batch, {});
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(ledger_.received, 1u);
    EXPECT_EQ(ledger_.dropped_for(DropReason::injected_fault), 1u);
}

TEST_F(DecoratedPortTest, OneSeedOneCourseOfEvents) {
    std::vector<std::vector<unsigned>> courses;
    for (const std::uint64_t seed : {7U, 7U, 8U}) {
        FaultyPort port{make_port(), {.drop = 0.3, .duplicate = 0.3, .reorder = 0.3}, seed, pool_, ledger_};
        send(port, 200);
        courses.push_back(ids_sent());
    }
    EXPECT_EQ(courses[0], courses[1]);
    EXPECT_NE(courses[0], courses[2]);
    EXPECT_FALSE(std::is_sorted(courses[0].begin(), courses[0].end()));
}

TEST_F(DecoratedPortTest, DamageIsOneBitThatTheReceiverCanFind) {
    FaultyPort port{make_port(), {.corrupt = 1}, 1, pool_, ledger_};
    const auto builder = udp().from(kHere, 1).to(kThere, 2).payload(200).partial_checksum();
    Batch batch;
    batch.push_back(builder.in(pool_));
    ++ledger_.originated;
    port.send(batch, {});
    const Batch sent = port_->take_sent();
    EXPECT_EQ(sent.at(0)->offload.checksum, ChecksumState::unknown);
    const Bytes good = udp().from(kHere, 1).to(kThere, 2).payload(200).bytes();
    int bits = 0;
    for (std::size_t i = 0; i < good.size(); ++i) bits += std::popcount(std::to_integer<unsigned>(good[i] ^ sent[0]->data()[i]));
    EXPECT_EQ(bits, 1);
}

}  // namespace
}  // namespace hairpin::l2
