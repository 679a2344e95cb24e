#include "gateway/routing/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/gateway_parts/edge.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;
using ::testing::ElementsAre;
using ::testing::SizeIs;

Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }
Ipv4Prefix prefix(std::string_view text) { return Ipv4Prefix::parse(text).value(); }

std::vector<std::string> prefixes_of(const RouteTable& table) {
    std::vector<std::string> prefixes;
    for (const Route& route : table.routes()) prefixes.push_back(route.prefix.to_string());
    return prefixes;
}

TEST(RouteTable, ConnectedSubnetsAndADefaultRouteByANextHop) {
    const RouteTable table{edge()};

    const Route* web_server = table.find(address("192.168.255.10"));
    ASSERT_NE(web_server, nullptr);
    EXPECT_EQ(web_server->interface, kLan);
    EXPECT_EQ(web_server->next_hop, std::nullopt);
    EXPECT_EQ(name_of(web_server->origin), "connected");

    const Route* internet = table.find(address("198.51.100.10"));
    ASSERT_NE(internet, nullptr);
    EXPECT_EQ(internet->interface, kUplink);
    EXPECT_EQ(internet->next_hop, address("203.0.113.1"));
    EXPECT_EQ(name_of(internet->origin), "static");
    EXPECT_THAT(prefixes_of(table), ElementsAre("0.0.0.0/0", "192.168.255.0/24", "203.0.113.0/24"));
}

TEST(RouteTable, WithoutRoutesNothingIsFound) {
    const RouteTable table{Ruleset{}};
    EXPECT_EQ(table.find(address("192.0.2.1")), nullptr);
    EXPECT_EQ(table.find(address("0.0.0.0")), nullptr);
    EXPECT_EQ(table.find(Ipv4Address::broadcast()), nullptr);
}

TEST(Rfc1812, Section5_2_4_3_LongestPrefixWins) {
    Ruleset rules = edge();
    rules.routes.push_back({prefix("10.0.0.0/8"), address("203.0.113.8"), std::nullopt});
    rules.routes.push_back({prefix("10.1.0.0/16"), address("203.0.113.16"), std::nullopt});
    rules.routes.push_back({prefix("10.1.2.0/24"), address("203.0.113.24"), std::nullopt});
    rules.routes.push_back({prefix("10.1.2.3/32"), address("203.0.113.32"), std::nullopt});
    const RouteTable table{rules};

    EXPECT_EQ(table.find(address("10.1.2.3"))->next_hop, address("203.0.113.32"));
    EXPECT_EQ(table.find(address("10.1.2.2"))->next_hop, address("203.0.113.24"));
    EXPECT_EQ(table.find(address("10.1.2.4"))->next_hop, address("203.0.113.24"));
    EXPECT_EQ(table.find(address("10.1.3.0"))->next_hop, address("203.0.113.16"));
    EXPECT_EQ(table.find(address("10.2.0.0"))->next_hop, address("203.0.113.8"));
    EXPECT_EQ(table.find(address("11.0.0.0"))->next_hop, address("203.0.113.1"));
}

TEST(RouteTable, ARouteOntoAnInterfaceHasNoNextHop) {
    Ruleset rules = edge();
    rules.routes.push_back({prefix("198.51.100.0/24"), std::nullopt, kUplink});
    const RouteTable table{rules};
    const Route* route = table.find(address("198.51.100.10"));
    EXPECT_EQ(route->interface, kUplink);
    EXPECT_EQ(route->next_hop, std::nullopt);
    EXPECT_EQ(route->origin, RouteOrigin::configured);
}

TEST(RouteTable, AConnectedSubnetWinsOverAStaticRouteOfTheSamePrefixAndTheFirstOverTheSecond) {
    Ruleset rules = edge();
    rules.routes = {{prefix("192.168.255.0/24"), address("203.0.113.1"), std::nullopt},
                    {prefix("10.0.0.0/8"), address("203.0.113.2"), std::nullopt},
                    {prefix("10.0.0.0/8"), address("203.0.113.3"), std::nullopt}};
    const RouteTable table{rules};
    EXPECT_EQ(table.find(address("192.168.255.10"))->origin, RouteOrigin::connected);
    EXPECT_EQ(table.find(address("10.9.9.9"))->next_hop, address("203.0.113.2"));
    EXPECT_THAT(table.routes(), SizeIs(3));
}

TEST(RouteTable, ANextHopIsLookedUpInTheClosestConnectedSubnet) {
    Ruleset rules = edge();
    rules.interfaces[1].addresses.push_back(Ipv4InterfaceAddress::parse("203.0.113.129/25").value());
    rules.routes = {{prefix("0.0.0.0/0"), address("203.0.113.200"), std::nullopt}};
    EXPECT_EQ(RouteTable{rules}.find(address("198.51.100.10"))->interface, kLan);
}

TEST(RouteTable, ARouteThatLeadsNowhereIsLeftOutAndNamed) {
    Ruleset rules = edge();
    rules.routes = {{prefix("10.0.0.0/8"), address("172.16.0.1"), std::nullopt},    // in no connected subnet
                    {prefix("11.0.0.0/8"), address("203.0.113.80"), std::nullopt},  // the gateway itself
                    {prefix("12.0.0.0/8"), std::nullopt, InterfaceId{7}}};          // no such interface
    const RouteTable table{rules};
    EXPECT_EQ(table.find(address("10.0.0.1")), nullptr);
    EXPECT_EQ(table.find(address("11.0.0.1")), nullptr);
    EXPECT_EQ(table.find(address("12.0.0.1")), nullptr);
    EXPECT_THAT(table.unresolved(), SizeIs(3));
}

TEST(RouteTable, AnInterfaceThatIsGoneHasNoSubnet) {
    Ruleset rules = edge();
    rules.interfaces[1] = {};
    rules.routes.clear();
    EXPECT_EQ(RouteTable{rules}.find(address("192.168.255.10")), nullptr);
}

// Against the obvious way: look at every prefix, keep the longest.
TEST(PrefixTrie, FindsWhatANaiveSearchFinds) {
    using Trie = PrefixTrie<Ipv4Family>;
    const auto any_prefix = [] {
        // Few distinct high bits, so that prefixes nest; all lengths.
        const auto number = *rc::gen::oneOf(rc::gen::arbitrary<std::uint32_t>(),
                                            rc::gen::map(rc::gen::inRange<std::uint32_t>(0, 1 << 16),
                                                         [](auto n) { return 0x0a00'0000 | (n & 0xff) << 12 | n >> 8; }));
        return Ipv4Prefix{Ipv4Address{number}, *rc::gen::inRange(0u, 33u)};
    };
    EXPECT_TRUE(rc::check("longest prefix", [&] {
        std::vector<Trie::Entry> entries;
        const auto count = *rc::gen::inRange(0, 200);
        for (int i = 0; i < count; ++i) entries.push_back({any_prefix(), static_cast<std::uint32_t>(i)});
        const auto place = [](const Trie::Entry& entry) { return std::pair{entry.prefix.network(), entry.prefix.length()}; };
        std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
        entries.erase(
            std::unique(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.prefix == b.prefix; }),
            entries.end());
        const Trie trie{entries};

        const auto naive = [&](Ipv4Address address) {
            std::optional<std::uint32_t> best;
            unsigned length = 0;
            for (const auto& entry : entries)
                if (entry.prefix.contains(address) && (!best || entry.prefix.length() >= length))
                    best = entry.value, length = entry.prefix.length();
            return best;
        };
        std::vector<Ipv4Address> asked{Ipv4Address{}, Ipv4Address::broadcast(),
                                       Ipv4Address{*rc::gen::arbitrary<std::uint32_t>()}};
        for (const auto& entry : entries) {
            asked.push_back(entry.prefix.first());
            asked.push_back(entry.prefix.last());
            asked.push_back(Ipv4Address{entry.prefix.first().number() - 1});
            asked.push_back(Ipv4Address{entry.prefix.last().number() + 1});
        }
        for (const Ipv4Address address : asked) RC_ASSERT(trie.find(address) == naive(address));
    }));
}

TEST(PrefixTrie, StaysSmall) {
    using Trie = PrefixTrie<Ipv4Family>;
    const std::vector<Trie::Entry> only_default{{Ipv4Prefix{}, 0}};
    EXPECT_LT(Trie{only_default}.memory(), 100u);

    std::vector<Trie::Entry> internet;  // a million /24s with different values each
    for (std::uint32_t i = 0; i < 1'000'000; ++i) internet.push_back({Ipv4Prefix{Ipv4Address{0x0100'0000 + (i << 8)}, 24}, i});
    const Trie trie{internet};
    EXPECT_LT(trie.memory(), 8u << 20);
    EXPECT_EQ(trie.find(Ipv4Address{0x0100'0000 + (123'456 << 8) + 99}), 123'456u);
}

}  // namespace
}  // namespace hairpin::gateway
