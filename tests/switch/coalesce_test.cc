// Joining must be the exact opposite of cutting: what a receiver gets back is what there was, or nothing was joined.
#include "switch/coalesce.h"

#include <gtest/gtest.h>

#include <random>

#include "net/offload.h"
#include "switch/segmentation.h"
#include "switch/transport_view.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;

PacketBuilder datagram(std::size_t size) {
    return udp().from(kHere, 5000).to(kThere, 53).dont_fragment().payload(size).partial_checksum();
}
PacketBuilder segment(std::uint32_t sequence, std::size_t size) {
    return tcp()
        .from(kHere, 40000)
        .to(kThere, 80)
        .acknowledge(7)
        .sequence(sequence)
        .dont_fragment()
        .payload(size)
        .partial_checksum();
}

class CoalesceTest : public ::testing::Test {
protected:
    Batch batch(const std::vector<PacketBuilder>& builders) {
        Batch packets;
        for (const auto& builder : builders) packets.push_back(builder.in(pool_));
        return packets;
    }
    std::size_t joined(const std::vector<PacketBuilder>& builders, Capabilities device = Capabilities::all()) {
        return joinable(batch(builders), device);
    }
    // The super-packet that a device would see.
    PacketPtr join(const Batch& run) {
        const std::size_t payload = lead(run);
        Bytes bytes = bytes_of(*run.front());
        for (std::size_t i = 1; i < run.size(); ++i) {
            const auto more = run[i]->bytes().subspan(payload);
            bytes.insert(bytes.end(), more.begin(), more.end());
        }
        PacketPtr whole = pool_.make(bytes);
        whole->offload = run.front()->offload;
        return whole;
    }
    // Joins the whole batch, cuts it again, and expects what there was, with complete checksums.
    void expect_round_trip(const std::vector<PacketBuilder>& builders) {
        Batch run = batch(builders);
        std::vector<Bytes> before;
        for (const PacketPtr& packet : run) {
            PacketPtr complete = pool_.copy(*packet);
            if (complete->offload.checksum == ChecksumState::partial) complete_checksum(*complete);
            before.push_back(bytes_of(*complete));
        }
        ASSERT_EQ(joinable(run, Capabilities::all()), run.size());
        const PacketPtr whole = join(run);
        EXPECT_TRUE(checksums_hold(*whole));
        Batch pieces;
        ASSERT_TRUE(cut_into_segments(*whole, pool_, pieces));
        ASSERT_EQ(pieces.size(), before.size());
        for (std::size_t i = 0; i < pieces.size(); ++i) EXPECT_EQ(bytes_of(*pieces[i]), before[i]) << "packet " << i;
    }
    PacketPool pool_{{.small = 512, .large = 8}};
};

TEST_F(CoalesceTest, DatagramsOfOneSizeTravelTogether) {
    expect_round_trip({datagram(64).ip_id(1), datagram(64).ip_id(2), datagram(64).ip_id(3)});
    expect_round_trip({datagram(64).ip_id(1), datagram(64).ip_id(2), datagram(10).ip_id(3)});
    expect_round_trip({datagram(64).vlan(5).ip_id(1), datagram(64).vlan(5).ip_id(2)});
    const auto datagram6 = udp().from(kHere6, 1).to(kThere6, 2).payload(100).partial_checksum();
    expect_round_trip({datagram6, datagram6, datagram6});
}

TEST_F(CoalesceTest, ContiguousSegmentsTravelTogether) {
    expect_round_trip({segment(1000, 100).ip_id(1), segment(1100, 100).ip_id(2), segment(1200, 100).ip_id(3)});
    expect_round_trip({segment(0xffff'ffff, 100).ip_id(1), segment(99, 50).ip_id(2)});  // the sequence wraps
    expect_round_trip({segment(1000, 100).ip_id(1), segment(1100, 100).psh().ip_id(2)});
    const auto segment6 = [](std::uint32_t sequence) {
        return tcp().from(kHere6, 1).to(kThere6, 2).ack().sequence(sequence).payload(100).partial_checksum();
    };
    expect_round_trip({segment6(0), segment6(100)});
}

TEST_F(CoalesceTest, ACompleteChecksumThatWasVerifiedWillDo) {
    Batch run;
    for (unsigned i = 0; i < 3; ++i) {
        run.push_back(udp().from(kHere, 1).to(kThere, 2).ip_id(i).payload(50).in(pool_));
        run.back()->offload.checksum = ChecksumState::verified;
    }
    EXPECT_EQ(joinable(run, Capabilities::all()), 3u);
    EXPECT_TRUE(checksums_hold(*join(run)));
}

TEST_F(CoalesceTest, WhatNobodyVouchesForStandsAlone) {
    const auto plain = udp().from(kHere, 1).to(kThere, 2).dont_fragment().payload(50);
    EXPECT_EQ(joined({plain, plain}), 1u);
    Batch run = batch({PacketBuilder{plain}.no_udp_checksum(), PacketBuilder{plain}.no_udp_checksum()});
    for (const PacketPtr& packet : run) packet->offload.checksum = ChecksumState::verified;
    EXPECT_EQ(joinable(run, Capabilities::all()), 1u) << "a checksum of zero must stay zero";
}

TEST_F(CoalesceTest, AnythingThatDiffersEndsTheRun) {
    const auto d = [] { return datagram(64); };
    EXPECT_EQ(joined({d(), d(), d().from(kHere, 5001)}), 2u) << "source port";
    EXPECT_EQ(joined({d(), d().to(kThere, 54)}), 1u) << "destination port";
    EXPECT_EQ(joined({d(), d().from(kThere, 5000)}), 1u) << "source address";
    EXPECT_EQ(joined({d(), d().to(kHere, 53)}), 1u) << "destination address";
    EXPECT_EQ(joined({d(), d().ttl(63)}), 1u) << "TTL";
    EXPECT_EQ(joined({d(), d().tos(3)}), 1u) << "congestion was experienced";
    EXPECT_EQ(joined({d(), d().from_mac(MacAddress::from_number(0x0200'0000'0099))}), 1u) << "MAC";
    EXPECT_EQ(joined({d(), d().vlan(1)}), 1u) << "tag";
    EXPECT_EQ(joined({d(), datagram(65)}), 1u) << "longer than the first";
    EXPECT_EQ(joined({d(), datagram(63), d()}), 2u) << "behind a shorter one";
    EXPECT_EQ(joined({d(), datagram(0)}), 1u) << "an empty datagram would vanish";
    EXPECT_EQ(joined({d(), segment(1, 52)}), 1u) << "protocol";
    EXPECT_EQ(joined({d(), d().padded_to(200)}), 1u) << "padding";

    const auto s = [](std::uint32_t sequence) { return segment(sequence, 100); };
    EXPECT_EQ(joined({s(0), s(101)}), 1u) << "a gap";
    EXPECT_EQ(joined({s(0), s(0)}), 1u) << "a repetition";
    EXPECT_EQ(joined({s(0), s(100).acknowledge(8)}), 1u) << "acknowledgment";
    EXPECT_EQ(joined({s(0), s(100).window(1)}), 1u) << "window";
    EXPECT_EQ(joined({s(0).psh(), s(100)}), 1u) << "a push ends it";
    EXPECT_EQ(joined({s(0), s(100).fin()}), 1u) << "FIN";
    EXPECT_EQ(joined({s(0).syn(), s(100)}), 1u) << "SYN";
    EXPECT_EQ(joined({segment(0, 0), segment(0, 0)}), 1u) << "pure acknowledgments";
    const Bytes timestamp_a(12, std::byte{1}), timestamp_b(12, std::byte{2});
    EXPECT_EQ(joined({s(0).tcp_options(timestamp_a), s(100).tcp_options(timestamp_a), s(200).tcp_options(timestamp_b)}), 2u)
        << "options";
}

TEST_F(CoalesceTest, IdentificationMattersOnlyWhereThePacketMayBeFragmented) {
    const auto d = [](unsigned id) { return udp().from(kHere, 1).to(kThere, 2).payload(10).partial_checksum().ip_id(id); };
    EXPECT_EQ(joined({d(5), d(6), d(7)}), 3u);
    EXPECT_EQ(joined({d(5), d(6), d(8)}), 2u);
    EXPECT_EQ(joined({datagram(10).ip_id(5), datagram(10).ip_id(99)}), 2u);
}

TEST_F(CoalesceTest, FragmentsAndSuperPacketsStandAlone) {
    const auto piece = udp().from(kHere, 1).to(kThere, 2).fragment(0, true).payload(64);
    EXPECT_EQ(joined({piece, piece}), 1u);
    const auto super_packet = datagram(500).super_packet(100);
    EXPECT_EQ(joined({super_packet, super_packet}), 1u);
    EXPECT_EQ(joined({datagram(500), super_packet}), 1u);
    EXPECT_EQ(joined({arp_request(), arp_request()}), 1u);
}

TEST_F(CoalesceTest, OnlyWhatTheDeviceTakes) {
    EXPECT_EQ(joined({datagram(64), datagram(64)}, {}), 1u);
    EXPECT_EQ(joined({datagram(64), datagram(64)}, {.partial_checksum = true, .tcp4_segmentation = true}), 1u);
    EXPECT_EQ(joined({segment(0, 64), segment(64, 64)}, {.partial_checksum = true, .tcp4_segmentation = true}), 2u);
}

TEST_F(CoalesceTest, ARunIsBoundedInPacketsAndBytes) {
    EXPECT_EQ(joined(std::vector<PacketBuilder>(100, datagram(10))), kLongestRun);
    const std::size_t count = joined(std::vector<PacketBuilder>(60, datagram(1400)));
    EXPECT_EQ(count, (65535u - 28) / 1400);
    Batch run = batch(std::vector<PacketBuilder>(count, datagram(1400)));
    EXPECT_TRUE(checksums_hold(*join(run)));
}

// Random bursts: join whatever can be joined, cut it again, and compare.
TEST_F(CoalesceTest, RandomBurstsComeBackAsTheyWere) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    std::size_t joined_packets = 0;
    for (int round = 0; round < 300; ++round) {
        std::vector<PacketBuilder> builders;
        std::uint32_t sequence = static_cast<std::uint32_t>(random());
        for (int i = 0; i < 20; ++i) {
            const std::size_t size = 50 + random() % 2;
            if (random() % 2) {
                builders.push_back(udp()
                                       .from(kHere, random() % 8 == 0 ? 2u : 1u)
                                       .to(kThere, 2)
                                       .payload(size)
                                       .partial_checksum()
                                       .ip_id(static_cast<unsigned>(i)));
            } else {
                builders.push_back(segment(sequence, size).ip_id(static_cast<unsigned>(i)));
                if (random() % 4 == 0) builders.back().psh();
                if (random() % 8) sequence += static_cast<std::uint32_t>(size);
            }
            if (i % 5 == 0 && random() % 2) builders.insert(builders.end(), 3, builders.back());
        }
        Batch burst = batch(builders);
        for (std::size_t at = 0, count; at < burst.size(); at += count) {
            const std::span<const PacketPtr> rest{burst.data() + at, burst.size() - at};
            count = joinable(rest, Capabilities::all());
            if (count == 1) continue;
            joined_packets += count;
            std::vector<Bytes> before;
            for (const PacketPtr& packet : rest.first(count)) {
                const PacketPtr complete = pool_.copy(*packet);
                complete_checksum(*complete);
                TransportView view = TransportView::find(*complete);
                view.ipv4().identification = view.ipv4().checksum = {};
                before.push_back(bytes_of(*complete));
            }
            Batch run;
            for (std::size_t i = 0; i < count; ++i) run.push_back(std::move(burst[at + i]));
            Batch pieces;
            ASSERT_TRUE(cut_into_segments(*join(run), pool_, pieces));
            ASSERT_EQ(pieces.size(), count);
            for (std::size_t i = 0; i < count; ++i) {
                EXPECT_TRUE(checksums_hold(*pieces[i]));
                TransportView view = TransportView::find(*pieces[i]);
                view.ipv4().identification = view.ipv4().checksum = {};
                EXPECT_EQ(bytes_of(*pieces[i]), before[i]);
            }
        }
    }
    EXPECT_GT(joined_packets, 100u);
}

}  // namespace
}  // namespace hairpin::l2
