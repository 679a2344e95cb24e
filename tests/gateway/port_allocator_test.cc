#include "gateway/nat/port_allocator.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

Ipv4FlowKey from_host(unsigned number, unsigned source_port, IpProtocol protocol = IpProtocol::tcp) {
    const auto destination_port = protocol == IpProtocol::icmp ? source_port : 80;
    return {Ipv4Address{0xc0a8'0000 + number}, kInternet, port(source_port).first, port(destination_port).first, protocol};
}
SourceChoice choice(std::string_view addresses_text, std::optional<PortRange> allowed = {}) {
    return {addresses(addresses_text), allowed};
}

// An allocator and the sessions that its flows become.
class Translations {
public:
    explicit Translations(std::uint64_t seed = 1, std::size_t capacity = 8192)
        : allocator{HashKey{seed, seed + 1}}, sessions{capacity, HashKey{}}, mappings{capacity, HashKey{}} {}

    std::optional<Ipv4FlowKey> open(const Ipv4FlowKey& original, const SourceChoice& allowed) {
        return open(original, original, allowed);
    }
    std::optional<Ipv4FlowKey> open(const Ipv4FlowKey& original, const Ipv4FlowKey& after_dnat, const SourceChoice& allowed) {
        const auto grant = allocator.allocate(original, after_dnat, allowed, sessions, mappings, kNow);
        if (!grant) return std::nullopt;
        sessions.insert(original, grant->to.reversed(), SessionState::other, std::chrono::minutes{10}, kNow);
        if (grant->mapping) mappings.hold(*grant->mapping, kNow);
        return grant->to;
    }

    void close(SessionIndex index) {
        const Session session = sessions[index];
        mappings.release(Ipv4TransportAddress::destination_of(session.reply_key), session.original_key.destination);
        sessions.erase(index);
    }

    static constexpr Timestamp kNow{std::chrono::seconds{1}};

    PortAllocator allocator;
    SessionTable sessions;
    MappingTable mappings;
};

TEST(PortAllocator, OnlyTheSourceIsReplaced) {
    Translations nat;
    for (const IpProtocol protocol : {IpProtocol::tcp, IpProtocol::udp}) {
        const auto original = from_host(2, 40000, protocol);
        const auto to = nat.open(original, choice("203.0.113.80"));
        ASSERT_TRUE(to);
        EXPECT_EQ(to->source, kExternal);
        EXPECT_EQ(to->destination, original.destination);
        EXPECT_EQ(to->destination_port, original.destination_port);
        EXPECT_EQ(to->protocol, protocol);
    }
}

TEST(PortAllocator, WhatDnatMadeOfTheDestinationStays) {
    Translations nat;
    const Ipv4FlowKey original = from_host(2, 40000);
    Ipv4FlowKey after_dnat = original;
    after_dnat.destination = kWebServer;
    after_dnat.destination_port = L4Port{8080};
    const auto to = nat.open(original, after_dnat, choice("192.168.255.1"));
    ASSERT_TRUE(to);
    EXPECT_EQ(to->source, kGateway);
    EXPECT_EQ(to->destination, kWebServer);
    EXPECT_EQ(to->destination_port, L4Port{8080});
}

TEST(PortAllocator, AnIcmpIdentifierStandsInBothPlaces) {
    Translations nat;
    std::set<std::uint16_t> identifiers;
    for (unsigned host = 0; host < 50; ++host) {
        const auto to = nat.open(from_host(host, 7, IpProtocol::icmp), choice("203.0.113.80"));
        ASSERT_TRUE(to);
        EXPECT_EQ(to->source_port, to->destination_port);
        EXPECT_TRUE(identifiers.insert(to->source_port.number()).second);
    }
}

TEST(PortAllocator, WithoutPortsThereIsOneFlowForEachPair) {
    Translations nat;
    EXPECT_TRUE(nat.open(from_host(2, 0, IpProtocol::gre), choice("203.0.113.80")));
    EXPECT_FALSE(nat.open(from_host(3, 0, IpProtocol::gre), choice("203.0.113.80"))) << "its replies could not be told apart";
    EXPECT_TRUE(nat.open(from_host(3, 0, IpProtocol::esp), choice("203.0.113.80")));
}

// ---- Classes and ranges -------------------------------------------------------------------------------------------------------

RC_GTEST_PROP(Rfc4787, Req3a_APortStaysInItsClass, (std::uint16_t source_port, std::uint64_t seed)) {
    Translations nat{seed, 16};
    const auto original = from_host(2, *rc::gen::element<unsigned>(source_port, source_port % 1024, 1, 1023, 1024, 65535));
    const auto to = nat.open(original, choice("203.0.113.80"));
    RC_ASSERT(to.has_value());
    RC_ASSERT((to->source_port.number() < 1024) == (original.source_port.number() < 1024));
    RC_ASSERT(to->source_port.number() > 0);
}

RC_GTEST_PROP(PortAllocator, ARulesRangeIsKept, (std::uint64_t seed)) {
    const auto first = *rc::gen::inRange(0u, 65536u), last = *rc::gen::inRange(first, 65536u);
    const auto protocol = *rc::gen::element(IpProtocol::tcp, IpProtocol::udp, IpProtocol::icmp);
    Translations nat{seed, 64};
    for (unsigned host = 0; host < 20; ++host) {
        const auto to = nat.open(from_host(host, 40000, protocol), choice("203.0.113.80", ports(first, last)));
        RC_ASSERT(to.has_value() || host > last - first);
        if (to) RC_ASSERT(ports(first, last).contains(to->source_port));
    }
}

// RFC 6056: which port comes next is not to be guessed. Ports that count up would fill a narrow band.
TEST(Rfc6056, Section3_2_PortsAreSpreadOverTheirWholeClass) {
    Translations nat;
    std::array<unsigned, 8> eighths{};
    for (unsigned host = 0; host < 800; ++host) {
        const auto to = nat.open(from_host(host, 40000), choice("203.0.113.80"));
        ASSERT_TRUE(to);
        ++eighths.at((to->source_port.number() - 1024u) / 8064u);
    }
    for (const unsigned count : eighths) {
        EXPECT_GT(count, 60u);
        EXPECT_LT(count, 140u);
    }
}

TEST(Rfc6056, Section3_3_1_TwoGatewaysChooseDifferently) {
    Translations one{1}, other{2};
    unsigned alike = 0;
    for (unsigned host = 0; host < 100; ++host)
        if (one.open(from_host(host, 40000), choice("203.0.113.80")) ==
            other.open(from_host(host, 40000), choice("203.0.113.80")))
            ++alike;
    EXPECT_LT(alike, 5u);
}

// ---- Pools --------------------------------------------------------------------------------------------------------------------

TEST(Rfc4787, Req2_AHostAlwaysHasTheSameAddressOfAPool) {
    Translations nat;
    std::set<Ipv4Address> used;
    for (unsigned host = 0; host < 100; ++host) {
        std::set<Ipv4Address> of_one_host;
        for (const IpProtocol protocol : {IpProtocol::tcp, IpProtocol::udp, IpProtocol::icmp})
            for (const unsigned source_port : {53u, 40000u, 40001u}) {
                const auto to = nat.open(from_host(host, source_port, protocol), choice("203.0.113.80-203.0.113.89"));
                ASSERT_TRUE(to);
                of_one_host.insert(to->source);
            }
        EXPECT_EQ(of_one_host.size(), 1u);
        EXPECT_TRUE(addresses("203.0.113.80-203.0.113.89").contains(*of_one_host.begin()));
        used.merge(of_one_host);
    }
    EXPECT_EQ(used.size(), 10u) << "and the hosts share all of it";
}

TEST(PortAllocator, APoolMayHaveGaps) {
    const AddressSet pool =
        AddressSet::of({addresses("198.51.100.7"), addresses("203.0.113.80-203.0.113.82"), addresses("203.0.113.90")});
    for (const Pooling pooling : {Pooling::paired, Pooling::arbitrary}) {
        SourceChoice any_of_them{pool};
        any_of_them.pooling = pooling;
        Translations nat;
        std::set<Ipv4Address> used;
        for (unsigned host = 0; host < 200; ++host) {
            const auto to = nat.open(from_host(host, 40000), any_of_them);
            ASSERT_TRUE(to);
            EXPECT_TRUE(pool.contains(to->source)) << to->source.to_string();
            const auto again = nat.open(from_host(host, 40001, IpProtocol::udp), any_of_them);
            ASSERT_TRUE(again);
            EXPECT_TRUE(pooling == Pooling::arbitrary || again->source == to->source) << "as the one that it has";
            used.insert(to->source);
        }
        EXPECT_EQ(used.size(), 5u) << "and the hosts share all of it";
    }
}

TEST(PortAllocator, APoolMayBeTheWholeOfIpv4) {
    Translations nat;
    EXPECT_TRUE(nat.open(from_host(2, 40000), choice("0.0.0.0/0")));
    EXPECT_TRUE(nat.open(from_host(2, 0, IpProtocol::gre), choice("0.0.0.0/0")));
}

// ---- The end of the range -----------------------------------------------------------------------------------------------------

TEST(PortAllocator, ARangeOfOnePort) {
    Translations nat;
    const auto to = nat.open(from_host(2, 40000), choice("203.0.113.80", port(2000)));
    ASSERT_TRUE(to);
    EXPECT_EQ(to->source_port, L4Port{2000});
    EXPECT_FALSE(nat.open(from_host(3, 40000), choice("203.0.113.80", port(2000))));

    // The same port leads to another server all the same: it is the flow that must be free.
    Ipv4FlowKey elsewhere = from_host(3, 40000);
    elsewhere.destination = kRouter;
    EXPECT_TRUE(nat.open(elsewhere, choice("203.0.113.80", port(2000))));
}

TEST(PortAllocator, EveryPortOfARangeIsFoundBeforeItIsExhausted) {
    for (const unsigned count : {2u, 3u, 100u, PortAllocator::kMostTries}) {
        Translations nat{count};
        std::set<std::uint16_t> taken;
        const auto allowed = choice("203.0.113.80", ports(65536 - count, 65535));
        for (unsigned host = 0; host < count; ++host) {
            const auto to = nat.open(from_host(host, 40000), allowed);
            ASSERT_TRUE(to) << "with " << host << " of " << count << " taken";
            EXPECT_TRUE(taken.insert(to->source_port.number()).second);
        }
        EXPECT_FALSE(nat.open(from_host(count, 40000), allowed));
        EXPECT_EQ(nat.sessions.size(), count) << "and nobody has paid for it";

        nat.close(7 % count);
        EXPECT_TRUE(nat.open(from_host(count, 40000), allowed)) << "one has come free";
    }
}

TEST(PortAllocator, TheWellKnownClassHasPorts1To1023) {
    Translations nat;
    for (unsigned host = 0; host < 1023; ++host) ASSERT_TRUE(nat.open(from_host(host, 53), choice("203.0.113.80"))) << host;
    EXPECT_FALSE(nat.open(from_host(1023, 53), choice("203.0.113.80")));
    EXPECT_TRUE(nat.open(from_host(1023, 1024), choice("203.0.113.80"))) << "the others have theirs";
}

// ---- Flows that would look alike ----------------------------------------------------------------------------------------------

// A server opens a connection to its own external address from the very port it serves. With that source port kept, the replies
// to the translated flow would look as the original does.
TEST(PortAllocator, TheRepliesNeverLookLikeTheOriginal) {
    const Ipv4FlowKey original{kWebServer, kExternal, L4Port{80}, L4Port{80}, IpProtocol::tcp};
    Ipv4FlowKey after_dnat = original;
    after_dnat.destination = kWebServer;
    Translations nat;
    EXPECT_FALSE(nat.open(original, after_dnat, choice("203.0.113.80", port(80)))) << "there is only the port that may not be";
    const auto to = nat.open(original, after_dnat, choice("203.0.113.80", ports(80, 81)));
    ASSERT_TRUE(to);
    EXPECT_EQ(to->source_port, L4Port{81});
}

// Few hosts, few ports, one server that is a host as well: flows meet wherever they can. Whatever is allocated, all keys of all
// sessions stay different, the two of one session too.
RC_GTEST_PROP(PortAllocator, NoTwoFlowsEverShareAKey, (std::uint64_t seed)) {
    Translations nat{seed, 512};
    std::set<std::string> keys;
    const auto any_host = [] { return Ipv4Address{0xc0a8'0000 + *rc::gen::inRange(0u, 3u)}; };
    const auto any_port = [] { return port(*rc::gen::inRange(1u, 4u)).first; };
    for (int step = 0; step < 60; ++step) {
        Ipv4FlowKey original{any_host(), any_host(), any_port(), any_port(), *rc::gen::element(IpProtocol::tcp, IpProtocol::udp)};
        if (original.source == original.destination || nat.sessions.contains(original)) continue;
        Ipv4FlowKey after_dnat = original;
        if (*rc::gen::arbitrary<bool>()) after_dnat.destination = any_host();
        const Ipv4Address source = any_host();
        const auto to = nat.open(original, after_dnat, {{source, source}, ports(1, 3)});
        if (!to) continue;
        RC_ASSERT(to->reversed() != original);
        RC_ASSERT(keys.insert(original.to_string()).second);
        RC_ASSERT(keys.insert(to->reversed().to_string()).second);
    }
    RC_ASSERT(keys.size() == 2 * nat.sessions.size());
}

}  // namespace
}  // namespace hairpin::testing
