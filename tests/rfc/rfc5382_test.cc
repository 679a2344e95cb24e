// RFC 5382: NAT for TCP.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Rfc5382, Req2_AConnectionFromOutsideFromItsFirstSegmentToItsLast) {
    HairpinLab lab;
    const auto client = [] { return tcp().from(kInternet, 5000).to(kExternal, 80).ack(); };
    const auto server = [] { return tcp().from(kWebServer, 80).to(kInternet, 5000).ack(); };
    lab.connect(lab.internet, lab.web_server, kInternet, 5000, kExternal, 80);

    lab.internet.send(client().psh().payload("GET"));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Tcp(From(kInternet, 5000), To(kWebServer, 80))));
    lab.internet.send(client().fin());
    lab.web_server.received();
    lab.web_server.send(server().payload("a page"));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(From(kExternal, 80), To(kInternet, 5000)))) << "half closed";
    lab.web_server.send(server().fin());
    lab.internet.send(client());
    EXPECT_THAT(lab.web_server.received(), SizeIs(1));
    EXPECT_EQ(lab.sessions().at(0).state, gateway::SessionState::closed);
    EXPECT_EQ(lab.counters().drops, 0U);
}

TEST(Rfc5382, Req4a_WhatPolicyRefusesIsNeverAnswered) {
    HairpinLab lab;
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 22).syn());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    lab.wait(10s);
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::firewall_denied), 1U);
}

TEST(Rfc5382, Req5a_TheTimersAreSettings) {
    HairpinLab opening{with_timeout(gateway::SessionState::opening, 250s)};
    opening.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    expect_life_of(opening, 250s);

    HairpinLab established{with_timeout(gateway::SessionState::established, 8000s)};
    established.connect(established.workstation, established.internet, kWorkstation, 40000, kInternet, 80);
    expect_life_of(established, 8000s);
}

TEST(Rfc5382, Req6_NoPayloadIsTouched) {
    HairpinLab lab;
    for (const unsigned service : {21U, 554U, 1720U, 5060U}) {
        lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, service);
        const PacketBuilder said =
            tcp().from(kWorkstation, 40000).to(kInternet, service).ack().psh().payload("PORT 192,168,255,2,156,65\r\n");
        lab.workstation.send(said);
        EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(Carries(SeenPacket::of_l3(said.l3_bytes()).payload))));
    }
    EXPECT_THAT(lab.counters(), Sessions(4)) << "and none of it opened another way in";
}

TEST(Rfc5382, Req9_DestinationUnreachableOfEveryCodeArrives) {
    HairpinLab lab;
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn());
    const SeenPacket seen = lab.internet.received_one();
    for (unsigned code = 0; code < 16; ++code) {
        lab.internet.send(icmp_error(IcmpType::destination_unreachable, code, seen.l3).from(kRouter).to(kExternal));
        EXPECT_THAT(lab.workstation.received(),
                    ElementsAre(Icmp(3, code, To(kWorkstation), About(Tcp(From(kWorkstation, 40000), To(kInternet, 80))))));
    }
}

TEST(Rfc5382, Req10_NoIcmpEndsAMappingOrItsConnection) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(20));
    const SeenPacket seen = lab.internet.received_one();
    say_all_that_icmp_can(lab, seen);

    ASSERT_THAT(lab.counters(), Sessions(1));
    EXPECT_EQ(lab.sessions().at(0).state, gateway::SessionState::established);
    lab.internet.send(answer_to(seen).payload(20));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(From(kInternet, 80), To(kWorkstation, 40000))));
}

}  // namespace
}  // namespace hairpin::testing
