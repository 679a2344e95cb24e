// Views look at hostile bytes: each is tried on every truncation of every kind of frame, in a buffer that ends where the frame
// does, so that AddressSanitizer sees a single byte too far.
#include "net/frame_view.h"

#include <gtest/gtest.h>

#include <random>

#include "net/checksum.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin {
namespace {

using namespace testing;

class FrameViewTest : public ::testing::Test {
protected:
    FrameView parse(const PacketBuilder& builder) { return packet_ = builder.in(pool_), FrameView::parse(*packet_); }
    FrameView parse(std::span<const std::byte> bytes) { return packet_ = pool_.make(bytes), FrameView::parse(*packet_); }
    DropReason refusal(const PacketBuilder& builder) { return refusal_of(builder.bytes()); }
    DropReason refusal_of(std::span<const std::byte> bytes) {
        const FrameView view = parse(bytes);
        EXPECT_FALSE(view);
        return view.reason();
    }
    // A frame with one byte changed; the IPv4 header checksum is made to hold again.
    Bytes changed(const PacketBuilder& builder, std::size_t offset, unsigned value) {
        Bytes bytes = builder.bytes();
        bytes[offset] = static_cast<std::byte>(value);
        bytes[24] = bytes[25] = {};
        const std::size_t header = std::min<std::size_t>(4 * (std::to_integer<std::size_t>(bytes[14]) & 15), bytes.size() - 14);
        const Be16 checksum = checksum_of(std::span{bytes}.subspan(14, header));
        std::memcpy(&bytes[24], &checksum, 2);
        return bytes;
    }
    PacketPool pool_{{.small = 8, .large = 2}};
    PacketPtr packet_;
};

TEST_F(FrameViewTest, TcpIsSeenWithAllItsParts) {
    const auto view = parse(tcp().from(kHere, 40000).to(kThere, 80).syn().payload(5).padded_to(80));
    ASSERT_TRUE(view);
    EXPECT_TRUE(view.is_ipv4());
    EXPECT_FALSE(view.is_arp());
    EXPECT_TRUE(view.has_l4());
    EXPECT_EQ(view.l4_offset(), 34u);
    EXPECT_EQ(view.l3_length(), 45u) << "padding is not the packet's";
    EXPECT_EQ(view.l3_bytes().size(), 45u);
    EXPECT_EQ(view.l4_bytes().size(), 25u);
    EXPECT_EQ(view.l4_payload_length(), 5u);
    EXPECT_TRUE(view.tcp().has(TcpHeader::kSyn));
    EXPECT_EQ(view.key().to_string(), "tcp 192.0.2.1:40000 -> 192.0.2.2:80");
}

TEST_F(FrameViewTest, OptionsMoveWhatFollows) {
    const Bytes four(4, std::byte{1});
    const auto view = parse(tcp().from(kHere, 1).to(kThere, 2).ip_options(four).tcp_options(four).payload(3));
    ASSERT_TRUE(view);
    EXPECT_EQ(view.l4_offset(), 38u);
    EXPECT_EQ(view.l4_payload_length(), 3u);
    EXPECT_EQ(view.key().destination_port, L4Port{2});
}

TEST_F(FrameViewTest, AQueryOfIcmpHasItsIdentifierForPorts) {
    EXPECT_EQ(parse(icmp_echo().from(kHere).to(kThere).identifier(77)).key().to_string(), "icmp 192.0.2.1:77 -> 192.0.2.2:77");
    EXPECT_EQ(parse(icmp_echo_reply().identifier(78)).key().source_port, L4Port{78});
    const auto error = parse(icmp_error(IcmpType::destination_unreachable, 1, udp().l3_bytes()));
    EXPECT_EQ(error.key().source_port, L4Port{0}) << "an error is no query";
}

TEST_F(FrameViewTest, AFragmentThatIsNotTheFirstHasNoPorts) {
    const auto view = parse(udp().from(kHere, 1).to(kThere, 2).fragment(8, false).payload(3));
    ASSERT_TRUE(view);
    EXPECT_FALSE(view.has_l4());
    EXPECT_EQ(view.key().source_port, L4Port{});
    EXPECT_EQ(view.key().protocol, IpProtocol::udp);
}

TEST_F(FrameViewTest, ArpIsSeen) {
    const auto view = parse(arp_request().from(kHere).to(kThere));
    ASSERT_TRUE(view);
    EXPECT_TRUE(view.is_arp());
    EXPECT_EQ(view.arp().target_address, kThere);
    EXPECT_TRUE(view.arp().is_ipv4_over_ethernet());
}

class FrameViewRfc1812 : public FrameViewTest {};

TEST_F(FrameViewRfc1812, Section5_2_2_EveryRefusalSaysWhy) {
    const auto t = [] { return tcp().from(kHere, 1).to(kThere, 2); };
    const auto u = [] { return udp().from(kHere, 1).to(kThere, 2).payload(4); };
    EXPECT_EQ(refusal(ethernet(0x88b5)), DropReason::unsupported_ether_type);
    EXPECT_EQ(refusal(t().vlan(5)), DropReason::unsupported_ether_type) << "the gateway sees no tags";
    EXPECT_EQ(refusal(t().bad_ip_checksum()), DropReason::header_checksum);
    EXPECT_EQ(refusal_of(changed(t(), 14, 0x65)), DropReason::header_malformed) << "version";
    EXPECT_EQ(refusal_of(changed(t(), 14, 0x44)), DropReason::header_malformed) << "header of 16 bytes";
    EXPECT_EQ(refusal_of(changed(t(), 14, 0x4f)), DropReason::header_malformed) << "header beyond the packet";
    EXPECT_EQ(refusal_of(changed(t(), 17, 41)), DropReason::header_malformed) << "longer than the frame";
    EXPECT_EQ(refusal_of(changed(t(), 17, 19)), DropReason::header_malformed) << "shorter than its header";
    EXPECT_EQ(refusal_of(changed(t(), 17, 39)), DropReason::header_malformed) << "TCP header cut";
    EXPECT_EQ(refusal_of(changed(t(), 46, 0x40)), DropReason::header_malformed) << "TCP header of 16 bytes";
    EXPECT_EQ(refusal_of(changed(t(), 46, 0x60)), DropReason::header_malformed) << "TCP options beyond the packet";
    EXPECT_EQ(refusal_of(changed(u(), 39, 7)), DropReason::header_malformed) << "UDP shorter than its header";
    EXPECT_EQ(refusal_of(changed(u(), 39, 13)), DropReason::header_malformed) << "UDP longer than the packet";
    EXPECT_EQ(refusal(u().fragment(0, true).payload(4)), DropReason::fragment_tiny);
    EXPECT_EQ(refusal(t().fragment(0, true).payload(16)), DropReason::fragment_tiny);
    Bytes arp = arp_request().bytes();
    arp.pop_back();
    EXPECT_EQ(refusal_of(arp), DropReason::arp_malformed);
}

// Walks over everything that an accepted view offers, so that a sanitizer can object.
std::size_t touch_everything(const FrameView& view) {
    std::size_t sum = 0;
    if (view.is_arp()) return view.arp().operation.value();
    for (const std::byte byte : view.l3_bytes()) sum += std::to_integer<std::size_t>(byte);
    sum += view.key().destination_port.number();
    if (!view.has_l4()) return sum;
    for (const std::byte byte : view.l4_bytes()) sum += std::to_integer<std::size_t>(byte);
    sum += view.l4_payload_length();
    if (view.ipv4().protocol() == IpProtocol::icmp && view.icmp().is_error())
        if (const auto quoted = QuotedView::parse(view.l4_bytes().subspan(sizeof(IcmpHeader))))
            sum += quoted.key().source_port.number() + quoted.l4_bytes().size();
    return sum;
}

std::vector<Bytes> one_of_each() {
    const Bytes options(8, std::byte{1});
    return {tcp().payload(20).bytes(),
            tcp().ip_options(options).tcp_options(options).payload(1).bytes(),
            udp().payload(20).bytes(),
            udp().fragment(0, true).payload(24).bytes(),
            udp().fragment(24, false).payload(24).bytes(),
            icmp_echo().payload(8).bytes(),
            icmp_error(IcmpType::time_exceeded, 0, udp().payload(8).l3_bytes()).bytes(),
            icmp_error(IcmpType::destination_unreachable, 4, tcp().ip_options(options).l3_bytes()).bytes(),
            arp_request().bytes(),
            tcp().vlan(7).payload(3).bytes(),
            ip(47).payload(9).bytes()};
}

TEST(FrameViewOnTruncations, NeverLooksBeyondTheFrame) {
    PacketPool pool{{.small = 2, .large = 0}};
    for (const Bytes& whole : one_of_each()) {
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            // The frame ends at the end of its buffer: what a view reads beyond it is beyond the pool.
            const PacketPtr packet = pool.take_small();
            packet->resize(2048);
            packet->pop_front(2048 - length);
            if (length > 0) std::memcpy(packet->data(), whole.data(), length);
            const auto ethernet = EthernetView::parse(*packet);
            EXPECT_TRUE(!ethernet || ethernet.payload_offset() <= length);
            if (const auto view = FrameView::parse(*packet)) touch_everything(view);
        }
    }
}

TEST(FrameViewOnNonsense, NeverLooksBeyondTheFrame) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    PacketPool pool{{.small = 2, .large = 0}};
    const std::vector<Bytes> frames = one_of_each();
    std::size_t accepted = 0;
    for (int round = 0; round < 100'000; ++round) {
        Bytes bytes = frames[random() % frames.size()];
        for (int i = 0; i < 3; ++i) bytes[14 + random() % (bytes.size() - 14)] = static_cast<std::byte>(random());
        // Half of them with a header checksum that holds, so that they get past it.
        if (random() % 2) {
            const std::size_t header = 4 * (std::to_integer<std::size_t>(bytes[14]) & 15);
            if (header >= 20 && 14 + header <= bytes.size()) {
                bytes[24] = bytes[25] = {};
                const Be16 checksum = checksum_of(std::span{bytes}.subspan(14, header));
                std::memcpy(&bytes[24], &checksum, 2);
            }
        }
        const PacketPtr packet = pool.take_small();
        packet->resize(2048);
        packet->pop_front(2048 - bytes.size());
        std::memcpy(packet->data(), bytes.data(), bytes.size());
        if (const auto view = FrameView::parse(*packet)) touch_everything(view), ++accepted;
    }
    EXPECT_GT(accepted, 1000u);
}

TEST(EthernetView, SeesTheOutermostTag) {
    PacketPool pool{{.small = 1, .large = 0}};
    const PacketPtr packet = udp().vlan(10).in(pool);
    const auto view = EthernetView::parse(*packet);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view.tagged());
    EXPECT_EQ(view.vlan(), VlanId{10});
    EXPECT_EQ(view.ether_type(), EtherType::ipv4);
    EXPECT_EQ(view.payload_offset(), 18u);
    EXPECT_EQ(view.source(), kSourceMac);
    EXPECT_EQ(view.destination(), kDestinationMac);
}

TEST(EthernetView, APriorityTagIsNoVlanAndTheLastNumberIsReserved) {
    PacketPool pool{{.small = 2, .large = 0}};
    const PacketPtr priority = udp().vlan(0).vlan_priority(7).in(pool);
    EXPECT_TRUE(EthernetView::parse(*priority).tagged());
    EXPECT_EQ(EthernetView::parse(*priority).vlan(), VlanId::none());
    const PacketPtr reserved = udp().vlan(4095).in(pool);
    EXPECT_EQ(EthernetView::parse(*reserved).reason(), DropReason::vlan_illegal);
}

TEST(QuotedView, TakesAHeaderAndEightBytesMore) {
    Bytes quote = udp().from(kHere, 5).to(kThere, 6).payload(50).l3_bytes();
    for (std::size_t length = 0; length <= quote.size(); ++length) {
        Bytes part{quote.begin(), quote.begin() + static_cast<std::ptrdiff_t>(length)};
        const auto view = QuotedView::parse(part);
        EXPECT_EQ(static_cast<bool>(view), length >= 28) << length;
        EXPECT_TRUE(!view || view.key().to_string() == "udp 192.0.2.1:5 -> 192.0.2.2:6");
    }
    quote[0] = std::byte{0x65};
    EXPECT_FALSE(QuotedView::parse(quote));
}

}  // namespace
}  // namespace hairpin
