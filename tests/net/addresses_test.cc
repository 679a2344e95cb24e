#include <gtest/gtest.h>

#include <set>

#include "net/ipv4_address.h"
#include "net/ipv6_address.h"
#include "net/mac_address.h"

namespace hairpin {
namespace {

TEST(MacAddress, IsReadAndWritten) {
    const auto mac = MacAddress::parse("02:00:5e:10:FF:01");
    ASSERT_TRUE(mac);
    EXPECT_EQ(mac->to_string(), "02:00:5e:10:ff:01");
    EXPECT_EQ(mac->number(), 0x0200'5e10'ff01u);
    EXPECT_EQ(MacAddress::from_number(mac->number()), *mac);
    EXPECT_EQ(MacAddress::parse("02-00-5e-10-ff-01"), mac);
}

TEST(MacAddress, NonsenseIsRefused) {
    for (const char* text : {"", "02", "02:00:5e:10:ff", "02:00:5e:10:ff:01:", "02:00:5e:10:ff:0g", "0200:5e:10:ff:011",
                             "02:00:5e:10:ff 01", "2:0:5e:10:ff:1", " 02:00:5e:10:ff:01", "02:00:5e:10:ff:01 "})
        EXPECT_FALSE(MacAddress::parse(text)) << '"' << text << '"';
}

TEST(MacAddress, KnowsItsKind) {
    const auto mac = [](const char* text) { return *MacAddress::parse(text); };
    EXPECT_TRUE(MacAddress::broadcast().is_broadcast());
    EXPECT_TRUE(MacAddress::broadcast().is_group());
    EXPECT_TRUE(mac("01:00:5e:00:00:01").is_group());
    EXPECT_FALSE(mac("02:00:00:00:00:01").is_group());
    EXPECT_FALSE(MacAddress{}.is_station());
    EXPECT_TRUE(mac("02:00:00:00:00:01").is_station());
    EXPECT_TRUE(mac("01:80:c2:00:00:00").is_link_local_control());
    EXPECT_TRUE(mac("01:80:c2:00:00:0f").is_link_local_control());
    EXPECT_FALSE(mac("01:80:c2:00:00:10").is_link_local_control());
    EXPECT_FALSE(mac("01:80:c2:00:01:00").is_link_local_control());
}

TEST(MacAddress, MadeFromANameItIsAStationsOwnAndAlwaysTheSame) {
    std::set<MacAddress> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto name = "interface" + std::to_string(i);
        const MacAddress mac = MacAddress::from_name(name);
        EXPECT_TRUE(mac.is_station());
        EXPECT_EQ(mac.bytes()[0], 0x02) << "locally administered";
        EXPECT_EQ(mac, MacAddress::from_name(name));
        seen.insert(mac);
    }
    EXPECT_EQ(seen.size(), 1000u);
}

TEST(Ipv4Address, IsReadAndWritten) {
    for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "10.0.200.7"}) {
        const auto address = Ipv4Address::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->to_string(), text);
    }
    EXPECT_EQ((Ipv4Address{192, 0, 2, 1}).number(), 0xc000'0201u);
    EXPECT_EQ((Ipv4Address{192, 0, 2, 1}).wire().value(), 0xc000'0201u);
}

TEST(Ipv4Address, NonsenseIsRefused) {
    for (const char* text :
         {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "1..3.4", "1.2.3.", ".1.2.3",
          "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "1.2.3.4/24", "a.b.c.d", "1.2.3.99999999999999999999", "+1.2.3.4", "1,2,3,4"})
        EXPECT_FALSE(Ipv4Address::parse(text)) << '"' << text << '"';
}

TEST(Ipv4Address, KnowsItsKind) {
    EXPECT_TRUE((Ipv4Address{224, 0, 0, 1}).is_multicast());
    EXPECT_TRUE((Ipv4Address{239, 255, 255, 255}).is_multicast());
    EXPECT_FALSE((Ipv4Address{223, 255, 255, 255}).is_multicast());
    EXPECT_FALSE((Ipv4Address{240, 0, 0, 1}).is_multicast());
    EXPECT_TRUE((Ipv4Address{240, 0, 0, 1}).is_reserved());
    EXPECT_TRUE(Ipv4Address::broadcast().is_reserved());
    EXPECT_TRUE(Ipv4Address::broadcast().is_broadcast());
    EXPECT_TRUE((Ipv4Address{127, 1, 2, 3}).is_loopback());
    EXPECT_TRUE((Ipv4Address{0, 1, 2, 3}).is_this_network());
    EXPECT_TRUE((Ipv4Address{169, 254, 9, 9}).is_link_local());
    EXPECT_FALSE((Ipv4Address{169, 255, 0, 0}).is_link_local());
    EXPECT_TRUE(Ipv4Address{}.is_unspecified());
    EXPECT_LT((Ipv4Address{9, 255, 255, 255}), (Ipv4Address{10, 0, 0, 0})) << "ordered as numbers, not as bytes in memory";
}

TEST(Ipv4Prefix, IsReadAndWritten) {
    for (const char* text : {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.1/32", "128.0.0.0/1", "192.0.2.254/31"}) {
        const auto prefix = Ipv4Prefix::parse(text);
        ASSERT_TRUE(prefix) << text;
        EXPECT_EQ(prefix->to_string(), text);
    }
    EXPECT_EQ(Ipv4Prefix::parse("192.0.2.1")->to_string(), "192.0.2.1/32");
}

TEST(Ipv4Address, SomeAreNoHosts) {
    for (const char* text : {"0.0.0.0", "0.255.255.255", "127.0.0.1", "127.255.255.255", "224.0.0.1", "239.255.255.255",
                             "240.0.0.1", "255.255.255.255"})
        EXPECT_TRUE(Ipv4Address::parse(text)->is_no_hosts()) << text;
    for (const char* text : {"1.0.0.0", "126.255.255.255", "128.0.0.0", "169.254.0.1", "223.255.255.255"})
        EXPECT_FALSE(Ipv4Address::parse(text)->is_no_hosts()) << text;
}

TEST(Ipv4Prefix, NonsenseIsRefused) {
    for (const char* text : {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/24/24", "192.0.2.1/24",
                             "192.0.2.0/ 24", "1.2.3/8"})
        EXPECT_FALSE(Ipv4Prefix::parse(text)) << '"' << text << '"';
}

TEST(Ipv4Prefix, HoldsFromItsFirstToItsLast) {
    const auto prefix = *Ipv4Prefix::parse("192.0.2.64/26");
    EXPECT_FALSE(prefix.contains({192, 0, 2, 63}));
    EXPECT_TRUE(prefix.contains({192, 0, 2, 64}));
    EXPECT_TRUE(prefix.contains({192, 0, 2, 127}));
    EXPECT_FALSE(prefix.contains({192, 0, 2, 128}));
    EXPECT_EQ(prefix.directed_broadcast(), (Ipv4Address{192, 0, 2, 127}));
    EXPECT_TRUE(Ipv4Prefix{}.contains(Ipv4Address::broadcast())) << "0.0.0.0/0 holds everything";
    EXPECT_TRUE(Ipv4Prefix{}.contains(Ipv4Address{}));
    EXPECT_EQ(Ipv4Prefix::parse("192.0.2.0/31")->directed_broadcast(), std::nullopt) << "RFC 3021";
    EXPECT_EQ(Ipv4Prefix::parse("192.0.2.0/32")->directed_broadcast(), std::nullopt);
    EXPECT_EQ(Ipv4Prefix::parse("192.0.2.0/30")->directed_broadcast(), (Ipv4Address{192, 0, 2, 3}));
}

TEST(Ipv4Prefix, OverlapsWithWhatItHoldsAndWhatHoldsIt) {
    const auto prefix = *Ipv4Prefix::parse("192.0.2.64/26");
    for (const char* text : {"192.0.2.64/26", "192.0.2.0/24", "192.0.2.127/32", "0.0.0.0/0"}) {
        EXPECT_TRUE(prefix.overlaps(*Ipv4Prefix::parse(text))) << text;
        EXPECT_TRUE(Ipv4Prefix::parse(text)->overlaps(prefix)) << text;
    }
    for (const char* text : {"192.0.2.0/26", "192.0.2.128/25", "192.0.3.64/26"}) {
        EXPECT_FALSE(prefix.overlaps(*Ipv4Prefix::parse(text))) << text;
        EXPECT_FALSE(Ipv4Prefix::parse(text)->overlaps(prefix)) << text;
    }
}

TEST(Ipv4Prefix, ReservesItsFirstAndItsLast) {
    const auto prefix = *Ipv4Prefix::parse("192.0.2.64/26");
    EXPECT_TRUE(prefix.reserves({192, 0, 2, 64}));
    EXPECT_TRUE(prefix.reserves({192, 0, 2, 127}));
    for (const Ipv4Address other : {Ipv4Address{192, 0, 2, 63}, {192, 0, 2, 65}, {192, 0, 2, 126}, {192, 0, 2, 128}})
        EXPECT_FALSE(prefix.reserves(other)) << other.to_string();
    EXPECT_FALSE(Ipv4Prefix::parse("192.0.2.0/31")->reserves({192, 0, 2, 0})) << "RFC 3021";
    EXPECT_FALSE(Ipv4Prefix::parse("192.0.2.0/32")->reserves({192, 0, 2, 0}));
}

TEST(Ipv4InterfaceAddress, KeepsItsHostBits) {
    const auto address = Ipv4InterfaceAddress::parse("192.168.255.1/24");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->address.to_string(), "192.168.255.1");
    EXPECT_EQ(address->subnet.to_string(), "192.168.255.0/24");
    EXPECT_EQ(address->to_string(), "192.168.255.1/24");
    for (const char* text : {"192.168.255.1", "192.168.255.1/33", "x/24", ""})
        EXPECT_FALSE(Ipv4InterfaceAddress::parse(text)) << text;
}

TEST(Ipv6Address, IsReadAndWrittenByRfc5952) {
    const std::pair<const char*, const char*> texts[] = {{"::", "::"},
                                                         {"::1", "::1"},
                                                         {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                                                         {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
                                                         {"fe80::1:0:0:1", "fe80::1:0:0:1"}};
    for (const auto& [given, canonical] : texts) {
        const auto address = Ipv6Address::parse(given);
        ASSERT_TRUE(address) << given;
        EXPECT_EQ(address->to_string(), canonical);
    }
    for (const char* text : {"", ":", ":::", "1::2::3", "12345::", "::g", "fe80::1%eth0", "192.0.2.1", "2001:db8::/32"})
        EXPECT_FALSE(Ipv6Address::parse(text)) << text;
}

TEST(Ipv6Prefix, HoldsWhatSharesItsBits) {
    const auto prefix = Ipv6Prefix::parse("2001:db8:80::/41");
    ASSERT_TRUE(prefix);
    EXPECT_TRUE(prefix->contains(*Ipv6Address::parse("2001:db8:ff::1")));
    EXPECT_FALSE(prefix->contains(*Ipv6Address::parse("2001:db8:7f::1")));
    EXPECT_TRUE(Ipv6Prefix{}.contains(*Ipv6Address::parse("::1")));
    EXPECT_EQ(Ipv6Prefix::parse("::1")->length(), 128u);
    EXPECT_EQ(prefix->to_string(), "2001:db8:80::/41");
    for (const char* text : {"2001:db8::1/64", "2001:db8::/129", "2001:db8::/", "/0", "::/x"})
        EXPECT_FALSE(Ipv6Prefix::parse(text)) << text;
}

}  // namespace
}  // namespace hairpin
