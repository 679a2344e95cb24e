// RFC 1812: what any IPv4 router must do, NAT or not.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Out by the interface by which it came: the classic occasion for a redirect. The lab would report one of any frame, too.
TEST(Rfc1812, Section4_3_3_2_NobodyIsRedirected) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        rules.nat.clear();
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(5, gateway::FirewallAction::accept, by(kLan), by(kLan)));
    }};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kWebServer, 53));
    EXPECT_THAT(lab.web_server.received(), ElementsAre(Udp(From(kWorkstation, 40000), Ttl(63)))) << "the gateway forwarded it";
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Rfc1812, Section4_3_3_6_EchoRequestsToEachAddressAreAnswered) {
    HairpinLab lab;
    for (const Ipv4Address own : {kGateway, kExternal}) {
        lab.workstation.send(icmp_echo().from(kWorkstation).to(own).identifier(77).payload(56));
        EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(0, 0, From(own, 77), To(kWorkstation))));
    }
    lab.internet.send(icmp_echo().from(kInternet).to(kExternal).identifier(78).payload(1400));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Icmp(0, 0, From(kExternal, 78), To(kInternet))));
}

TEST(Rfc1812, Section5_3_1_ItGoesDownByOne) {
    HairpinLab lab;
    for (const unsigned ttl : {255U, 64U, 2U}) {
        lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).ttl(ttl));
        EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(Ttl(ttl - 1))));
    }
}

TEST(Rfc1812, Section5_3_1Local_ATimeToLiveOfOneReachesTheGateway) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(77).ttl(1));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(0, 0, From(kGateway, 77))));
}

TEST(Rfc1812, Section5_3_4_AUnicastPacketInAMulticastFrame) {
    HairpinLab lab;
    lab.internet.send_as_is(tcp()
                                .from(kInternet, 5000)
                                .to(kExternal, 80)
                                .syn()
                                .from_mac(lab.internet.mac())
                                .to_mac(MacAddress::from_number(0x0100'5e00'0001)));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_THAT(lab.internet.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::link_broadcast), 1U);
}

}  // namespace
}  // namespace hairpin::testing
