// What rules that log have told of: one record a session or refused packet, with both tuples.

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using gateway::FirewallAction;
using gateway::FirewallRule;
using gateway::NatRule;
using gateway::RuleId;
using gateway::RuleRecord;
using gateway::Ruleset;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

void log_firewall(Ruleset& rules, RuleId id) {
    for (FirewallRule& rule : rules.firewall)
        if (rule.id == id) rule.log = true;
}
void log_nat(Ruleset& rules, RuleId id) {
    for (NatRule& rule : rules.nat)
        if (rule.id == id) rule.log = true;
}

struct LoggingLab : HairpinLab, gateway::RuleObserver {
    explicit LoggingLab(Change rules) : HairpinLab(std::move(rules)) { gateway().observe_rules(this); }
    void decided(const RuleRecord& record) override { records.push_back(record); }
    std::vector<RuleRecord> take() { return std::exchange(records, {}); }
    std::vector<RuleRecord> records;
};

::testing::Matcher<const RuleRecord&> Of(RuleId rule, FirewallAction action) {
    return AllOf(Field("logged_by", &RuleRecord::logged_by, rule), Field("action", &RuleRecord::action, action));
}
::testing::Matcher<const RuleRecord&> Way(InterfaceId inbound, InterfaceId outbound) {
    return AllOf(Field("inbound", &RuleRecord::inbound, inbound), Field("outbound", &RuleRecord::outbound, outbound));
}
std::string original(const RuleRecord& record) { return record.original.to_string(); }
std::string translated(const RuleRecord& record) { return record.translated.to_string(); }

PacketBuilder hairpin() { return tcp().from(kWorkstation, 40000).to(kExternal, 80).syn(); }
PacketBuilder dns_lookup(unsigned port = 40000) { return udp().from(kWorkstation, port).to(kInternet, 53); }

TEST(RuleLog, AHairpinIsOneRecordWithBothTuplesAndAllRules) {
    LoggingLab lab{[](Ruleset& rules) { log_firewall(rules, 3); }};
    lab.workstation.send(hairpin());
    ASSERT_THAT(lab.records, ElementsAre(AllOf(Of(3, FirewallAction::accept), Way(kLan, kLan))));
    const RuleRecord record = lab.take()[0];
    EXPECT_EQ(record.original.source, kWorkstation);
    EXPECT_EQ(record.original.destination, kExternal);
    EXPECT_EQ(record.translated, lab.sessions()[0].rewritten(gateway::Direction::original)) << "with the port that was drawn";
    EXPECT_EQ(record.translated.source, kGateway);
    EXPECT_EQ(record.translated.destination, kWebServer);
    EXPECT_EQ(record.dnat_rule, 196613u);
    EXPECT_EQ(record.snat_rule, 196612u);
    EXPECT_EQ(record.when, lab.now());
    lab.web_server.answer();
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack().payload(10));
    EXPECT_THAT(lab.records, IsEmpty()) << "the session has begun already";
}

TEST(RuleLog, EachRefusedPacketIsOne) {
    LoggingLab lab{[](Ruleset& rules) { log_firewall(rules, gateway::kDefaultFirewallRule); }};
    for (int i = 0; i < 2; ++i) lab.internet.send(tcp().from(kInternet, 50000).to(kExternal, 22).syn());
    const auto dropped = AllOf(Of(gateway::kDefaultFirewallRule, FirewallAction::drop), Way(kUplink, gateway::kGatewayItself));
    EXPECT_THAT(lab.take(), ElementsAre(dropped, dropped));
    // What is translated and then refused shows how far it had come.
    lab.change_rules([](Ruleset& rules) {
        for (FirewallRule& rule : rules.firewall)
            if (rule.id == 4) rule.action = FirewallAction::reject, rule.log = true;
    });
    lab.internet.send(tcp().from(kInternet, 50000).to(kExternal, 80).syn());
    ASSERT_THAT(lab.records, ElementsAre(AllOf(Of(4, FirewallAction::reject), Way(kUplink, kLan))));
    EXPECT_EQ(lab.records[0].original.destination, kExternal);
    EXPECT_EQ(lab.records[0].translated.destination, kWebServer);
    EXPECT_THAT(lab.sessions(), IsEmpty());
}

TEST(RuleLog, OfAPingTheType) {
    LoggingLab lab{[](Ruleset& rules) { log_firewall(rules, 2), log_firewall(rules, kEchoRule); }};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kInternet).identifier(7));
    ASSERT_THAT(lab.records, ElementsAre(AllOf(Of(2, FirewallAction::accept), Way(kLan, kUplink))));
    EXPECT_EQ(lab.take()[0].icmp_type, 8);
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(7));
    EXPECT_THAT(lab.records, ElementsAre(AllOf(Of(kEchoRule, FirewallAction::accept), Way(kLan, gateway::kGatewayItself))));
}

TEST(RuleLog, ANatRuleLogsWhatItTranslates) {
    LoggingLab lab{[](Ruleset& rules) { log_nat(rules, 196610); }};
    lab.internet.send(tcp().from(kInternet, 50000).to(kExternal, 80).syn());
    ASSERT_THAT(lab.records, ElementsAre(AllOf(Of(196610, FirewallAction::accept), Way(kUplink, kLan))));
    EXPECT_EQ(original(lab.records[0]), "tcp 198.51.100.10:50000 -> 203.0.113.80:80");
    EXPECT_EQ(translated(lab.records[0]), "tcp 198.51.100.10:50000 -> 192.168.255.10:80");
    EXPECT_EQ(lab.take()[0].firewall_rule, 4u);
    lab.workstation.send(dns_lookup());
    EXPECT_THAT(lab.records, IsEmpty()) << "another rule's";
}

// RFC 6888 REQ-12 is about NAT; an administrator who lets a firewall rule log asks for both sides.
TEST(RuleLog, DestinationsAreNotSaidOfSnatUnlessSomebodyWantsThem) {
    LoggingLab lab{[](Ruleset& rules) { log_nat(rules, 196609); }};
    lab.workstation.send(dns_lookup());
    ASSERT_THAT(lab.records, ElementsAre(Of(196609, FirewallAction::accept)));
    EXPECT_FALSE(lab.records[0].destinations);
    EXPECT_EQ(lab.records[0].original.source, kWorkstation);
    EXPECT_EQ(lab.records[0].translated.source, kExternal);
    EXPECT_EQ(lab.records[0].original.destination, Ipv4Address{});
    EXPECT_EQ(lab.take()[0].translated.destination_port, L4Port{});

    lab.change_rules([](Ruleset& rules) { rules.logging.destinations = true; });
    lab.workstation.send(dns_lookup(40001));
    EXPECT_EQ(lab.take().at(0).original.destination, kInternet);
    lab.change_rules([](Ruleset& rules) { rules.logging.destinations = false, log_firewall(rules, 2); });
    lab.workstation.send(dns_lookup(40002));
    const RuleRecord both = lab.take().at(0);
    EXPECT_EQ(both.logged_by, 2u) << "one record, of the firewall's rule";
    EXPECT_EQ(both.snat_rule, 196609u);
    EXPECT_EQ(both.original.destination, kInternet);
}

TEST(RuleLog, WithoutLogNothingIsTold) {
    LoggingLab lab{[](Ruleset& rules) { log_firewall(rules, 3); }};
    lab.workstation.send(dns_lookup());
    lab.internet.send(tcp().from(kInternet, 50000).to(kExternal, 22).syn());
    lab.internet.send(tcp().from(kInternet, 50000).to(kExternal, 80).syn());
    EXPECT_THAT(lab.records, IsEmpty());
}

TEST(RuleLog, WhatIsOnlyAskedAboutIsNotTold) {
    LoggingLab lab{[](Ruleset& rules) { log_firewall(rules, 2); }};
    const auto passage = lab.gateway().probe(kLan, dns_lookup().to_mac(kLanMac).in(lab.pool()), lab.now());
    EXPECT_TRUE(passage.forwarded);
    EXPECT_THAT(lab.records, IsEmpty());
}

// Accepted, but there is no port left: no session began, and its drop is counted.
TEST(RuleLog, ASessionThatCannotBeginIsNoRecord) {
    LoggingLab lab{[](Ruleset& rules) {
        log_firewall(rules, 2);
        for (NatRule& rule : rules.nat)
            if (rule.id == 196609) rule.protocol = IpProtocol::udp, rule.translated_port = port(2000);
    }};
    lab.workstation.send(dns_lookup(40000));
    EXPECT_THAT(lab.take(), ElementsAre(Of(2, FirewallAction::accept)));
    lab.workstation.send(dns_lookup(40001));
    EXPECT_EQ(lab.dropped(DropReason::nat_exhausted), 1u);
    EXPECT_THAT(lab.records, IsEmpty());
}

}  // namespace
}  // namespace hairpin::testing
