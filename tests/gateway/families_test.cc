// What is made for both families is compiled for both, though only IPv4 is forwarded yet.

#include <gtest/gtest.h>

#include <type_traits>

#include "gateway/nat/mapping.h"
#include "gateway/routing/prefix_trie.h"
#include "gateway/sessions/session.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

template <class Family>
class Families : public ::testing::Test {};
using Both = ::testing::Types<Ipv4Family, Ipv6Family>;
TYPED_TEST_SUITE(Families, Both);

TYPED_TEST(Families, ASessionIsARecordOfCacheLines) {
    using Record = SessionRecord<TypeParam>;
    static_assert(std::is_trivially_copyable_v<Record>);
    EXPECT_EQ(sizeof(Record) % 64, 0U);
    EXPECT_EQ(sizeof(SessionRecord<Ipv4Family>), 128U);
}

TYPED_TEST(Families, ASessionKnowsWhatItsFlowsBecome) {
    SessionRecord<TypeParam> session{};
    session.original_key.protocol = session.reply_key.protocol = IpProtocol::udp;
    session.original_key.source_port = L4Port{40000};
    session.original_key.destination_port = L4Port{80};
    session.reply_key.source_port = L4Port{8080};
    session.reply_key.destination_port = L4Port{50000};
    EXPECT_EQ(session.rewritten(Direction::original).source_port, L4Port{50000});
    EXPECT_EQ(session.rewritten(Direction::original).destination_port, L4Port{8080});
    EXPECT_EQ(session.rewritten(Direction::reply).destination_port, L4Port{40000});
}

TYPED_TEST(Families, AMappingIsARecordOfCacheLines) {
    using Record = MappingRecord<TypeParam>;
    static_assert(std::is_trivially_copyable_v<Record>);
    EXPECT_EQ(sizeof(Record) % 64, 0U);
    Record mapping{};
    EXPECT_FALSE(mapping.used());
    mapping.keepers = 1;
    EXPECT_TRUE(mapping.used());
}

TYPED_TEST(Families, ATransportAddressIsOfAFlow) {
    FlowKey<TypeParam> key{};
    key.source_port = L4Port{1};
    key.destination_port = L4Port{2};
    EXPECT_EQ(TransportAddress<TypeParam>::source_of(key).port, L4Port{1});
    EXPECT_EQ(TransportAddress<TypeParam>::destination_of(key).port, L4Port{2});
    EXPECT_EQ(key.reversed().source_port, L4Port{2});
}

}  // namespace
}  // namespace hairpin::testing
