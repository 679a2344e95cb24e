#include "gateway/identification.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;

constexpr Ipv4Address kSource{203, 0, 113, 80}, kDestination{198, 51, 100, 10};

TEST(Identifications, ComeRoundOnlyAfterAllOfThem) {
    Identifications identifications{HashKey{3, 4}};
    std::set<std::uint16_t> seen;
    for (unsigned i = 0; i < 65536; ++i) seen.insert(identifications.next(kSource, kDestination, IpProtocol::udp).value());
    EXPECT_EQ(seen.size(), 65536u);
}

TEST(Identifications, OfOneDestinationTellNothingOfAnother) {
    Identifications identifications{HashKey{0x1234'5678'9abc'def0, 0x0fed'cba9'8765'4321}};
    const unsigned first = identifications.next(kSource, kDestination, IpProtocol::udp).value();
    const unsigned other = identifications.next(kSource, kDestination, IpProtocol::tcp).value();
    EXPECT_NE(first, other);
    for (unsigned i = 0; i < 10; ++i) identifications.next(kSource, {192, 0, 2, 7}, IpProtocol::udp);
    EXPECT_EQ(identifications.next(kSource, kDestination, IpProtocol::udp).value(), (first + 1) % 65536);
}

// Each segment of a super-packet will be a datagram of its own.
TEST(Identifications, OfASuperPacketAreEnoughForItsSegments) {
    Identifications identifications{HashKey{3, 4}};
    PacketPool pool{{4, 4}};
    const PacketPtr packet = tcp().from(kSource, 1).to(kDestination, 2).payload(20000).super_packet(1448).in(pool);
    const unsigned first = identifications.next_for(FrameView::parse(*packet)).value();
    const unsigned next = identifications.next(kSource, kDestination, IpProtocol::tcp).value();
    EXPECT_GE((next - first) % 65536, 14u);
}

TEST(Identifications, TheHeadersChecksumFollows) {
    PacketPool pool{{4, 4}};
    for (const unsigned id : {0u, 1u, 0x7fffu, 0xffffu}) {
        const PacketPtr packet = udp().from(kSource, 1).to(kDestination, 2).payload(9).ip_id(id).in(pool);
        FrameView frame = FrameView::parse(*packet);
        identify(frame, Be16{0xabcd});
        EXPECT_EQ(frame.ipv4().identification.value(), 0xabcd);
        EXPECT_TRUE(checksums_hold(*packet));
    }
}

TEST(Identifications, OnlyWhatIsNoFragmentAndNeverBecomesOneIsAtomic) {
    PacketPool pool{{4, 4}};
    const auto atomic = [&](PacketBuilder packet) { return is_atomic(FrameView::parse(*packet.in(pool)).ipv4()); };
    EXPECT_TRUE(atomic(udp().dont_fragment()));
    EXPECT_FALSE(atomic(udp()));
    EXPECT_FALSE(atomic(ip(17).fragment(64, false).payload(8)));
    EXPECT_FALSE(atomic(ip(17).fragment(64, true).payload(8).dont_fragment()));
}

}  // namespace
}  // namespace hairpin::gateway
