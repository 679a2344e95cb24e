// Groups: what rules that name them compile to, what is refused, and that a commit which changes a group changes its rules.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/candidate/schema_tree.h"
#include "config/candidate/value.h"
#include "config/known_services.h"
#include "guide_lab.h"

namespace hairpin::config {
namespace {

using gateway::Endpoint;
using gateway::FirewallRule;
using gateway::NatRule;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The guide's lab with groups, and with a firewall and a NAT rule behind its own.
json with_groups(const json& groups, json firewall = nullptr, json nat = nullptr) {
    json document = guide_lab();
    json& gateway = document["hairpin:gateway"];
    gateway["group"] = groups;
    if (!firewall.is_null()) {
        firewall["id"] = 50;
        if (!firewall.contains("action")) firewall["action"] = "accept";
        gateway["firewall"]["rule"].push_back(firewall);
    }
    if (!nat.is_null()) {
        nat["id"] = 65537;
        gateway["nat"]["rule"].push_back(nat);
    }
    return document;
}
FirewallRule firewall_rule(const json& groups, const json& rule) {
    const auto rules = good(with_groups(groups, rule)).ruleset->firewall;
    return rules.size() < 2 ? FirewallRule{} : rules[rules.size() - 2];
}
NatRule nat_rule(const json& groups, const json& rule) {
    const auto rules = good(with_groups(groups, nullptr, rule)).ruleset->nat;
    return rules.empty() ? NatRule{} : rules.back();
}
Error refusal_of(const json& document) {
    const auto result = compiled(document);
    if (!result) return result.error();
    ADD_FAILURE() << "this was accepted";
    return {};
}

const json kServers = {
    {"address",
     {{{"name", "servers"}, {"address", {"web", "192.0.2.7"}}},
      {{"name", "web"}, {"description", "the web"}, {"address", {"10.0.0.128/25", "192.0.2.8", "10.0.0.0/25"}}},
      {{"name", "empty"}}}}};

// ---- What rules compile to ------------------------------------------------------------------------------------------------------

TEST(Groups, OfAddressesAreNestedAndComeToRangesThatAreSortedAndMerged) {
    const auto rule = firewall_rule(kServers, {{"source", {{"address", {"servers", "192.0.2.9"}}}},
                                               {"destination", {{"address", {"web"}}, {"negate", true}}}});
    EXPECT_THAT(rule.source.addresses, ElementsAre(range("10.0.0.0", "10.0.0.255"), range("192.0.2.7", "192.0.2.9")));
    EXPECT_EQ(rule.text.source, "servers, 192.0.2.9");
    EXPECT_THAT(rule.destination.addresses, ElementsAre(range("10.0.0.0", "10.0.0.255"), one("192.0.2.8")));
    EXPECT_TRUE(rule.destination.negated);
    EXPECT_EQ(rule.text.destination, "not web");
}

// Taken for "any", a rule for an empty group would let everybody in.
TEST(Groups, WithoutMembersAreNobody) {
    const json groups = {{"address", {{{"name", "empty"}}, {{"name", "hollow"}, {"address", {"empty"}}}}},
                         {"interface", {{{"name", "none"}}}},
                         {"mac", {{{"name", "no-macs"}}}},
                         {"port", {{{"name", "no-ports"}}}},
                         {"service", {{{"name", "nothing"}}}}};
    EXPECT_TRUE(nobody(firewall_rule(groups, {{"source", {{"address", {"hollow"}}}}}).source));
    EXPECT_TRUE(everybody(firewall_rule(groups, {{"source", {{"address", {"hollow"}}, {"negate", true}}}}).source));
    EXPECT_TRUE(nobody(firewall_rule(groups, {{"destination", {{"interface", {"none"}}}}}).destination));
    const auto both = firewall_rule(groups, {{"source", {{"address", {"empty", "10.0.0.1"}}, {"interface", {"none"}}}}});
    EXPECT_THAT(both.source.addresses, ElementsAre(one("10.0.0.1")));
    const auto macs = firewall_rule(groups, {{"source", {{"address", {"10.0.0.1"}}, {"mac", {"no-macs"}}}}});
    EXPECT_TRUE(nobody(macs.source));
    EXPECT_THAT(macs.source.addresses, IsEmpty());
    const auto not_macs = firewall_rule(groups, {{"source", {{"mac", {"no-macs"}}, {"negate", true}}}});
    EXPECT_TRUE(everybody(not_macs.source));

    for (const json& service : {json{{"protocol", "tcp"}, {"port", {"no-ports"}}},
                                json{{"protocol", "udp"}, {"source-port", {"no-ports"}}}, json{{"protocol", "nothing"}}})
        EXPECT_THAT(firewall_rule(groups, {{"service", json::array({service})}}).services, ElementsAre(gateway::kNoService));
    const auto some = firewall_rule(groups, {{"service", {{{"protocol", "nothing"}}, {{"protocol", "gre"}}}}});
    ASSERT_EQ(some.services.size(), 1u);
    EXPECT_EQ(some.services[0].protocol, IpProtocol::gre);
}

TEST(Groups, OfInterfaces) {
    const json groups = {
        {"interface",
         {{{"name", "both"}, {"interface", {"outside", "lan"}}}, {{"name", "outside"}, {"interface", {"external"}}}}}};
    const auto rule =
        firewall_rule(groups, {{"source", {{"interface", {"outside"}}}}, {"destination", {{"interface", {"both"}}}}});
    EXPECT_EQ(rule.source.interfaces, interfaces({0}));
    EXPECT_EQ(rule.destination.interfaces, interfaces({0, 1}));
    EXPECT_FALSE(rule.destination.gateway_itself);
    const auto nat = nat_rule(groups, {{"action", "snat"}, {"applied-on", "both"}, {"translated-address", "interface"}});
    EXPECT_EQ(nat.applied_on, interfaces({0, 1}));
    EXPECT_EQ(nat.text.applied_on, "both");
}

TEST(Groups, OfMacs) {
    const json groups = {{"mac", {{{"name", "laptops"}, {"mac", {"02:00:00:00:00:02", "02:00:00:00:00:01"}}}}}};
    const auto rule = firewall_rule(groups, {{"source", {{"interface", {"lan"}}, {"mac", {"02:00:00:00:00:01", "laptops"}}}}});
    EXPECT_THAT(rule.source.macs,
                ElementsAre(MacAddress::from_number(0x0200'0000'0001), MacAddress::from_number(0x0200'0000'0002)));
    EXPECT_EQ(rule.text.source, "lan with MAC 02:00:00:00:00:01, laptops");
}

TEST(Groups, OfPortsAndOfServices) {
    const json groups = {
        {"port", {{{"name", "web-ports"}, {"port", {"8000-8099", "80", "81"}}}}},
        {"service",
         {{{"name", "shop"}, {"service", {{{"protocol", "tcp"}, {"port", {"web-ports", "443"}}}, {{"protocol", "names"}}}}},
          {{"name", "names"}, {"service", {{{"protocol", "dns"}}}}}}}};
    const auto rule = firewall_rule(
        groups,
        {{"service", {{{"protocol", "shop"}}, {{"protocol", "ping"}}, {{"protocol", "udp"}, {"source-port", {"web-ports"}}}}}});
    ASSERT_EQ(rule.services.size(), 5u);
    EXPECT_EQ(rule.services[0].protocol, IpProtocol::tcp);
    EXPECT_THAT(rule.services[0].destination_ports, ElementsAre(ports(80, 81), ports(443, 443), ports(8000, 8099)));
    EXPECT_EQ(rule.services[1].protocol, IpProtocol::tcp);
    EXPECT_THAT(rule.services[1].destination_ports, ElementsAre(ports(53, 53)));
    EXPECT_EQ(rule.services[2].protocol, IpProtocol::udp);
    EXPECT_EQ(rule.services[3].icmp_type, 8);
    EXPECT_THAT(rule.services[4].source_ports, ElementsAre(ports(80, 81), ports(8000, 8099)));
    EXPECT_EQ(rule.text.service, "shop; ping; udp from web-ports");
}

TEST(Groups, IcmpCodes) {
    const auto rule = firewall_rule(json::object(), {{"service", {{{"protocol", "icmp"}, {"icmp-type", 3}, {"icmp-code", 4}}}}});
    ASSERT_EQ(rule.services.size(), 1u);
    EXPECT_EQ(rule.services[0].icmp_type, 3);
    EXPECT_EQ(rule.services[0].icmp_code, 4);
    EXPECT_EQ(rule.text.service, "icmp type 3 code 4");
}

TEST(Groups, NatRulesCompareThem) {
    const auto snat = nat_rule(kServers, {{"action", "snat"},
                                          {"original-address", "servers"},
                                          {"destination-address", {"web"}},
                                          {"negate-destination", true},
                                          {"translated-address", "203.0.113.80"}});
    EXPECT_EQ(snat.original_address, range("10.0.0.0", "192.0.2.8"));
    EXPECT_THAT(snat.original_parts, ElementsAre(range("10.0.0.0", "10.0.0.255"), range("192.0.2.7", "192.0.2.8")));
    EXPECT_THAT(snat.peer_addresses, ElementsAre(range("0.0.0.0", "9.255.255.255"), range("10.0.1.0", "192.0.2.7"),
                                                 range("192.0.2.9", "255.255.255.255")));
    EXPECT_EQ(snat.text.original, "servers");

    const json one_range = {{"address", {{{"name", "inside"}, {"address", {"10.0.0.0/25", "10.0.0.128/25"}}}}}};
    const auto dnat =
        nat_rule(one_range, {{"action", "dnat"}, {"original-address", "inside"}, {"translated-address", "10.0.1.0/24"}});
    EXPECT_EQ(dnat.original_address, range("10.0.0.0", "10.0.0.255"));
    EXPECT_THAT(dnat.original_parts, IsEmpty());

    const auto not_inside =
        nat_rule(one_range, {{"action", "no-snat"}, {"original-address", "inside"}, {"negate-original", true}});
    EXPECT_THAT(not_inside.original_parts, ElementsAre(range("0.0.0.0", "9.255.255.255"), range("10.0.1.0", "255.255.255.255")));
    EXPECT_EQ(not_inside.text.original, "not inside");
}

TEST(Groups, APoolOfSourcesMayBeAGroup) {
    const json groups = {{"address",
                          {{{"name", "outside"}, {"address", {"203.0.113.90", "203.0.113.80-203.0.113.81", "more"}}},
                           {{"name", "more"}, {"address", {"198.51.100.0/30"}}},
                           {{"name", "empty"}}}}};
    const json hides = {{"action", "snat"}, {"original-address", "10.0.0.0/30"}, {"translated-address", "outside"}};
    const auto rule = nat_rule(groups, hides);
    EXPECT_EQ(rule.pool, gateway::AddressSet::of({range("198.51.100.0", "198.51.100.3"), range("203.0.113.80", "203.0.113.81"),
                                                  one("203.0.113.90")}));
    EXPECT_EQ(rule.translated_address, std::nullopt);
    EXPECT_EQ(rule.text.translated, "outside");
    json of_four = hides;
    of_four["translated-address"] = "more";
    EXPECT_EQ(nat_rule(groups, of_four).pool, gateway::AddressSet(range("198.51.100.0", "198.51.100.3")))
        << "though there are as many";
    EXPECT_EQ(nat_rule(groups, of_four).translated_address, std::nullopt);

    const json masquerade = {{"address", {{{"name", "interface"}}}}};
    EXPECT_EQ(refusal_of(with_groups(masquerade)).path, "/hairpin:gateway/group/address[name='interface']/name");
    const auto refusal = [&](const char* action, const char* group) {
        return refusal_of(with_groups(groups, nullptr, {{"action", action}, {"translated-address", group}}));
    };
    for (const auto& [action, group, reason] : {std::tuple{"snat", "empty", "comes to no address"},
                                                std::tuple{"snat", "nobody", "is no address and no group of addresses"},
                                                std::tuple{"dnat", "outside", "dnat wants an address"}}) {
        EXPECT_EQ(refusal(action, group).path, "/hairpin:gateway/nat/rule[id='65537']/translated-address");
        EXPECT_THAT(refusal(action, group).message, HasSubstr(reason));
    }
}

TEST(Groups, NatRulesCompareGroupsOfPorts) {
    const json groups = {{"port", {{{"name", "mail"}, {"port", {"25", "465"}}}, {{"name", "no-ports"}}}}};
    const auto rule = nat_rule(groups, {{"action", "no-snat"}, {"protocol", "tcp"}, {"destination-port", {"mail", "26"}}});
    EXPECT_THAT(rule.peer_ports, ElementsAre(ports(25, 26), ports(465, 465)));
    EXPECT_EQ(rule.text.peer, "to port mail, 26");
    EXPECT_TRUE(
        nat_rule(groups, {{"action", "no-snat"}, {"protocol", "tcp"}, {"destination-port", {"no-ports"}}}).applied_on.none())
        << "a group without members is nobody";
}

TEST(Groups, ANatRuleOfNobodyIsAskedNowhere) {
    for (const json& rule : {json{{"action", "dnat"}, {"original-address", "empty"}, {"translated-address", "10.0.0.1"}},
                             json{{"action", "dnat"}, {"source-address", {"empty"}}, {"translated-address", "10.0.0.1"}},
                             json{{"action", "no-snat"}, {"destination-address", {"0.0.0.0/0"}}, {"negate-destination", true}}})
        EXPECT_TRUE(nat_rule(kServers, rule).applied_on.none()) << rule;
    EXPECT_TRUE(
        nat_rule(kServers, {{"action", "no-dnat"}, {"source-address", {"empty"}}, {"negate-source", true}}).applied_on.any());
}

TEST(Groups, KnowWhoNamesThemAndWhatTheyComeTo) {
    const auto configuration =
        good(with_groups(kServers, {{"source", {{"address", {"servers"}}}}, {"destination", {{"address", {"servers"}}}}},
                         {{"action", "no-snat"}, {"original-address", "servers"}}));
    const Group* servers = find_group(configuration.groups, GroupKind::address, "servers");
    const Group* web = find_group(configuration.groups, GroupKind::address, "web");
    ASSERT_TRUE(servers != nullptr && web != nullptr);
    EXPECT_THAT(servers->in_rules, ElementsAre(50u, 65537u));
    EXPECT_THAT(servers->members, ElementsAre("web", "192.0.2.7"));
    EXPECT_THAT(resolved_texts(*servers, *configuration.ruleset), ElementsAre("10.0.0.0/24", "192.0.2.7-192.0.2.8"));
    EXPECT_THAT(web->in_groups, ElementsAre("servers"));
    EXPECT_THAT(web->in_rules, IsEmpty());
    EXPECT_EQ(web->description, "the web");
}

// ---- What is refused ------------------------------------------------------------------------------------------------------------

TEST(Groups, ANameThatIsNoGroupsIsRefusedWhereItStands) {
    const struct {
        json groups, rule;
        const char *path, *message;
    } rows[] = {
        {kServers,
         {{"source", {{"address", {"sevrers"}}}}},
         "/hairpin:gateway/firewall/rule[id='50']/source/address",
         "\"sevrers\" is no address and no group of addresses; there are \"servers\", \"web\" and \"empty\""},
        {json::object(),
         {{"source", {{"mac", {"laptops"}}}}},
         "/hairpin:gateway/firewall/rule[id='50']/source/mac",
         "\"laptops\" is no MAC and no group of MACs"},
        {json::object(),
         {{"service", {{{"protocol", "tcp"}, {"port", {"http"}}}}}},
         "/hairpin:gateway/firewall/rule[id='50']/service[protocol='tcp']/port",
         "\"http\" is no port and no group of ports"},
        {kServers,
         {{"destination", {{"interface", {"servers"}}}}},
         "/hairpin:gateway/firewall/rule[id='50']/destination/interface",
         "\"servers\" is no interface and no group of interfaces"},
        {json::object(),
         {{"service", {{{"protocol", "htpps"}}}}},
         "/hairpin:gateway/firewall/rule[id='50']/service[protocol='htpps']/protocol",
         "none of one's own"},
        {{{"address", {{{"name", "a"}, {"address", {"b"}}}}}},
         nullptr,
         "/hairpin:gateway/group/address[name='a']/address",
         "\"b\" is no address and no group"},
        {{{"interface", {{{"name", "a"}, {"interface", {"vse"}}}}}},
         nullptr,
         "/hairpin:gateway/group/interface[name='a']/interface",
         "\"vse\" will not do: wants internal, external, any"},
    };
    for (const auto& row : rows) {
        const Error error = refusal_of(with_groups(row.groups, row.rule));
        EXPECT_EQ(error.path, row.path);
        EXPECT_THAT(error.message, HasSubstr(row.message));
    }
}

TEST(Groups, OneThatIsInUseIsNotDeleted) {
    json document =
        with_groups(kServers, {{"source", {{"address", {"web"}}}}}, {{"action", "no-snat"}, {"original-address", "web"}});
    const auto running = compile(document.dump(), nullptr);
    ASSERT_TRUE(running);
    document["hairpin:gateway"]["group"]["address"].erase(1);
    for (const Configuration* previous : {static_cast<const Configuration*>(nullptr), &*running}) {
        const auto next = compile(document.dump(), previous);
        ASSERT_FALSE(next);
        EXPECT_EQ(next.error().path, "/hairpin:gateway/group/address[name='servers']/address");
        EXPECT_THAT(next.error().message, HasSubstr("it is named by group \"servers\", firewall rule 50 and NAT rule 65537"));
    }
}

TEST(Groups, OneThatContainsItselfIsRefusedWithTheWayRound) {
    const json circle = {{"address",
                          {{{"name", "first"}, {"address", {"web"}}},
                           {{"name", "web"}, {"address", {"10.0.0.1", "db"}}},
                           {{"name", "db"}, {"address", {"web"}}}}}};
    const Error error = refusal_of(with_groups(circle));
    EXPECT_EQ(error.path, "/hairpin:gateway/group/address[name='db']/address");
    EXPECT_THAT(error.message, HasSubstr("web -> db -> web"));
    const json itself = {{"service", {{{"name", "x"}, {"service", {{{"protocol", "x"}}}}}}}};
    EXPECT_THAT(refusal_of(with_groups(itself)).message, HasSubstr("x -> x"));
}

// However the document orders them: read from the outermost, or with the inner ones known.
TEST(Groups, AreNestedSixteenDeepAndNoDeeper) {
    for (const bool inner_first : {false, true})
        for (const int count : {16, 17}) {
            json list = json::array();
            for (int i = 0; i < count; ++i) {
                json group{{"name", "g" + std::to_string(i)}};
                if (i > 0) group["port"] = {"g" + std::to_string(i - 1)};
                list.insert(inner_first ? list.end() : list.begin(), group);
            }
            const auto result = compiled(with_groups({{"port", list}}));
            EXPECT_EQ(result.has_value(), count == 16) << count << " deep, inner first: " << inner_first;
            if (!result) {
                EXPECT_THAT(result.error().message, HasSubstr("nested more than 16 deep"));
            }
        }
}

TEST(Groups, NamesThatMeanSomethingElseAreRefused) {
    const struct {
        const char *kind, *name, *message;
    } rows[] = {{"interface", "lan", "is an interface"},
                {"interface", "internal", "a meaning of their own"},
                {"service", "tcp", "is a protocol"},
                {"service", "https", "is a service that is known already"},
                {"address", "10", "begins with a letter"}};
    for (const auto& row : rows)
        EXPECT_THAT(refusal_of(with_groups({{row.kind, {{{"name", row.name}}}}})).message, HasSubstr(row.message)) << row.name;
}

TEST(Groups, ADnatRuleOfSeveralRangesWantsASingleTarget) {
    const json rule = {{"action", "dnat"}, {"original-address", "servers"}, {"translated-address", "10.0.1.0/24"}};
    const Error error = refusal_of(with_groups(kServers, nullptr, rule));
    EXPECT_EQ(error.path, "/hairpin:gateway/nat/rule[id='65537']/translated-address");
    EXPECT_THAT(error.message, HasSubstr("several ranges wants a single address"));
}

// ---- Known services -------------------------------------------------------------------------------------------------------------

TEST(KnownServices, AreThoseThatTheSchemaNames) {
    const SchemaNode* rule = schema_top().child("gateway")->child("firewall")->child("rule");
    std::vector<std::string> names;
    for (const Expected& name : names_of(*rule->child("service")->keys.front()))
        if (!parse_ip_protocol(name.word)) names.push_back(name.word);
    std::vector<std::string> known;
    for (const KnownService& service : known_services()) known.emplace_back(service.name);
    EXPECT_EQ(names, known);
    EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
    for (const KnownService& service : known_services()) EXPECT_EQ(find_known_service(service.name), &service);
    EXPECT_EQ(find_known_service("htpps"), nullptr);
}

// ---- Commits --------------------------------------------------------------------------------------------------------------------

const FirewallRule& rule_of(const Configuration& configuration, gateway::RuleId id) {
    for (const FirewallRule& rule : configuration.ruleset->firewall)
        if (rule.id == id) return rule;
    return configuration.ruleset->firewall.back();
}

TEST(Groups, ACommitCompilesTheRulesOfAChangedGroupAgainAndNoOthers) {
    json document =
        with_groups(kServers, {{"source", {{"address", {"servers"}}}}}, {{"action", "no-snat"}, {"original-address", "servers"}});
    auto running = compile(document.dump(), nullptr);
    ASSERT_TRUE(running);
    auto rules = std::make_shared<gateway::Ruleset>(*running->ruleset);
    for (auto& rule : rules->firewall)
        if (rule.id == 3 || rule.id == 50) rule.text.name = "known";
    running->ruleset = rules;

    // Nothing that a rule would see.
    document["hairpin:gateway"]["group"]["address"][1]["description"] = "other words";
    auto next = compile(document.dump(), &*running);
    ASSERT_TRUE(next);
    EXPECT_EQ(rule_of(*next, 50).text.name, "known");

    // A member of a member: 192.0.2.8 is one no more.
    document["hairpin:gateway"]["group"]["address"][1]["address"] = {"10.0.0.0/24"};
    next = compile(document.dump(), &*running);
    ASSERT_TRUE(next);
    EXPECT_EQ(rule_of(*next, 3).text.name, "known") << "it names no group";
    EXPECT_EQ(rule_of(*next, 50).text.name, "");
    EXPECT_THAT(rule_of(*next, 50).source.addresses, ElementsAre(range("10.0.0.0", "10.0.0.255"), one("192.0.2.7")));
    EXPECT_THAT(next->ruleset->nat.back().original_parts, ElementsAre(range("10.0.0.0", "10.0.0.255"), one("192.0.2.7")));
    EXPECT_THAT(find_group(next->groups, GroupKind::address, "servers")->in_rules, ElementsAre(50u, 65537u));
}

}  // namespace
}  // namespace hairpin::config
