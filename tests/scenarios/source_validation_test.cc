// Whom the gateway believes (RFC 1812 5.3.8, BCP 38, RFC 3704): where a session may begin, and by where its packets may come.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::Ruleset;
using gateway::SourceValidation;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Ipv4Address kBehind{10, 1, 1, 5};  // a host behind a second router on the LAN

HairpinLab::Change validating(SourceValidation lan, SourceValidation uplink = SourceValidation::loose) {
    return [=](Ruleset& rules) {
        rules.interfaces[index_of(kLan)].source_validation = lan;
        rules.interfaces[index_of(kUplink)].source_validation = uplink;
    };
}
Host& second_router(HairpinLab& lab) {
    return lab.add_host({"second router", "lan", MacAddress::from_number(0x0200'0000'bb77), kLanMac, {kBehind}});
}
PacketBuilder from_behind() { return udp().from(kBehind, 5000).to(kInternet, 53).payload(9); }

TEST(Rfc1812, Section5_3_8_StrictlyASourceMustBeOneThatItsInterfaceLeadsTo) {
    HairpinLab lab{validating(SourceValidation::strict, SourceValidation::strict)};
    lab.workstation.send(from_behind());
    lab.internet.send(tcp().from(kWebServer, 5000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "nobody is told: the source would be the wrong one";
    EXPECT_EQ(lab.dropped(DropReason::spoofed_source), 2U);
    EXPECT_THAT(lab.counters(), AllOf(Sessions(0), Drops(2)));

    lab.workstation.send(udp().from(kWorkstation, 5000).to(kInternet, 53).payload(9));
    EXPECT_THAT(lab.internet.received(), SizeIs(1)) << "its own subnet it leads to";
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1)) << "and the uplink to everybody else";
}

TEST(Rfc1812, Section5_3_8_TheGatewaysOwnServicesAskAsWell) {
    HairpinLab lab{validating(SourceValidation::strict)};
    lab.workstation.send(icmp_echo().from(kBehind).to(kGateway));
    EXPECT_EQ(lab.dropped(DropReason::spoofed_source), 1U);
}

TEST(Rfc1812, Section5_3_8_ARouteMakesASourceCredible) {
    HairpinLab lab{[](Ruleset& rules) {
        validating(SourceValidation::strict)(rules);
        rules.routes.push_back({*Ipv4Prefix::parse("10.1.0.0/16"), Ipv4Address{192, 168, 255, 77}, {}});
        rules.nat[0].original_address.reset();
    }};
    second_router(lab).send(from_behind());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal))));
}

// Without new settings a second router on the LAN goes on working, as with a kernel whose rp_filter is 2.
TEST(SourceValidation, ByDefaultIsLoose) {
    HairpinLab lab{[](Ruleset& rules) { rules.nat[0].original_address.reset(); }};
    Host& router = second_router(lab);
    router.send(from_behind());
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    lab.internet.answer();
    EXPECT_THAT(router.received(), ElementsAre(Udp(From(kInternet, 53), To(kBehind, 5000))));
}

TEST(SourceValidation, LooselyThereMustBeARouteBack) {
    const auto without_default = [](Ruleset& rules) { rules.routes.clear(); };
    HairpinLab lab{without_default};
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::spoofed_source), 1U);

    lab.change_rules(validating(SourceValidation::loose, SourceValidation::off));
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1)) << "off, every source is believed";
}

// What passed before a stricter setting does not pass on under it.
TEST(SourceValidation, ACommitIsAskedAboutSessionsToo) {
    HairpinLab lab;
    Host& router = second_router(lab);
    router.send(from_behind());
    EXPECT_THAT(lab.counters(), Sessions(1));
    lab.change_rules(validating(SourceValidation::strict));
    router.send(from_behind());
    EXPECT_THAT(lab.endings(), ElementsAre("the new rules decide otherwise"));
    EXPECT_EQ(lab.dropped(DropReason::spoofed_source), 1U);
    EXPECT_THAT(lab.counters(), Sessions(0));
}

// A host on the LAN sees nothing of the session, but may guess; what it says must not pass for the other side.
TEST(SourceValidation, AReplyThatTheOtherSideInjectsIsNotTheSessions) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const unsigned outside = lab.internet.last().source_port;
    const PacketBuilder forged = tcp().from(kInternet, 80).to(kExternal, outside).sequence(1001).acknowledge(1001).payload(10);
    lab.web_server.send(forged);
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::wrong_interface), 1U);
    EXPECT_EQ(lab.sessions().at(0).packets[1], 1U) << "the session saw none of it";

    lab.change_rules(validating(SourceValidation::off));
    lab.web_server.send(forged);
    EXPECT_THAT(lab.workstation.received(), SizeIs(1)) << "off, nobody looks";
}

TEST(SourceValidation, NorIsAnErrorThatItInjects) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    lab.web_server.send(icmp_error(IcmpType::destination_unreachable, 3, seen.l3).from(kInternet).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::wrong_interface), 1U);
    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 3, seen.l3).from(kInternet).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 3)));
}

// Two uplinks whose routes are not symmetric.
TEST(SourceValidation, AReplyByAnotherUplinkPassesUnlessItIsStrict) {
    constexpr InterfaceId kSecondUplink{2};
    const auto mac = MacAddress::from_number(0x0200'0000'aa02);
    HairpinLab lab{[&](Ruleset& rules) {
        rules.interfaces.resize(3);
        rules.interfaces[2] = {"second", gateway::InterfaceRole::uplink, "wan", {}, mac, 1500, {}};
        rules.interfaces[2].addresses = {*Ipv4InterfaceAddress::parse("198.18.0.2/24")};
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(9));
    const SeenPacket seen = lab.internet.received_one();
    const PacketBuilder reply = answer_to(seen).to_mac(mac);
    EXPECT_TRUE(lab.gateway().probe(kSecondUplink, PacketBuilder{reply}.in(lab.pool()), lab.now()).forwarded);

    lab.change_rules([](Ruleset& rules) { rules.interfaces[2].source_validation = SourceValidation::strict; });
    const auto passage = lab.gateway().probe(kSecondUplink, PacketBuilder{reply}.in(lab.pool()), lab.now());
    EXPECT_EQ(passage.drop, DropReason::wrong_interface);
    EXPECT_THAT(
        passage.tracer.steps(),
        Contains(Field(&gateway::TraceStep::text, HasSubstr("come in by uplink, and source-validation of second is strict"))));
}

TEST(SourceValidation, TheTracerSaysWhereTheRouteBackLeads) {
    HairpinLab lab{validating(SourceValidation::strict)};
    const auto passage = lab.gateway().probe(kLan, from_behind().to_mac(kLanMac).in(lab.pool()), lab.now());
    EXPECT_EQ(passage.drop, DropReason::spoofed_source);
    EXPECT_THAT(passage.tracer.steps(), Contains(Field(&gateway::TraceStep::text,
                                                       "the route back to 10.1.1.5 is 0.0.0.0/0 by uplink, and "
                                                       "source-validation of lan is strict")));
}

}  // namespace
}  // namespace hairpin::testing
