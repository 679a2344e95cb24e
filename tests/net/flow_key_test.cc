#include "net/flow_key.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <vector>

namespace hairpin {
namespace {

Ipv4FlowKey key(std::uint32_t source, std::uint32_t destination, std::uint16_t source_port, std::uint16_t destination_port) {
    return {Ipv4Address{source}, Ipv4Address{destination}, L4Port{source_port}, L4Port{destination_port}, IpProtocol::tcp};
}

RC_GTEST_PROP(FlowKey, ReversedTwiceItIsItself,
              (std::uint32_t source, std::uint32_t destination, std::uint16_t from, std::uint16_t to)) {
    const auto flow = key(source, destination, from, to);
    RC_ASSERT(flow.reversed().reversed() == flow);
    RC_ASSERT(flow.reversed().source == flow.destination);
    RC_ASSERT(flow.reversed().source_port == flow.destination_port);
    RC_ASSERT((flow.reversed() == flow) == (source == destination && from == to));
}

TEST(FlowKey, IsWrittenAsPeopleSayIt) {
    EXPECT_EQ(key(0xc000'0201, 0xcb00'7150, 40000, 80).to_string(), "tcp 192.0.2.1:40000 -> 203.0.113.80:80");
    const auto six = *Ipv6Address::parse("2001:db8::1");
    EXPECT_EQ((Ipv6FlowKey{six, six, L4Port{1}, L4Port{2}, IpProtocol::udp}.to_string()),
              "udp [2001:db8::1]:1 -> [2001:db8::1]:2");
}

RC_GTEST_PROP(FlowKey, EqualKeysHashEqually,
              (std::uint32_t source, std::uint32_t destination, std::uint16_t from, std::uint16_t to)) {
    const HashKey secret{0x1234'5678'9abc'def1, 0xfedc'ba98'7654'3211};
    RC_ASSERT(hash_of(key(source, destination, from, to), secret) == hash_of(key(source, destination, from, to), secret));
    RC_ASSERT(hash_of(key(source, destination, from, to), secret) != hash_of(key(source, destination, from, to), HashKey{}));
}

// Flows of one host differ in few bits; the buckets they fall into must not show it.
TEST(FlowKey, NeighbouringFlowsSpreadOverTheBuckets) {
    constexpr std::size_t kBuckets = 1024, kFlows = 64 * kBuckets;
    for (const unsigned shift : {0u, 32u, 54u}) {
        std::vector<unsigned> buckets(kBuckets);
        for (std::size_t i = 0; i < kFlows; ++i)
            ++buckets[hash_of(key(0xc0a8'ff02, 0xcb00'7150, static_cast<std::uint16_t>(i), 80), HashKey{}) >> shift &
                      (kBuckets - 1)];
        double chi_square = 0;
        for (const unsigned count : buckets) chi_square += (count - 64.0) * (count - 64.0) / 64.0;
        // Of 1023 degrees of freedom: mean 1023, standard deviation 45.
        EXPECT_LT(chi_square, 1023 + 6 * 45) << "bits from " << shift;
    }
}

}  // namespace
}  // namespace hairpin
