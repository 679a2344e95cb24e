#include "gateway/nat/translate.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "gateway/nat/actions.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

Ipv4Address address(std::string_view text) { return Ipv4Address::parse(text).value(); }
Ipv4FlowKey flow(std::string_view from, unsigned from_port, std::string_view to, unsigned to_port,
                 IpProtocol protocol = IpProtocol::tcp) {
    return {address(from), address(to), port(from_port).first, port(to_port).first, protocol};
}
// A DNAT rule that maps addresses, and ports where it names them.
NatRule forwards(std::string_view original, std::string_view translated, std::optional<PortRange> original_port = {},
                 std::optional<PortRange> translated_port = {}) {
    NatRule rule = snat(1, on({kUplink}), original, translated);
    rule.action = NatAction::dnat;
    rule.original_port = original_port;
    rule.translated_port = translated_port;
    return rule;
}
Interface with_addresses(std::initializer_list<const char*> texts) {
    Interface interface;
    interface.name = "wan";
    for (const char* text : texts) interface.addresses.push_back(Ipv4InterfaceAddress::parse(text).value());
    return interface;
}

// ---- The actions' table -------------------------------------------------------------------------------------------------------

TEST(NatActions, TheTableStandsInTheOrderOfItsEnum) {
    for (std::size_t i = 0; i < kNatActions.size(); ++i) EXPECT_EQ(static_cast<std::size_t>(kNatActions[i].action), i);
    std::set<std::string_view> names;
    for (const NatActionRow& row : kNatActions) EXPECT_TRUE(names.insert(row.name).second) << row.name;
}

TEST(NatActions, AnExemptionIsAskedWhereItsTranslationIs) {
    EXPECT_EQ(row_of(NatAction::no_snat).side, row_of(NatAction::snat).side);
    EXPECT_EQ(row_of(NatAction::no_dnat).side, row_of(NatAction::dnat).side);
    EXPECT_NE(row_of(NatAction::snat).side, row_of(NatAction::dnat).side);
    EXPECT_TRUE(row_of(NatAction::snat).translates && row_of(NatAction::dnat).translates);
    EXPECT_FALSE(row_of(NatAction::no_snat).translates || row_of(NatAction::no_dnat).translates);
}

// ---- Which rule ---------------------------------------------------------------------------------------------------------------

// One field of a rule, and a change to the packet that it must notice. The rule and the packet fit but for that change.
struct Difference {
    const char* name;
    void (*narrow)(NatRule&);
    void (*change)(NatQuestion&);
};

const Difference kDestinationDifferences[] = {
    {"protocol", [](NatRule& rule) { rule.protocol = IpProtocol::tcp; },
     [](NatQuestion& question) { question.key.protocol = IpProtocol::udp; }},
    {"original address", [](NatRule& rule) { rule.original_address = addresses("203.0.113.80"); },
     [](NatQuestion& question) { question.key.destination = address("203.0.113.81"); }},
    {"the end of an address range", [](NatRule& rule) { rule.original_address = addresses("203.0.113.70-203.0.113.80"); },
     [](NatQuestion& question) { question.key.destination = address("203.0.113.81"); }},
    {"original port", [](NatRule& rule) { rule.original_port = port(80); },
     [](NatQuestion& question) { question.key.destination_port = L4Port{81}; }},
    {"the start of a port range", [](NatRule& rule) { rule.original_port = ports(80, 90); },
     [](NatQuestion& question) { question.key.destination_port = L4Port{79}; }},
    {"peer address",
     [](NatRule& rule) {
         rule.peer_addresses = {addresses("198.51.100.10"), addresses("192.0.2.0/24")};
     },
     [](NatQuestion& question) { question.key.source = address("198.51.100.11"); }},
    {"peer port",
     [](NatRule& rule) {
         rule.peer_ports = {port(25), ports(50000, 50009)};
     },
     [](NatQuestion& question) { question.key.source_port = L4Port{50010}; }},
    {"ICMP type", [](NatRule& rule) { rule.icmp_type = 8; }, [](NatQuestion& question) { question.icmp_type = 13; }},
    {"that there is an ICMP type", [](NatRule& rule) { rule.icmp_type = 8; },
     [](NatQuestion& question) { question.icmp_type = std::nullopt; }},
};

TEST(FindDestinationRule, EveryFieldTellsPacketsApart) {
    for (const auto& [name, narrow, change] : kDestinationDifferences) {
        Ruleset rules;
        NatRule rule = forwards("0.0.0.0/0", "192.168.255.10");
        narrow(rule);
        rules.nat = {rule};
        NatQuestion question{flow("198.51.100.10", 50000, "203.0.113.80", 80), 8};
        EXPECT_EQ(find_destination_rule(rules, question, kUplink), &rules.nat[0]) << name;
        change(question);
        EXPECT_EQ(find_destination_rule(rules, question, kUplink), nullptr) << name;
    }
}

// The same rules read from the other side: a source rule compares the source where a destination rule compares the destination.
TEST(FindSourceRule, EveryFieldTellsPacketsApart) {
    for (const auto& [name, narrow, change] : kDestinationDifferences) {
        Ruleset rules;
        NatRule rule = snat(1, on({kUplink}), "0.0.0.0/0", "203.0.113.80");
        narrow(rule);
        rules.nat = {rule};
        NatQuestion mirrored{flow("198.51.100.10", 50000, "203.0.113.80", 80), 8};
        const auto answer = [&] {
            const Ipv4FlowKey& key = mirrored.key;
            return find_source_rule(rules, {key.reversed(), mirrored.icmp_type}, kUplink);
        };
        EXPECT_EQ(answer(), &rules.nat[0]) << name;
        change(mirrored);
        EXPECT_EQ(answer(), nullptr) << name;
    }
}

TEST(FindRule, TheFirstThatMatchesWins) {
    Ruleset rules;
    rules.nat = {forwards("203.0.113.81", "192.168.255.9"), forwards("203.0.113.80", "192.168.255.10"),
                 forwards("203.0.113.80", "192.168.255.11")};
    const NatQuestion question{flow("198.51.100.10", 50000, "203.0.113.80", 80), {}};
    EXPECT_EQ(find_destination_rule(rules, question, kUplink), &rules.nat[1]);
    rules.nat[1].enabled = false;
    EXPECT_EQ(find_destination_rule(rules, question, kUplink), &rules.nat[2]);
    rules.nat[2].applied_on = on({kLan});
    EXPECT_EQ(find_destination_rule(rules, question, kUplink), nullptr);
    EXPECT_EQ(find_destination_rule(rules, question, kLan), &rules.nat[2]);
}

TEST(FindRule, EachActionIsAskedOnItsSideAlone) {
    for (const NatActionRow& row : kNatActions) {
        Ruleset rules;
        rules.nat = {forwards("0.0.0.0/0", "192.168.255.10")};
        rules.nat[0].action = row.action;
        const NatQuestion question{flow("198.51.100.10", 50000, "203.0.113.80", 80), {}};
        EXPECT_EQ(find_destination_rule(rules, question, kUplink) != nullptr, row.side == NatSide::destination) << row.name;
        EXPECT_EQ(find_source_rule(rules, question, kUplink) != nullptr, row.side == NatSide::source) << row.name;
    }
}

// ---- Destinations -------------------------------------------------------------------------------------------------------------

struct Mapping {
    const char* name;
    NatRule rule;
    Ipv4FlowKey before, after;
};

TEST(TranslateDestination, RowByRow) {
    const std::vector<Mapping> mappings{
        {"one address", forwards("203.0.113.80", "192.168.255.10"), flow("198.51.100.10", 5, "203.0.113.80", 80),
         flow("198.51.100.10", 5, "192.168.255.10", 80)},
        {"many addresses to one", forwards("203.0.113.0/24", "192.168.255.10"), flow("198.51.100.10", 5, "203.0.113.77", 80),
         flow("198.51.100.10", 5, "192.168.255.10", 80)},
        {"a range to one as long", forwards("203.0.113.80-203.0.113.83", "192.168.255.10-192.168.255.13"),
         flow("198.51.100.10", 5, "203.0.113.82", 80), flow("198.51.100.10", 5, "192.168.255.12", 80)},
        {"the last of a range", forwards("203.0.113.0/24", "10.0.0.0/24"), flow("198.51.100.10", 5, "203.0.113.255", 80),
         flow("198.51.100.10", 5, "10.0.0.255", 80)},
        {"one port", forwards("203.0.113.80", "192.168.255.10", port(8080), port(80)),
         flow("198.51.100.10", 5, "203.0.113.80", 8080), flow("198.51.100.10", 5, "192.168.255.10", 80)},
        {"many ports to one", forwards("203.0.113.80", "192.168.255.10", ports(8000, 8999), port(80)),
         flow("198.51.100.10", 5, "203.0.113.80", 8123), flow("198.51.100.10", 5, "192.168.255.10", 80)},
        {"a range of ports to one as long", forwards("203.0.113.80", "192.168.255.10", ports(65526, 65535), ports(1, 10)),
         flow("198.51.100.10", 5, "203.0.113.80", 65535), flow("198.51.100.10", 5, "192.168.255.10", 10)},
        {"a port whatever it was", forwards("203.0.113.80", "192.168.255.10", {}, port(80)),
         flow("198.51.100.10", 5, "203.0.113.80", 4711), flow("198.51.100.10", 5, "192.168.255.10", 80)},
        {"ports stay where the rule names none", forwards("203.0.113.80", "192.168.255.10", ports(80, 90)),
         flow("198.51.100.10", 5, "203.0.113.80", 85), flow("198.51.100.10", 5, "192.168.255.10", 85)},
        {"an ICMP identifier is no port", forwards("203.0.113.80", "192.168.255.10", {}, port(80)),
         flow("198.51.100.10", 77, "203.0.113.80", 77, IpProtocol::icmp),
         flow("198.51.100.10", 77, "192.168.255.10", 77, IpProtocol::icmp)},
    };
    for (const auto& [name, rule, before, after] : mappings)
        EXPECT_EQ(translate_destination(rule, before).to_string(), after.to_string()) << name;
}

TEST(TranslateDestination, WithoutAnAddressOnlyThePortChanges) {
    NatRule rule = forwards("203.0.113.80", "192.168.255.10", port(8080), port(80));
    rule.translated_address.reset();
    EXPECT_EQ(translate_destination(rule, flow("198.51.100.10", 5, "203.0.113.80", 8080)),
              flow("198.51.100.10", 5, "203.0.113.80", 80));
}

AddressRange any_range(std::uint32_t span) {
    const auto first = *rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [&](auto number) { return number % (~span); });
    return {Ipv4Address{first}, Ipv4Address{first + span}};
}
PortRange any_ports(unsigned span) {
    const auto first = *rc::gen::inRange(0u, 65536u - span);
    return ports(first, first + span);
}

// Ranges of one length: the n-th becomes the n-th, for addresses and ports alike, and the source stays.
RC_GTEST_PROP(TranslateDestination, RangesOfOneLengthMapOneToOne, (std::uint16_t source_port)) {
    const auto span = *rc::gen::inRange(1u, 70000u), port_span = *rc::gen::inRange(1u, 65535u);
    NatRule rule;
    rule.action = NatAction::dnat;
    rule.original_address = any_range(span), rule.translated_address = any_range(span);
    rule.original_port = any_ports(port_span), rule.translated_port = any_ports(port_span);
    const auto n = *rc::gen::inRange(0u, span + 1), nth_port = *rc::gen::inRange(0u, port_span + 1);

    Ipv4FlowKey key{address("198.51.100.10"), Ipv4Address{rule.original_address->first.number() + n}, L4Port{source_port},
                    port(rule.original_port->first.number() + nth_port).first, IpProtocol::udp};
    const Ipv4FlowKey to = translate_destination(rule, key);
    RC_ASSERT(to.destination.number() - rule.translated_address->first.number() == n);
    RC_ASSERT(to.destination_port.number() - rule.translated_port->first.number() == static_cast<int>(nth_port));
    RC_ASSERT(to.source == key.source && to.source_port == key.source_port && to.protocol == key.protocol);

    // And back again by the rule turned round.
    std::swap(rule.original_address, rule.translated_address);
    std::swap(rule.original_port, rule.translated_port);
    RC_ASSERT(translate_destination(rule, to) == key);
}

// Whatever the lengths are, a packet that the rule matches lands in the range that the rule names.
RC_GTEST_PROP(TranslateDestination, LandsInTheTranslatedRange, ()) {
    const auto some_span = [] { return *rc::gen::inRange(0u, 5000u); };
    NatRule rule;
    rule.action = NatAction::dnat;
    rule.original_address = any_range(some_span()), rule.translated_address = any_range(some_span());
    rule.original_port = any_ports(some_span()), rule.translated_port = any_ports(some_span());
    const auto inside = [](std::uint32_t first, std::uint32_t span) { return first + *rc::gen::inRange(0u, span + 1); };
    const Ipv4FlowKey key{address("198.51.100.10"),
                          Ipv4Address{inside(rule.original_address->first.number(), rule.original_address->span())}, L4Port{5},
                          port(inside(rule.original_port->first.number(), rule.original_port->span())).first, IpProtocol::tcp};
    const Ipv4FlowKey to = translate_destination(rule, key);
    RC_ASSERT(rule.translated_address->contains(to.destination));
    RC_ASSERT(rule.translated_port->contains(to.destination_port));
}

// ---- Sources ------------------------------------------------------------------------------------------------------------------

constexpr auto kFlow = [] { return flow("192.168.255.2", 40000, "198.51.100.10", 80); };

TEST(SourceChoice, OneAddressForAll) {
    const auto choice =
        source_choice(snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.80"), kFlow(), with_addresses({"203.0.113.1/24"}));
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->addresses, addresses("203.0.113.80"));
    EXPECT_EQ(choice->ports, std::nullopt);
    EXPECT_TRUE(choice->allows(address("203.0.113.80"), L4Port{1}));
    EXPECT_FALSE(choice->allows(address("203.0.113.81"), L4Port{1}));
}

TEST(SourceChoice, APoolLeavesTheChoice) {
    const auto choice = source_choice(snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.80-203.0.113.89"), kFlow(), {});
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->addresses, addresses("203.0.113.80-203.0.113.89"));
}

TEST(SourceChoice, ARangeAsLongLeavesNone) {
    const auto choice = source_choice(snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.0/24"), kFlow(), {});
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->addresses, addresses("203.0.113.2"));
}

TEST(SourceChoice, ASetIsAPoolHoweverManyThereAre) {
    NatRule rule = snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.80");
    rule.translated_address.reset();
    for (const std::vector<AddressRange>& ranges :
         {std::vector{addresses("203.0.113.0/24")}, std::vector{addresses("198.51.100.7"), addresses("203.0.113.80/31")}}) {
        rule.pool = AddressSet::of(ranges);
        const auto choice = source_choice(rule, kFlow(), {});
        ASSERT_TRUE(choice);
        EXPECT_EQ(choice->addresses, rule.pool) << "nothing is mapped one by one";
        EXPECT_EQ(choice->allocation, PortAllocation::random);
    }
    EXPECT_TRUE(source_choice(rule, kFlow(), {})->allows(address("198.51.100.7"), L4Port{1}));
    EXPECT_FALSE(source_choice(rule, kFlow(), {})->allows(address("198.51.100.8"), L4Port{1})) << "it lies between the ranges";
}

TEST(SourceChoice, ForAnybodyARangeIsAPool) {
    NatRule rule = snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.0/24");
    rule.original_address.reset();
    EXPECT_EQ(source_choice(rule, kFlow(), {})->addresses, addresses("203.0.113.0/24"));
}

TEST(SourceChoice, MasqueradeTakesThePrimaryAddress) {
    NatRule rule = snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.80");
    rule.translated_address.reset();
    rule.masquerade = true;
    EXPECT_EQ(source_choice(rule, kFlow(), with_addresses({"203.0.113.5/24", "203.0.113.6/24"}))->addresses,
              addresses("203.0.113.5"));
    EXPECT_FALSE(source_choice(rule, kFlow(), with_addresses({}))) << "there is no address to take";
}

TEST(SourceChoice, WithoutAnAddressTheSourceKeepsIts) {
    NatRule rule = snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.80");
    rule.translated_address.reset();
    rule.translated_port = port(2000);
    const auto choice = source_choice(rule, kFlow(), {});
    EXPECT_EQ(choice->addresses, addresses("192.168.255.2"));
    EXPECT_EQ(choice->ports, port(2000));
}

TEST(SourceChoice, PortRangesOfOneLengthMapOneToOneAndOthersAreAPool) {
    NatRule rule = snat(1, on({kUplink}), "192.168.255.0/24", "203.0.113.80");
    rule.translated_port = ports(2000, 2099);
    EXPECT_EQ(source_choice(rule, kFlow(), {})->ports, ports(2000, 2099)) << "from any port";
    rule.original_port = ports(40000, 40099);
    for (const unsigned nth : {0u, 42u, 99u})
        EXPECT_EQ(source_choice(rule, flow("192.168.255.2", 40000 + nth, "198.51.100.10", 80), {})->ports, port(2000 + nth));
    rule.original_port = ports(40000, 40100);
    EXPECT_EQ(source_choice(rule, kFlow(), {})->ports, ports(2000, 2099)) << "from one port more";
    rule.translated_port = port(2000);
    EXPECT_EQ(source_choice(rule, kFlow(), {})->ports, port(2000)) << "all to one";
}

RC_GTEST_PROP(SourceChoice, RangesOfOneLengthMapOneToOne, ()) {
    const auto span = *rc::gen::inRange(1u, 70000u), port_span = *rc::gen::inRange(1u, 65535u);
    NatRule rule;
    rule.original_address = any_range(span), rule.translated_address = any_range(span);
    rule.original_port = any_ports(port_span), rule.translated_port = any_ports(port_span);
    const auto n = *rc::gen::inRange(0u, span + 1), nth_port = *rc::gen::inRange(0u, port_span + 1);
    const Ipv4FlowKey key{Ipv4Address{rule.original_address->first.number() + n}, address("198.51.100.10"),
                          port(rule.original_port->first.number() + nth_port).first, L4Port{80}, IpProtocol::tcp};

    const auto choice = source_choice(rule, key, {});
    RC_ASSERT(choice.has_value());
    RC_ASSERT(choice->addresses.size() == 1 && choice->ports && choice->ports->single());
    RC_ASSERT(choice->addresses[0].number() - rule.translated_address->first.number() == n);
    RC_ASSERT(choice->ports->first.number() - rule.translated_port->first.number() == static_cast<int>(nth_port));
}

}  // namespace
}  // namespace hairpin::testing
