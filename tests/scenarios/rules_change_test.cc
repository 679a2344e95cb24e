// The rules change while sessions run: each session goes on if the new rules would make the same one, and ends at its next packet
// if not.

#include "tests/scenarios/guide_lab.h"

namespace hairpin::testing {
namespace {

TEST(RulesChange, ASessionWhoseRuleIsGoneEndsAtItsNextPacket) {
    GuideLab lab;
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    lab.web_server->received();
    lab.adopt(guide_configuration(R"("id": 3, "name")", R"("id": 3, "enabled": false, "name")"));
    EXPECT_EQ(lab.sessions(), 1U);
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    EXPECT_EQ(lab.sessions(), 0U);
    EXPECT_TRUE(lab.web_server->received().empty());
    EXPECT_EQ(lab.drops(DropReason::no_session), 1U);
}

TEST(RulesChange, ASessionThatTheNewRulesDecideAlikeKeepsItsTranslation) {
    GuideLab lab;
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    const Ipv4FlowKey before = lab.session(IpProtocol::tcp)->reply_key;
    lab.web_server->received();
    lab.adopt(guide_configuration(R"("id": 4, "name")", R"("id": 4, "enabled": false, "name")"));
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_EQ(lab.web_server->received().size(), 1U);
    EXPECT_EQ(lab.session(IpProtocol::tcp)->reply_key, before);
    EXPECT_EQ(lab.session(IpProtocol::tcp)->generation, 2U);
}

TEST(RulesChange, ATranslationThatPointsElsewhereIsNotKept) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kExternal, 53));
    lab.web_server->received();
    lab.adopt(guide_configuration(R"("original-port": "53",
           "translated-address": "192.168.255.10")",
                                  R"("original-port": "53",
           "translated-address": "192.168.255.2")"));
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kExternal, 53));
    EXPECT_TRUE(lab.web_server->received().empty());
    EXPECT_EQ(lab.session(IpProtocol::udp)->reply_key.source, kWorkstation);
}

TEST(RulesChange, HitsStayWithTheRulesId) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53));
    EXPECT_EQ(lab.gateway->rule_counters().of(2).hits, 1U);
    lab.adopt(guide_configuration(R"("name": "LAN to Internet")", R"("name": "Outbound")"));
    EXPECT_EQ(lab.gateway->rule_counters().of(2).hits, 1U);
}

TEST(RulesChange, ClearedSessionsAreGone) {
    GuideLab lab;
    lab.workstation->send(udp().from(kWorkstation, 5000).to(kInternet, 53));
    lab.workstation->send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    EXPECT_EQ(lab.gateway->clear_sessions(
                  [](const gateway::Session& session) { return session.original_key.protocol == IpProtocol::udp; }),
              1U);
    EXPECT_EQ(lab.sessions(), 1U);
}

}  // namespace
}  // namespace hairpin::testing
