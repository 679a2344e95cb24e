#include "gateway/routing/local_addresses.h"

#include <gtest/gtest.h>

namespace hairpin::gateway {
namespace {

Ruleset with(std::initializer_list<const char*> addresses) {
    Ruleset rules;
    for (const char* address : addresses) {
        Interface& interface = rules.interfaces.emplace_back();
        interface.name = "if" + std::to_string(rules.interfaces.size());
        interface.addresses = {*Ipv4InterfaceAddress::parse(address)};
    }
    return rules;
}

TEST(LocalAddresses, TellOwnOnesFromBroadcasts) {
    const LocalAddresses local{with({"192.0.2.1/24", "198.51.100.4/31", "203.0.113.9/32"})};
    EXPECT_EQ(local.find({192, 0, 2, 1}), LocalAddress::own);
    EXPECT_EQ(local.find({192, 0, 2, 255}), LocalAddress::broadcast);
    EXPECT_EQ(local.find({192, 0, 2, 0}), LocalAddress::none);
    EXPECT_EQ(local.find({198, 51, 100, 4}), LocalAddress::own);
    EXPECT_EQ(local.find({198, 51, 100, 5}), LocalAddress::none) << "a /31 has no broadcast (RFC 3021)";
    EXPECT_EQ(local.find({203, 0, 113, 9}), LocalAddress::own);
    EXPECT_EQ(local.find({}), LocalAddress::none);
}

TEST(LocalAddresses, OfInterfacesThatAreGoneNoneIsLeft) {
    Ruleset rules = with({"192.0.2.1/24"});
    rules.interfaces.front().name.clear();
    EXPECT_EQ(LocalAddresses{rules}.find({192, 0, 2, 1}), LocalAddress::none);
    EXPECT_EQ(LocalAddresses{Ruleset{}}.find({192, 0, 2, 1}), LocalAddress::none);
}

// As many as a gateway can have, each address around them asked for: the same as interfaces answer one by one.
TEST(LocalAddresses, AreAsManyAsInterfacesCanHave) {
    Ruleset rules;
    for (unsigned i = 0; i < kMaxInterfaces; ++i) {
        Interface& interface = rules.interfaces.emplace_back();
        interface.name = "if" + std::to_string(i);
        for (unsigned j = 0; j < 64; ++j) {
            const Ipv4Address address{Ipv4Address{10, 0, 0, 0}.number() + (i * 64 + j) * 8 + 1 + j % 6};
            interface.addresses.push_back({address, Ipv4Prefix{address, 29}});
        }
    }
    const LocalAddresses local{rules};
    std::size_t own = 0, broadcasts = 0;
    for (std::uint32_t number = Ipv4Address{9, 255, 255, 0}.number(); number < Ipv4Address{10, 2, 1, 0}.number(); ++number) {
        const LocalAddress kind = local.find(Ipv4Address{number});
        own += kind == LocalAddress::own;
        broadcasts += kind == LocalAddress::broadcast;
        if (kind == LocalAddress::broadcast) {
            ASSERT_EQ(number % 8, 7u);
        }
    }
    EXPECT_EQ(own, kMaxInterfaces * 64);
    EXPECT_EQ(broadcasts, kMaxInterfaces * 64);
    for (unsigned i = 0; i < kMaxInterfaces; i += 17)
        for (const auto& address : rules.interfaces[i].addresses) ASSERT_EQ(local.find(address.address), LocalAddress::own);
}

}  // namespace
}  // namespace hairpin::gateway
