#include "runtime/packet_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin::runtime {
namespace {

using namespace hairpin::testing;
using ::testing::HasSubstr;

bool matches(const std::string& text, const PacketBuilder& packet) {
    const auto filter = PacketFilter::compile(text);
    EXPECT_TRUE(filter.has_value()) << text << ": " << (filter ? "" : filter.error().message);
    return filter && filter->matches(packet.bytes());
}
std::string refusal(const std::string& text) {
    const auto filter = PacketFilter::compile(text);
    EXPECT_FALSE(filter.has_value()) << text;
    if (filter) return "";
    EXPECT_EQ(filter.error().path, "filter");
    return filter.error().message;
}

TEST(PacketFilter, SpeaksLibpcapsLanguage) {
    const auto syn = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn();
    EXPECT_TRUE(matches("", syn));
    EXPECT_TRUE(matches("tcp port 80", syn));
    EXPECT_TRUE(matches("tcp port http", syn)) << "names of services are in a file";
    EXPECT_TRUE(matches("ip proto \\tcp and tcp[2:2] = 80 and portrange 79-81", syn));
    EXPECT_TRUE(matches("src host 192.168.255.2 and dst net 203.0.113.0/24", syn));
    EXPECT_TRUE(matches("tcp[tcpflags] & tcp-syn != 0 and not tcp[13] & 0x10 != 0", syn));
    EXPECT_TRUE(matches("ether src 02:00:00:00:00:01 && (port 40000 || port 1)", syn));
    EXPECT_FALSE(matches("udp or arp", syn));
    EXPECT_FALSE(matches("port 81", syn));
    EXPECT_FALSE(matches("ip6 host 2001:db8::1", syn));
    EXPECT_TRUE(matches("icmp[icmptype] = icmp-echo", icmp_echo().from(kWorkstation).to(kExternal)));
    EXPECT_TRUE(matches("vlan 10 and udp", udp().vlan(10).from(kWorkstation, 1).to(kExternal, 2)));
}

TEST(PacketFilter, OfAFrameThatIsTooShortSaysNo) {
    const auto filter = PacketFilter::compile("tcp port 80");
    ASSERT_TRUE(filter);
    const Bytes frame = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().bytes();
    for (const std::size_t size : {0u, 5u, 13u, 20u, 35u}) EXPECT_FALSE(filter->matches(std::span{frame}.first(size))) << size;
}

TEST(PacketFilter, WhatIsNoneIsRefusedInLibpcapsWords) {
    EXPECT_THAT(refusal("tcp port"), HasSubstr("syntax error"));
    EXPECT_THAT(refusal("(tcp"), HasSubstr("syntax error"));
    EXPECT_THAT(refusal("port 70000"), HasSubstr("70000"));
    EXPECT_THAT(refusal("tcp and udp and ip6 host 192.0.2.1"), HasSubstr(""));
    EXPECT_THAT(refusal(std::string(PacketFilter::kLongest + 1, ' ')), HasSubstr("longer than"));
}

// Whoever asks a name server from the daemon's thread stops the router.
TEST(PacketFilter, NamesAreNotLookedUp) {
    for (const char* text : {"host example.com", "example.com", "net nowhere", "tcp and host www", "gateway router",
                             "port 80 or example", "ether host somebody", "host \\tcp-server", "src portal",
                             "host abad1dea.example", "host 1a.de", "host dead:beef", "host \\tcp", "host cafe"})
        EXPECT_THAT(refusal(text), HasSubstr("is no word of a filter")) << text;
}

}  // namespace
}  // namespace hairpin::runtime
