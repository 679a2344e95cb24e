// RFC 3022: traditional NAT.

#include "tests/rfc/stories.h"

namespace hairpin::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Ne;

TEST(Rfc3022, Section2_2_TwoHostsBehindOneAddressAreToldApart) {
    HairpinLab lab;
    Host& second = lab.add_second_host();
    for (const PacketBuilder& flow :
         {tcp().to(kInternet, 80).syn(), udp().to(kInternet, 53).payload(9), icmp_echo().to(kInternet).payload(9)}) {
        lab.workstation.send(PacketBuilder{flow}.from(kWorkstation, 40000));
        const SeenPacket one = lab.internet.received_one();
        second.send(PacketBuilder{flow}.from(kSecondHost, 40000));
        const SeenPacket other = lab.internet.received_one();
        EXPECT_THAT(one, From(kExternal));
        EXPECT_THAT(other, From(kExternal, Ne(one.source_port)));

        lab.internet.send(answer_to(other));
        EXPECT_THAT(second.received(), ElementsAre(::testing::Field(&SeenPacket::destination, kSecondHost)));
        EXPECT_THAT(lab.workstation.received(), IsEmpty());
        lab.internet.send(answer_to(one));
        EXPECT_THAT(lab.workstation.received(), ElementsAre(::testing::Field(&SeenPacket::destination, kWorkstation)));
        EXPECT_THAT(second.received(), IsEmpty());
    }
}

TEST(Rfc3022, Section4_3_WhatAnErrorQuotesIsTranslatedWithIt) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(77).payload(20));
    const SeenPacket seen = lab.internet.received_one();
    lab.internet.send(icmp_error(IcmpType::time_exceeded, 0, seen.l3).from(kRouter).to(kExternal));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Icmp(11, 0, About(Icmp(8, 0, From(kWorkstation, 77), To(kInternet))))));
}

}  // namespace
}  // namespace hairpin::testing
