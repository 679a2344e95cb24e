#include <gtest/gtest.h>

#include <set>

#include "net/forbidden_memory.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "tests/support/packet_builder.h"

namespace hairpin {
namespace {

using namespace testing;

TEST(Packet, GrowsAndShrinksAtTheFrontWithItsOffsets) {
    PacketPool pool{{.small = 1, .large = 1}};
    const PacketPtr packet = tcp().payload(3000).super_packet(1000).in(pool);
    const Offload before = packet->offload;
    const Bytes bytes = bytes_of(*packet);
    std::byte* first = packet->push_front(4);
    EXPECT_EQ(first, packet->data());
    EXPECT_EQ(packet->size(), bytes.size() + 4);
    EXPECT_EQ(packet->headroom(), Packet::kHeadroom - 4);
    EXPECT_EQ(packet->offload.checksum_start, before.checksum_start + 4);
    EXPECT_EQ(packet->offload.header_length, before.header_length + 4);
    EXPECT_EQ(packet->offload.checksum_offset, before.checksum_offset);
    packet->pop_front(4);
    EXPECT_EQ(bytes_of(*packet), bytes);
    EXPECT_EQ(packet->offload.checksum_start, before.checksum_start);
    EXPECT_EQ(packet->offload.header_length, before.header_length);
}

TEST(Packet, RoomIsNeverExceeded) {
    PacketPool pool{{.small = 1, .large = 0}};
    const PacketPtr packet = pool.take_small();
    packet->resize(2048);
    EXPECT_EQ(packet->tailroom(), 0u);
    EXPECT_DEATH(packet->resize(2049), "does not hold");
    packet->push_front(Packet::kHeadroom);
    EXPECT_DEATH(packet->push_front(1), "does not hold");
    packet->pop_front(packet->size());
    EXPECT_DEATH(packet->pop_front(1), "does not hold");
}

TEST(PacketPool, EveryBufferIsItsOwnAndComesHome) {
    PacketPool pool{{.small = 100, .large = 10}};
    {
        std::vector<PacketPtr> taken;
        std::set<const std::byte*> places;
        while (PacketPtr packet = pool.take_small()) {
            packet->resize(2048);
            std::memset(packet->data(), static_cast<int>(taken.size()), 2048);
            places.insert(packet->data());
            taken.push_back(std::move(packet));
        }
        while (PacketPtr packet = pool.take_large()) taken.push_back(std::move(packet));
        EXPECT_EQ(taken.size(), 110u);
        EXPECT_EQ(places.size(), 100u);
        EXPECT_EQ(pool.in_use(), 110u);
        for (std::size_t i = 0; i < 100; ++i)
            for (const std::byte byte : taken[i]->bytes()) ASSERT_EQ(byte, static_cast<std::byte>(i));
    }
    EXPECT_EQ(pool.in_use(), 0u);
    EXPECT_TRUE(pool.take_small());
}

TEST(PacketPool, AReturnedPacketIsTakenAgainEmpty) {
    PacketPool pool{{.small = 1, .large = 0}};
    {
        const PacketPtr packet = udp().payload(100).partial_checksum().in(pool);
        packet->push_front(20);
        packet->mark = 7;
        packet->ingress = PortId{3};
    }
    const PacketPtr again = pool.take_small();
    EXPECT_EQ(again->size(), 0u);
    EXPECT_EQ(again->headroom(), Packet::kHeadroom);
    EXPECT_EQ(again->offload.checksum, ChecksumState::unknown);
    EXPECT_EQ(again->mark, 0u);
    EXPECT_EQ(again->ingress, kNoPort);
}

#ifdef HAIRPIN_ADDRESS_SANITIZER
TEST(PacketPool, WhoReadsBeyondAPacketIsCaught) {
    PacketPool pool{{.small = 2, .large = 0}};
    const PacketPtr packet = udp().payload(100).in(pool);
    const std::byte* end = packet->data() + packet->size();
    EXPECT_DEATH(ADD_FAILURE() << std::to_integer<int>(*end), "use-after-poison");
    packet->resize(packet->size() + 1);
    EXPECT_FALSE(is_forbidden(end));
}

TEST(PacketPool, WhoReadsAPacketThatHasGoneHomeIsCaught) {
    PacketPool pool{{.small = 1, .large = 0}};
    PacketPtr packet = udp().payload(100).in(pool);
    const std::byte* begin = packet->data();
    packet.reset();
    EXPECT_DEATH(ADD_FAILURE() << std::to_integer<int>(*begin), "use-after-poison");
}
#endif

TEST(PacketPool, TheLastReturnedIsTheNextTaken) {
    PacketPool pool{{.small = 8, .large = 0}};
    PacketPtr a = pool.take_small(), b = pool.take_small();
    const std::byte* place = a->data();
    a.reset();
    EXPECT_EQ(pool.take_small()->data(), place) << "its bytes are still in the cache";
}

TEST(PacketPool, ShelvesAreChosenBySizeAndDoNotHelpEachOther) {
    PacketPool pool{{.small = 1, .large = 1}};
    const PacketPtr small = pool.take_for(2048);
    EXPECT_EQ(small->tailroom(), 2048u);
    EXPECT_FALSE(pool.take_for(1));
    const PacketPtr large = pool.take_for(2049);
    EXPECT_GE(large->tailroom(), 65535u + 14 + 8);
    EXPECT_FALSE(pool.take_large());
    EXPECT_FALSE(pool.copy(*large));
    EXPECT_FALSE(pool.make(std::vector<std::byte>(PacketPool::kLargestFrame + 1)));
}

TEST(PacketPool, ACopyIsEqualAndApart) {
    PacketPool pool{{.small = 2, .large = 0}};
    const PacketPtr packet = udp().payload(100).partial_checksum().in(pool);
    packet->mark = 9;
    packet->ingress = PortId{4};
    const PacketPtr copy = pool.copy(*packet);
    EXPECT_EQ(bytes_of(*copy), bytes_of(*packet));
    EXPECT_EQ(copy->offload.checksum_start, packet->offload.checksum_start);
    EXPECT_EQ(copy->mark, 9u);
    EXPECT_EQ(copy->ingress, PortId{4});
    copy->data()[50] ^= std::byte{1};
    EXPECT_NE(bytes_of(*copy), bytes_of(*packet));
}

TEST(Outbox, SortsByDestinationAndKeepsTheOrder) {
    PacketPool pool{{.small = 8, .large = 0}};
    Outbox<PortId> outbox;
    EXPECT_TRUE(outbox.empty());
    for (const auto& [port, size] : {std::pair{2, 10u}, {0, 11u}, {2, 12u}})
        outbox.put(PortId{static_cast<std::uint16_t>(port)}, udp().payload(size).in(pool));
    EXPECT_FALSE(outbox.empty());
    std::vector<std::pair<PortId, std::size_t>> seen;
    for (int round = 0; round < 2; ++round)
        outbox.drain([&](PortId port, Batch& batch) {
            for (const PacketPtr& packet : batch) seen.emplace_back(port, packet->size() - 42);
        });
    EXPECT_EQ(seen, (std::vector<std::pair<PortId, std::size_t>>{{PortId{2}, 10}, {PortId{2}, 12}, {PortId{0}, 11}}));
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(pool.in_use(), 0u);
}

}  // namespace
}  // namespace hairpin
