#include "switch/segmentation.h"

#include <gtest/gtest.h>

#include "net/frame_view.h"
#include "net/offload.h"
#include "switch/transport_view.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;

Bytes payload_of(Packet& packet) {
    const TransportView view = TransportView::find(packet);
    const auto payload = packet.bytes().subspan(view.header_length(), view.payload_length());
    return {payload.begin(), payload.end()};
}

// What must hold of the pieces of any super-packet, whatever its protocol.
void expect_pieces_carry(const Batch& pieces, const Bytes& payload, std::size_t segment_size) {
    Bytes joined;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const Bytes part = payload_of(*pieces[i]);
        EXPECT_EQ(part.size(), i + 1 < pieces.size() ? segment_size : payload.size() - i * segment_size) << "piece " << i;
        EXPECT_TRUE(checksums_hold(*pieces[i])) << "piece " << i;
        EXPECT_NE(pieces[i]->offload.checksum, ChecksumState::partial);
        EXPECT_EQ(pieces[i]->offload.segmentation, Segmentation::none);
        joined.insert(joined.end(), part.begin(), part.end());
    }
    EXPECT_EQ(joined, payload);
}

class SegmentationTest : public ::testing::Test {
protected:
    Batch cut(const PacketBuilder& builder) {
        const PacketPtr whole = builder.in(pool_);
        Batch pieces;
        const auto count = cut_into_segments(*whole, pool_, pieces);
        EXPECT_TRUE(count.has_value());
        EXPECT_EQ(count.value_or(0), pieces.size());
        return pieces;
    }
    DropReason refusal(Packet& packet) {
        Batch pieces;
        const auto count = cut_into_segments(packet, pool_, pieces);
        EXPECT_FALSE(count.has_value());
        EXPECT_TRUE(pieces.empty());
        return count ? DropReason{} : count.error();
    }
    PacketPool pool_{{.small = 64, .large = 4}};
};

TEST_F(SegmentationTest, TcpPiecesContinueEachOther) {
    const auto whole = tcp()
                           .from(kHere, 40000)
                           .to(kThere, 80)
                           .sequence(0xffff'fc00)
                           .ack()
                           .psh()
                           .fin()
                           .ip_id(0xffff)
                           .payload(3500)
                           .super_packet(1448);
    const Batch pieces = cut(whole);
    ASSERT_EQ(pieces.size(), 3u);
    expect_pieces_carry(pieces, payload_of(*whole.in(pool_)), 1448);

    const std::uint32_t sequences[] = {0xffff'fc00, 0xffff'fc00 + 1448u, 0xffff'fc00 + 2896u};  // wraps
    const std::uint16_t ids[] = {0xffff, 0, 1};                                                 // wraps too
    for (std::size_t i = 0; i < 3; ++i) {
        const TransportView view = TransportView::find(*pieces[i]);
        EXPECT_EQ(view.tcp().sequence.value(), sequences[i]);
        EXPECT_EQ(view.ipv4().identification.value(), ids[i]);
    }
}

TEST_F(SegmentationTest, FinAndPushStandOnTheLastPieceAndCwrOnTheFirst) {
    constexpr unsigned kFlags = TcpHeader::kAck | TcpHeader::kPsh | TcpHeader::kFin | kTcpCwr;
    const Batch pieces = cut(tcp().from(kHere, 1).to(kThere, 2).flags(kFlags).payload(300).super_packet(100));
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(TransportView::find(*pieces[0]).tcp().flags, TcpHeader::kAck | kTcpCwr);
    EXPECT_EQ(TransportView::find(*pieces[1]).tcp().flags, TcpHeader::kAck);
    EXPECT_EQ(TransportView::find(*pieces[2]).tcp().flags, TcpHeader::kAck | TcpHeader::kPsh | TcpHeader::kFin);
}

TEST_F(SegmentationTest, TcpOptionsAndTagsStandOnEveryPiece) {
    const Bytes options{std::byte{1}, std::byte{1}, std::byte{8}, std::byte{10}, std::byte{1}, std::byte{2},
                        std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6},  std::byte{7}, std::byte{8}};
    const auto whole = tcp().from(kHere, 1).to(kThere, 2).vlan(10).tcp_options(options).payload(250).super_packet(100);
    const Batch pieces = cut(whole);
    ASSERT_EQ(pieces.size(), 3u);
    for (const PacketPtr& piece : pieces) {
        EXPECT_EQ(EthernetView::parse(*piece).vlan(), VlanId{10});
        EXPECT_EQ(TransportView::find(*piece).tcp().header_length(), 32u);
    }
    expect_pieces_carry(pieces, payload_of(*whole.in(pool_)), 100);
}

TEST_F(SegmentationTest, TcpOverIpv6) {
    const auto whole = tcp().from(kHere6, 1).to(kThere6, 2).ack().payload(3000).super_packet(1428);
    const Batch pieces = cut(whole);
    ASSERT_EQ(pieces.size(), 3u);
    expect_pieces_carry(pieces, payload_of(*whole.in(pool_)), 1428);
}

TEST_F(SegmentationTest, UdpDatagramsHaveTheirOwnLengths) {
    const auto whole = udp().from(kHere, 1).to(kThere, 2).payload(250).super_packet(100);
    const Batch pieces = cut(whole);
    ASSERT_EQ(pieces.size(), 3u);
    expect_pieces_carry(pieces, payload_of(*whole.in(pool_)), 100);
    EXPECT_EQ(TransportView::find(*pieces[0]).udp().length.value(), 108);
    EXPECT_EQ(TransportView::find(*pieces[2]).udp().length.value(), 58);
    EXPECT_EQ(cut(udp().from(kHere6, 1).to(kThere6, 2).payload(250).super_packet(100)).size(), 3u);
}

TEST_F(SegmentationTest, PaddingIsNobodysPayload) {
    const Batch pieces = cut(udp().from(kHere, 1).to(kThere, 2).payload(20).super_packet(10).padded_to(100));
    EXPECT_EQ(pieces.size(), 2u);
}

TEST_F(SegmentationTest, AnEmptyPoolYieldsNoPiecesAtAll) {
    PacketPool small_pool{{.small = 2, .large = 1}};
    const PacketPtr whole = tcp().from(kHere, 1).to(kThere, 2).payload(3000).super_packet(1000).in(small_pool);
    Batch pieces;
    EXPECT_EQ(cut_into_segments(*whole, small_pool, pieces).error(), DropReason::no_buffer);
    EXPECT_TRUE(pieces.empty());
    EXPECT_EQ(small_pool.in_use(), 1u);
}

TEST_F(SegmentationTest, MetadataThatDoesNotFitIsRefused) {
    const auto tcp_packet = [&] { return tcp().from(kHere, 1).to(kThere, 2).payload(3000).super_packet(1000).in(pool_); };
    {
        auto packet = tcp_packet();
        packet->offload.segment_size = 0;
        EXPECT_EQ(refusal(*packet), DropReason::malformed_offload);
    }
    {
        auto packet = tcp_packet();
        packet->offload.segment_size = 1;  // 3000 pieces
        EXPECT_EQ(refusal(*packet), DropReason::malformed_offload);
    }
    for (const Segmentation wrong : {Segmentation::none, Segmentation::tcp6, Segmentation::udp}) {
        auto packet = tcp_packet();
        packet->offload.segmentation = wrong;
        EXPECT_EQ(refusal(*packet), DropReason::malformed_offload);
    }
    auto fragment = udp().from(kHere, 1).to(kThere, 2).fragment(0, true).payload(3000).in(pool_);
    fragment->offload.segmentation = Segmentation::udp;
    fragment->offload.segment_size = 1000;
    EXPECT_EQ(refusal(*fragment), DropReason::malformed_offload);
}

TEST(CompleteChecksum, FinishesWhatTheSenderLeftOpen) {
    PacketPool pool{{.small = 4, .large = 1}};
    for (const auto& builder : {tcp().from(kHere, 1).to(kThere, 2).payload(101), udp().from(kHere, 1).to(kThere, 2).payload(7),
                                tcp().from(kHere6, 1).to(kThere6, 2).vlan(3).payload(33)}) {
        const PacketPtr packet = PacketBuilder{builder}.partial_checksum().in(pool);
        ASSERT_TRUE(checksums_hold(*packet));
        complete_checksum(*packet);
        EXPECT_EQ(packet->offload.checksum, ChecksumState::verified);
        EXPECT_TRUE(checksums_hold(*packet));
        EXPECT_EQ(bytes_of(*packet), builder.bytes());
    }
}

TEST(CompleteChecksum, AZeroUdpSumTravelsAsAllOnes) {
    PacketPool pool{{.small = 4, .large = 1}};
    // The two payload bytes are chosen so that everything sums up to 0xffff.
    auto builder = udp().from(kHere, 1).to(kThere, 2);
    const Be16 missing = [&] {
        const PacketPtr probe = PacketBuilder{builder}.payload(2).in(pool);
        std::memset(probe->data() + 42, 0, 2);
        ChecksumSum sum = pseudo_header_sum(kHere, kThere, IpProtocol::udp, 10);
        std::memset(probe->data() + 40, 0, 2);
        return sum.add(probe->bytes().subspan(34)).checksum();
    }();
    const PacketPtr packet = builder.payload(std::as_bytes(std::span{&missing, 1})).partial_checksum().in(pool);
    complete_checksum(*packet);
    EXPECT_EQ(TransportView::find(*packet).udp().checksum.value(), 0xffff);
    EXPECT_TRUE(checksums_hold(*packet));
}

}  // namespace
}  // namespace hairpin::l2
