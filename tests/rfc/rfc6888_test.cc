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
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    lab.workstation.send(udp().from(kWorkstation, 40001).to(kRouter, 53));
    lab.workstation.send(udp().from(kWorkstation, 40002).to(kRouter, 53));

    std::vector<std::tuple<Ipv4Address, IpProtocol, std::uint64_t>> uses;
    lab.gateway().mappings().ports().for_each(
        [&](Ipv4Address address, IpProtocol protocol, const auto& use) { uses.emplace_back(address, protocol, use.sessions); });
    EXPECT_THAT(uses, ElementsAre(std::tuple{kExternal, IpProtocol::udp, 2U}));
    EXPECT_THAT(lab.sessions(), SizeIs(2));
    EXPECT_EQ(lab.hits(196609), 3U) << "the rule was asked for all three";
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

TEST(Rfc6888, Req15_PortsDoNotFollowEachOther) {
    HairpinLab lab;
    expect_no_order(external_ports(lab, 40000, 1, 64));
}

}  // namespace
}  // namespace hairpin::testing
