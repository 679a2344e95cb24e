// A TapPort needs a descriptor that keeps frames apart; a pair of sequenced-packet sockets does, so no TAP device and no root is needed.
#include "switch/ports/tap_port.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "switch/virtio_header.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;

class TapPortTest : public ::testing::Test {
protected:
    explicit TapPortTest(PacketPool::Capacity capacity = {.small = 256, .large = 8}) : pool_(capacity) {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
        const int room = 4 << 20;
        for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        kernel_ = ends[0];
        TapDevice device{"tap-test", ends[1]};
        device.set_capabilities(Capabilities::all());
        port_.emplace(std::move(device), pool_, ledger_, 1500);
    }
    ~TapPortTest() override {
        batch_.clear();
        close(kernel_);
        EXPECT_EQ(ledger_.expected_held(), held_);
    }

    // What the kernel would hand over: the packet with its virtio header.
    void arrive(const Packet& packet) { arrive(VirtioHeader::describe(packet), packet.bytes()); }
    void arrive(const VirtioHeader& header, std::span<const std::byte> frame) {
        Bytes bytes(sizeof header + frame.size());
        std::memcpy(bytes.data(), &header, sizeof header);
        std::memcpy(bytes.data() + sizeof header, frame.data(), frame.size());
        ASSERT_EQ(send(kernel_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }
    // Everything that is there, in as many bursts as it takes.
    const Batch& receive() {
        const std::size_t before = batch_.size();
        while (port_->receive(batch_, {})) {
        }
        held_ += static_cast<std::int64_t>(batch_.size() - before);  // with the test, as if it were a neighbour queue
        return batch_;
    }
    void send_out(PacketPtr packet) {
        ++ledger_.originated;
        Batch batch;
        batch.push_back(std::move(packet));
        port_->send(batch, {});
        EXPECT_TRUE(batch.empty());
    }
    // The next frame that reached the device, with its header.
    std::pair<VirtioHeader, Bytes> departed() {
        Bytes bytes(70000);
        const ssize_t size = recv(kernel_, bytes.data(), bytes.size(), 0);
        VirtioHeader header;
        EXPECT_GE(size, static_cast<ssize_t>(sizeof header));
        std::memcpy(&header, bytes.data(), sizeof header);
        return {header, Bytes{bytes.begin() + sizeof header, bytes.begin() + std::max<ssize_t>(size, sizeof header)}};
    }

    PacketPool pool_;
    Ledger ledger_;
    std::optional<TapPort> port_;
    int kernel_ = -1;
    Batch batch_;
    std::int64_t held_ = 0;
};

TEST_F(TapPortTest, SmallAndLargeFramesArriveWhole) {
    const auto sizes = {0, 1, 1434, 1994, 1995, 30000, 60000, 10};  // 1994 bytes of TCP payload fill a small buffer exactly
    for (const int size : sizes) arrive(*tcp().from(kHere, 1).to(kThere, 2).payload(static_cast<std::size_t>(size)).in(pool_));
    const Batch& arrived = receive();
    ASSERT_EQ(arrived.size(), sizes.size());
    auto packet = arrived.begin();
    for (const int size : sizes)
        EXPECT_EQ(bytes_of(**packet++), tcp().from(kHere, 1).to(kThere, 2).payload(static_cast<std::size_t>(size)).bytes());
    EXPECT_EQ(port_->counters().in_packets, sizes.size());
    EXPECT_EQ(ledger_.received, sizes.size());
}

TEST_F(TapPortTest, ADeviceComesAndGoesAndThePortStays) {
    arrive(*udp().from(kHere, 1).to(kThere, 2).payload(1).in(pool_));
    ASSERT_EQ(receive().size(), 1U);
    port_->unplug();
    EXPECT_FALSE(port_->attached());
    EXPECT_EQ(port_->readable_descriptor(), -1);
    EXPECT_EQ(receive().size(), 1U);
    send_out(udp().from(kHere, 1).to(kThere, 2).payload(1).in(pool_));
    EXPECT_EQ(ledger_.dropped_for(DropReason::port_detached), 1U);

    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    close(std::exchange(kernel_, ends[0]));
    port_->plug(TapDevice{"tap-again", ends[1]});
    EXPECT_TRUE(port_->attached());
    arrive(*udp().from(kHere, 1).to(kThere, 2).payload(1).in(pool_));
    EXPECT_EQ(receive().size(), 2U);
    EXPECT_EQ(port_->counters().in_packets, 2U);
    EXPECT_EQ(port_->counters().drops, 1U);
}

TEST_F(TapPortTest, WithoutADeviceItIsDetachedFromTheBeginning) {
    TapPort waiting{TapDevice{}, pool_, ledger_, 1500};
    EXPECT_FALSE(waiting.attached());
    Batch batch;
    EXPECT_FALSE(waiting.receive(batch, {}));
}

TEST_F(TapPortTest, ASuperPacketKeepsItsMetadataBothWays) {
    const auto big = tcp().from(kHere, 1).to(kThere, 2).ack().payload(40000).super_packet(1448);
    arrive(*big.in(pool_));
    ASSERT_EQ(receive().size(), 1u);
    EXPECT_EQ(batch_[0]->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(batch_[0]->offload.segment_size, 1448);
    EXPECT_EQ(batch_[0]->offload.checksum, ChecksumState::partial);

    send_out(big.in(pool_));
    const auto [header, frame] = departed();
    EXPECT_EQ(frame, big.bytes());
    EXPECT_EQ(header.segmentation, VirtioHeader::kTcp4);
    EXPECT_EQ(header.header_length, 54);
    EXPECT_EQ(header.flags, VirtioHeader::kNeedsChecksum);
    EXPECT_EQ(ledger_.transmitted, 1u);
}

TEST_F(TapPortTest, PacketsThatBelongTogetherLeaveAsOne) {
    Batch batch;
    for (unsigned i = 0; i < 3; ++i)
        batch.push_back(udp().from(kHere, 1).to(kThere, 2).ip_id(i).payload(100).partial_checksum().in(pool_));
    batch.push_back(icmp_echo().from(kHere).to(kThere).in(pool_));
    ledger_.originated += batch.size();
    port_->send(batch, {});

    const auto expected = udp().from(kHere, 1).to(kThere, 2).ip_id(0).payload(300).partial_checksum();
    const auto [header, frame] = departed();
    EXPECT_EQ(header.segmentation, VirtioHeader::kUdp);
    EXPECT_EQ(header.segment_size, 100);
    EXPECT_EQ(header.header_length, 42);
    EXPECT_EQ(frame.size(), 342u);
    Bytes headers = expected.bytes();
    headers.resize(42);
    EXPECT_EQ((Bytes{frame.begin(), frame.begin() + 42}), headers);
    EXPECT_EQ(departed().second, icmp_echo().from(kHere).to(kThere).bytes());
    EXPECT_EQ(ledger_.transmitted, 4u) << "each counts, however it travelled";
    EXPECT_EQ(port_->counters().out_packets, 4u);
}

TEST_F(TapPortTest, ABurstIsBounded) {
    for (std::size_t i = 0; i < kBurstPackets + 5; ++i) arrive(*udp().payload(1).in(pool_));
    EXPECT_TRUE(port_->receive(batch_, {}));
    EXPECT_EQ(batch_.size(), kBurstPackets);
    EXPECT_FALSE(port_->receive(batch_, {}));
    held_ = static_cast<std::int64_t>(batch_.size());
    EXPECT_EQ(batch_.size(), kBurstPackets + 5);
}

TEST_F(TapPortTest, ASuperPacketEndsItsBurst) {
    for (int i = 0; i < 2; ++i) arrive(*tcp().from(kHere, 1).to(kThere, 2).payload(65000).super_packet(1448).in(pool_));
    arrive(*udp().payload(1).in(pool_));
    EXPECT_TRUE(port_->receive(batch_, {}));
    EXPECT_EQ(batch_.size(), 2u) << "the first leaves less than a super-packet's room, which the second fills";
    receive();
    held_ = static_cast<std::int64_t>(batch_.size());
    EXPECT_EQ(batch_.size(), 3u);
}

TEST_F(TapPortTest, WhatCannotBeTrueIsDropped) {
    auto big = tcp().from(kHere, 1).to(kThere, 2).payload(3000).super_packet(1000).in(pool_);
    VirtioHeader header = VirtioHeader::describe(*big);
    header.segment_size = 0;
    arrive(header, big->bytes());
    EXPECT_TRUE(receive().empty());
    EXPECT_EQ(ledger_.dropped_for(DropReason::malformed_offload), 1u);
    EXPECT_EQ(port_->counters().drops, 1u);

    const std::byte stub[3]{};
    ASSERT_EQ(::send(kernel_, stub, sizeof stub, 0), 3);
    EXPECT_TRUE(receive().empty());
    EXPECT_EQ(ledger_.dropped_for(DropReason::runt), 1u);
}

TEST_F(TapPortTest, AFullOrBrokenDeviceRefuses) {
    shutdown(kernel_, SHUT_RD);
    signal(SIGPIPE, SIG_IGN);
    send_out(udp().in(pool_));
    EXPECT_EQ(ledger_.dropped_for(DropReason::egress_refused), 1u);
    EXPECT_EQ(port_->counters().out_packets, 0u);
    EXPECT_TRUE(port_->attached());
}

class TapPortOnAnEmptyPool : public TapPortTest {
protected:
    TapPortOnAnEmptyPool() : TapPortTest({.small = 2, .large = 2}) {}  // one of the large ones is the port's spill
};

TEST_F(TapPortOnAnEmptyPool, FramesAreTakenAndCountedNotLeftWaiting) {
    const Bytes frame = udp().payload(1).bytes();
    for (int i = 0; i < 5; ++i) arrive({}, frame);
    EXPECT_EQ(receive().size(), 2u);
    EXPECT_EQ(ledger_.dropped_for(DropReason::no_buffer), 3u);
    EXPECT_EQ(port_->counters().in_packets, 5u);
}

TEST_F(TapPortOnAnEmptyPool, WithoutALargeBufferOnlyLargeFramesAreLost) {
    PacketPtr taken = pool_.take_large();
    arrive({}, tcp().payload(5000).bytes());
    arrive({}, tcp().payload(5000).bytes());
    arrive({}, udp().payload(1).bytes());
    ASSERT_EQ(receive().size(), 2u);
    EXPECT_EQ(batch_[0]->size(), 5054u);  // in the spill
    EXPECT_EQ(batch_[1]->size(), 43u);
    EXPECT_EQ(ledger_.dropped_for(DropReason::no_buffer), 1u);
}

TEST(OpenTap, RefusesWhatCannotBeADeviceName) {
    for (const char* name : {"", "a-name-of-16-char", "tap%d", "a/b", "a b", "."}) {
        const auto device = open_tap(name);
        ASSERT_FALSE(device) << name;
        EXPECT_THAT(device.error().message, ::testing::StartsWith("tap \"" + std::string{name} + "\": a device name")) << name;
    }
}

TEST(OpenTap, RefusesANameThatExists) {
    const auto device = open_tap("lo");
    ASSERT_FALSE(device);
    EXPECT_THAT(device.error().message, ::testing::StartsWith("tap \"lo\": a network device of that name exists already"));
}

}  // namespace
}  // namespace hairpin::l2
