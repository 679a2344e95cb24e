#include "gateway/nat/port_blocks.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

constexpr Ipv4Address kOutside{203, 0, 113, 80}, kOtherOutside{203, 0, 113, 81};

Ipv4Address inside(unsigned number) { return Ipv4Address{0x0a00'0000 + number}; }
L4Port l4(unsigned number) { return L4Port{static_cast<std::uint16_t>(number)}; }
const auto kAnyFits = [](PortRange) { return true; };

TEST(PortBlocks, BeginAtMultiplesOfTheirSizeWithinTheRange) {
    PortBlocks blocks{HashKey{}};
    blocks.adopt({256, 4});
    EXPECT_EQ(blocks.find_free(kOutside, ports(1000, 2000), l4(1000), kAnyFits), ports(1024, 1279));
    EXPECT_EQ(blocks.find_free(kOutside, ports(1000, 2000), l4(1700), kAnyFits), ports(1536, 1791));
    EXPECT_EQ(blocks.find_free(kOutside, ports(1000, 2000), l4(1999), kAnyFits), ports(1536, 1791)) << "behind it there is none";
    EXPECT_EQ(blocks.find_free(kOutside, ports(1025, 1535), l4(1025), kAnyFits), ports(1280, 1535));
    EXPECT_EQ(blocks.find_free(kOutside, ports(1025, 1500), l4(1025), kAnyFits), std::nullopt);
    EXPECT_EQ(blocks.find_free(kOutside, ports(65280, 65535), l4(65535), kAnyFits), ports(65280, 65535));
}

TEST(PortBlocks, OfAnotherSizeGoAroundThoseThatAreThere) {
    PortBlocks blocks{HashKey{}};
    blocks.adopt({64, 4});
    blocks.take(inside(1), kOutside, ports(1088, 1151), {});
    blocks.mapping_began(kOutside, l4(1100));
    blocks.adopt({256, 4});
    EXPECT_EQ(blocks.find_free(kOutside, ports(1024, 1535), l4(1024), kAnyFits), ports(1280, 1535));
    EXPECT_EQ(blocks.find_free(kOtherOutside, ports(1024, 1535), l4(1024), kAnyFits), ports(1024, 1279)) << "another address";
}

// Hosts take blocks, and mappings in them begin and end, against a model that is a map.
RC_GTEST_PROP(PortBlocks, AreOneHostsFromTheFirstMappingToTheLast, ()) {
    struct Turns : PortBlockObserver {
        void port_block_taken(const PortBlock&, Timestamp) override { ++taken; }
        void port_block_released(const PortBlock&, Timestamp) override { ++released; }
        unsigned taken = 0, released = 0;
    } turns;
    PortBlocks blocks{HashKey{*rc::gen::arbitrary<std::uint64_t>(), 1}};
    blocks.observe(&turns);
    struct Owned {
        Ipv4Address host;
        PortRange range;
        std::multiset<unsigned> mappings;
    };
    std::map<std::pair<Ipv4Address, unsigned>, Owned> model;  // by the outside address and first port
    const PortRange range = ports(1024, 2047);
    const auto steps = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
    for (const std::uint32_t step : steps) {
        const Ipv4Address host = inside(step % 5), address = (step >> 3) % 2 == 0 ? kOutside : kOtherOutside;
        const std::uint16_t size = (step >> 4) % 2 == 0 ? 64 : 128;
        blocks.adopt({size, 3});
        if ((step >> 5) % 2 == 0 || model.empty()) {
            const auto has = std::count_if(model.begin(), model.end(), [&](const auto& row) { return row.second.host == host; });
            RC_ASSERT(blocks.may_have_another(host) == (has < 3));
            const auto found = blocks.find_free(address, range, l4(1024 + (step >> 6) % 1024), kAnyFits);
            if (!found) continue;
            for (const auto& [key, owned] : model)
                RC_ASSERT(key.first != address || owned.range.last < found->first || found->last < owned.range.first);
            const unsigned port = found->first.number() + (step >> 16) % size;
            blocks.take(host, address, *found, {});
            blocks.mapping_began(address, l4(port));
            model[{address, found->first.number()}] = {host, *found, {port}};
        } else {
            auto row = std::next(model.begin(), static_cast<std::ptrdiff_t>((step >> 6) % model.size()));
            auto& [host_of, block, mappings] = row->second;
            if ((step >> 15) % 2 == 0) {
                const unsigned port = block.first.number() + (step >> 16) % (block.span() + 1);
                blocks.take(host_of, row->first.first, block, {});
                blocks.mapping_began(row->first.first, l4(port));
                mappings.insert(port);
            } else {
                blocks.mapping_ended(row->first.first, l4(*mappings.begin()), {});
                mappings.erase(mappings.begin());
                if (mappings.empty()) model.erase(row);
            }
        }
        RC_ASSERT(blocks.size() == model.size());
        RC_ASSERT(turns.taken - turns.released == model.size());
        std::size_t seen = 0;
        blocks.for_each([&](const PortBlock& block) {
            ++seen;
            const Owned& owned = model.at({block.address, block.ports.first.number()});
            RC_ASSERT(owned.host == block.host);
            RC_ASSERT(owned.range == block.ports);
            RC_ASSERT(owned.mappings.size() == block.mappings);
        });
        RC_ASSERT(seen == model.size());
        for (unsigned port = 1024; port < 2048; port += 32) {
            const auto owned = std::find_if(model.begin(), model.end(), [&](const auto& row) {
                return row.first.first == address && row.second.range.contains(l4(port));
            });
            const PortBlock* const block = blocks.find(address, l4(port));
            RC_ASSERT((block != nullptr) == (owned != model.end()));
            RC_ASSERT(blocks.of_others(address, host)(port) == (owned != model.end() && owned->second.host != host));
        }
    }
}

TEST(PortBlocks, ThereAreAsManyAsThereIsRoomFor) {
    PortBlocks blocks{HashKey{}};
    blocks.adopt({64, 64});
    for (std::uint32_t number = 0; number < PortBlocks::kMostAddresses; ++number) {
        const Ipv4Address address{0xcb00'0000 + number};
        ASSERT_TRUE(blocks.find_free(address, ports(1024, 1087), l4(1024), kAnyFits));
        blocks.take(inside(number), address, ports(1024, 1087), {});
        blocks.mapping_began(address, l4(1024));
    }
    const Ipv4Address another{0xcc00'0000};
    EXPECT_EQ(blocks.find_free(another, ports(1024, 1087), l4(1024), kAnyFits), std::nullopt) << "no room for another address";
    EXPECT_TRUE(blocks.find_free(Ipv4Address{0xcb00'0000}, ports(1088, 1151), l4(1088), kAnyFits)) << "for one that is there";
    blocks.mapping_ended(Ipv4Address{0xcb00'0007}, l4(1024), {});
    ASSERT_TRUE(blocks.find_free(another, ports(1024, 1087), l4(1024), kAnyFits));
    blocks.take(inside(1), another, ports(1024, 1087), {});
    EXPECT_NE(blocks.find(another, l4(1024)), nullptr);
    EXPECT_EQ(blocks.find(Ipv4Address{0xcb00'0007}, l4(1024)), nullptr);
}

}  // namespace
}  // namespace hairpin::testing
