// The index over rules answers as the walk from the top does, whatever the rules are: overlapping, excepting, disabled, of every protocol.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "gateway/rule_index.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

unsigned below(unsigned end) { return *rc::gen::inRange(0U, end); }
bool once_in(unsigned times) { return below(times) == 0; }

// ---- A column -------------------------------------------------------------------------------------------------------------------

// Few numbers and both ends, so that ranges meet, overlap and are the same.
std::uint32_t some_number() { return once_in(6) ? ~0U - below(3) : below(40); }

RC_GTEST_PROP(RangeColumn, HasTheBitsOfTheRowsThatHoldANumber, ()) {
    struct Range {
        std::size_t row;
        std::uint32_t first, last;
    };
    const std::size_t rows = 1 + below(200);
    std::vector<Range> ranges;
    RangeColumn column;
    for (unsigned i = below(300); i > 0; --i) {
        Range range{below(static_cast<unsigned>(rows)), some_number(), some_number()};
        if (range.last < range.first) std::swap(range.first, range.last);
        if (range.row + 1 == rows) continue;  // that one is everywhere
        column.add(range.first, range.last, range.row);
        ranges.push_back(range);
    }
    column.add_everything(rows - 1);
    ranges.push_back({rows - 1, 0, ~0U});
    column.finish(rows);
    for (const std::uint32_t number : {0U, 1U, 7U, 20U, 39U, 40U, 1000U, ~0U - 2, ~0U - 1, ~0U}) {
        std::vector<std::uint64_t> expected((rows + 63) / 64), words(expected.size());
        for (const Range& range : ranges)
            if (range.first <= number && number <= range.last) expected[range.row / 64] |= std::uint64_t{1} << (range.row % 64);
        const auto bits = column.at(number);
        std::vector<std::uint64_t> summary(1);
        bits.add_summary(summary.data());
        for (std::size_t place = 0; place < words.size(); ++place) {
            words[place] = bits.word(place);
            RC_ASSERT(words[place] == 0 || (summary[0] >> place & 1) == 1);
        }
        RC_ASSERT(words == expected);
    }
}

// ---- Random rules ---------------------------------------------------------------------------------------------------------------

Ipv4Address some_address() { return Ipv4Address{once_in(8) ? ~0U - below(4) : 0x0a000000U + below(32)}; }
AddressRange some_addresses() {
    if (once_in(10)) return {Ipv4Address{0U}, Ipv4Address::broadcast()};
    const Ipv4Address one = some_address(), other = once_in(3) ? some_address() : one;
    return {std::min(one, other), std::max(one, other)};
}
PortRange some_ports() {
    const unsigned first = 1 + below(8);
    return once_in(6) ? ports(1, 65535) : ports(first, first + below(3));
}
IpProtocol some_protocol() {
    constexpr IpProtocol kProtocols[] = {IpProtocol::tcp,  IpProtocol::tcp, IpProtocol::udp,
                                         IpProtocol::icmp, IpProtocol::gre, IpProtocol::any};
    return kProtocols[below(6)];
}
MacAddress some_mac() { return MacAddress::from_number(0x0200'0000'0000 + below(3)); }

Endpoint some_endpoint() {
    Endpoint endpoint;
    endpoint.negated = once_in(6);
    if (once_in(3)) return endpoint;
    for (unsigned i = below(3); i > 0; --i) endpoint.addresses.push_back(some_addresses());
    if (once_in(3)) endpoint.interfaces = InterfaceSet{1 + below(15)};
    endpoint.gateway_itself = once_in(8);
    return endpoint;
}
Service some_service() {
    Service service{some_protocol(), {}, {}, {}};
    if (once_in(2)) service.destination_ports.push_back(some_ports());
    if (once_in(4)) service.destination_ports.push_back(some_ports());
    if (once_in(5)) service.source_ports.push_back(some_ports());
    if (once_in(5)) service.icmp_type = 8;
    if (service.icmp_type && once_in(2)) service.icmp_code = below(2);
    return service;
}
FirewallRule some_firewall_rule(RuleId id) {
    FirewallRule rule = firewall_rule(id, FirewallAction::accept, some_endpoint(), some_endpoint());
    if (once_in(5)) rule.source.macs.push_back(some_mac());
    if (!once_in(4))
        for (unsigned i = 1 + below(2); i > 0; --i) rule.services.push_back(some_service());
    if (once_in(12)) rule.services = {kNoService};
    rule.match = once_in(3) ? MatchTuple::translated : MatchTuple::original;
    rule.enabled = !once_in(6);
    return rule;
}
NatRule some_nat_rule(RuleId id) {
    NatRule rule;
    rule.id = id;
    rule.action = static_cast<NatAction>(below(4));
    rule.enabled = !once_in(6);
    rule.applied_on = InterfaceSet{once_in(10) ? 0 : 1 + below(15)};
    rule.protocol = some_protocol();
    rule.original_address = once_in(4) ? std::nullopt : std::optional{some_addresses()};
    if (rule.original_address && once_in(4)) rule.original_parts = {some_addresses(), some_addresses()};
    if (once_in(3)) rule.original_port = some_ports();
    if (once_in(6)) rule.icmp_type = 8;
    if (once_in(3)) rule.peer_addresses.push_back(some_addresses());
    for (unsigned i = once_in(3) ? 1 + below(2) : 0; i > 0; --i) rule.peer_ports.push_back(some_ports());
    return rule;
}

// Sometimes one of a rule's whole kind, so that many are just in the way.
Ruleset some_rules() {
    Ruleset rules;
    rules.interfaces.resize(4);
    const unsigned count =
        once_in(12) ? 4150 + below(100) : RuleIndex::kWorthwhile + below(200);  // more words than a summary's word has
    const FirewallRule usual = some_firewall_rule(1);
    const NatRule usual_nat = some_nat_rule(1);
    for (RuleId id = 1; id <= count; ++id) {
        const bool new_one = count < 500 || once_in(20);
        rules.firewall.push_back(new_one ? some_firewall_rule(id) : usual);
        rules.nat.push_back(new_one ? some_nat_rule(id) : usual_nat);
    }
    rules.firewall.push_back(firewall_rule(kDefaultFirewallRule, FirewallAction::drop, anybody(), anybody()));
    return rules;
}

Ipv4FlowKey some_key() {
    IpProtocol protocol = some_protocol();
    if (protocol == IpProtocol::any) protocol = IpProtocol::esp;
    return {some_address(), some_address(), L4Port{static_cast<std::uint16_t>(below(12))},
            L4Port{static_cast<std::uint16_t>(once_in(9) ? 65535 : below(12))}, protocol};
}
FirewallQuestion some_question() {
    FirewallQuestion question;
    question.original = question.translated = some_key();
    if (once_in(2)) {
        const Ipv4FlowKey other = some_key();
        question.translated.destination = other.destination;
        question.translated.destination_port = other.destination_port;
    }
    if (!once_in(6)) question.inbound = InterfaceId{static_cast<std::uint16_t>(below(5))};
    if (!once_in(6)) question.outbound = InterfaceId{static_cast<std::uint16_t>(below(5))};
    if (question.original.protocol == IpProtocol::icmp) question.icmp_type = once_in(2) ? 8 : 13;
    question.icmp_code = static_cast<std::uint8_t>(below(2));
    if (!once_in(4)) question.source_mac = some_mac();
    return question;
}

RC_GTEST_PROP(RuleIndex, AnswersAsTheWalkDoes, ()) {
    const Ruleset walked = some_rules();
    Ruleset indexed = walked;
    index_rules(indexed);
    RC_ASSERT(indexed.index.get()->firewall() != nullptr && indexed.index.get()->nat(NatSide::source) != nullptr);
    for (int i = 0; i < 40; ++i) {
        const FirewallQuestion question = some_question();
        RC_ASSERT(&first_match(indexed, question) - indexed.firewall.data() ==
                  &first_match(walked, question) - walked.firewall.data());
        const NatQuestion translation{question.translated, question.icmp_type};
        const InterfaceId interface { static_cast<std::uint16_t>(below(5)) };
        const auto place = [](const Ruleset& rules, const NatRule* rule) {
            return rule == nullptr ? -1 : rule - rules.nat.data();
        };
        RC_ASSERT(place(indexed, find_destination_rule(indexed, translation, interface)) ==
                  place(walked, find_destination_rule(walked, translation, interface)));
        RC_ASSERT(place(indexed, find_source_rule(indexed, translation, interface)) ==
                  place(walked, find_source_rule(walked, translation, interface)));
    }
}

TEST(RuleIndex, IsNotCopiedWithTheRules) {
    Ruleset rules = guide_rules();
    while (rules.firewall.size() < RuleIndex::kWorthwhile) rules.firewall.insert(rules.firewall.begin(), rules.firewall.front());
    index_rules(rules);
    ASSERT_NE(rules.index.get(), nullptr);
    Ruleset next = rules;
    EXPECT_EQ(next.index.get(), nullptr) << "its rules may be about to change";
    EXPECT_EQ(next, rules);
    next = rules;
    EXPECT_EQ(next.index.get(), nullptr);
}

// The most that a configuration may have, all of them overlapping: the marks stay within their bound, and so does the answer's time.
TEST(RuleIndex, OfSixtyFiveThousandRulesFindsTheFirst) {
    Ruleset rules;
    rules.interfaces.resize(1);
    for (RuleId id = 1; id <= 65'536; ++id) {
        rules.firewall.push_back(firewall_rule(id, FirewallAction::accept, anybody(), anybody()));
        const auto first = Ipv4Address{0x0a000000U + id}, last = Ipv4Address{0x0b000000U + 2 * id};
        rules.firewall.back().source.addresses = {{first, last}};
    }
    rules.firewall.push_back(firewall_rule(kDefaultFirewallRule, FirewallAction::drop, anybody(), anybody()));
    index_rules(rules);
    FirewallQuestion question;
    question.original.protocol = question.translated.protocol = IpProtocol::tcp;
    for (const RuleId last_only : {RuleId{1}, RuleId{2}, RuleId{40'000}, RuleId{65'536}}) {
        question.original.source = question.translated.source = Ipv4Address{0x0b000000U + 2 * last_only};
        EXPECT_EQ(first_match(rules, question).id, last_only);
    }
    question.original.source = question.translated.source = Ipv4Address{0x0b000000U + 2 * 65'536 + 1};
    EXPECT_EQ(first_match(rules, question).id, kDefaultFirewallRule);
}

}  // namespace
}  // namespace hairpin::testing
