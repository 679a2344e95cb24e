// RFC 5961 and 1191: what somebody sends who is not on the path, and guesses.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Rfc5961, Section4_2_ASynIntoAConnectionPassesAndChangesNothing) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const unsigned outside = lab.internet.last().source_port;
    const auto before = lab.sessions().at(0).id();

    lab.internet.send(tcp().from(kInternet, 80).to(kExternal, outside).syn().sequence(0x12345678));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(Flags(TcpHeader::kSyn))));
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(Flags(TcpHeader::kAck)))) << "the challenge";
    ASSERT_THAT(lab.counters(), Sessions(1));
    EXPECT_EQ(lab.sessions().at(0).id(), before);
    EXPECT_EQ(lab.sessions().at(0).state, gateway::SessionState::established);
}

TEST(Rfc1191, Section4Sessions_AnMtuOfNoSessionIsNotPassedOn) {
    HairpinLab lab;
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, 53).payload(1000).dont_fragment());
    const SeenPacket seen = lab.internet.received_one();
    const auto guessed = udp().from(kExternal, seen.source_port ^ 1).to(kInternet, 53).payload(1000).dont_fragment();
    lab.internet.send(
        icmp_error(IcmpType::destination_unreachable, 4, guessed.l3_bytes()).icmp_sequence(68).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_no_session), 1U);

    lab.internet.send(icmp_error(IcmpType::destination_unreachable, 4, seen.l3).icmp_sequence(1000).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(3, 4, ::testing::Field(&SeenPacket::icmp_rest, 1000U))));
}

}  // namespace
}  // namespace hairpin::testing
