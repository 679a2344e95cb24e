#include "gateway/fragments/virtual_reassembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/support/guide_hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace std::chrono_literals;
using namespace hairpin::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A fragment as its sender would make it of a datagram's payload.
struct Piece {
    std::size_t offset, length;
    bool more;
};

class Fragments : public ::testing::Test {
protected:
    // Everything behind the IP header of a datagram with this much UDP payload.
    static Bytes datagram(std::size_t payload) {
        const Bytes l3 = udp().from(kInternet, 40000).to(kExternal, 53).payload(payload).l3_bytes();
        return {l3.begin() + sizeof(Ipv4Header), l3.end()};
    }
    PacketBuilder fragment(const Bytes& of, Piece piece, unsigned id = 7, unsigned protocol = 17) {
        return ip(protocol)
            .from(kInternet)
            .to(kExternal)
            .ip_id(id)
            .fragment(piece.offset, piece.more)
            .payload(std::span{of}.subspan(piece.offset, piece.length));
    }
    // What comes out when this goes in: offsets of the fragments that are ready.
    std::vector<std::size_t> take(const PacketBuilder& builder, InterfaceId inbound = kLan) {
        ++ledger.received;
        PacketPtr packet = builder.in(pool);
        FrameView frame = FrameView::parse(*packet);
        if (!frame) {
            ledger.drop(frame.reason(), *packet, inbound);
            return {};
        }
        std::vector<VirtualReassembly::Ready> ready;
        fragments.accept(std::move(packet), frame, inbound, now, ready);
        std::vector<std::size_t> offsets;
        for (auto& fragment : ready) {
            offsets.push_back(FrameView::parse(*fragment.packet).ipv4().fragment_offset());
            last_key = fragment.key;
        }
        ledger.transmitted += ready.size();
        return offsets;
    }
    void TearDown() override {
        EXPECT_EQ(ledger.expected_held(), static_cast<std::int64_t>(fragments.held()));
        EXPECT_EQ(pool.in_use(), fragments.held());
        now += VirtualReassembly::kTimeout;
        while (fragments.datagrams() > 0) fragments.expire(now);
        EXPECT_EQ(fragments.held(), 0u);
        EXPECT_EQ(ledger.expected_held(), 0);
    }

    PacketPool pool{{4096, 8}};
    Ledger ledger;
    VirtualReassembly fragments{ledger, HashKey{}};
    Timestamp now{1h};
    Ipv4FlowKey last_key;

    const Bytes small = datagram(88);  // 96 bytes with the UDP header
    const std::vector<Piece> four{{0, 24, true}, {24, 24, true}, {48, 24, true}, {72, 24, false}};
    const Ipv4FlowKey flow{kInternet, kExternal, L4Port{40000}, L4Port{53}, IpProtocol::udp};
};
class Rfc4787 : public Fragments {};
class FragmentsRfc791 : public Fragments {};
class Rfc815 : public Fragments {};
class Rfc1858 : public Fragments {};
class Rfc3128 : public Fragments {};

TEST_F(Rfc4787, Req14_EveryOrderOfFourFragmentsPassesWithTheFirstOnesPorts) {
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        std::vector<std::size_t> out;
        bool first_has_come = false;
        for (const std::size_t i : order) {
            const auto ready = take(fragment(small, four[i]));
            first_has_come |= i == 0;
            if (!first_has_come) {
                EXPECT_THAT(ready, IsEmpty());
            } else {
                EXPECT_EQ(last_key, flow);
                EXPECT_EQ(ready.front(), four[i].offset) << "the one that came goes before those that waited for it";
            }
            out.insert(out.end(), ready.begin(), ready.end());
        }
        std::sort(out.begin(), out.end());
        EXPECT_THAT(out, ElementsAre(0, 24, 48, 72));
        EXPECT_EQ(fragments.datagrams(), 0u) << "nothing is missing, so nothing is remembered";
        EXPECT_EQ(fragments.held(), 0u);
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_EQ(ledger.dropped_total(), 0u);
}

TEST_F(Rfc815, AnyOrder_ThoseThatWaitedGoInTheOrderTheyCame) {
    take(fragment(small, four[2]));
    take(fragment(small, four[1]));
    EXPECT_EQ(fragments.held(), 2u);
    EXPECT_THAT(take(fragment(small, four[0])), ElementsAre(0, 48, 24));
}

TEST_F(Rfc815, AnyOrder_DatagramsAreToldApart) {
    take(fragment(small, four[0], 7));
    EXPECT_THAT(take(fragment(small, four[1], 8)), IsEmpty()) << "another identification";
    EXPECT_THAT(take(fragment(small, four[1], 7, 47)), IsEmpty()) << "another protocol";
    EXPECT_THAT(take(fragment(small, four[1], 7), kUplink), IsEmpty()) << "another interface";
    EXPECT_THAT(take(fragment(small, four[1], 7).from({198, 51, 100, 11})), IsEmpty()) << "another source";
    EXPECT_THAT(take(fragment(small, four[1], 7).to({203, 0, 113, 81})), IsEmpty()) << "another destination";
    EXPECT_THAT(take(fragment(small, four[1], 7)), ElementsAre(24));
    EXPECT_EQ(fragments.datagrams(), 6u);
}

TEST_F(Fragments, OfAProtocolWithoutPortsTheKeyHasNone) {
    take(fragment(small, {24, 24, false}, 7, 47));
    EXPECT_THAT(take(fragment(small, {0, 24, true}, 7, 47)), ElementsAre(0, 24));
    EXPECT_EQ(last_key, (Ipv4FlowKey{kInternet, kExternal, {}, {}, IpProtocol::gre}));
}

TEST_F(Fragments, OfAPingTheKeyHasTheIdentifier) {
    const Bytes l3 = icmp_echo().identifier(77).payload(88).l3_bytes();
    const Bytes ping{l3.begin() + sizeof(Ipv4Header), l3.end()};
    take(fragment(ping, four[3], 7, 1));
    EXPECT_THAT(take(fragment(ping, four[0], 7, 1)), ElementsAre(0, 72));
    EXPECT_EQ(last_key, (Ipv4FlowKey{kInternet, kExternal, L4Port{77}, L4Port{77}, IpProtocol::icmp}));
}

TEST_F(Fragments, AnExactDuplicateIsDroppedAlone) {
    take(fragment(small, four[1]));
    EXPECT_THAT(take(fragment(small, four[1])), IsEmpty());
    EXPECT_THAT(take(fragment(small, four[0])), ElementsAre(0, 24));
    EXPECT_THAT(take(fragment(small, four[0])), IsEmpty());
    EXPECT_THAT(take(fragment(small, four[2])), ElementsAre(48));
    EXPECT_THAT(take(fragment(small, four[3])), ElementsAre(72));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), 2u);
}

// Every way in which a second fragment can lie across the one [24, 48) that is there.
TEST_F(Rfc1858, Section4_AnOverlapDropsTheWholeDatagramAndItStaysDropped) {
    const std::vector<Piece> overlaps{{16, 16, true}, {40, 24, true}, {24, 16, true}, {32, 8, true},
                                      {16, 40, true}, {32, 16, true}, {24, 32, true}, {24, 24, false}};
    unsigned id = 100;
    for (const Piece& piece : overlaps) {
        ++id;
        const auto dropped = ledger.dropped_for(DropReason::fragment_overlap);
        EXPECT_THAT(take(fragment(small, four[1], id)), IsEmpty());
        EXPECT_THAT(take(fragment(small, piece, id)), IsEmpty());
        EXPECT_EQ(fragments.held(), 0u) << "both are gone";
        EXPECT_THAT(take(fragment(small, four[0], id)), IsEmpty());
        EXPECT_THAT(take(fragment(small, four[3], id)), IsEmpty());
        EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), dropped + 4) << piece.offset << "+" << piece.length;
    }
}

TEST_F(Rfc1858, Section4_AnOverlapAfterTheFirstHasPassedStopsTheRest) {
    EXPECT_THAT(take(fragment(small, four[0])), SizeIs(1));
    EXPECT_THAT(take(fragment(small, {16, 16, true})), IsEmpty());
    EXPECT_THAT(take(fragment(small, four[1])), IsEmpty());
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), 2u);
}

TEST_F(Rfc1858, Section4_TwoEndsOrAPieceBeyondTheEndAreAnOverlap) {
    take(fragment(small, four[3], 1));
    take(fragment(small, {48, 16, false}, 1));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), 2u);

    take(fragment(small, {24, 24, false}, 2));
    take(fragment(small, four[3], 2));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), 4u);

    take(fragment(small, {24, 24, false}, 3));
    take(fragment(small, {48, 24, true}, 3));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), 6u);

    take(fragment(small, {48, 24, true}, 4));
    take(fragment(small, {24, 24, false}, 4));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_overlap), 8u);
    EXPECT_EQ(fragments.held(), 0u);
}

TEST_F(Rfc1858, Section3_ATinyFirstFragmentIsDropped) {
    const Bytes l3 = tcp().from(kInternet, 40000).to(kExternal, 80).syn().payload(88).l3_bytes();
    const Bytes segment{l3.begin() + sizeof(Ipv4Header), l3.end()};
    take(fragment(segment, {0, 8, true}, 7, 6));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_tiny), 1u);
}

TEST_F(Rfc3128, TinyFragment_AFragmentThatWouldOverwriteTheTcpHeaderIsDropped) {
    const Bytes l3 = tcp().from(kInternet, 40000).to(kExternal, 80).syn().payload(88).l3_bytes();
    const Bytes segment{l3.begin() + sizeof(Ipv4Header), l3.end()};
    take(fragment(segment, {8, 40, true}, 7, 6));
    take(fragment(segment, {16, 40, true}, 7, 6));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_tiny), 2u);
    EXPECT_EQ(fragments.held(), 0u);
}

TEST_F(FragmentsRfc791, Section3_1Length_ADatagramBeyond65535BytesIsDropped) {  // the ping of death
    const Bytes much(65536);
    const auto at = [&](std::size_t offset, std::size_t length) {
        return ip(17).from(kInternet).to(kExternal).fragment(offset, false).payload(std::span{much}.first(length));
    };
    take(at(65528, 8));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_oversize), 1u);
    take(at(65504, 12));  // with its IP header 65536
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_oversize), 2u);
    take(at(65504, 11));
    EXPECT_EQ(fragments.held(), 1u);
}

TEST_F(FragmentsRfc791, Section3_1Offset_AFragmentThatIsNoMultipleOfEightAndNotTheLastIsDropped) {
    take(fragment(small, {24, 23, true}));
    take(fragment(small, {24, 0, true}));
    take(fragment(small, {24, 0, false}));
    EXPECT_EQ(ledger.dropped_for(DropReason::header_malformed), 3u);
}

TEST_F(Fragments, AfterThirtySecondsWhatIsHeldIsDropped) {
    take(fragment(small, four[1]));
    take(fragment(small, four[2]));
    now += 29s;
    fragments.expire(now);
    EXPECT_EQ(fragments.held(), 2u);
    now += 1s;
    fragments.expire(now);
    EXPECT_EQ(fragments.held(), 0u);
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_timeout), 2u);
    EXPECT_THAT(take(fragment(small, four[3])), IsEmpty()) << "a new datagram";
}

TEST_F(Fragments, PortsAreNotLentBeyondTheirTime) {
    take(fragment(small, four[0]));
    now += VirtualReassembly::kTimeout;
    EXPECT_THAT(take(fragment(small, four[1])), IsEmpty());
    EXPECT_EQ(fragments.held(), 1u);
}

TEST_F(Fragments, ExpiryGivesUpABoundedNumberACall) {
    for (unsigned id = 0; id < 100; ++id) take(fragment(small, four[1], id));
    now += VirtualReassembly::kTimeout;
    fragments.expire(now);
    EXPECT_EQ(fragments.held(), 100 - VirtualReassembly::kExpiryBatch);
}

// RFC 4787 REQ-14a
TEST_F(Rfc4787, Req14a_AFloodFromOneSourceDisplacesItselfAlone) {
    take(fragment(small, four[1], 1));
    for (unsigned id = 0; id < 10'000; ++id) take(fragment(small, four[1], id).from({192, 0, 2, 66}));
    EXPECT_LE(fragments.datagrams(), 1 + VirtualReassembly::kDatagramsPerSource);
    EXPECT_LE(fragments.held(), 1 + VirtualReassembly::kHeldPerSource);
    EXPECT_THAT(take(fragment(small, four[0], 1)), ElementsAre(0, 24));
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_table_full), 10'000 - (fragments.held()));
}

TEST_F(Rfc4787, Req14a_AFloodFromManySourcesLosesTheOldestOfTheBusiest) {
    for (unsigned i = 0; i < 20'000; ++i) {
        take(fragment(small, four[1], i).from(Ipv4Address{0x0a00'0000 + i}));
        if (i % 100 != 0) continue;
        // Somebody whose fragments come in order, or nearly so, gets through.
        EXPECT_THAT(take(fragment(small, four[1], i)), IsEmpty());
        EXPECT_THAT(take(fragment(small, four[0], i)), ElementsAre(0, 24));
        EXPECT_THAT(take(fragment(small, four[2], i)), ElementsAre(48));
        EXPECT_THAT(take(fragment(small, four[3], i)), ElementsAre(72));
    }
    EXPECT_LE(fragments.datagrams(), VirtualReassembly::kMostDatagrams);
    EXPECT_LE(fragments.held(), VirtualReassembly::kMostHeld);
}

TEST_F(Rfc4787, Req14a_FirstFragmentsAloneFillTheTableNoFurtherThanItsBound) {
    for (unsigned i = 0; i < 20'000; ++i)
        EXPECT_THAT(take(fragment(small, four[0], i).from(Ipv4Address{0x0a00'0000 + i})), SizeIs(1));
    EXPECT_EQ(fragments.datagrams(), VirtualReassembly::kMostDatagrams);
}

TEST_F(Fragments, ADatagramInTooManyPiecesLosesThoseBeyondTheBound) {
    const Bytes much = datagram(8 * 200);
    for (std::size_t i = 1; i <= 200; ++i) take(fragment(much, {8 * i, 8, true}));
    EXPECT_EQ(fragments.held(), VirtualReassembly::kMostPieces);
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_table_full), 200 - VirtualReassembly::kMostPieces);
}

TEST_F(Fragments, ASourceThatHoldsTooMuchLosesItsOldestDatagram) {
    const Bytes much = datagram(8 * 100);
    for (unsigned id = 1; id <= 2; ++id)
        for (std::size_t i = 1; i <= 100; ++i) take(fragment(much, {8 * i, 8, true}, id));
    EXPECT_EQ(fragments.held(), 100u);
    EXPECT_EQ(fragments.datagrams(), 1u);
    EXPECT_EQ(ledger.dropped_for(DropReason::fragment_table_full), 100u);
}

}  // namespace
}  // namespace hairpin::gateway
