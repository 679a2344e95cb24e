// RFC 6888: a NAT that many subscribers share.

#include <map>

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Rfc6888, Req2_ASubscriberHasOneAddressOfThePool) {
    HairpinLab lab{with_pool("203.0.113.80-203.0.113.89")};
    EXPECT_THAT(external_addresses_of_the_workstation(lab), SizeIs(1));
}

HairpinLab::Change with_quota(gateway::PortQuota quota) {
    return [quota](gateway::Ruleset& rules) { rules.nat_settings.ports_per_host = quota; };
}
std::size_t flows_that_get_out(HairpinLab& lab, unsigned first_port, unsigned count) {
    for (unsigned port = first_port; port < first_port + count; ++port)
        lab.workstation.send(udp().from(kWorkstation, port).to(kInternet, 53));
    return lab.internet.received().size();
}

TEST(Rfc6888, Req4_TheOutsidePortsOfAHostHaveALimit) {
    HairpinLab lab{with_quota({.udp = 3})};
    EXPECT_EQ(flows_that_get_out(lab, 40000, 5), 3U);
    EXPECT_EQ(lab.dropped(DropReason::nat_quota), 2U);
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13), Icmp(3, 13)));
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kRouter, 53));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "another session of the same mapping takes no port";
    lab.web_server.send(udp().from(kWebServer, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "another host has its own";
    lab.wait(std::chrono::seconds{301});
    EXPECT_EQ(flows_that_get_out(lab, 41000, 5), 3U) << "mappings that rest do not count";
}

TEST(Rfc6888, Req4a_TheLimitIsConfigured) {
    HairpinLab lab;
    EXPECT_EQ(flows_that_get_out(lab, 40000, 5), 5U);
    lab.change_rules(with_quota({.udp = 6}));
    EXPECT_EQ(flows_that_get_out(lab, 41000, 5), 1U) << "those that are there count";
    lab.change_rules(with_quota({.udp = 8}));
    EXPECT_EQ(flows_that_get_out(lab, 42000, 5), 2U);
}

TEST(Rfc6888, Req4b_EachProtocolHasItsOwn) {
    HairpinLab lab{with_quota({.tcp = 2, .udp = 1, .icmp = 1})};
    for (unsigned i = 0; i < 4; ++i) {
        lab.workstation.send(tcp().from(kWorkstation, 40000 + i).to(kInternet, 80).syn());
        lab.workstation.send(udp().from(kWorkstation, 40000 + i).to(kInternet, 53));
        lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(1 + i));
    }
    std::map<IpProtocol, unsigned> seen;
    for (const SeenPacket& packet : lab.internet.received()) ++seen[packet.protocol];
    EXPECT_EQ(seen, (std::map<IpProtocol, unsigned>{{IpProtocol::tcp, 2}, {IpProtocol::udp, 1}, {IpProtocol::icmp, 1}}));
}

TEST(Rfc6888, Req4c_NewMappingsComeAtARate) {
    HairpinLab lab{with_quota({.per_second = 5, .burst = 2})};
    EXPECT_EQ(flows_that_get_out(lab, 40000, 4), 2U);
    lab.wait(std::chrono::seconds{1});
    EXPECT_EQ(flows_that_get_out(lab, 41000, 4), 2U);
}

HairpinLab::Change with_host_limit(gateway::SessionLimit limit) {
    return [limit](gateway::Ruleset& rules) { rules.session_limits.inside_host = limit; };
}

TEST(Rfc6888, Req5_TheSessionsOfAHostHaveALimit) {
    HairpinLab lab{with_host_limit({.sessions = 3})};
    for (unsigned port = 1; port <= 5; ++port) lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, port));
    EXPECT_THAT(lab.internet.received(), SizeIs(3)) << "though they share one mapping";
    EXPECT_EQ(lab.dropped(DropReason::session_limit), 2U);
}

TEST(Rfc6888, Req5a_ThatLimitIsConfigured) {
    HairpinLab lab{with_host_limit({.sessions = 3})};
    EXPECT_EQ(flows_that_get_out(lab, 40000, 5), 3U);
    lab.change_rules(with_host_limit({.sessions = 4}));
    EXPECT_EQ(flows_that_get_out(lab, 41000, 5), 1U);
}

TEST(Rfc6888, Req5b_NewSessionsComeAtARate) {
    HairpinLab lab{with_host_limit({.per_second = 3})};
    EXPECT_EQ(flows_that_get_out(lab, 40000, 5), 3U);
    lab.wait(std::chrono::seconds{1});
    EXPECT_EQ(flows_that_get_out(lab, 41000, 5), 3U);
}

TEST(Rfc6888, Req3_APoolMayBeAnySetOfAddresses) {
    const auto pool =
        gateway::AddressSet::of({addresses("198.51.100.7"), addresses("203.0.113.80-203.0.113.81"), addresses("203.0.113.85")});
    HairpinLab lab{[&](gateway::Ruleset& rules) {
        rules.nat[0].translated_address.reset();
        rules.nat[0].original_address = addresses("192.168.255.0/24");
        rules.nat[0].pool = pool;
    }};
    EXPECT_THAT(external_addresses_of_the_workstation(lab), SizeIs(1)) << "paired, as of any pool";
    std::set<Ipv4Address> used;
    for (unsigned host = 20; host < 120; ++host) {
        lab.workstation.send(udp().from({192, 168, 255, static_cast<std::uint8_t>(host)}, 40000).to(kInternet, 53));
        const SeenPacket seen = lab.internet.received_one();
        EXPECT_TRUE(pool.contains(seen.source)) << seen.to_string();
        used.insert(seen.source);
    }
    EXPECT_THAT(used, SizeIs(4)) << "hosts share all of it";
    // To whom an address beyond the subnet belongs the answers must be sent by a router; those that come find back.
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, 53), To(kWorkstation, 40000))));
}

TEST(Rfc6888, Req6Addresses_ADestinationCanBeExempt) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        gateway::NatRule exempt = snat(65537, on({kUplink}), "192.168.255.0/24", "192.168.255.0/24");
        exempt.action = gateway::NatAction::no_snat;
        exempt.peer_addresses = {addresses("198.51.100.0/24")};
        rules.nat.insert(rules.nat.begin(), exempt);
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kWorkstation, 40000), To(kInternet, 53))));
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kRouter, 53));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal), To(kRouter, 53)))) << "and only that one";
}

TEST(Rfc6888, Req6Ports_APortOfADestinationCanBeExempt) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        gateway::NatRule exempt = snat(65537, on({kUplink}), "192.168.255.0/24", "192.168.255.0/24");
        exempt.action = gateway::NatAction::no_snat;
        exempt.protocol = IpProtocol::udp;
        exempt.peer_ports = {port(53), ports(5000, 5009)};
        rules.nat.insert(rules.nat.begin(), exempt);
    }};
    for (const unsigned exempt : {53U, 5000U, 5009U}) {
        lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, exempt));
        EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kWorkstation, 40000), To(kInternet, exempt))));
    }
    for (const unsigned other : {54U, 4999U, 5010U}) {
        lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, other));
        EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal), To(kInternet, other)))) << "and only those";
    }
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 53).syn());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal), To(kInternet, 53)))) << "of UDP alone";
}

// What `show nat pools`, `show sessions` and `show drops` are made of.
TEST(Rfc6888, Req10_UseOfThePoolSessionsAndRefusalsAreCounted) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_one_port(2000)(rules);
        rules.nat[0].mapping = gateway::MappingMode::address_and_port_dependent;
        rules.nat[0].filtering = gateway::FilteringMode::address_and_port_dependent;
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    lab.workstation.send(udp().from(kWorkstation, 40001).to(kRouter, 53));
    lab.workstation.send(udp().from(kWorkstation, 40002).to(kRouter, 53));

    std::vector<std::tuple<Ipv4Address, IpProtocol, std::uint64_t>> uses;
    lab.gateway().mappings().ports().for_each(
        [&](Ipv4Address address, IpProtocol protocol, const auto& use) { uses.emplace_back(address, protocol, use.sessions); });
    EXPECT_THAT(uses, ElementsAre(std::tuple{kExternal, IpProtocol::udp, 2U}));
    EXPECT_THAT(lab.sessions(), SizeIs(2));
    EXPECT_EQ(lab.hits(196609), 2U);
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 1U);
}

// Of what an snat rule logs; a firewall rule's record has both sides, since its administrator asked for it (tests/scenarios/rule_log_test.cc).
TEST(Rfc6888, Req12_WhomASubscriberSpeaksToIsNotLogged) {
    struct Records : gateway::RuleObserver {
        void decided(const gateway::RuleRecord& record) override { all.push_back(record); }
        std::vector<gateway::RuleRecord> all;
    } records;
    HairpinLab lab{[](gateway::Ruleset& rules) {
        for (gateway::NatRule& rule : rules.nat) rule.log = true;
    }};
    lab.gateway().observe_rules(&records);
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    ASSERT_THAT(records.all, SizeIs(1));
    EXPECT_EQ(records.all[0].original.source, kWorkstation);
    EXPECT_EQ(records.all[0].translated.source, kExternal);
    for (const Ipv4FlowKey& key : {records.all[0].original, records.all[0].translated}) {
        EXPECT_EQ(key.destination, Ipv4Address{});
        EXPECT_EQ(key.destination_port, L4Port{});
    }
    lab.gateway().observe_rules(nullptr);
}

HairpinLab::Change with_blocks(std::uint16_t size, std::uint16_t per_host, std::string_view pool = "203.0.113.80") {
    return [=, pool = std::string{pool}](gateway::Ruleset& rules) {
        with_pool(pool)(rules);
        rules.nat[0].port_allocation = gateway::PortAllocation::block;
        rules.nat_settings.port_blocks = {size, per_host};
    };
}
// What a log of blocks would be.
struct BlockLog : gateway::PortBlockObserver {
    void port_block_taken(const gateway::PortBlock& block, Timestamp) override { taken.push_back(block); }
    void port_block_released(const gateway::PortBlock& block, Timestamp) override { released.push_back(block); }
    std::vector<gateway::PortBlock> taken, released;
};

TEST(Rfc6888, Req14_APortIsItsHostsForALineABlock) {
    BlockLog log;
    HairpinLab lab{with_blocks(64, 4)};
    lab.gateway().observe_port_blocks(&log);
    std::map<unsigned, Ipv4Address> owner_of;
    for (const Ipv4Address host : {kWorkstation, kWebServer}) {
        Host& station = host == kWorkstation ? lab.workstation : lab.web_server;
        for (unsigned i = 0; i < 150; ++i) {
            station.send(udp().from(host, 40000 + i).to(kInternet, 53));
            const unsigned port = lab.internet.received_one().source_port;
            EXPECT_TRUE(owner_of.emplace(port, host).second) << port << " is somebody's already";
        }
    }
    ASSERT_THAT(log.taken, SizeIs(6)) << "300 mappings, three blocks of 64 for each host";
    for (const auto& [port, host] : owner_of) {
        std::vector<Ipv4Address> owners;
        for (const gateway::PortBlock& block : log.taken)
            if (block.ports.contains(L4Port{static_cast<std::uint16_t>(port)})) owners.push_back(block.host);
        EXPECT_THAT(owners, ElementsAre(host)) << port;
        EXPECT_GE(port, 1024U);
    }
    lab.wait(std::chrono::seconds{301});
    EXPECT_THAT(log.released, SizeIs(0)) << "the ports rest first (REQ-8)";
    lab.wait(std::chrono::seconds{121});
    EXPECT_THAT(log.released, SizeIs(6));
    EXPECT_EQ(lab.gateway().mappings().blocks().size(), 0U);
    lab.gateway().observe_port_blocks(nullptr);
}

TEST(Rfc6888, Req14_ABlockIsOfAllProtocols) {
    BlockLog log;
    HairpinLab lab{with_blocks(64, 1)};
    lab.gateway().observe_port_blocks(&log);
    lab.workstation.send(udp().from(kWorkstation, 700).to(kInternet, 53));
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(5));
    const auto seen = lab.internet.received();
    ASSERT_THAT(seen, SizeIs(3));
    ASSERT_THAT(log.taken, SizeIs(1));
    for (const SeenPacket& packet : seen)
        EXPECT_TRUE(log.taken[0].ports.contains(L4Port{static_cast<std::uint16_t>(packet.source_port)})) << packet.to_string();
    lab.gateway().observe_port_blocks(nullptr);
}

TEST(Rfc6888, Req14_AHostHasSoManyBlocksAndNoMore) {
    HairpinLab lab{with_blocks(64, 2)};
    EXPECT_EQ(flows_that_get_out(lab, 40000, 200), 128U);
    EXPECT_EQ(lab.dropped(DropReason::nat_quota), 72U);
    lab.web_server.send(udp().from(kWebServer, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "another host has its own";
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kRouter, 53));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "a mapping that is there is used";
}

TEST(Rfc6888, Req14_PortsOfABlockAreNobodyElsesByOtherRulesEither) {
    BlockLog log;
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_blocks(4096, 1)(rules);
        gateway::NatRule other = rules.nat[0];
        other.id = 65537;
        other.original_address = addresses("192.168.255.10");
        other.port_allocation = gateway::PortAllocation::preserve;
        rules.nat.insert(rules.nat.begin(), other);
    }};
    lab.gateway().observe_port_blocks(&log);
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    lab.internet.received();
    ASSERT_THAT(log.taken, SizeIs(1));
    const gateway::PortRange block = log.taken[0].ports;
    for (unsigned i = 0; i < 20; ++i) {
        lab.web_server.send(udp().from(kWebServer, block.first.number() + i).to(kInternet, 53));
        EXPECT_FALSE(block.contains(L4Port{static_cast<std::uint16_t>(lab.internet.received_one().source_port)}));
    }
    lab.gateway().observe_port_blocks(nullptr);
}

TEST(Rfc6888, Req11b_ItsSenderIsToldThatTheHostIsUnreachable) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_one_port(2000)(rules);
        rules.nat_settings.exhaustion_answer = gateway::ExhaustionAnswer::host_unreachable;
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    lab.workstation.send(udp().from(kWorkstation, 40001).to(kInternet, 53));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 1, From(kGateway), About(Udp(From(kWorkstation, 40001))))));
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 1U);
}

// What subscribers share keeps nothing of what each protocol's RFC asks: one outside for one inside, whom it lets in, and hairpins.
TEST(Rfc6888, Req1_EachProtocolIsTranslatedAsItsOwnRfcSays) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_blocks(64, 4, "203.0.113.80-203.0.113.83")(rules);
        rules.nat_settings.ports_per_host = {.tcp = 50, .udp = 50, .icmp = 50};
        rules.firewall.insert(rules.firewall.end() - 1,
                              firewall_rule(100, gateway::FirewallAction::accept, anybody(), at("203.0.113.80/30")));
    }};
    for (const IpProtocol protocol : {IpProtocol::udp, IpProtocol::tcp, IpProtocol::icmp}) {
        const bool ping = protocol == IpProtocol::icmp;
        const auto packet = [&](Ipv4Address from, unsigned from_port, Ipv4Address to, unsigned to_port) {
            if (ping) return icmp_echo().from(from).to(to).identifier(from_port);
            return (protocol == IpProtocol::tcp ? tcp().syn() : udp()).from(from, from_port).to(to, to_port);
        };
        std::set<std::pair<Ipv4Address, unsigned>> outside;
        for (const Ipv4Address to : {kInternet, kRouter}) {
            lab.workstation.send(packet(kWorkstation, 40000, to, 80));
            const SeenPacket seen = lab.internet.received_one();
            outside.emplace(seen.source, seen.source_port);
            lab.internet.answer();
            EXPECT_THAT(lab.workstation.received(), ElementsAre(From(to)));
        }
        EXPECT_THAT(outside, SizeIs(1)) << "one inside, one outside";
        if (ping) continue;
        const auto [address, port] = *outside.begin();
        lab.internet.send(packet(kInternet, 999, address, port));
        EXPECT_THAT(lab.workstation.received(), ElementsAre(From(kInternet, 999))) << "whom it has spoken to";
        lab.web_server.send(packet(kWebServer, 40000, kInternet, 81));
        const SeenPacket server = lab.internet.received_one();
        lab.workstation.send(packet(kWorkstation, 40000, server.source, server.source_port));  // which opens the way
        lab.web_server.send(packet(kWebServer, 40000, address, port));
        EXPECT_THAT(lab.workstation.received(), ElementsAre(From(server.source, server.source_port)))
            << "hairpinned, with its outside address and port";
    }
}

TEST(Rfc6888, Req15_PortsDoNotFollowEachOther) {
    HairpinLab lab;
    expect_no_order(external_ports(lab, 40000, 1, 64));
}

}  // namespace
}  // namespace hairpin::testing
