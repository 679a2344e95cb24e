#include "gateway/neighbors/proxy_arp.h"

#include <gtest/gtest.h>

#include "tests/gateway_parts/edge.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;

constexpr InterfaceId kDmz{2};

NatRule nat_rule(NatAction action, InterfaceId applied_on, AddressRange original, AddressRange translated) {
    NatRule rule;
    rule.id = kFirstAssignedNatRule;
    rule.action = action;
    rule.applied_on.set(index_of(applied_on));
    rule.original_address = original;
    rule.translated_address = translated;
    return rule;
}
AddressRange one(Ipv4Address address) { return {address, address}; }

// The guide's interfaces, and a DMZ whose addresses are not private.
Ruleset edge_with_dmz() {
    Ruleset rules = edge();
    rules.interfaces.resize(3);
    rules.interfaces[2].name = "dmz";
    rules.interfaces[2].addresses = {*Ipv4InterfaceAddress::parse("198.18.5.1/24")};
    for (Interface& interface : rules.interfaces) interface.proxy_arp = true;
    return rules;
}

bool answers(const Ruleset& rules, InterfaceId interface, Ipv4Address wanted, Ipv4Address sender = {},
             ArpOperation operation = ArpOperation::request) {
    const RouteTable routes{rules};
    ArpHeader arp;
    arp.operation = Be16{static_cast<std::uint16_t>(operation)};
    arp.sender_address = sender;
    arp.target_address = wanted;
    return ProxyArp{rules, routes}.answers(interface, arp);
}

TEST(ProxyArp, AnswersForWhatNatRulesAppliedThereUse) {
    constexpr Ipv4Address kPool{203, 0, 113, 90}, kPublished{203, 0, 113, 91};
    Ruleset rules = edge_with_dmz();
    rules.nat = {nat_rule(NatAction::snat, kUplink, {{192, 168, 255, 0}, {192, 168, 255, 255}}, {kPool, kPool}),
                 nat_rule(NatAction::dnat, kUplink, one(kPublished), one(kWorkstation))};
    EXPECT_TRUE(answers(rules, kUplink, kPool));
    EXPECT_TRUE(answers(rules, kUplink, kPublished));
    EXPECT_FALSE(answers(rules, kUplink, {203, 0, 113, 92}));
    EXPECT_FALSE(answers(rules, kUplink, kWorkstation)) << "what is behind the rule is nobody's business there";

    rules.nat[0].enabled = false;
    rules.nat[1].action = NatAction::no_dnat;
    EXPECT_FALSE(answers(rules, kUplink, kPool));
    EXPECT_FALSE(answers(rules, kUplink, kPublished));
}

TEST(ProxyArp, AnswersForSetsWithoutTheirGaps) {
    const Ipv4Address address[]{{203, 0, 113, 90}, {203, 0, 113, 91}, {203, 0, 113, 92}, {203, 0, 113, 93}, {203, 0, 113, 94}};
    const std::vector<AddressRange> ends{{address[0], address[1]}, one(address[4])};
    Ruleset rules = edge_with_dmz();
    rules.nat = {nat_rule(NatAction::snat, kUplink, one(kWorkstation), one(kWorkstation))};
    rules.nat[0].translated_address.reset();
    rules.nat[0].pool = AddressSet::of(ends);
    const auto expect_the_ends_alone = [&] {
        for (const Ipv4Address end : {address[0], address[1], address[4]}) EXPECT_TRUE(answers(rules, kUplink, end));
        for (const Ipv4Address gap : {address[2], address[3]}) EXPECT_FALSE(answers(rules, kUplink, gap));
    };
    expect_the_ends_alone();
    rules.nat = {nat_rule(NatAction::dnat, kUplink, {address[0], address[4]}, one(kWorkstation))};
    rules.nat[0].original_parts = ends;
    expect_the_ends_alone();
}

TEST(ProxyArp, AnswersForWhatARouteLeadsToByAnotherInterface) {
    Ruleset rules = edge_with_dmz();
    rules.routes.push_back({*Ipv4Prefix::parse("198.18.9.0/24"), Ipv4Address{198, 18, 5, 7}, {}});
    EXPECT_TRUE(answers(rules, kLan, {198, 18, 5, 20}));
    EXPECT_TRUE(answers(rules, kLan, {198, 18, 9, 20}));
    EXPECT_TRUE(answers(rules, kUplink, {198, 18, 5, 20})) << "it is public";
    EXPECT_FALSE(answers(rules, kDmz, {198, 18, 5, 20})) << "they hear it themselves";
    EXPECT_FALSE(answers(rules, kLan, {8, 8, 8, 8})) << "a default route makes the gateway nobody";
}

TEST(ProxyArpRfc3022, Section5_3_NothingPrivateIsAnsweredForOutside) {
    Ruleset rules = edge_with_dmz();
    rules.routes.push_back({*Ipv4Prefix::parse("10.0.0.0/8"), Ipv4Address{192, 168, 255, 77}, {}});
    for (const Ipv4Address inside : {kWorkstation, Ipv4Address{10, 1, 2, 3}}) {
        EXPECT_FALSE(answers(rules, kUplink, inside));
        EXPECT_TRUE(answers(rules, kDmz, inside));
    }
    rules.nat = {nat_rule(NatAction::dnat, kUplink, one({10, 1, 2, 3}), one(kWorkstation))};
    EXPECT_TRUE(answers(rules, kUplink, {10, 1, 2, 3})) << "a rule says that it is used there";
}

TEST(ProxyArp, TakesNobodysAddress) {
    Ruleset rules = edge_with_dmz();
    rules.nat = {nat_rule(NatAction::dnat, kUplink, {{203, 0, 113, 0}, {203, 0, 113, 255}}, one(kWorkstation))};
    EXPECT_TRUE(answers(rules, kUplink, {203, 0, 113, 2}));
    EXPECT_FALSE(answers(rules, kUplink, kRouter)) << "a next hop";
    EXPECT_FALSE(answers(rules, kUplink, {203, 0, 113, 255})) << "the subnet's broadcast";
    EXPECT_FALSE(answers(rules, kLan, {169, 254, 1, 1}));
    EXPECT_FALSE(answers(rules, kLan, {224, 0, 0, 1}));
}

TEST(ProxyArp, IsAskedByRequestsAlone) {
    Ruleset rules = edge_with_dmz();
    constexpr Ipv4Address kWanted{198, 18, 5, 20};
    EXPECT_TRUE(answers(rules, kLan, kWanted, kWorkstation));
    EXPECT_FALSE(answers(rules, kLan, kWanted, kWanted)) << "an announcement";
    EXPECT_FALSE(answers(rules, kLan, kWanted, kWorkstation, ArpOperation::reply));
    rules.interfaces[index_of(kLan)].proxy_arp = false;
    EXPECT_FALSE(answers(rules, kLan, kWanted, kWorkstation)) << "off by default";
}

}  // namespace
}  // namespace hairpin::gateway
