// What a commit asks before it happens: analyse() of so many rules.
//
//   Apart       rules for hosts and ports of their own, as most rulesets are
//   Forwards    as many DNAT rules, each with its firewall rule
//   Shadowed    every rule stands behind one that takes everything it would
//   Crosswise   rules that overlap in three fields, as nobody writes them: the bound of the analysis

#include <benchmark/benchmark.h>

#include "gateway/analysis/analysis.h"

namespace hairpin::bench {
namespace {

using namespace gateway;

constexpr InterfaceId kUplink{0};

Interface interface_at(const char* name, InterfaceRole role, const char* address) {
    Interface interface;
    interface.name = name;
    interface.role = role;
    interface.addresses.push_back(*Ipv4InterfaceAddress::parse(address));
    return interface;
}
L4Port port(std::size_t number) { return L4Port{static_cast<std::uint16_t>(number)}; }
Ipv4Address host(std::uint32_t base, std::size_t number) { return Ipv4Address{base + static_cast<std::uint32_t>(number)}; }
constexpr std::uint32_t kTen = 0x0a00'0000, kEleven = 0x0b00'0000;

FirewallRule web_rule(std::size_t number) {
    FirewallRule rule;
    rule.id = static_cast<RuleId>(1 + number);
    rule.action = FirewallAction::accept;
    rule.source.interfaces.set(index_of(kUplink));
    rule.services.push_back({IpProtocol::tcp, {}, {{port(443), port(443)}}, {}});
    return rule;
}

void apart(Ruleset& rules, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        rules.firewall.push_back(web_rule(i));
        rules.firewall.back().destination.addresses = {{host(kTen, i), host(kTen, i)}};
    }
}

void forwards(Ruleset& rules, std::size_t count) {
    const Ipv4Address external = rules.interfaces[index_of(kUplink)].addresses.front().address;
    for (std::size_t i = 0; i < count; ++i) {
        FirewallRule& rule = rules.firewall.emplace_back(web_rule(i));
        rule.destination.addresses = {{external, external}};
        rule.services[0].destination_ports = {{port(1000 + i), port(1000 + i)}};
        NatRule& nat = rules.nat.emplace_back();
        nat.id = static_cast<RuleId>(kFirstAssignedNatRule + i);
        nat.action = NatAction::dnat;
        nat.protocol = IpProtocol::tcp;
        nat.applied_on.set(index_of(kUplink));
        nat.original_address = AddressRange{external, external};
        nat.original_port = PortRange{port(1000 + i), port(1000 + i)};
        nat.translated_address = AddressRange{{192, 168, 255, 10}, {192, 168, 255, 10}};
    }
}

void shadowed(Ruleset& rules, std::size_t count) {
    rules.firewall.push_back(web_rule(count));
    rules.firewall.back().services.clear();
    apart(rules, count);
}

void crosswise(Ruleset& rules, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t a = i * 37 % 4000, b = i * 91 % 4000;
        FirewallRule& rule = rules.firewall.emplace_back(web_rule(i));
        rule.services[0].destination_ports.clear();
        if (i % 3 != 0) rule.source = {{{host(kTen, a), host(kTen, a + 3000)}}, {}, false, false};
        if (i % 3 != 1) rule.destination.addresses = {{host(kEleven, b), host(kEleven, b + 3000)}};
        if (i % 3 != 2) rule.services[0].destination_ports = {{port(a), port(a + 2000)}};
    }
}

void Analyse(benchmark::State& state, void (*fill)(Ruleset&, std::size_t)) {
    Ruleset rules;
    rules.interfaces = {interface_at("uplink", InterfaceRole::uplink, "203.0.113.80/24"),
                        interface_at("lan", InterfaceRole::internal, "192.168.255.1/24")};
    rules.routes = {{Ipv4Prefix{}, Ipv4Address{203, 0, 113, 1}, {}}};
    fill(rules, static_cast<std::size_t>(state.range(0)));
    FirewallRule& last = rules.firewall.emplace_back();
    last.id = kDefaultFirewallRule;
    last.origin = RuleOrigin::default_rule;

    std::vector<Finding> findings;
    for (auto _ : state) findings = analyse(rules);
    state.counters["findings"] = static_cast<double>(findings.size());
}
BENCHMARK_CAPTURE(Analyse, Apart, apart)->ArgName("rules")->Arg(100)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Analyse, Forwards, forwards)->ArgName("rules")->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Analyse, Shadowed, shadowed)->ArgName("rules")->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Analyse, Crosswise, crosswise)->ArgName("rules")->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hairpin::bench
