// RFC 7857: what it changes in RFC 4787, 5382 and 5508.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Rfc7857, Section2_1_OpeningAndClosingHaveTimersOfTheirOwn) {
    const auto rules = [](gateway::Ruleset& changed) {
        changed.timeouts.set(gateway::SessionState::opening, 250s);
        changed.timeouts.set(gateway::SessionState::closing, 260s);
    };
    HairpinLab opening{rules};
    opening.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    expect_life_of(opening, 250s);

    HairpinLab closing{rules};
    closing.connect(closing.workstation, closing.internet, kWorkstation, 40000, kInternet, 80);
    closing.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).fin().ack());
    expect_life_of(closing, 260s);
}

TEST(Rfc7857, Section2_1_BothAreFourMinutesByDefault) {
    for (const auto state : {gateway::SessionState::opening, gateway::SessionState::closing, gateway::SessionState::closed})
        EXPECT_GE(gateway::Timeouts{}.idle(state), 4min) << gateway::row_of(state).name;
}

TEST(Rfc7857, Section2_2_AResetIsTranslatedInBothDirections) {
    for (const bool from_inside : {true, false}) {
        HairpinLab lab;
        lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
        const unsigned outside = lab.internet.last().source_port;
        if (from_inside) {
            lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).rst());
            EXPECT_THAT(lab.internet.received(),
                        ElementsAre(Tcp(From(kExternal, outside), To(kInternet, 80), Flags(TcpHeader::kRst))));
        } else {
            lab.internet.send(tcp().from(kInternet, 80).to(kExternal, outside).rst());
            EXPECT_THAT(lab.workstation.received(),
                        ElementsAre(Tcp(From(kInternet, 80), To(kWorkstation, 40000), Flags(TcpHeader::kRst))));
        }
    }
}

// One external port for two flows, whose answers are told apart by who gives them.
TEST(Rfc7857, Section3_FlowsToDifferentDestinationsMayShareAPort) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_one_port(2000)(rules);
        rules.nat[0].mapping = gateway::MappingMode::address_and_port_dependent;
        rules.nat[0].filtering = gateway::FilteringMode::address_and_port_dependent;
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53));
    const SeenPacket to_the_host = lab.internet.received_one();
    lab.workstation.send(udp().from(kWorkstation, 40001).to(kRouter, 53));
    const SeenPacket to_the_router = lab.internet.received_one();
    EXPECT_THAT(to_the_host, From(kExternal, 2000));
    EXPECT_THAT(to_the_router, From(kExternal, 2000));

    lab.internet.send(answer_to(to_the_router));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kRouter, 53), To(kWorkstation, 40001))));
    lab.internet.send(answer_to(to_the_host));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, 53), To(kWorkstation, 40000))));
}

TEST(Rfc7857, Section4_TcpUdpAndPingsOfAHostHaveOneAddress) {
    HairpinLab lab{with_pool("203.0.113.80-203.0.113.89")};
    EXPECT_THAT(external_addresses_of_the_workstation(lab), SizeIs(1));
}

TEST(Rfc7857, Section7Errors_AnErrorFromInsideRefreshesNothing) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(20));
    lab.wait(200s);
    lab.internet.answer();
    const SeenPacket answer = lab.workstation.received_one();
    lab.workstation.send(icmp_error(IcmpType::destination_unreachable, 3, answer.l3).from(kWorkstation).to(kInternet));
    EXPECT_THAT(lab.internet.received(), Contains(Icmp(3, 3)));
    expect_life_of(lab, 100s);
}

TEST(Rfc7857, Section8_AnEvenPortMayBecomeOdd) {
    HairpinLab lab;
    unsigned odd = 0;
    for (const unsigned port : external_ports(lab, 40000, 2, 64)) odd += port % 2;
    EXPECT_GT(odd, 0U);
    EXPECT_LT(odd, 64U);
}

TEST(Rfc7857, Section9_PortsDoNotFollowEachOther) {
    HairpinLab lab;
    expect_no_order(external_ports(lab, 40000, 1, 64));
}

TEST(Rfc7857, Section11_AnIdentifierIsFreeWhenItsSessionEnds) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77));
    expect_life_of(lab, 60s);
    lab.internet.answer();
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::no_session), 1U);
}

}  // namespace
}  // namespace hairpin::testing
