// Which firewall rule, and which DNAT rule, is the first that matches: by the index, and by the walk from the top that it takes the place
// of. And what making the index costs, which is part of a commit.
//
//   shape 0   apart       a service of a host of its own each, as most rulesets are
//   shape 1   forwards    ports of one external address, each with its DNAT rule
//   shape 2   crosswise   ranges that overlap in source, destination and port, as nobody writes them: the index's worst
//
// Every question is for a rule picked at random, so a walk asks half of them.

#include <benchmark/benchmark.h>

#include "gateway/rule_index.h"
#include "net/random.h"

namespace hairpin::bench {
namespace {

using namespace gateway;

enum class Shape : std::uint8_t { apart, forwards, crosswise };

constexpr InterfaceId kUplink{0};
constexpr Ipv4Address kExternal{203, 0, 113, 80}, kClient{198, 51, 100, 7};
constexpr std::uint32_t kTen = 0x0a00'0000, kEleven = 0x0b00'0000;

AddressRange one(std::uint32_t address) { return {Ipv4Address{address}, Ipv4Address{address}}; }
L4Port port_of(std::size_t rule) { return L4Port{static_cast<std::uint16_t>(1000 + rule % 60'000)}; }

FirewallRule firewall_rule(Shape shape, std::size_t number, std::size_t count) {
    const auto at = static_cast<std::uint32_t>(number), span = static_cast<std::uint32_t>(count);
    FirewallRule rule;
    rule.id = static_cast<RuleId>(1 + number);
    rule.action = FirewallAction::accept;
    rule.services.push_back({IpProtocol::tcp, {}, {{L4Port{443}, L4Port{443}}}, {}});
    switch (shape) {
        case Shape::apart:
            rule.source.interfaces.set(index_of(kUplink));
            rule.destination.addresses = {one(kTen + at)};
            break;
        case Shape::forwards:
            rule.source.interfaces.set(index_of(kUplink));
            rule.destination.addresses = {{kExternal, kExternal}};
            rule.services[0].destination_ports = {{port_of(number), port_of(number)}};
            break;
        case Shape::crosswise:  // each leaves out one address of the source, its own one
            rule.source.addresses = {{Ipv4Address{kTen}, Ipv4Address{kTen + at}}};
            if (at + 2 <= span) rule.source.addresses.push_back({Ipv4Address{kTen + at + 2}, Ipv4Address{kTen + span + 1}});
            rule.source.negated = true;
            rule.destination.addresses = {{Ipv4Address{kEleven + at / 2}, Ipv4Address{kEleven + span}}};
            rule.services[0].destination_ports = {{L4Port{static_cast<std::uint16_t>(1 + number % 400)}, L4Port{443}}};
    }
    return rule;
}

Ruleset rules_of(Shape shape, std::size_t count) {
    Ruleset rules;
    rules.interfaces.resize(1);
    for (std::size_t i = 0; i < count; ++i) {
        rules.firewall.push_back(firewall_rule(shape, i, count));
        if (shape != Shape::forwards) continue;
        NatRule& nat = rules.nat.emplace_back();
        nat.id = static_cast<RuleId>(kFirstAssignedNatRule + i);
        nat.action = NatAction::dnat;
        nat.protocol = IpProtocol::tcp;
        nat.applied_on.set(index_of(kUplink));
        nat.original_address = AddressRange{kExternal, kExternal};
        nat.original_port = PortRange{port_of(i), port_of(i)};
        nat.translated_address = one(kTen);
    }
    FirewallRule& last = rules.firewall.emplace_back();
    last.id = kDefaultFirewallRule;
    return rules;
}

FirewallQuestion question_for(Shape shape, std::size_t rule, std::size_t count) {
    const auto at = static_cast<std::uint32_t>(rule);
    Ipv4FlowKey key{kClient, Ipv4Address{kTen + at}, L4Port{40'000}, L4Port{443}, IpProtocol::tcp};
    if (shape == Shape::forwards) key.destination = kExternal, key.destination_port = port_of(rule);
    if (shape == Shape::crosswise)
        key.source = Ipv4Address{kTen + at + 1}, key.destination = Ipv4Address{kEleven + static_cast<std::uint32_t>(count)};
    return {key, key, kUplink, std::nullopt, {}};
}

// Of so many questions, made outside of the clock.
std::vector<FirewallQuestion> questions_for(Shape shape, std::size_t count) {
    Random random{HashKey{}};
    std::vector<FirewallQuestion> questions;
    for (int i = 0; i < 4096; ++i)
        questions.push_back(question_for(shape, random.below(static_cast<std::uint32_t>(count)), count));
    return questions;
}

Shape shape_of(const benchmark::State& state) { return static_cast<Shape>(state.range(0)); }
std::size_t count_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(1)); }
Ruleset rules_of(const benchmark::State& state) {
    Ruleset rules = rules_of(shape_of(state), count_of(state));
    if (state.range(2) != 0) index_rules(rules);
    return rules;
}

void FirstMatch(benchmark::State& state) {
    const Ruleset rules = rules_of(shape_of(state), count_of(state));
    Ruleset asked = rules;
    if (state.range(2) != 0) index_rules(asked);
    const auto questions = questions_for(shape_of(state), count_of(state));
    std::size_t next = 0;
    for (auto _ : state) benchmark::DoNotOptimize(first_match(asked, questions[next++ % questions.size()]).id);
    if (first_match(asked, questions[0]).id != first_match(rules, questions[0]).id) state.SkipWithError("another rule");
}

void FindDnat(benchmark::State& state) {
    const Ruleset rules = rules_of(state);
    const auto questions = questions_for(shape_of(state), count_of(state));
    std::size_t next = 0;
    for (auto _ : state) {
        const NatRule* rule = find_destination_rule(rules, {questions[next++ % questions.size()].original, {}}, kUplink);
        if (rule == nullptr) return state.SkipWithError("no rule");
        benchmark::DoNotOptimize(rule);
    }
}

void MakeIndex(benchmark::State& state) {
    Ruleset rules = rules_of(shape_of(state), count_of(state));
    for (auto _ : state) index_rules(rules);
}

void ways(benchmark::internal::Benchmark* bench, std::initializer_list<Shape> shapes) {
    bench->ArgNames({"shape", "rules", "indexed"});
    for (const Shape shape : shapes)
        for (const std::int64_t rules : {10, 1000, 10'000})
            for (const std::int64_t indexed : {0, 1}) bench->Args({static_cast<std::int64_t>(shape), rules, indexed});
}
BENCHMARK(FirstMatch)->Apply([](benchmark::internal::Benchmark* bench) {
    ways(bench, {Shape::apart, Shape::forwards, Shape::crosswise});
});
BENCHMARK(FindDnat)->Apply([](benchmark::internal::Benchmark* bench) { ways(bench, {Shape::forwards}); });
BENCHMARK(MakeIndex)
    ->ArgNames({"shape", "rules"})
    ->ArgsProduct({{0, 1, 2}, {1000, 10'000, 65'536}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hairpin::bench
