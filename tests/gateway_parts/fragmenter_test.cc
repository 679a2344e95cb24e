#include "gateway/fragments/fragmenter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/guide_hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Fragmenter : public ::testing::Test {
protected:
    // "offset+length" of each fragment, "..." when more follow; checks what holds for all of them.
    std::vector<std::string> cut(const PacketBuilder& builder, unsigned mtu) {
        original = builder.in(pool);
        FrameView frame = FrameView::parse(*original);
        EXPECT_TRUE(frame);
        const auto count = cut_into_fragments(frame, mtu, pool, pieces);
        EXPECT_TRUE(count.has_value());
        EXPECT_EQ(count.value(), pieces.size());
        std::vector<std::string> texts;
        for (const PacketPtr& piece : pieces) {
            const FrameView view = FrameView::parse(*piece);
            EXPECT_TRUE(view) << "the IP header's checksum holds";
            EXPECT_LE(view.l3_length(), mtu);
            EXPECT_EQ(piece->size(), sizeof(EthernetHeader) + view.l3_length());
            const Ipv4Header& ip = view.ipv4();
            EXPECT_EQ(ip.identification, frame.ipv4().identification);
            EXPECT_EQ(ip.source, kWorkstation);
            EXPECT_EQ(ip.time_to_live, frame.ipv4().time_to_live);
            texts.push_back(std::to_string(ip.fragment_offset()) + "+" + std::to_string(view.l3_length() - ip.header_length()) +
                            (ip.more_fragments() ? "..." : ""));
        }
        return texts;
    }
    // What the pieces' payloads give when put in place.
    Bytes reassembled() {
        Bytes whole;
        for (const PacketPtr& piece : pieces) {
            const FrameView view = FrameView::parse(*piece);
            const auto payload = view.l3_bytes().subspan(view.ipv4().header_length());
            whole.resize(std::max(whole.size(), view.ipv4().fragment_offset() + payload.size()));
            std::copy(payload.begin(), payload.end(), whole.begin() + static_cast<std::ptrdiff_t>(view.ipv4().fragment_offset()));
        }
        return whole;
    }
    Bytes options_of(std::size_t piece) {
        const FrameView view = FrameView::parse(*pieces[piece]);
        const auto options = view.l3_bytes().first(view.ipv4().header_length()).subspan(sizeof(Ipv4Header));
        return {options.begin(), options.end()};
    }

    PacketPool pool{{256, 8}};
    PacketPtr original;
    Batch pieces;
};
class FragmenterRfc4787 : public Fragmenter {};
class Rfc791 : public Fragmenter {};

TEST_F(FragmenterRfc4787, Req13a_FragmentsAreSentInOrderAndFillTheLink) {
    const auto packet = udp().from(kWorkstation, 5000).to(kInternet, 53).payload(3000).ip_id(7);
    EXPECT_THAT(cut(packet, 1500), ElementsAre("0+1480...", "1480+1480...", "2960+48"));
    const Bytes l3 = packet.l3_bytes();
    EXPECT_EQ(reassembled(), Bytes(l3.begin() + sizeof(Ipv4Header), l3.end()));
}

TEST_F(Fragmenter, AtEveryMtuThePiecesMakeTheWhole) {
    const auto packet = udp().from(kWorkstation, 5000).to(kInternet, 53).payload(1000);
    const Bytes l3 = packet.l3_bytes();
    for (unsigned mtu = 68; mtu <= 1027; ++mtu) {
        pieces.clear();
        cut(packet, mtu);
        EXPECT_EQ(reassembled(), Bytes(l3.begin() + sizeof(Ipv4Header), l3.end())) << mtu;
    }
}

TEST_F(Rfc791, Section3_1Offset_OffsetsOfAFragmentThatIsCutAgainCountFromTheDatagramsStart) {
    const Bytes much(1000);
    EXPECT_THAT(cut(ip(17).from(kWorkstation).fragment(1480, true).payload(much), 576),
                ElementsAre("1480+552...", "2032+448..."));
    pieces.clear();
    EXPECT_THAT(cut(ip(17).from(kWorkstation).fragment(1480, false).payload(much), 576), ElementsAre("1480+552...", "2032+448"));
}

TEST_F(Rfc791, Section3_1Options_OnlyCopiedOptionsGoIntoLaterFragments) {
    // No operation, record route (not copied, 7 bytes), router alert (copied, 4 bytes).
    const auto bytes = [](std::initializer_list<unsigned> values) {
        Bytes result;
        for (const unsigned value : values) result.push_back(static_cast<std::byte>(value));
        return result;
    };
    const Bytes options = bytes({1, 7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0});
    cut(udp().from(kWorkstation, 1).to(kInternet, 2).ip_options(options).payload(2000), 1500);
    ASSERT_EQ(pieces.size(), 2u);
    EXPECT_EQ(options_of(0), options);
    EXPECT_EQ(options_of(1), bytes({148, 4, 0, 0}));
}

TEST_F(Rfc791, Section3_1Options_CopiedOptionsArePaddedToWords) {
    Bytes options(8);
    options[0] = std::byte{130};  // security, copied
    options[1] = std::byte{3};
    options[2] = std::byte{9};
    options[3] = std::byte{1};
    options[4] = std::byte{200};  // claims more than there is: nobody can say what it is
    options[5] = std::byte{77};
    cut(udp().from(kWorkstation, 1).to(kInternet, 2).ip_options(options).payload(2000), 1500);
    EXPECT_EQ(options_of(1), (Bytes{std::byte{130}, std::byte{3}, std::byte{9}, std::byte{0}}));
}

TEST_F(Fragmenter, APartialChecksumIsCompletedFirst) {
    const auto packet = udp().from(kWorkstation, 5000).to(kInternet, 53).payload(3000);
    cut(PacketBuilder{packet}.partial_checksum(), 1500);
    const Bytes l3 = packet.l3_bytes();
    EXPECT_EQ(reassembled(), Bytes(l3.begin() + sizeof(Ipv4Header), l3.end()));
    for (const PacketPtr& piece : pieces) EXPECT_EQ(piece->offload.checksum, ChecksumState::unknown);
}

TEST_F(Fragmenter, FragmentsKeepEthernetAddressesPortAndMark) {
    original = udp().from(kWorkstation, 1).to(kInternet, 2).payload(2000).in(pool);
    original->ingress = PortId{3};
    original->mark = 9;
    FrameView frame = FrameView::parse(*original);
    ASSERT_TRUE(cut_into_fragments(frame, 1500, pool, pieces));
    for (const PacketPtr& piece : pieces) {
        EXPECT_EQ(piece->ingress, PortId{3});
        EXPECT_EQ(piece->mark, 9u);
        EXPECT_EQ(FrameView::parse(*piece).ethernet().source, kSourceMac);
    }
}

TEST_F(Fragmenter, WithoutBuffersNothingIsLeftHalfDone) {
    PacketPool tight{{2, 0}};
    original = udp().from(kWorkstation, 1).to(kInternet, 2).payload(4000).in(pool);
    FrameView frame = FrameView::parse(*original);
    EXPECT_EQ(cut_into_fragments(frame, 1500, tight, pieces).error(), DropReason::no_buffer);
    EXPECT_THAT(pieces, IsEmpty());
    EXPECT_EQ(tight.in_use(), 0u);
}

TEST_F(Fragmenter, ASuperPacketIsNotCut) {
    original = tcp().from(kWorkstation, 1).to(kInternet, 2).payload(20000).super_packet(1448).in(pool);
    FrameView frame = FrameView::parse(*original);
    EXPECT_EQ(cut_into_fragments(frame, 576, pool, pieces).error(), DropReason::too_big);
}

TEST_F(Fragmenter, APacketFitsByItsIpLengthAndASuperPacketByItsSegments) {
    const auto fitting = [&](const PacketBuilder& builder, unsigned mtu) {
        const PacketPtr packet = builder.in(pool);
        return fits(FrameView::parse(*packet), mtu);
    };
    const auto full = udp().from(kWorkstation, 1).to(kInternet, 2).payload(1472);
    EXPECT_TRUE(fitting(full, 1500));
    EXPECT_FALSE(fitting(full, 1499));
    EXPECT_TRUE(fitting(PacketBuilder{full}.padded_to(1600), 1500)) << "padding is not the packet's";

    const auto bulk = tcp().from(kWorkstation, 1).to(kInternet, 2).payload(20000).super_packet(1448);
    EXPECT_TRUE(fitting(bulk, 1488));
    EXPECT_FALSE(fitting(bulk, 1487));
}

}  // namespace
}  // namespace hairpin::gateway
