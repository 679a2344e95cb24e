// Reading datagrams, and the packets inside.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "net/offload.h"
#include "net/vxlan.h"
#include "switch/segmentation.h"
#include "switch/vxlan/datagram.h"
#include "switch/vxlan/inner_packet.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using ::testing::ElementsAre;

Bytes encapsulated(const Bytes& frame, std::uint32_t vni = 7) {
    const VxlanHeader header{Be32{VxlanHeader::kVniPresent}, Be32{vni << 8}};
    Bytes bytes(sizeof header);
    std::memcpy(bytes.data(), &header, sizeof header);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    return bytes;
}

struct Lengths {
    std::vector<std::size_t> sizes;
    std::uint16_t segment_size = 0;
    bool several = false;
};
Lengths lengths_of(const Bytes& received, std::size_t size_of_each) {
    Lengths lengths;
    VxlanDatagrams datagrams{received, size_of_each};
    while (const auto datagram = datagrams.next()) {
        lengths.sizes.push_back(datagram->bytes.size());
        lengths.segment_size = datagram->segment_size;
        lengths.several = datagram->one_of_several;
    }
    return lengths;
}

TEST(VxlanDatagrams, OneAndSeveral) {
    const Bytes one = encapsulated(udp().from(kHere, 1).to(kThere, 2).payload(100).bytes());
    EXPECT_THAT(lengths_of(one, 0).sizes, ElementsAre(one.size()));
    EXPECT_THAT(lengths_of(one, one.size()).sizes, ElementsAre(one.size()));
    EXPECT_FALSE(lengths_of(one, one.size()).several);

    Bytes three = one;
    three.insert(three.end(), one.begin(), one.end());
    const Bytes last = encapsulated(udp().from(kHere, 1).to(kThere, 2).payload(10).bytes());
    three.insert(three.end(), last.begin(), last.end());
    EXPECT_THAT(lengths_of(three, one.size()).sizes, ElementsAre(one.size(), one.size(), last.size()));
    EXPECT_TRUE(lengths_of(three, one.size()).several);
    EXPECT_EQ(lengths_of(three, one.size()).segment_size, 0);
    EXPECT_THAT(lengths_of({}, 0).sizes, ElementsAre());
}

// A kernel's tunnel that met no network card leaves a super-packet of UDP as one datagram, and tells the size of the segments inside.
TEST(VxlanDatagrams, AFrameThatGoesOnBeyondTheFirstIsOne) {
    for (const bool tagged : {false, true}) {
        auto inner = udp().from(kHere, 1).to(kThere, 2).payload(5000).super_packet(1000);
        if (tagged) inner.vlan(10);
        const Bytes uncut = encapsulated(inner.bytes());
        EXPECT_THAT(lengths_of(uncut, 1000).sizes, ElementsAre(uncut.size()));
        EXPECT_EQ(lengths_of(uncut, 1000).segment_size, 1000);
    }
    const Bytes uncut6 = encapsulated(udp().from(kHere6, 1).to(kThere6, 2).payload(5000).super_packet(1000).bytes());
    EXPECT_THAT(lengths_of(uncut6, 1000).sizes, ElementsAre(uncut6.size()));
}

TEST(ReadVxlan, WantsTheHeaderAndTheIFlag) {
    const Bytes good = encapsulated({}, 0xabcdef);
    ASSERT_TRUE(read_vxlan(good));
    EXPECT_EQ(read_vxlan(good)->vni.number(), 0xabcdefu);
    EXPECT_TRUE(read_vxlan(good)->bytes.empty());
    EXPECT_FALSE(read_vxlan(std::span{good}.first(7)));
    Bytes without = good;
    without[0] = std::byte{0xf7};
    EXPECT_FALSE(read_vxlan(without));
}

class DescribeInner : public ::testing::Test {
protected:
    // The packet as it comes out of a tunnel: bytes, and nothing said about them.
    PacketPtr bare(const PacketBuilder& packet) { return pool_.make(packet.bytes()); }
    PacketPtr described(const PacketBuilder& packet, const VxlanDatagrams::Datagram& datagram = {}, unsigned mtu = 1450) {
        PacketPtr result = bare(packet);
        describe_inner(*result, datagram, mtu);
        return result;
    }
    PacketPool pool_{{.small = 256, .large = 8}};
};

TEST_F(DescribeInner, AChecksumThatWasLeftOpenIsSeen) {
    for (const auto& packet : {tcp().from(kHere, 1).to(kThere, 2).payload(100).partial_checksum(),
                               udp().from(kHere, 1).to(kThere, 2).payload(101).partial_checksum()}) {
        const PacketPtr open = described(packet);
        EXPECT_EQ(open->offload.checksum, ChecksumState::partial);
        complete_checksum(*open);
        EXPECT_TRUE(checksums_hold(*open));
    }
}

TEST_F(DescribeInner, AChecksumThatWasLeftOpenBeforePaddingIsCompletedAtOnce) {
    const auto padded = tcp().from(kHere, 1).to(kThere, 2).partial_checksum().padded_to(60);
    PacketPtr packet = bare(padded);
    std::fill(packet->bytes().begin() + 54, packet->bytes().end(), std::byte{0xaa});
    describe_inner(*packet, {}, 1450);
    EXPECT_EQ(packet->offload.checksum, ChecksumState::unknown);
    EXPECT_TRUE(checksums_hold(*packet));
}

// A super-packet that would fall into more pieces than anybody cuts.
TEST_F(DescribeInner, SegmentsOfAByteAreNotBelieved) {
    const PacketPtr packet = described(udp().from(kHere, 1).to(kThere, 2).payload(5000).super_packet(1000),
                                       {.bytes = {}, .segment_size = 1, .one_of_several = false});
    EXPECT_EQ(packet->offload.segmentation, Segmentation::none);
}

TEST_F(DescribeInner, WhatIsCompleteStaysAsItIs) {
    for (const auto& packet :
         {tcp().from(kHere, 1).to(kThere, 2).payload(100), udp().from(kHere, 1).to(kThere, 2).no_udp_checksum().payload(9),
          tcp().from(kHere, 1).to(kThere, 2).payload(100).bad_l4_checksum(), icmp_echo().from(kHere).to(kThere),
          arp_request().from(kHere).to(kThere)})
        EXPECT_EQ(described(packet)->offload.checksum, ChecksumState::unknown);
}

TEST_F(DescribeInner, OneOfSeveralIsVouchedForWhenItsChecksumHolds) {
    const VxlanDatagrams::Datagram one{.bytes = {}, .segment_size = 0, .one_of_several = true};
    EXPECT_EQ(described(tcp().from(kHere, 1).to(kThere, 2).payload(100), one)->offload.checksum, ChecksumState::verified);
    EXPECT_EQ(described(tcp().from(kHere, 1).to(kThere, 2).payload(100).bad_l4_checksum(), one)->offload.checksum,
              ChecksumState::unknown);
}

TEST_F(DescribeInner, ALongPacketOfTcpIsInSegmentsOfTheMtu) {
    const PacketPtr packet = described(tcp().from(kHere, 1).to(kThere, 2).ack().payload(20000).super_packet(1410));
    EXPECT_EQ(packet->offload.segmentation, Segmentation::tcp4);
    EXPECT_EQ(packet->offload.segment_size, 1410);
    Batch pieces;
    ASSERT_TRUE(cut_into_segments(*packet, pool_, pieces));
    for (const PacketPtr& piece : pieces) EXPECT_TRUE(checksums_hold(*piece));
    EXPECT_EQ(described(tcp().from(kHere6, 1).to(kThere6, 2).ack().payload(20000).super_packet(1390))->offload.segmentation,
              Segmentation::tcp6);
}

TEST_F(DescribeInner, ALongPacketOfUdpIsOneUnlessItsSegmentsAreTold) {
    const auto packet = udp().from(kHere, 1).to(kThere, 2).payload(5000).super_packet(1000);
    EXPECT_EQ(described(packet)->offload.segmentation, Segmentation::none);
    const PacketPtr told = described(packet, {.bytes = {}, .segment_size = 1000, .one_of_several = false});
    EXPECT_EQ(told->offload.segmentation, Segmentation::udp);
    EXPECT_EQ(told->offload.segment_size, 1000);
}

TEST(InnerFlow, IsThatOfTheFlowAndOfNothingElse) {
    PacketPool pool{{.small = 16, .large = 1}};
    const auto flow = [&](const PacketBuilder& packet) { return inner_flow(*packet.in(pool), HashKey{}); };
    const auto base = tcp().from(kHere, 1).to(kThere, 2);
    EXPECT_EQ(flow(base), flow(tcp().from(kHere, 1).to(kThere, 2).payload(1000).ttl(3).ip_id(9)));
    const std::set<std::uint32_t> all{flow(base),
                                      flow(tcp().from(kHere, 3).to(kThere, 2)),
                                      flow(tcp().from(kHere, 1).to(kThere, 3)),
                                      flow(udp().from(kHere, 1).to(kThere, 2)),
                                      flow(tcp().from(kThere, 1).to(kHere, 2)),
                                      flow(tcp().from(kHere6, 1).to(kThere6, 2)),
                                      flow(tcp().from(kHere6, 2).to(kThere6, 2)),
                                      flow(arp_request().from(kHere).to(kThere)),
                                      flow(arp_reply().from(kHere).to(kThere))};
    EXPECT_EQ(all.size(), 9u);
    // A first fragment has ports and its others have not.
    EXPECT_EQ(flow(udp().from(kHere, 1).to(kThere, 2).payload(800).fragment(0, true)),
              flow(udp().from(kHere, 1).to(kThere, 2).payload(800).fragment(808, false)));
}

}  // namespace
}  // namespace hairpin::l2
