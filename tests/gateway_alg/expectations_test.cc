// What is awaited, and how much of it.

#include "gateway/alg/expectations.h"

#include <gtest/gtest.h>

namespace hairpin::gateway {
namespace {

Expectation awaited(std::uint32_t serial, std::uint16_t port, unsigned until = 30) {
    Expectation expectation;
    expectation.serial = serial;
    expectation.awaited = {Ipv4Address{198, 51, 100, 10}, Ipv4Address{203, 0, 113, 80}, {}, L4Port{port}, IpProtocol::tcp};
    expectation.until = Timestamp{std::chrono::seconds{until}};
    return expectation;
}
Ipv4FlowKey first_packet(std::uint16_t from, std::uint16_t to) {
    Ipv4FlowKey key = awaited(0, to).awaited;
    key.source_port = L4Port{from};
    return key;
}

TEST(Expectations, AreFoundFromAnyPortOfThePeerAlone) {
    Expectations all{HashKey{}};
    EXPECT_TRUE(all.empty());
    EXPECT_TRUE(all.add(awaited(7, 50000)));
    EXPECT_FALSE(all.add(awaited(8, 50000))) << "the like is awaited";
    EXPECT_TRUE(all.find(first_packet(20, 50000)));
    EXPECT_TRUE(all.find(first_packet(65535, 50000)));
    EXPECT_FALSE(all.find(first_packet(20, 50001)));
    Ipv4FlowKey other = first_packet(20, 50000);
    other.source = Ipv4Address{198, 51, 100, 11};
    EXPECT_FALSE(all.find(other));
    other = first_packet(20, 50000);
    other.protocol = IpProtocol::udp;
    EXPECT_FALSE(all.find(other));
    EXPECT_EQ(all.take(*all.find(first_packet(20, 50000))).serial, 7U);
    EXPECT_FALSE(all.find(first_packet(20, 50000)));
}

TEST(Expectations, HaveABoundAndTellWhatGoes) {
    Expectations all{HashKey{}};
    for (std::uint32_t i = 0; i < Expectations::kMost; ++i)
        ASSERT_TRUE(all.add(awaited(i % 2, static_cast<std::uint16_t>(1024 + i), 30 + i)));
    EXPECT_FALSE(all.add(awaited(2, 9))) << "full";
    EXPECT_EQ(all.count_of(1), Expectations::kMost / 2);
    EXPECT_EQ(all[*all.oldest_of(1)].awaited.destination_port, L4Port{1025});
    std::size_t gone = 0;
    all.take_all([](const Expectation& one) { return one.serial == 1; }, [&](const Expectation&) { ++gone; });
    EXPECT_EQ(gone, Expectations::kMost / 2);
    EXPECT_EQ(all.size(), Expectations::kMost / 2);
    EXPECT_TRUE(all.add(awaited(2, 9)));
}

}  // namespace
}  // namespace hairpin::gateway
