// Which of several targets a client gets: by weight, the same every time, and no other's when a target comes or goes.

#include "gateway/nat/targets.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "gateway/nat/translate.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

constexpr unsigned kClients = 10'000;

Ipv4Address server(unsigned number) { return Ipv4Address{0x0a00'0000 + number}; }

NatRule shared_among(const std::vector<unsigned>& weights) {
    NatRule rule = dnat(65537, on({kUplink}), IpProtocol::tcp, "203.0.113.80", port(80), "10.0.0.0", port(8080));
    rule.translated_address.reset(), rule.translated_port.reset();
    for (unsigned i = 0; i < weights.size(); ++i)
        rule.targets.push_back({server(i), std::nullopt, static_cast<std::uint8_t>(weights[i])});
    return rule;
}

Ipv4FlowKey opened_by(unsigned client, unsigned source_port = 40000) {
    return {Ipv4Address{0xc633'0000 + client}, kExternal, port(source_port).first, L4Port{80}, IpProtocol::tcp};
}

// As a gateway has it: of 128 even bits, which a drawn number, often a small one, is not.
HashKey some_secret() {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    return {keyed_hash(seed, HashKey{}), keyed_hash(seed + 1, HashKey{})};
}

// Of every client, or of every session of one.
std::map<Ipv4Address, unsigned> shares_of(const NatRule& rule, const HashKey& secret) {
    std::map<Ipv4Address, unsigned> shares;
    for (unsigned i = 0; i < kClients; ++i)
        ++shares[choose_target(rule, rule.affinity == Affinity::source ? opened_by(i) : opened_by(7, 1 + i), secret).address];
    return shares;
}

// Six standard deviations of a fair draw: one in 500 million goes beyond.
RC_GTEST_PROP(Targets, ClientsAreSharedByWeight, ()) {
    const auto affinity = *rc::gen::element(Affinity::source, Affinity::none);
    auto weights =
        *rc::gen::container<std::vector<unsigned>>(*rc::gen::inRange(0U, 8U), rc::gen::element(0U, 1U, 2U, 3U, 10U, 255U));
    weights.push_back(*rc::gen::inRange(1U, 256U));
    NatRule rule = shared_among(weights);
    rule.affinity = affinity;
    auto shares = shares_of(rule, some_secret());
    for (unsigned i = 0; i < weights.size(); ++i) {
        const double fair = static_cast<double>(weights[i]) / total_weight(rule), expected = kClients * fair;
        RC_LOG() << "weight " << weights[i] << ": " << shares[server(i)] << " of " << expected << "\n";
        RC_ASSERT(std::abs(shares[server(i)] - expected) <= 6 * std::sqrt(expected * (1 - fair)) + 1e-9);
    }
}

// Whoever moves when the first rule becomes the second must have come from, or go to, this target.
void expect_moves_only(const NatRule& before, const NatRule& after, const HashKey& secret,
                       const std::function<bool(Ipv4Address from, Ipv4Address to)>& may_move) {
    for (unsigned client = 0; client < 2000; ++client) {
        const Ipv4Address from = choose_target(before, opened_by(client), secret).address;
        const Ipv4Address to = choose_target(after, opened_by(client), secret).address;
        RC_ASSERT(from == to || may_move(from, to));
    }
}

RC_GTEST_PROP(Targets, OneThatIsTakenAwayMovesItsOwnClientsAlone, ()) {
    const HashKey secret = some_secret();
    const auto weights = *rc::gen::container<std::vector<unsigned>>(*rc::gen::inRange(2U, 9U), rc::gen::inRange(1U, 6U));
    const NatRule all = shared_among(weights);
    const unsigned gone = *rc::gen::inRange(0U, static_cast<unsigned>(weights.size()));
    const auto was_on_it = [&](Ipv4Address from, Ipv4Address to) { return from == server(gone) && to != server(gone); };
    NatRule without = all;
    without.targets.erase(without.targets.begin() + gone);
    expect_moves_only(all, without, secret, was_on_it);
    NatRule drained = all;
    drained.targets[gone].weight = 0;
    expect_moves_only(all, drained, secret, was_on_it);
    const auto comes_to_it = [&](Ipv4Address, Ipv4Address to) { return to == server(gone); };
    expect_moves_only(without, all, secret, comes_to_it);
    NatRule heavier = all;
    heavier.targets[gone].weight = 200;
    expect_moves_only(all, heavier, secret, comes_to_it);
    NatRule otherwise = all;
    std::reverse(otherwise.targets.begin(), otherwise.targets.end());
    expect_moves_only(all, otherwise, secret, [](Ipv4Address, Ipv4Address) { return false; });
}

RC_GTEST_PROP(Targets, OfOneClientAllSessionsGoToOne, ()) {
    const HashKey secret = some_secret();
    NatRule http = shared_among({1, 2, 3}), https = http;
    https.original_port = port(443);
    https.targets[0].port = port(8443);
    const unsigned client = *rc::gen::inRange(0U, 65536U);
    const Ipv4Address target = choose_target(http, opened_by(client), secret).address;
    for (unsigned i = 1; i < 50; ++i) {
        RC_ASSERT(choose_target(http, opened_by(client, 1000 * i), secret).address == target);
        Ipv4FlowKey secure = opened_by(client, 1000 * i);
        secure.destination_port = L4Port{443};
        RC_ASSERT(choose_target(https, secure, secret).address == target);
    }
    http.affinity = Affinity::none;
    RC_ASSERT(shares_of(http, secret).size() == 3);
}

// Who knows the rules, and not the secret, does not know which target is his.
TEST(Targets, TwoGatewaysChooseDifferently) {
    const NatRule rule = shared_among({1, 1, 1, 1});
    unsigned alike = 0;
    for (unsigned client = 0; client < kClients; ++client)
        if (choose_target(rule, opened_by(client), {1, 2}).address == choose_target(rule, opened_by(client), {3, 4}).address)
            ++alike;
    EXPECT_NEAR(alike, kClients / 4, 300);
}

TEST(Targets, AreFoundByTheirAddressAlsoWhenDrained) {
    const NatRule rule = shared_among({0, 1});
    ASSERT_NE(find_target(rule, server(0)), nullptr);
    EXPECT_EQ(find_target(rule, server(0))->weight, 0);
    EXPECT_EQ(find_target(rule, server(2)), nullptr);
    EXPECT_EQ(choose_target(rule, opened_by(1), {}).address, server(1));
}

TEST(Targets, APortIsTheOriginalsUnlessTheTargetSaysOtherwise) {
    NatRule rule = shared_among({1});
    EXPECT_EQ(translate_destination(rule, rule.targets[0], opened_by(1)).destination, server(0));
    EXPECT_EQ(translate_destination(rule, rule.targets[0], opened_by(1)).destination_port, L4Port{80});
    rule.targets[0].port = port(8080);
    EXPECT_EQ(translate_destination(rule, rule.targets[0], opened_by(1)).destination_port, L4Port{8080});
    rule.original_port = ports(80, 89);
    rule.targets[0].port = ports(8080, 8089);
    Ipv4FlowKey key = opened_by(1);
    key.destination_port = L4Port{83};
    EXPECT_EQ(translate_destination(rule, rule.targets[0], key).destination_port, L4Port{8083});
    key.protocol = IpProtocol::icmp;
    EXPECT_EQ(translate_destination(rule, rule.targets[0], key).destination_port, L4Port{83}) << "an identifier";
}

}  // namespace
}  // namespace hairpin::testing
