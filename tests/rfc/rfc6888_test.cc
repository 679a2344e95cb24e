// RFC 6888: a NAT that many subscribers share.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Rfc6888, Req2_ASubscriberHasOneAddressOfThePool) {
    HairpinLab lab{with_pool("203.0.113.80-203.0.113.89")};
    EXPECT_THAT(external_addresses_of_the_workstation(lab), SizeIs(1));
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
