// The words that other tests are written with must themselves be right.
#include "tests/support/packet_builder.h"

#include <gtest/gtest.h>

#include "net/frame_view.h"
#include "tests/support/two_hosts.h"

namespace hairpin::testing {
namespace {

class PacketBuilderTest : public ::testing::Test {
protected:
    PacketPool pool_{{.small = 4, .large = 2}};
};

TEST_F(PacketBuilderTest, WhatItBuildsHolds) {
    const auto six = *Ipv6Address::parse("2001:db8::1");
    for (const auto& builder :
         {tcp(), tcp().syn().payload(3), tcp().payload(9000).super_packet(1000), udp().payload(7), udp().no_udp_checksum(),
          udp().partial_checksum(), icmp_echo().payload(33), icmp_error(IcmpType::time_exceeded, 0, udp().l3_bytes()),
          tcp().vlan(5).vlan(6), udp().from(six, 1).to(six, 2).payload(9), ip(89).payload(10), arp_request(),
          udp().padded_to(100)})
        EXPECT_TRUE(checksums_hold(*builder.in(pool_)));
}

TEST_F(PacketBuilderTest, WhatIsWrongOnPurposeDoesNot) {
    EXPECT_FALSE(checksums_hold(*tcp().bad_l4_checksum().in(pool_)));
    EXPECT_FALSE(checksums_hold(*tcp().bad_ip_checksum().in(pool_)));
    EXPECT_FALSE(checksums_hold(*udp().bad_l4_checksum().payload(3).in(pool_)));
    EXPECT_FALSE(checksums_hold(*icmp_echo().bad_l4_checksum().in(pool_)));
    EXPECT_FALSE(checksums_hold(*udp().partial_checksum().bad_l4_checksum().in(pool_)));
    const auto six = *Ipv6Address::parse("2001:db8::1");
    EXPECT_FALSE(checksums_hold(*udp().from(six, 1).to(six, 2).bad_l4_checksum().in(pool_)));
}

TEST_F(PacketBuilderTest, OneFrameToTheByte) {
    const unsigned char expected[] = {0x02, 0,    0,   0,  0, 2,  0x02, 0,    0,    0,   0,    1,    0x08, 0x00,  // Ethernet
                                      0x45, 0,    0,   30, 0, 1,  0,    0,    64,   17,  0xf6, 0xca, 192,  0,
                                      2,    1,    192, 0,  2, 2,                            // IPv4
                                      0x13, 0x88, 0,   53, 0, 10, 0xff, 0xaf, 0x68, 0x69};  // UDP, "hi"
    const auto bytes = std::as_bytes(std::span{expected});
    EXPECT_EQ(udp().from(kHere, 5000).to(kThere, 53).payload("hi").bytes(), (Bytes{bytes.begin(), bytes.end()}));
}

TEST_F(PacketBuilderTest, MetadataFitsTheFrame) {
    const PacketPtr packet = tcp().vlan(3).payload(5000).super_packet(1448).in(pool_);
    EXPECT_EQ(packet->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(packet->offload.checksum_start, 38);
    EXPECT_EQ(packet->offload.checksum_offset, 16);
    EXPECT_EQ(packet->offload.header_length, 58);
    EXPECT_EQ(udp().in(pool_)->offload.checksum, ChecksumState::unknown);
}

TEST_F(PacketBuilderTest, ArpAsksEverybodyAndAnswersOne) {
    const PacketPtr request = arp_request().from(kHere).to(kThere).in(pool_);
    EXPECT_TRUE(FrameView::parse(*request).ethernet().destination.is_broadcast());
    EXPECT_TRUE(FrameView::parse(*request).arp().target_mac.is_zero());
    const PacketPtr reply = arp_reply().from(kHere).to(kThere).in(pool_);
    EXPECT_EQ(FrameView::parse(*reply).ethernet().destination, kDestinationMac);
    EXPECT_EQ(FrameView::parse(*reply).arp().sender_mac, kSourceMac);
}

}  // namespace
}  // namespace hairpin::testing
