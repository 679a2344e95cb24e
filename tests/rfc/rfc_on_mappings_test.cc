// RFC 4787, 5382, 5508, 6888, 7857 and 3022 where they speak of mappings: what an inside address and port is outside, and whom it lets in.

#include <algorithm>

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using gateway::FilteringMode;
using gateway::MappingMode;
using gateway::PortAllocation;
using gateway::Ruleset;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr Ipv4Address kStranger{198, 51, 100, 77};

// The firewall accepts whatever is for the external address, so that filtering alone decides.
void accept_all_for_the_external_address(Ruleset& rules) {
    rules.firewall.insert(rules.firewall.end() - 1,
                          firewall_rule(100, gateway::FirewallAction::accept, anybody(), at("203.0.113.80/30")));
}

HairpinLab::Change with_modes(MappingMode mapping, FilteringMode filtering) {
    return [=](Ruleset& rules) {
        rules.nat[0].mapping = mapping;
        rules.nat[0].filtering = filtering;
        accept_all_for_the_external_address(rules);
    };
}
HairpinLab::Change with_filtering(FilteringMode filtering) { return with_modes(MappingMode::endpoint_independent, filtering); }
HairpinLab::Change with_allocation(PortAllocation allocation) {
    return [=](Ruleset& rules) { rules.nat[0].port_allocation = allocation; };
}

// The external port behind which the workstation's datagram from `source_port` is seen.
unsigned external_port(HairpinLab& lab, unsigned source_port, Ipv4Address to = kInternet, unsigned port = 53) {
    lab.workstation.send(udp().from(kWorkstation, source_port).to(to, port));
    return lab.internet.received_one().source_port;
}
unsigned external_port_of_tcp(HairpinLab& lab, unsigned source_port, Ipv4Address to, unsigned port) {
    lab.workstation.send(tcp().from(kWorkstation, source_port).to(to, port).syn());
    return lab.internet.received_one().source_port;
}

// ---- Mapping -------------------------------------------------------------------------------------------------------------------

TEST(Rfc4787, Req1_OneInsideAddressAndPortIsOneOutside) {
    HairpinLab lab;
    const unsigned port = external_port(lab, 40000);
    EXPECT_EQ(external_port(lab, 40000, kInternet, 54), port) << "for another port";
    EXPECT_EQ(external_port(lab, 40000, kRouter), port) << "for another address";
    EXPECT_NE(external_port(lab, 40001), port);
    EXPECT_THAT(lab.counters(), Sessions(4));
}

TEST(Rfc4787, Req1_ItStaysWhileOneSessionLives) {
    HairpinLab lab;
    const unsigned port = external_port(lab, 40000);
    for (int round = 0; round < 5; ++round) {
        lab.wait(200s);
        EXPECT_EQ(external_port(lab, 40000, kInternet, 100 + static_cast<unsigned>(round)), port);
    }
}

// Mapping and filtering are two things: a port of one flow alone lets in whom its filtering does.
TEST(Rfc4787, Req8a_FilteringIsConfiguredWhateverTheMapping) {
    for (const MappingMode mapping :
         {MappingMode::endpoint_independent, MappingMode::address_dependent, MappingMode::address_and_port_dependent}) {
        for (const FilteringMode filtering :
             {FilteringMode::endpoint_independent, FilteringMode::address_dependent, FilteringMode::address_and_port_dependent}) {
            HairpinLab lab{with_modes(mapping, filtering)};
            const unsigned outside = external_port(lab, 40000);
            lab.internet.send(udp().from(kStranger, 9).to(kExternal, outside));
            EXPECT_EQ(lab.workstation.received().size(), filtering == FilteringMode::endpoint_independent ? 1U : 0U)
                << name_of(mapping) << " " << name_of(filtering);
            lab.internet.send(udp().from(kInternet, 9).to(kExternal, outside));
            EXPECT_EQ(lab.workstation.received().size(), filtering == FilteringMode::address_and_port_dependent ? 0U : 1U)
                << name_of(mapping) << " " << name_of(filtering);
        }
    }
}

TEST(Mappings, OneForEachAddressOrForEachFlowIfARuleSaysSo) {
    HairpinLab by_address{with_modes(MappingMode::address_dependent, FilteringMode::address_dependent)};
    const unsigned port = external_port(by_address, 40000);
    EXPECT_EQ(external_port(by_address, 40000, kInternet, 54), port);
    EXPECT_NE(external_port(by_address, 40000, kRouter), port);

    HairpinLab by_flow{with_modes(MappingMode::address_and_port_dependent, FilteringMode::address_and_port_dependent)};
    std::set<unsigned> ports;
    for (unsigned to = 50; to < 60; ++to) ports.insert(external_port(by_flow, 40000, kInternet, to));
    EXPECT_GT(ports.size(), 5U);
}

TEST(Rfc5382, Req1_OneInsideAddressAndPortIsOneOutside) {
    HairpinLab lab;
    const unsigned port = external_port_of_tcp(lab, 40000, kInternet, 80);
    EXPECT_EQ(external_port_of_tcp(lab, 40000, kInternet, 81), port);
    EXPECT_EQ(external_port_of_tcp(lab, 40000, kRouter, 80), port);
}

TEST(Rfc5508, Req1a_AnIdentifierIsTheSameWhoeverIsAsked) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77));
    const unsigned identifier = lab.internet.received_one().source_port;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kRouter).identifier(77));
    EXPECT_EQ(lab.internet.received_one().source_port, identifier);
}

TEST(Rfc7857, Section5_EachProtocolHasItsOwnSetting) {
    HairpinLab lab{[](Ruleset& rules) {
        gateway::NatRule of_udp = rules.nat[0];
        of_udp.id = 65537;
        of_udp.protocol = IpProtocol::udp;
        of_udp.mapping = MappingMode::address_dependent;
        rules.nat.insert(rules.nat.begin(), of_udp);
    }};
    EXPECT_NE(external_port(lab, 40000, kInternet), external_port(lab, 40000, kRouter));
    EXPECT_EQ(external_port_of_tcp(lab, 40000, kInternet, 80), external_port_of_tcp(lab, 40000, kRouter, 80));
}

// ---- Ports ---------------------------------------------------------------------------------------------------------------------

void expect_no_port_twice(IpProtocol protocol) {
    HairpinLab lab{[](Ruleset& rules) {
        rules.nat[0].translated_port = ports(2000, 2019);
        rules.nat[0].protocol = IpProtocol::any;
    }};
    std::set<unsigned> seen;
    for (unsigned i = 0; i < 20; ++i) {
        const Ipv4Address to = i % 2 == 0 ? kInternet : kRouter;
        PacketBuilder packet = protocol == IpProtocol::udp ? udp() : tcp().syn();
        lab.workstation.send(packet.from(kWorkstation, 40000 + i).to(to, 80));
        EXPECT_TRUE(seen.insert(lab.internet.received_one().source_port).second) << "flow " << i;
    }
    PacketBuilder packet = protocol == IpProtocol::udp ? udp() : tcp().syn();
    lab.workstation.send(packet.from(kWorkstation, 41000).to(kRouter, 81));
    EXPECT_THAT(lab.internet.received(), IsEmpty()) << "rather none than one that is another's";
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 1U);
}

TEST(Rfc4787, Req3_NoTwoInsidePortsHaveOnePortOutside) { expect_no_port_twice(IpProtocol::udp); }
TEST(Rfc5382, Req7_NoTwoInsidePortsHaveOnePortOutside) { expect_no_port_twice(IpProtocol::tcp); }

TEST(Rfc4787, Req4_ParityIsKeptIfARuleSaysSo) {
    HairpinLab lab{with_allocation(PortAllocation::parity)};
    for (unsigned i = 0; i < 200; ++i) EXPECT_EQ(external_port(lab, 40000 + i) % 2, i % 2);
    for (unsigned i = 500; i < 520; ++i) {
        const unsigned port = external_port(lab, i);
        EXPECT_EQ(port % 2, i % 2);
        EXPECT_LT(port, 1024U);
    }
}

TEST(Mappings, APortIsPreservedWhereItIsFree) {
    HairpinLab lab{with_allocation(PortAllocation::preserve)};
    EXPECT_EQ(external_port(lab, 40000), 40000U);
    lab.web_server.send(udp().from(kWebServer, 40000).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal, Not(40000U)))));
    EXPECT_EQ(external_port_of_tcp(lab, 443, kInternet, 9), external_port_of_tcp(lab, 443, kRouter, 9));
}

// The gateway forwards TCP 80 and 443 of its address: no client gets them, though it asks for just these.
TEST(Mappings, PortsThatAreForwardedAreNobodys) {
    HairpinLab lab{[](Ruleset& rules) {
        rules.nat[0].translated_port = ports(78, 81);
        rules.nat[0].port_allocation = PortAllocation::preserve;
    }};
    std::set<unsigned> taken;
    for (const unsigned source_port : {80U, 79U, 78U, 81U, 82U}) {
        lab.workstation.send(tcp().from(kWorkstation, source_port).to(kInternet, 9).syn());
        for (const SeenPacket& seen : lab.internet.received()) taken.insert(seen.source_port);
    }
    EXPECT_THAT(taken, ElementsAre(78U, 79U, 81U));
}

// The same mapping, and nobody else's port, at every load up to the last port.
TEST(Rfc4787, Req11_NothingIsDifferentWhenPortsAreScarce) {
    HairpinLab lab{{.rules =
                        [](Ruleset& rules) {
                            rules.nat[0].translated_port = ports(2000, 2199);
                            accept_all_for_the_external_address(rules);
                        },
                    .session_capacity = 1024}};
    std::set<unsigned> taken;
    for (unsigned i = 0; i < 200; ++i) {
        const unsigned port = external_port(lab, 40000 + i);
        EXPECT_TRUE(taken.insert(port).second) << "with " << i << " of 200 taken";
        if (i != 0 && i != 100 && i != 198 && i != 199) continue;
        EXPECT_EQ(external_port(lab, 40000 + i, kRouter), port) << "endpoint-independent";
        lab.internet.send(udp().from(kStranger, 53).to(kExternal, port));
        EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "filtering is address-dependent";
    }
    lab.workstation.send(udp().from(kWorkstation, 50000).to(kInternet, 53));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 13))) << "who comes too late is told";
    EXPECT_EQ(*taken.begin(), 2000U);
    EXPECT_EQ(*taken.rbegin(), 2199U);
}

TEST(Rfc6888, Req13_ThePortsOfAnAddressAreUsedToTheLast) {
    HairpinLab lab{{.rules = [](Ruleset& rules) { rules.nat[0].translated_port = ports(1024, 1123); }}};
    for (unsigned i = 0; i < 100; ++i) external_port(lab, 40000 + i);
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 0U);
}

TEST(Rfc6888, Req2a_PoolingCanBeArbitrary) {
    HairpinLab lab{[](Ruleset& rules) {
        with_pool("203.0.113.80-203.0.113.89")(rules);
        rules.nat[0].pooling = gateway::Pooling::arbitrary;
    }};
    EXPECT_THAT(external_addresses_of_the_workstation(lab), SizeIs(::testing::Gt(3U)));
}

// ---- Rest ----------------------------------------------------------------------------------------------------------------------

HairpinLab::Change with_one_udp_port(Duration rest, FilteringMode filtering) {
    return [=](Ruleset& rules) {
        rules.nat[0].translated_port = port(2000);
        rules.nat[0].filtering = filtering;
        rules.nat_settings.port_rest = rest;
    };
}

TEST(Rfc6888, Req8_APortRestsFor120Seconds) {
    HairpinLab lab{with_one_udp_port(120s, FilteringMode::endpoint_independent)};
    external_port(lab, 40000);
    lab.wait(301s);
    ASSERT_THAT(lab.counters(), Sessions(0));
    lab.wait(110s);
    lab.workstation.send(udp().from(kWorkstation, 40001).to(kInternet, 53));
    EXPECT_THAT(lab.internet.received(), IsEmpty()) << "it is still the other's";
    lab.wait(15s);
    EXPECT_EQ(external_port(lab, 40001), 2000U);
}

TEST(Rfc6888, Req8_WhoHadItHasItBack) {
    HairpinLab lab;
    const unsigned port = external_port(lab, 40000);
    lab.wait(400s);
    ASSERT_THAT(lab.counters(), Sessions(0));
    EXPECT_EQ(external_port(lab, 40000, kRouter), port);
}

// RFC 6888 REQ-8, exception C: where strangers were never let in, nobody who still sends there does harm.
TEST(Rfc6888, Req8_WhereStrangersWereNotLetInItIsTakenIfNoOtherIsLeft) {
    HairpinLab lab{with_one_udp_port(120s, FilteringMode::address_dependent)};
    external_port(lab, 40000);
    lab.wait(301s);
    EXPECT_EQ(external_port(lab, 40001), 2000U);
    EXPECT_EQ(lab.gateway().mappings().size(), 1U);
}

// ---- Filtering -----------------------------------------------------------------------------------------------------------------

// Whether the workstation's mapping lets in what a stranger sends, and what the host it has spoken to sends from another port.
struct LetIn {
    bool stranger, other_port;
    friend bool operator==(const LetIn&, const LetIn&) = default;
};
LetIn let_in(HairpinLab& lab, const std::function<PacketBuilder()>& packet) {
    lab.workstation.send(packet().from(kWorkstation, 40000).to(kInternet, 53));
    const unsigned port = lab.internet.received_one().source_port;
    const auto arrives = [&](Ipv4Address from, unsigned from_port) {
        lab.internet.send(packet().from(from, from_port).to(kExternal, port));
        const auto seen = lab.workstation.received();
        if (!seen.empty()) {
            EXPECT_THAT(seen, ElementsAre(AllOf(From(from, from_port), To(kWorkstation, 40000))));
        }
        return !seen.empty();
    };
    return {arrives(kStranger, 4000), arrives(kInternet, 4000)};
}
PacketBuilder datagram() { return udp(); }
PacketBuilder opening() { return tcp().syn(); }

TEST(Rfc4787, Req8_FilteringIsAddressDependent) {
    HairpinLab lab{accept_all_for_the_external_address};
    EXPECT_EQ(let_in(lab, datagram), (LetIn{false, true}));
    EXPECT_EQ(lab.dropped(DropReason::nat_filtered), 1U);
}
TEST(Rfc4787, Req8a_FilteringIsASetting) {
    HairpinLab everybody{with_filtering(FilteringMode::endpoint_independent)};
    EXPECT_EQ(let_in(everybody, datagram), (LetIn{true, true}));
    HairpinLab nobody{with_filtering(FilteringMode::address_and_port_dependent)};
    EXPECT_EQ(let_in(nobody, datagram), (LetIn{false, false}));
}
TEST(Rfc5382, Req3_FilteringIsAddressDependent) {
    HairpinLab lab{accept_all_for_the_external_address};
    EXPECT_EQ(let_in(lab, opening), (LetIn{false, true}));
}
TEST(Rfc5382, Req3a_FilteringIsASetting) {
    HairpinLab everybody{with_filtering(FilteringMode::endpoint_independent)};
    EXPECT_EQ(let_in(everybody, opening), (LetIn{true, true}));
    HairpinLab nobody{with_filtering(FilteringMode::address_and_port_dependent)};
    EXPECT_EQ(let_in(nobody, opening), (LetIn{false, false}));
}

HairpinLab::Change with_open_udp() {
    return [](Ruleset& rules) {
        accept_all_for_the_external_address(rules);
        gateway::NatRule of_udp = rules.nat[0];
        of_udp.id = 65537;
        of_udp.protocol = IpProtocol::udp;
        of_udp.filtering = FilteringMode::endpoint_independent;
        rules.nat.insert(rules.nat.begin(), of_udp);
    };
}
TEST(Rfc5382, Req3b_FilteringMayDifferFromThatOfUdp) {
    HairpinLab lab{with_open_udp()};
    EXPECT_EQ(let_in(lab, datagram), (LetIn{true, true}));
    EXPECT_EQ(let_in(lab, opening), (LetIn{false, true}));
}
TEST(Rfc7857, Section6_EndpointIndependentFilteringIsForEachProtocol) {
    HairpinLab lab{with_open_udp()};
    EXPECT_EQ(let_in(lab, datagram), (LetIn{true, true}));
    EXPECT_EQ(let_in(lab, opening), (LetIn{false, true}));
}
TEST(Rfc6888, Req7_FilteringCanBeEndpointIndependent) {
    HairpinLab lab{with_filtering(FilteringMode::endpoint_independent)};
    EXPECT_EQ(let_in(lab, datagram), (LetIn{true, true}));
}

// NAT never implies accept: what the filtering lets in meets the firewall.
TEST(Mappings, WhatIsLetInMeetsTheFirewallUnlessTheRuleBypassesIt) {
    const auto open = [](Ruleset& rules) { rules.nat[0].filtering = FilteringMode::endpoint_independent; };
    HairpinLab guarded{open};
    EXPECT_EQ(let_in(guarded, datagram), (LetIn{false, false}));
    EXPECT_EQ(guarded.dropped(DropReason::firewall_denied), 2U);
    HairpinLab bypassed{[&](Ruleset& rules) {
        open(rules);
        rules.nat[0].firewall_match = gateway::FirewallMatch::bypass;
    }};
    EXPECT_EQ(let_in(bypassed, datagram), (LetIn{true, true}));
}

// A stranger who goes on sending must not hold a mapping that its owner has left (RFC 4787 REQ-6, §4.3).
TEST(Mappings, StrangersDoNotKeepThem) {
    HairpinLab lab{with_filtering(FilteringMode::endpoint_independent)};
    const unsigned port = external_port(lab, 40000);
    for (unsigned i = 0; i < 8; ++i) {
        lab.wait(70s);
        lab.internet.send(udp().from(kStranger, 4000 + i).to(kExternal, port));
    }
    EXPECT_THAT(lab.workstation.received(), SizeIs(4)) << "for 300 s after what its owner sent last";
}
TEST(Mappings, WhoeverIsAnsweredDoesKeepThem) {
    HairpinLab lab{with_filtering(FilteringMode::endpoint_independent)};
    const unsigned port = external_port(lab, 40000);
    lab.wait(200s);
    lab.internet.send(udp().from(kStranger, 4000).to(kExternal, port));
    lab.workstation.answer();
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal, port), To(kStranger, 4000))));
    lab.wait(200s);
    lab.internet.send(udp().from(kStranger, 5000).to(kExternal, port));
    EXPECT_THAT(lab.workstation.received(), SizeIs(2));
}

TEST(Rfc7857, Section7_WhetherInboundPacketsRefreshIsASetting) {
    for (const bool refresh : {true, false}) {
        HairpinLab lab{[&](Ruleset& rules) {
            with_filtering(FilteringMode::endpoint_independent)(rules);
            rules.udp_inbound_refresh = refresh;
        }};
        external_port(lab, 40000);
        lab.wait(200s);
        lab.internet.answer();
        EXPECT_THAT(lab.workstation.received(), SizeIs(1));
        lab.wait(200s);
        lab.internet.answer();
        EXPECT_THAT(lab.workstation.received(), SizeIs(refresh ? 1 : 0));
    }
}

TEST(Mappings, ARuleThatIsGoneLetsNobodyIn) {
    HairpinLab lab{with_filtering(FilteringMode::endpoint_independent)};
    const unsigned port = external_port(lab, 40000);
    lab.change_rules([](Ruleset& rules) { rules.nat[0].filtering = FilteringMode::address_and_port_dependent; });
    lab.internet.send(udp().from(kStranger, 4000).to(kExternal, port));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.change_rules([](Ruleset& rules) { rules.nat[0].filtering = FilteringMode::endpoint_independent; });
    lab.internet.send(udp().from(kStranger, 4000).to(kExternal, port));
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
    lab.change_rules([](Ruleset& rules) { rules.nat.erase(rules.nat.begin()); });
    lab.internet.send(udp().from(kStranger, 4001).to(kExternal, port));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Mappings, APingOfTheExternalAddressIsForTheGatewayWhateverItsIdentifier) {
    HairpinLab lab{with_filtering(FilteringMode::endpoint_independent)};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77));
    const unsigned identifier = lab.internet.received_one().source_port;
    lab.internet.send(icmp_echo().from(kStranger).to(kExternal).identifier(identifier));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(0, 0, From(kExternal), To(kStranger))));
}

// ---- Hairpins ------------------------------------------------------------------------------------------------------------------

// The workstation speaks to the web server by the latter's mapping.
void expect_hairpin(const std::function<PacketBuilder()>& first, const std::function<PacketBuilder()>& answer) {
    HairpinLab lab{with_filtering(FilteringMode::endpoint_independent)};
    lab.workstation.send(first().from(kWorkstation, 40000).to(kInternet, 53));
    const unsigned mine = lab.internet.received_one().source_port;
    lab.web_server.send(first().from(kWebServer, 50000).to(kInternet, 53));
    const unsigned theirs = lab.internet.received_one().source_port;

    lab.workstation.send(first().from(kWorkstation, 40000).to(kExternal, theirs));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(AllOf(From(kExternal, mine), To(kWebServer, 50000))));
    lab.web_server.send(answer().from(kWebServer, 50000).to(kExternal, mine));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(AllOf(From(kExternal, theirs), To(kWorkstation, 40000))));
}
PacketBuilder accepting() { return tcp().syn().ack(); }

TEST(Rfc4787, Req9_Req9a_TwoHostsInsideMeetByTheirExternalAddresses) { expect_hairpin(datagram, datagram); }
TEST(Rfc5382, Req8_Req8a_TwoHostsInsideMeetByTheirExternalAddresses) { expect_hairpin(opening, accepting); }

// NAT-AND-FIREWALL 3 (f), where filtering is as strict as by default: both must have sent before either hears.
TEST(Rfc4787, Req9_HolesArePunchedWhereFilteringIsAddressDependent) {
    HairpinLab lab{accept_all_for_the_external_address};
    const unsigned mine = external_port(lab, 40000);
    lab.web_server.send(udp().from(kWebServer, 50000).to(kInternet, 53));
    const unsigned theirs = lab.internet.received_one().source_port;

    lab.workstation.send(udp().from(kWorkstation, 40000).to(kExternal, theirs));
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kExternal, theirs));
    EXPECT_THAT(lab.web_server.received(), IsEmpty()) << "it has not spoken to the workstation";
    EXPECT_EQ(lab.dropped(DropReason::nat_filtered), 2U);
    lab.web_server.send(udp().from(kWebServer, 50000).to(kExternal, mine));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kExternal, theirs), To(kWorkstation, 40000))));
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kExternal, theirs));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Udp(From(kExternal, mine), To(kWebServer, 50000))));
}

// RFC 3022 §2.1: an address for an address. The web server is 203.0.113.81 to the world, and to the workstation.
HairpinLab::Change with_basic_nat() {
    return [](Ruleset& rules) {
        rules.nat.insert(rules.nat.begin(), snat(65537, on({kUplink}), "192.168.255.10", "203.0.113.81"));
        gateway::NatRule in =
            dnat(65538, on({kUplink}), IpProtocol::any, "203.0.113.81", ports(0, 65535), "192.168.255.10", ports(0, 65535));
        in.original_port = in.translated_port = std::nullopt;
        in.hairpin = gateway::HairpinMode::external_address;
        rules.nat.insert(rules.nat.begin() + 1, in);
        accept_all_for_the_external_address(rules);
    };
}
TEST(Rfc3022, Section2_1_BasicNatKeepsPorts) {
    HairpinLab lab{with_basic_nat()};
    for (const unsigned source_port : {9U, 80U, 1023U, 1024U, 50000U}) {
        lab.web_server.send(udp().from(kWebServer, source_port).to(kInternet, 53));
        EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(Ipv4Address{203, 0, 113, 81}, source_port))));
    }
    lab.web_server.send(icmp_echo().from(kWebServer).to(kInternet).identifier(4711));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(8, 0, From(Ipv4Address{203, 0, 113, 81}, 4711U))));
}
void expect_queries_hairpin() {
    HairpinLab lab{with_basic_nat()};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(Ipv4Address{203, 0, 113, 81}).identifier(77));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Icmp(8, 0, From(kExternal), To(kWebServer))));
    lab.web_server.answer();
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(0, 0, From(Ipv4Address{203, 0, 113, 81}, 77U), To(kWorkstation))));
}
TEST(Rfc5508, Req7Queries_BasicNatHairpinsThem) { expect_queries_hairpin(); }
TEST(Rfc7857, Section12_QueriesAreHairpinned) { expect_queries_hairpin(); }

}  // namespace
}  // namespace hairpin::testing
