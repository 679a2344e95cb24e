// The gateway as a host: what it asks the network itself, and how the answers find back to it and to nobody else.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Who listens at the command line.
class Ear final : public gateway::OwnTraffic {
public:
    explicit Ear(HairpinLab& lab) : lab_(lab) { lab.gateway().listen(this); }
    ~Ear() override { lab_.gateway().listen(nullptr); }
    void received(const FrameView& packet, Timestamp) override { heard.push_back(SeenPacket::of_l3(packet.l3_bytes())); }
    void heard_arp(InterfaceId, const ArpHeader& arp, Timestamp) override { arps.push_back(arp.sender_address); }

    std::vector<SeenPacket> heard;
    std::vector<Ipv4Address> arps;

private:
    HairpinLab& lab_;
};

PacketBuilder ping(Ipv4Address from, Ipv4Address to, unsigned identifier) {
    return icmp_echo().from(from).to(to).identifier(static_cast<std::uint16_t>(identifier)).payload(20);
}

TEST(OwnTraffic, APingOfTheGatewayIsASessionWhoseAnswerEndsThere) {
    HairpinLab lab;
    Ear ear{lab};
    EXPECT_FALSE(lab.send_own(ping(kExternal, kInternet, 7)).has_value());
    EXPECT_THAT(lab.internet.received_one(), Icmp(8, 0, From(kExternal, 7), To(kInternet), Ttl(64)));
    lab.internet.answer();
    EXPECT_THAT(ear.heard, ElementsAre(Icmp(0, 0, From(kInternet, 7), To(kExternal))));
    ASSERT_THAT(lab.sessions(), SizeIs(1));
    const gateway::Session session = lab.sessions().front();
    EXPECT_EQ(session.inbound(), gateway::kGatewayItself);
    EXPECT_EQ(session.firewall_rule, 1U);
    EXPECT_THAT(session.packets, ElementsAre(1, 1));
    EXPECT_THAT(lab.counters(), Drops(0));
}

TEST(OwnTraffic, ItIsTranslatedWhereARuleSaysSo) {
    HairpinLab lab;
    Ear ear{lab};
    EXPECT_FALSE(lab.send_own(ping(kGateway, kInternet, 7)).has_value());
    EXPECT_THAT(lab.internet.received_one(), Icmp(8, 0, From(kExternal), To(kInternet)));
    lab.internet.answer();
    EXPECT_THAT(ear.heard, ElementsAre(Icmp(0, 0, From(kInternet, 7), To(kGateway))));
}

TEST(OwnTraffic, NobodyElsesAnswerIsTakenForIt) {
    HairpinLab lab;
    Ear ear{lab};
    lab.send_own(ping(kExternal, kInternet, 7));
    lab.internet.received_one();
    lab.internet.send(icmp_echo_reply().from(kInternet).to(kExternal).identifier(8));
    lab.internet.send(icmp_echo_reply().from(kRouter).to(kExternal).identifier(7));
    EXPECT_THAT(ear.heard, IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::no_session), 2U);
}

TEST(OwnTraffic, ATimeToLiveOfOneReachesTheFirstRouterWhoseErrorComesBack) {
    HairpinLab lab;
    Ear ear{lab};
    lab.send_own(ping(kExternal, kInternet, 7).ttl(1));
    const SeenPacket seen = lab.internet.received_one();
    EXPECT_EQ(seen.ttl, 1U);
    lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(ear.heard,
                ElementsAre(Icmp(11, 0, From(kRouter), To(kExternal), About(Icmp(8, 0, From(kExternal, 7), To(kInternet))))));
}

TEST(OwnTraffic, ASilentNeighbourIsAnErrorFromTheGatewayItself) {
    HairpinLab lab;
    Ear ear{lab};
    const Ipv4Address nobody{192, 168, 255, 77};
    EXPECT_FALSE(lab.send_own(ping(kGateway, nobody, 7)).has_value());
    lab.wait(5s);
    EXPECT_THAT(ear.heard,
                ElementsAre(Icmp(3, 1, From(kGateway), To(kGateway), About(Icmp(8, 0, From(kGateway, 7), To(nobody))))));
}

TEST(OwnTraffic, WhyNothingLeftIsAnswered) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.routes.clear(); }};
    const auto unrouted = lab.send_own(ping(kExternal, kInternet, 7));
    ASSERT_TRUE(unrouted.has_value());
    EXPECT_EQ(unrouted->reason, DropReason::no_route);
    const auto too_big = lab.send_own(ping(kGateway, kWebServer, 7).payload(2000).dont_fragment());
    ASSERT_TRUE(too_big.has_value());
    EXPECT_EQ(too_big->reason, DropReason::too_big);
    EXPECT_EQ(too_big->mtu, 1500U);
}

TEST(OwnTraffic, ItsSessionsOutliveACommit) {
    HairpinLab lab;
    Ear ear{lab};
    lab.send_own(ping(kExternal, kInternet, 7));
    lab.change_rules([](gateway::Ruleset& rules) { rules.icmp.errors_per_second = 5; });
    lab.internet.received_one();
    lab.internet.answer();
    EXPECT_THAT(ear.heard, SizeIs(1));
}

TEST(OwnTraffic, ARequestByArpIsHeardWhoeverAnswers) {
    HairpinLab lab;
    Ear ear{lab};
    lab.request_arp(kLan, kWebServer);
    lab.request_arp(kLan, kWebServer);
    EXPECT_EQ(lab.web_server.arp_requests, 2U) << "the second although the first was answered";
    EXPECT_THAT(ear.arps, ElementsAre(kWebServer, kWebServer));
    EXPECT_THAT(lab.counters(), Drops(0));
}

}  // namespace
}  // namespace hairpin::testing
