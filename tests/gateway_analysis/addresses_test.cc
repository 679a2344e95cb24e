// Addresses of NAT rules whose packets do not come to the gateway.

#include "tests/gateway_analysis/findings.h"

namespace hairpin::testing {
namespace {

using namespace gateway;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr RuleId kNewAddressRule = 65537;

// Of the findings about addresses alone: rules in these tests have no firewall rule to go with them.
std::vector<Finding> strange(NatRule rule, const std::function<void(Ruleset&)>& change = {}) {
    auto found = analyse(guide_with([&](Ruleset& rules) {
        rules.nat.push_back(std::move(rule));
        if (change) change(rules);
    }));
    std::erase_if(found, [](const Finding& finding) { return finding.kind != kAddressNotOwned.name; });
    return found;
}
NatRule forward_of(const char* original, InterfaceSet applied_on) {
    return dnat(kNewAddressRule, applied_on, IpProtocol::tcp, original, port(8080), "192.168.255.10", port(8080));
}
NatRule hiding_behind(const char* translated, InterfaceSet applied_on) {
    return snat(kNewAddressRule, applied_on, "192.168.254.0/24", translated);
}

TEST(AddressNotOwned, NobodyAnswersArpForIt) {
    EXPECT_THAT(
        strange(forward_of("203.0.113.81", on({kUplink}))),
        ElementsAre(Says(kAddressNotOwned, kNewAddressRule,
                         "NAT rule 65537: packets to 203.0.113.81 do not come here: they are for the subnet of \"uplink\", and "
                         "nobody answers ARP for an address that is not the gateway's")));
    EXPECT_THAT(strange(hiding_behind("203.0.113.81", on({kUplink}))),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("answers to 203.0.113.81"))));
    EXPECT_THAT(strange(forward_of("203.0.113.80", on({kUplink}))), IsEmpty());
    EXPECT_THAT(strange(hiding_behind("203.0.113.80", on({kUplink}))), IsEmpty());
}

TEST(AddressNotOwned, UnlessTheGatewayAnswersArpForIt) {
    const auto proxying = [](Ruleset& rules) { rules.interfaces[index_of(kUplink)].proxy_arp = true; };
    EXPECT_THAT(strange(forward_of("203.0.113.81", on({kUplink})), proxying), IsEmpty());
    EXPECT_THAT(strange(hiding_behind("203.0.113.80-203.0.113.83", on({kUplink})), proxying), IsEmpty());
    EXPECT_THAT(strange(hiding_behind("203.0.114.80", on({kUplink})), proxying), ::testing::SizeIs(1)) << "beyond the link";
}

TEST(AddressNotOwned, OfARangeThoseThatAreMissing) {
    EXPECT_THAT(strange(hiding_behind("203.0.113.80-203.0.113.83", on({kUplink}))),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("answers to 203.0.113.81-203.0.113.83 do not"))));
    EXPECT_THAT(strange(hiding_behind("203.0.113.79-203.0.113.81", on({kUplink}))),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("answers to 203.0.113.79 and others do not"))));
    const auto owned = [](Ruleset& rules) {
        for (const char* more : {"203.0.113.81/24", "203.0.113.82/24", "203.0.113.83/24"})
            rules.interfaces[index_of(kUplink)].addresses.push_back(*Ipv4InterfaceAddress::parse(more));
    };
    EXPECT_THAT(strange(hiding_behind("203.0.113.80-203.0.113.83", on({kUplink})), owned), IsEmpty());
}

// Of a set each range was meant for itself: one that is well does not speak for another.
TEST(AddressNotOwned, OfASetThoseThatAreMissing) {
    const auto of_ranges = [](std::vector<AddressRange> ranges) {
        NatRule rule = hiding_behind("203.0.113.80", on({kUplink}));
        rule.translated_address.reset();
        rule.pool = AddressSet::of(ranges);
        return strange(rule);
    };
    EXPECT_THAT(of_ranges({addresses("203.0.113.80"), addresses("203.0.113.90")}),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("answers to 203.0.113.90 do not come here"))));
    EXPECT_THAT(of_ranges({addresses("198.51.100.7"), addresses("203.0.113.90")}),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("answers to 203.0.113.90 do not come here"))));
    EXPECT_THAT(of_ranges({addresses("198.51.100.7"), addresses("203.0.113.80")}),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("answers to 198.51.100.7 come here only if"))));
    EXPECT_THAT(of_ranges({addresses("192.168.255.1"), addresses("203.0.113.80")}), IsEmpty());

    NatRule published = forward_of("203.0.113.80-203.0.113.90", on({kUplink}));
    published.original_parts = {addresses("203.0.113.80"), addresses("203.0.113.90")};
    EXPECT_THAT(strange(published),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("packets to 203.0.113.90 do not"))));
}

TEST(AddressNotOwned, BeyondTheUplinkSomebodyElseMustSendItHere) {
    EXPECT_THAT(strange(hiding_behind("198.51.100.7", on({kUplink}))),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule,
                                 HasSubstr("come here only if a router beyond \"uplink\" sends them"))));
    // A route for it says that it is meant.
    const auto routed = [](Ruleset& rules) { rules.routes.push_back({*Ipv4Prefix::parse("198.51.100.0/28"), {}, kLan}); };
    EXPECT_THAT(strange(hiding_behind("198.51.100.7", on({kUplink})), routed), IsEmpty());
}

// Stations of the LAN send here whatever is for elsewhere.
TEST(AddressNotOwned, FromTheInsideEverythingElsewhereComesHere) {
    EXPECT_THAT(strange(forward_of("8.8.8.8", on({kLan}))), IsEmpty());
    EXPECT_THAT(strange(forward_of("0.0.0.0/0", on({kLan}))), IsEmpty());
    EXPECT_THAT(strange(forward_of("203.0.113.81", on({kLan}))), IsEmpty());
    EXPECT_THAT(strange(forward_of("192.168.255.77", on({kLan}))),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("\"lan\""))));
    EXPECT_THAT(strange(forward_of("203.0.113.81", on({kLan, kUplink}))),
                ElementsAre(Says(kAddressNotOwned, kNewAddressRule, HasSubstr("\"uplink\""))));
}

TEST(AddressNotOwned, WhatIsDisabledOrNamesNoAddressIsNotAsked) {
    NatRule rule = forward_of("203.0.113.81", on({kUplink}));
    rule.enabled = false;
    EXPECT_THAT(strange(rule), IsEmpty());
    rule.enabled = true;
    rule.original_address.reset();
    EXPECT_THAT(strange(rule), IsEmpty());
    NatRule masquerade = hiding_behind("203.0.113.81", on({kUplink}));
    masquerade.translated_address.reset(), masquerade.masquerade = true;
    EXPECT_THAT(strange(masquerade), IsEmpty());
}

}  // namespace
}  // namespace hairpin::testing
