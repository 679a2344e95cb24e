// TFTP through the gateway: the answer from a port that nobody has asked.

#include "tests/scenarios/alg_server.h"

namespace hairpin::testing {
namespace {

using gateway::AlgKind;
using gateway::MappingMode;
using std::chrono::seconds;
using ::testing::_;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::string_view_literals;

constexpr unsigned kTftp = 69, kAnswersFrom = 33000;
constexpr auto kRequest = "\0\1file\0octet\0"sv;

void with_tftp(gateway::Ruleset& rules) { rules.algs.of(AlgKind::tftp) = {true, {L4Port{kTftp}}}; }

PacketBuilder request(unsigned port = 40000) { return udp().from(kWorkstation, port).to(kInternet, kTftp).payload(kRequest); }
// As the server that has got the request answers it.
PacketBuilder data(const SeenPacket& asked, Ipv4Address from = kInternet, unsigned port = kAnswersFrom) {
    return udp().from(from, port).to(asked.source, asked.source_port).payload(100);
}

TEST(Rfc4787, Req10_WithoutItsAlgATftpServersAnswerFromAnotherPortMeetsTheFirewall) {
    HairpinLab lab;
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    EXPECT_EQ(asked.payload.size(), kRequest.size());
    lab.internet.send(data(asked));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Rfc4787, Req10a_EachAlgIsSwitchedApart) {
    HairpinLab lab{[](gateway::Ruleset& rules) { rules.algs.of(AlgKind::ftp) = {true, {L4Port{21}, L4Port{kTftp}}}; }};
    lab.workstation.send(request());
    lab.internet.send(data(lab.internet.received_one()));
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "FTP's is on, not TFTP's";

    lab.change_rules(with_tftp);
    lab.workstation.send(request(40001));
    lab.internet.send(data(lab.internet.received_one()));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, kAnswersFrom), To(kWorkstation, 40001))));
}

TEST(AlgTftp, TheAnswerComesFromAnotherPortAndTheTransferGoesOn) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    EXPECT_EQ(asked.source, kExternal);
    lab.internet.send(data(asked));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Udp(From(kInternet, kAnswersFrom), To(kWorkstation, 40000))));
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, kAnswersFrom).payload(4));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal, asked.source_port), To(kInternet, kAnswersFrom))));
    lab.internet.send(data(asked));
    EXPECT_EQ(lab.workstation.received().size(), 1U);

    const auto sessions = lab.sessions();
    ASSERT_EQ(sessions.size(), 2U);
    const auto& related = sessions[0].related ? sessions[0] : sessions[1];
    const auto& control = sessions[0].related ? sessions[1] : sessions[0];
    ASSERT_NE(lab.gateway().algs().related(related), nullptr);
    EXPECT_EQ(lab.gateway().algs().related(related)->control.serial, control.serial);
    EXPECT_EQ(related.firewall_rule, control.firewall_rule);
    EXPECT_EQ(lab.gateway().algs().of(AlgKind::tftp).arrived, 1U);
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 0U);
}

TEST(AlgTftp, OnlyTheServerThatWasAskedMayAnswerAndOnlyOnce) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    lab.internet.send(data(asked, kRouter));
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "somebody else";
    lab.internet.send(data(asked));
    EXPECT_EQ(lab.workstation.received().size(), 1U);
    lab.internet.send(data(asked, kInternet, kAnswersFrom + 1));
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "a second flow";
}

TEST(AlgTftp, WhatIsNoRequestOpensNothing) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, kTftp).payload("\0\3file\0octet\0"sv));
    lab.internet.send(data(lab.internet.received_one()));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(AlgTftp, TheAnswerIsAwaitedForAWhileOnly) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    lab.wait(seconds{31});
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 0U);
    lab.internet.send(data(asked));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.workstation.send(request());
    lab.internet.send(data(lab.internet.received_one()));
    EXPECT_EQ(lab.workstation.received().size(), 1U) << "asked again";
}

TEST(AlgTftp, WithSharedPortsAsWell) {
    HairpinLab lab{[](gateway::Ruleset& rules) {
        with_tftp(rules);
        for (auto& rule : rules.nat) {
            rule.mapping = MappingMode::address_and_port_dependent;
            rule.filtering = gateway::FilteringMode::address_and_port_dependent;
        }
    }};
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    lab.internet.send(data(asked));
    EXPECT_EQ(lab.workstation.received().size(), 1U);
    lab.workstation.send(udp().from(kWorkstation, 40000).to(kInternet, kAnswersFrom).payload(4));
    EXPECT_THAT(lab.internet.received(), ElementsAre(Udp(From(kExternal, asked.source_port), To(kInternet, kAnswersFrom))));
    lab.gateway().clear_sessions([](const gateway::Session&) { return true; });
    EXPECT_THAT(lab.sessions(), IsEmpty());
}

// The server's address is the gateway's: the client must see the answer come from there.
TEST(AlgTftp, ThroughDnatAndFromInside) {
    for (const bool hairpin : {false, true}) {
        HairpinLab lab{[](gateway::Ruleset& rules) {
            with_tftp(rules);
            forward_to_a_server(rules, IpProtocol::udp, kTftp);
        }};
        Host& client = hairpin ? lab.workstation : lab.internet;
        const Ipv4Address own = hairpin ? kWorkstation : kInternet;
        client.send(udp().from(own, 40000).to(kExternal, kTftp).payload(kRequest));
        const SeenPacket asked = lab.web_server.received_one();
        lab.web_server.send(data(asked, kWebServer));
        const SeenPacket answer = client.received_one();
        EXPECT_THAT(answer, Udp(From(kExternal, _), To(own, 40000)));
        client.send(udp().from(own, 40000).to(kExternal, answer.source_port).payload(4));
        EXPECT_THAT(lab.web_server.received(),
                    ElementsAre(Udp(From(asked.source, asked.source_port), To(kWebServer, kAnswersFrom))));
    }
}

TEST(AlgTftp, WhatWasAnnouncedGoesWithItsSessionAndWhatHasComeStays) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(request(40000));
    const SeenPacket first = lab.internet.received_one();
    lab.internet.send(data(first));
    EXPECT_EQ(lab.workstation.received().size(), 1U);
    lab.workstation.send(request(40001));
    const SeenPacket second = lab.internet.received_one();
    lab.gateway().clear_sessions([](const gateway::Session& session) { return session.related == 0; });
    lab.internet.send(data(second));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    lab.internet.send(data(first));
    EXPECT_EQ(lab.workstation.received().size(), 1U);
}

TEST(AlgTftp, ACommitDecidesOfARelatedSessionAsOfItsControlSession) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    lab.internet.send(data(asked));
    EXPECT_EQ(lab.workstation.received().size(), 1U);
    lab.change_rules([](gateway::Ruleset& rules) { rules.firewall[1].text.name = "renamed"; });
    lab.internet.send(data(asked));
    EXPECT_EQ(lab.workstation.received().size(), 1U) << "the same rules";
    lab.change_rules([](gateway::Ruleset& rules) {
        for (auto& rule : rules.firewall)
            if (rule.id == 2) rule.action = gateway::FirewallAction::drop;
    });
    lab.internet.send(data(asked));
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "the client may not ask any more";
}

TEST(AlgTftp, AProbeOfTheAnswerChangesNothing) {
    HairpinLab lab{with_tftp};
    lab.workstation.send(request());
    const SeenPacket asked = lab.internet.received_one();
    const auto passage = lab.gateway().probe(kUplink, data(asked).to_mac(kUplinkMac).in(lab.pool()), lab.now());
    EXPECT_TRUE(passage.forwarded);
    bool told = false;
    for (const auto& step : passage.tracer.steps()) told = told || step.text.starts_with("expected by tftp, session ");
    EXPECT_TRUE(told);
    EXPECT_EQ(lab.sessions().size(), 1U);
    EXPECT_EQ(lab.gateway().algs().expectations.size(), 1U);
    lab.internet.send(data(asked));
    EXPECT_EQ(lab.workstation.received().size(), 1U);
}

}  // namespace
}  // namespace hairpin::testing
