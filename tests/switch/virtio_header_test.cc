// Offload metadata from a guest is hostile input: next to each thing that is believed stand those that are not.
#include "switch/virtio_header.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "net/offload.h"
#include "switch/segmentation.h"
#include "switch/transport_view.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;

PacketBuilder big_tcp() { return tcp().from(kHere, 40000).to(kThere, 80).ack().payload(20000).super_packet(1448); }
PacketBuilder big_udp() { return udp().from(kHere, 40000).to(kThere, 53).payload(2000).super_packet(500); }

class VirtioHeaderTest : public ::testing::Test {
protected:
    PacketPool pool_{{.small = 16, .large = 4}};
};

TEST_F(VirtioHeaderTest, WhatIsDescribedIsUnderstoodAgain) {
    const Ipv6Address here6 = *Ipv6Address::parse("2001:db8::1");
    for (const auto& builder : {big_tcp(), big_udp(), big_tcp().vlan(7), tcp().from(kHere, 1).to(kThere, 2).partial_checksum(),
                                tcp().from(here6, 1).to(here6, 2).payload(9000).super_packet(1200)}) {
        const PacketPtr packet = builder.in(pool_);
        const Offload before = packet->offload;
        const VirtioHeader header = VirtioHeader::describe(*packet);
        packet->offload = {};
        ASSERT_TRUE(header.apply_to(*packet));
        EXPECT_EQ(packet->offload.checksum, before.checksum);
        EXPECT_EQ(packet->offload.segmentation, before.segmentation);
        EXPECT_EQ(packet->offload.segment_size, before.segment_size);
        EXPECT_EQ(packet->offload.header_length, before.header_length);
        EXPECT_EQ(packet->offload.checksum_start, before.checksum_start);
        EXPECT_EQ(packet->offload.checksum_offset, before.checksum_offset);
    }
}

TEST_F(VirtioHeaderTest, ReducedWindowIsAnnouncedToTheDevice) {
    EXPECT_EQ(VirtioHeader::describe(*big_tcp().flags(TcpHeader::kAck | kTcpCwr).in(pool_)).segmentation,
              VirtioHeader::kTcp4 | VirtioHeader::kEcn);
    EXPECT_EQ(VirtioHeader::describe(*big_tcp().in(pool_)).segmentation, VirtioHeader::kTcp4);
}

TEST_F(VirtioHeaderTest, AVerifiedChecksumStaysVerified) {
    const PacketPtr packet = tcp().from(kHere, 1).to(kThere, 2).in(pool_);
    ASSERT_TRUE((VirtioHeader{.flags = VirtioHeader::kDataValid}.apply_to(*packet)));
    EXPECT_EQ(packet->offload.checksum, ChecksumState::verified);
    EXPECT_EQ(VirtioHeader::describe(*packet).flags, VirtioHeader::kDataValid);
    ASSERT_TRUE(VirtioHeader{}.apply_to(*packet));
    EXPECT_EQ(packet->offload.checksum, ChecksumState::unknown);
}

TEST_F(VirtioHeaderTest, TheAnnouncedHeaderLengthIsNotBelieved) {
    for (const unsigned lie : {0u, 1u, 54u, 200u, 65535u}) {
        const PacketPtr packet = big_tcp().in(pool_);
        VirtioHeader header = VirtioHeader::describe(*packet);
        header.header_length = static_cast<std::uint16_t>(lie);
        ASSERT_TRUE(header.apply_to(*packet));
        EXPECT_EQ(packet->offload.header_length, 54u);
    }
}

TEST_F(VirtioHeaderTest, OneSegmentIsAnOrdinaryPacket) {
    const PacketPtr packet = tcp().from(kHere, 1).to(kThere, 2).payload(100).super_packet(100).in(pool_);
    ASSERT_TRUE(VirtioHeader::describe(*packet).apply_to(*packet));
    EXPECT_EQ(packet->offload.segmentation, Segmentation::none);
    EXPECT_EQ(packet->offload.checksum, ChecksumState::partial);
}

// A checksum that is neither of TCP nor of UDP is finished at once, so that only those two are ever partial further on.
TEST_F(VirtioHeaderTest, AnOddPlaceForAChecksumIsFinishedAtOnce) {
    const PacketPtr packet = ip(132).from(kHere).to(kThere).payload(40).in(pool_);
    std::memset(packet->data() + 34 + 8, 0, 2);
    ASSERT_TRUE(
        (VirtioHeader{.flags = VirtioHeader::kNeedsChecksum, .checksum_start = 34, .checksum_offset = 8}.apply_to(*packet)));
    EXPECT_EQ(packet->offload.checksum, ChecksumState::verified);
    EXPECT_TRUE(checksum_holds(packet->bytes().subspan(34)));
}

TEST_F(VirtioHeaderTest, LiesAreRefused) {
    struct Lie {
        const char* what;
        PacketBuilder packet;
        std::function<void(VirtioHeader&)> tell;
    };
    const auto change = [](auto member, auto value) {
        return [=](VirtioHeader& header) { header.*member = static_cast<std::uint16_t>(value); };
    };
    const auto kind = [](std::uint8_t number) { return [=](VirtioHeader& header) { header.segmentation = number; }; };
    const Lie lies[] = {
        {"checksum beyond the frame", tcp().partial_checksum(), change(&VirtioHeader::checksum_start, 53)},
        {"checksum far beyond", tcp().partial_checksum(), change(&VirtioHeader::checksum_start, 65535)},
        {"offset far beyond", tcp().partial_checksum(), change(&VirtioHeader::checksum_offset, 65535)},
        {"another place in a TCP packet", tcp().partial_checksum(), change(&VirtioHeader::checksum_start, 14)},
        {"another field of TCP", tcp().partial_checksum(), change(&VirtioHeader::checksum_offset, 4)},
        {"no segment size", big_tcp(), change(&VirtioHeader::segment_size, 0)},
        {"20000 segments", big_tcp(), change(&VirtioHeader::segment_size, 1)},
        {"TCP over IPv6 in an IPv4 frame", big_tcp(), kind(VirtioHeader::kTcp6)},
        {"UDP in a TCP frame", big_tcp(), kind(VirtioHeader::kUdp)},
        {"TCP in a UDP frame", big_udp(), kind(VirtioHeader::kTcp4)},
        {"UDP fragments (UFO), which nobody may offer", big_udp(), kind(3)},
        {"a kind that does not exist", big_tcp(), kind(77)},
        {"segments without a partial checksum", big_tcp(), [](VirtioHeader& header) { header.flags = 0; }},
        {"segments of what is no IP", ethernet(0x88b5).payload(2000),
         [](VirtioHeader& header) {
             header = {.flags = 1,
                       .segmentation = 1,
                       .header_length = 54,
                       .segment_size = 100,
                       .checksum_start = 34,
                       .checksum_offset = 16};
         }},
        {"padding behind a super-packet", big_udp().padded_to(2100), [](VirtioHeader&) {}},
    };
    for (const Lie& lie : lies) {
        const PacketPtr packet = lie.packet.in(pool_);
        VirtioHeader header = VirtioHeader::describe(*packet);
        lie.tell(header);
        EXPECT_FALSE(header.apply_to(*packet)) << lie.what;
    }
}

// Random headers on random truncations: whatever is accepted can be described, cut and completed without harm.
TEST_F(VirtioHeaderTest, NonsenseDoesNoHarm) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    PacketPool pool{{.small = 4096, .large = 2}};
    const PacketBuilder frames[] = {big_tcp().payload(3000), big_udp(),        tcp(), udp().payload(3), icmp_echo(),
                                    arp_request(),           big_udp().vlan(5)};
    const std::uint16_t interesting[] = {0, 1, 6, 8, 14, 16, 34, 38, 42, 54, 100, 1448, 3000, 0x8000, 0xffff};
    const auto pick = [&] { return interesting[random() % std::size(interesting)]; };
    std::size_t accepted = 0;
    for (int round = 0; round < 20000; ++round) {
        const Bytes bytes = frames[random() % std::size(frames)].bytes();
        const PacketPtr packet = pool.make(std::span{bytes}.first(random() % 2 ? bytes.size() : random() % (bytes.size() + 1)));
        if (packet->size() > 14 && random() % 2) packet->data()[random() % packet->size()] ^= static_cast<std::byte>(random());
        const std::uint8_t kinds[] = {0, 1, 3, 4, 5, 0x81};
        const VirtioHeader header{.flags = static_cast<std::uint8_t>(random() % 4),
                                  .segmentation = kinds[random() % std::size(kinds)],
                                  .header_length = pick(),
                                  .segment_size = pick(),
                                  .checksum_start = pick(),
                                  .checksum_offset = pick()};
        if (!header.apply_to(*packet)) continue;
        ++accepted;
        VirtioHeader::describe(*packet);
        Batch pieces;
        if (packet->offload.segmentation != Segmentation::none)
            EXPECT_TRUE(cut_into_segments(*packet, pool, pieces));
        else if (packet->offload.checksum == ChecksumState::partial)
            complete_checksum(*packet);
    }
    EXPECT_GT(accepted, 1000u);
}

}  // namespace
}  // namespace hairpin::l2
