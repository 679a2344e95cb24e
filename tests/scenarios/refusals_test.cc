// What must not happen: everything here ends in a counted drop, and nobody but the sender hears of it.

#include "tests/scenarios/guide_lab.h"

namespace hairpin::testing {
namespace {

// Sends one packet from the workstation or the Internet; it must be dropped for this reason and reach nobody else.
struct Case {
    const char* what;
    bool from_internet;
    PacketBuilder packet;
    DropReason reason;
};

TEST(Refused, WhatFitsNoRuleOrSession) {
    const std::byte source_route[] = {std::byte{131}, std::byte{7},   std::byte{4}, std::byte{203},
                                      std::byte{0},   std::byte{113}, std::byte{9}, std::byte{0}};
    const Case cases[] = {
        {"a port that is not forwarded", true, tcp().from(kInternet, 5).to(kExternal, 22).syn(), DropReason::firewall_denied},
        {"the inside address from outside", true, tcp().from(kInternet, 5).to(kWebServer, 80).syn(), DropReason::firewall_denied},
        {"another LAN host than the rule names", false, tcp().from(Ipv4Address{192, 168, 255, 9}, 5).to(kExternal, 80).syn(),
         DropReason::firewall_denied},
        {"the middle of an unknown connection", false, tcp().from(kWorkstation, 5).to(kInternet, 80).ack(),
         DropReason::no_session},
        {"a forged reply", true, tcp().from(kInternet, 80).to(kExternal, 5000).syn().ack(), DropReason::no_session},
        {"an echo reply that nobody asked for", true, icmp_echo_reply().from(kInternet).to(kExternal).identifier(4),
         DropReason::no_session},
        {"a source that is the gateway's own", false, udp().from(kGatewayLan, 5).to(kInternet, 53), DropReason::martian_source},
        {"a loopback source", false, udp().from(Ipv4Address{127, 0, 0, 1}, 5).to(kInternet, 53), DropReason::martian_source},
        {"a multicast source", false, udp().from(Ipv4Address{224, 0, 0, 1}, 5).to(kInternet, 53), DropReason::martian_source},
        {"source and destination alike", false, udp().from(kInternet, 5).to(kInternet, 53), DropReason::martian_source},
        {"a class E destination", false, udp().from(kWorkstation, 5).to(Ipv4Address{240, 0, 0, 1}, 53),
         DropReason::martian_destination},
        {"a broadcast into the LAN from outside", true, udp().from(kInternet, 5).to(Ipv4Address{192, 168, 255, 255}, 53),
         DropReason::martian_destination},
        {"a source-routed packet", false, udp().from(kWorkstation, 5).to(kInternet, 53).ip_options(source_route),
         DropReason::options_not_allowed},
        {"a damaged IP header", false, udp().from(kWorkstation, 5).to(kInternet, 53).bad_ip_checksum(),
         DropReason::header_checksum},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.what);
        GuideLab lab;
        (c.from_internet ? lab.internet : lab.workstation)->send(c.packet);
        EXPECT_EQ(lab.drops(c.reason), 1U);
        EXPECT_EQ(lab.ledger.dropped_total(), 1U);
        EXPECT_EQ(lab.sessions(), 0U);
        EXPECT_TRUE(lab.web_server->received().empty());
        EXPECT_TRUE((c.from_internet ? lab.workstation : lab.internet)->received().empty());
    }
}

TEST(Refused, RejectTellsTheSender) {
    GuideLab lab{guide_configuration(R"("firewall": {)", R"("firewall": {"default-action": "reject", )")};
    lab.workstation->send(tcp().from(kWorkstation, 5).to(kExternal, 22).syn());
    const PacketPtr answer = lab.workstation->only_packet();
    ASSERT_TRUE(answer);
    const FrameView frame = FrameView::parse(*answer);
    EXPECT_EQ(frame.icmp().type(), IcmpType::destination_unreachable);
    EXPECT_EQ(frame.icmp().code, unreachable::kAdministrativelyProhibited);
}

TEST(Refused, AFullSessionTableHurtsNobodyWhoIsIn) {
    GuideLab lab{guide_configuration(), 16};
    for (unsigned port = 0; port < 16; ++port) lab.workstation->send(udp().from(kWorkstation, 6000 + port).to(kInternet, 53));
    lab.internet->received();
    lab.workstation->send(udp().from(kWorkstation, 7000).to(kInternet, 53));
    EXPECT_EQ(lab.drops(DropReason::session_table_full), 1U);
    EXPECT_EQ(FrameView::parse(*lab.workstation->only_packet()).icmp().code, unreachable::kAdministrativelyProhibited);
    EXPECT_EQ(lab.sessions(), 16U);
    lab.workstation->send(udp().from(kWorkstation, 6000).to(kInternet, 53));
    EXPECT_EQ(lab.internet->received().size(), 1U);
}

TEST(Refused, WhenNoPortIsLeftTheSenderIsToldAndNobodyElseNotices) {
    GuideLab lab{guide_configuration(R"("translated-address": "203.0.113.80"})",
                                     R"("translated-address": "203.0.113.80", "protocol": "udp", "translated-port": "7000"})")};
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53));
    EXPECT_EQ(lab.internet->received().size(), 1U);
    lab.workstation->send(udp().from(kWorkstation, 5001).to(kInternet, 53));
    EXPECT_EQ(lab.drops(DropReason::nat_exhausted), 1U);
    EXPECT_EQ(FrameView::parse(*lab.workstation->only_packet()).icmp().code, unreachable::kAdministrativelyProhibited);
    EXPECT_EQ(lab.sessions(), 1U);
}

TEST(Refused, ALocalBroadcastIsNotForwarded) {
    GuideLab lab;
    auto packet = udp().from(kWorkstation, 5).to(Ipv4Address::broadcast(), 67);
    lab.workstation->send(packet);
    EXPECT_EQ(lab.drops(DropReason::martian_destination), 1U);
    EXPECT_TRUE(lab.internet->received().empty());
}

TEST(Refused, NoRedirectIsSentForTheHairpin) {
    GuideLab lab;
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_TRUE(lab.workstation->received().empty());
}

}  // namespace
}  // namespace hairpin::testing
