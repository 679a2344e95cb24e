// A packet's line: what people look for stands in it, and nothing that was sent to confuse breaks it.

#include "runtime/packet_summary.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "net/ethernet.h"
#include "tests/runtime/hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin::runtime {
namespace {

using namespace testing;  // the words that packets are built of

std::string line(const PacketBuilder& packet) { return packet_summary(packet.bytes()); }

TEST(PacketSummary, OfTcpHasFlagsAsTcpdumpWritesThem) {
    const auto packet = [] { return tcp().from(kWorkstation, 40000).to(kExternal, 80); };
    EXPECT_EQ(line(packet().syn()), "tcp 192.168.255.2:40000 > 203.0.113.80:80 S");
    EXPECT_EQ(line(packet().syn().ack()), "tcp 192.168.255.2:40000 > 203.0.113.80:80 S.");
    EXPECT_EQ(line(packet().ack().fin()), "tcp 192.168.255.2:40000 > 203.0.113.80:80 F.");
    EXPECT_EQ(line(packet().ack().payload(120)), "tcp 192.168.255.2:40000 > 203.0.113.80:80 . length 120");
    EXPECT_EQ(line(packet().flags(0)), "tcp 192.168.255.2:40000 > 203.0.113.80:80 no flags");
}

TEST(PacketSummary, OfUdpAndOfProtocolsWithoutPorts) {
    EXPECT_EQ(line(udp().from(kWorkstation, 5000).to(kExternal, 53).payload(40)),
              "udp 192.168.255.2:5000 > 203.0.113.80:53 length 40");
    EXPECT_EQ(line(ip(47).from(kWorkstation).to(kExternal).payload(8)), "gre 192.168.255.2 > 203.0.113.80 length 8");
    EXPECT_EQ(line(ip(200).from(kWorkstation).to(kExternal).payload(8)), "protocol 200 192.168.255.2 > 203.0.113.80 length 8");
}

TEST(PacketSummary, OfIcmpSaysWhatAndAboutWhat) {
    EXPECT_EQ(line(icmp_echo().from(kWorkstation).to(kExternal).identifier(7).icmp_sequence(3)),
              "icmp 192.168.255.2 > 203.0.113.80 echo request id 7 seq 3");
    const auto offender = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn();
    EXPECT_EQ(line(icmp_error(IcmpType::destination_unreachable, unreachable::kHost, offender.l3_bytes())
                       .from(kExternal)
                       .to(kWorkstation)),
              "icmp 203.0.113.80 > 192.168.255.2 host unreachable (tcp 192.168.255.2:40000 > 203.0.113.80:80)");
}

TEST(PacketSummary, OfFragmentsAndOfTheLastHop) {
    EXPECT_EQ(line(udp().from(kWorkstation).to(kExternal).fragment(1480, false).payload(64)),
              "udp 192.168.255.2 > 203.0.113.80 fragment at 1480");
    EXPECT_EQ(line(tcp().from(kWorkstation, 1).to(kExternal, 2).syn().ttl(1)), "tcp 192.168.255.2:1 > 203.0.113.80:2 S ttl 1");
}

TEST(PacketSummary, OfArpAndOfVlans) {
    EXPECT_EQ(line(arp_request().from(kWorkstation).to(kExternal)), "arp who-has 203.0.113.80 tell 192.168.255.2");
    EXPECT_EQ(line(arp_request().vlan(10).from(kWorkstation).to(kExternal)),
              "vlan 10 arp who-has 203.0.113.80 tell 192.168.255.2");
}

TEST(PacketSummary, OfIpv6AndOfWhatNobodyKnows) {
    const Ipv6Address one = *Ipv6Address::parse("2001:db8::1"), two = *Ipv6Address::parse("2001:db8::2");
    EXPECT_EQ(line(tcp().from(one, 40000).to(two, 80).syn()), "tcp [2001:db8::1]:40000 > [2001:db8::2]:80 S");
    EXPECT_EQ(line(udp().from(one, 5000).to(two, 53).payload(8)), "udp [2001:db8::1]:5000 > [2001:db8::2]:53 length 8");
    EXPECT_EQ(line(ethernet(0x88cc).payload(46)), "type 0x88cc 02:00:00:00:00:01 > 02:00:00:00:00:02 length 60");
    EXPECT_EQ(line(ethernet(46).payload(46)), "802.3 02:00:00:00:00:01 > 02:00:00:00:00:02 length 60");
}

TEST(PacketSummary, OfAFrameThatWasCutOffSaysSo) {
    const Bytes frame = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().payload(1000).bytes();
    const std::span<const std::byte> whole{frame};
    EXPECT_EQ(packet_summary(whole.first(128), frame.size()), "tcp 192.168.255.2:40000 > 203.0.113.80:80 S length 1000");
    EXPECT_EQ(packet_summary(whole.first(40), frame.size()), "tcp 192.168.255.2 > 203.0.113.80 (cut off)");
    EXPECT_EQ(packet_summary(whole.first(20), frame.size()), "ipv4 (cut off)");
    EXPECT_EQ(packet_summary(whole.first(5), 5), "5 bytes, too short for Ethernet");
    EXPECT_EQ(packet_summary({}), "0 bytes, too short for Ethernet");
}

// One line of printable characters, whatever stands in the frame and wherever it ends.
RC_GTEST_PROP(PacketSummary, OfHostileBytesIsALine, ()) {
    auto frame = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
    const auto type = *rc::gen::element(0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x0042);
    if (frame.size() > 13) frame[12] = static_cast<std::uint8_t>(type >> 8), frame[13] = static_cast<std::uint8_t>(type);
    if (frame.size() > 14 && *rc::gen::arbitrary<bool>()) frame[14] = type == 0x86dd ? 0x60 : 0x45;
    if (frame.size() > 23) frame[23] = *rc::gen::element<std::uint8_t>(1, 6, 17, 58, 0, 43);
    const std::string text = packet_summary(std::as_bytes(std::span{frame}));
    RC_ASSERT(!text.empty());
    RC_ASSERT(std::all_of(text.begin(), text.end(), [](char letter) { return letter >= ' ' && letter <= '~'; }));
}

}  // namespace
}  // namespace hairpin::runtime
