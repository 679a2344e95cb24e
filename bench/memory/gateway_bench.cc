// Switch, firewall and hairpin NAT of both addresses, as a Worker carries a packet: in at the workstations' port, across the
// switch to the gateway's interface, through the gateway, and across the switch again to the web server's port.
//
//   Established   packets of sessions picked at random out of so many: every packet finds its session, rewrites two addresses and
//                 a port, and finds its neighbour
//   NewSessions   every packet is the first of a session: DNAT rule, route, firewall rule, SNAT rule, a free port
//   Refused       a flood that the first firewall rule drops: every packet is counted, and remembered by the flight recorder
//
// `rules` firewall rules that do not match stand before the one that does; they have an index, or with `indexed` 0 are walked.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <fstream>

#include "bench/memory/stopwatch.h"
#include "bench/memory/udp_frame.h"
#include "gateway/edge_gateway.h"
#include "gateway/rule_index.h"
#include "net/random.h"
#include "switch/bridge.h"

namespace hairpin::bench {
namespace {

using gateway::FirewallAction;
using gateway::InterfaceRole;
using gateway::NatAction;

constexpr Ipv4Prefix kLanPrefix{{10, 0, 0, 0}, 8};
constexpr Ipv4Address kStranger{172, 16, 0, 0};  // and those behind it, whom firewall rules drop
constexpr Ipv4Address kGateway{10, 0, 0, 1}, kWebServer{10, 0, 0, 10}, kFirstClient{10, 1, 0, 0}, kExternal{203, 0, 113, 80};
constexpr auto kWorkstationMac = MacAddress::from_number(0x0200'0000'0001),
               kWebServerMac = MacAddress::from_number(0x0200'0000'0002), kGatewayMac = MacAddress::from_number(0x0200'0000'00fe);
constexpr InterfaceId kLan{0}, kUplink{1};

// More sessions than an address has ports fit behind it only where they share them.
enum class Ports { own, shared };

// The guide's hairpin: DNAT of the external address and SNAT to the gateway's own, both applied on the LAN.
gateway::RulesetPtr hairpin_rules(std::size_t sessions, std::size_t rules_before, bool indexed, Ports ports) {
    auto ruleset = std::make_shared<gateway::Ruleset>();
    ruleset->generation = 1;
    ruleset->interfaces = {
        {.name = "lan",
         .role = InterfaceRole::internal,
         .segment = "lan",
         .vlan = {},
         .mac = kGatewayMac,
         .addresses = {{kGateway, kLanPrefix}},
         .source_validation = gateway::SourceValidation::off},  // strangers are the firewall's
        {.name = "uplink",
         .role = InterfaceRole::uplink,
         .segment = "wan",
         .vlan = {},
         .mac = MacAddress::from_name("uplink"),
         .addresses = {{kExternal, {kExternal, 24}}}},
    };
    ruleset->neighbors = {{kLan, kWebServer, kWebServerMac}};
    ruleset->session_capacity = sessions;
    ruleset->nat_settings.port_rest = {};  // sessions that have been cleared leave nothing behind

    gateway::FirewallRule rule;
    rule.action = FirewallAction::drop;
    for (std::size_t i = 0; i < rules_before; ++i) {
        rule.id = static_cast<gateway::RuleId>(i + 1);
        const Ipv4Address stranger{static_cast<std::uint32_t>(kStranger.number() + i)};
        rule.source.addresses = {{stranger, stranger}};
        ruleset->firewall.push_back(rule);
    }
    gateway::FirewallRule accept;
    accept.id = static_cast<gateway::RuleId>(rules_before + 1);
    accept.source.interfaces.set(index_of(kLan));
    accept.destination.addresses = {{kExternal, kExternal}};
    accept.action = FirewallAction::accept;
    ruleset->firewall.push_back(accept);

    gateway::NatRule snat;
    snat.id = 196612;
    snat.action = NatAction::snat;
    snat.applied_on.set(index_of(kLan));
    snat.original_address = {kLanPrefix.first(), kLanPrefix.last()};
    snat.translated_address = {kGateway, kGateway};
    if (ports == Ports::shared) {
        snat.mapping = gateway::MappingMode::address_and_port_dependent;
        snat.filtering = gateway::FilteringMode::address_and_port_dependent;
    }
    gateway::NatRule dnat;
    dnat.id = 196613;
    dnat.action = NatAction::dnat;
    dnat.applied_on.set(index_of(kLan));
    dnat.protocol = IpProtocol::udp;
    dnat.original_address = {kExternal, kExternal};
    dnat.translated_address = {kWebServer, kWebServer};
    ruleset->nat = {snat, dnat};
    if (indexed) gateway::index_rules(*ruleset);
    return ruleset;
}

std::uint64_t resident_bytes() {
    std::ifstream statm{"/proc/self/statm"};
    std::uint64_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

class Router {
public:
    Router(std::size_t sessions, std::size_t rules_before, bool indexed = true, Ports ports = Ports::own)
        : bridge_({}, {}, pool_, ledger_), gateway_(pool_, ledger_, sessions, {}) {
        const SegmentId lan = bridge_.add_segment("lan");
        workstations_ = bridge_.add_port(lan, {}, 1500);
        web_server_ = bridge_.add_port(lan, {}, 1500);
        const auto internal = bridge_.add_internal_port(lan, VlanId::none(), kGatewayMac, 1500);
        ensure(internal.has_value() && bridge_.add_static_station(VlanId::none(), kWebServerMac, web_server_));
        gateway_port_ = *internal;
        gateway_.adopt(hairpin_rules(sessions, rules_before, indexed, ports), now());
    }

    // The packet that a client of its own sends: 1024 source ports a client, 64 destination ports, so that a million sessions fit
    // behind one translated address.
    void generate(std::size_t session) {
        const Ipv4Address client{static_cast<std::uint32_t>(kFirstClient.number() + session / 1024)};
        const L4Port from{static_cast<std::uint16_t>(1024 + session % 1024)},
            to{static_cast<std::uint16_t>(20000 + session % 64)};
        batch_.push_back(
            UdpFrame{kGatewayMac, kWorkstationMac, {client, kExternal, from, to, IpProtocol::udp}}.packet_from(pool_));
    }
    void generate_refused() {
        batch_.push_back(
            UdpFrame{kGatewayMac, kWorkstationMac, {kStranger, kExternal, L4Port{1024}, L4Port{20000}, IpProtocol::udp}}
                .packet_from(pool_));
    }
    std::size_t generated() const { return batch_.size(); }

    // Run to completion, as runtime/Worker does it.
    void carry() {
        const Timestamp moment = now();
        sent_ += batch_.size();
        bridge_.forward(workstations_, batch_, moment, switched_);
        switched_.drain([&](PortId port, Batch& batch) {
            if (port == gateway_port_) gateway_.forward(kLan, batch, moment, routed_);
        });
        routed_.drain([&](InterfaceId, Batch& batch) { bridge_.forward(gateway_port_, batch, moment, switched_); });
    }
    // Takes what came out at the web server's port off the switch: the generator's business, as sending is the device's.
    void collect() {
        switched_.drain([&](PortId port, Batch& batch) { delivered_ += port == web_server_ ? batch.size() : 0; });
    }
    bool all_delivered() const { return sent_ == delivered_; }
    bool all_refused() const { return sent_ == ledger_.dropped_for(DropReason::firewall_denied); }

    std::size_t sessions() const { return gateway_.sessions().size(); }
    void clear_sessions() {
        gateway_.clear_sessions([](const gateway::Session&) { return true; });
    }

private:
    PacketPool pool_;
    Ledger ledger_;
    l2::Bridge bridge_;
    gateway::EdgeGateway gateway_;
    PortId workstations_{}, web_server_{}, gateway_port_{};
    Batch batch_;
    Outbox<PortId> switched_;
    Outbox<InterfaceId> routed_;
    std::uint64_t sent_ = 0, delivered_ = 0;
};

void check(const Router& router, benchmark::State& state) {
    if (!router.all_delivered())
        state.SkipWithError("a packet did not reach the web server: this is not what the bench measures");
}

void Established(benchmark::State& state) {
    const auto sessions = static_cast<std::size_t>(state.range(0));
    Router router{sessions, static_cast<std::size_t>(state.range(1)), true, Ports::shared};
    const std::uint64_t resident = resident_bytes();
    for (std::size_t session = 0; session < sessions; ++session) {
        router.generate(session);
        if (router.generated() < kBurstPackets) continue;
        router.carry();
        router.collect();
    }
    const std::uint64_t bytes = resident_bytes() - resident;

    Random random{HashKey{}};
    Stopwatch stopwatch{state};
    for (auto _ : state) {
        while (router.generated() < kBurstPackets) router.generate(random.below(static_cast<std::uint32_t>(sessions)));
        stopwatch.time(kBurstPackets, [&] { router.carry(); });
        router.collect();
    }
    stopwatch.report();
    state.counters["bytes/session"] = static_cast<double>(bytes) / static_cast<double>(sessions);
    check(router, state);
    if (router.sessions() != sessions) state.SkipWithError("not every packet belonged to an established session");
}
BENCHMARK(Established)
    ->ArgNames({"sessions", "rules"})
    ->Args({1 << 12, 10})
    ->Args({1 << 16, 10})
    ->Args({1 << 20, 10})
    ->UseManualTime();
BENCHMARK(Established)->ArgNames({"sessions", "rules"})->Args({1 << 16, 10000})->UseManualTime();

void NewSessions(benchmark::State& state) {
    constexpr std::size_t kSessions = 1 << 15;  // half of an address's ports
    Router router{kSessions, static_cast<std::size_t>(state.range(0)), state.range(1) != 0};
    Stopwatch stopwatch{state};
    std::size_t next = 0;
    for (auto _ : state) {
        if (next == kSessions) {
            router.clear_sessions();
            next = 0;
        }
        while (router.generated() < kBurstPackets) router.generate(next++);
        stopwatch.time(kBurstPackets, [&] { router.carry(); });
        router.collect();
    }
    stopwatch.report();
    check(router, state);
}
BENCHMARK(NewSessions)->ArgNames({"rules", "indexed"})->ArgsProduct({{10, 1000, 10'000}, {0, 1}})->UseManualTime();

void Refused(benchmark::State& state) {
    Router router{1 << 12, 1};
    Stopwatch stopwatch{state};
    for (auto _ : state) {
        while (router.generated() < kBurstPackets) router.generate_refused();
        stopwatch.time(kBurstPackets, [&] { router.carry(); });
    }
    stopwatch.report();
    if (!router.all_refused())
        state.SkipWithError("a packet was not dropped by the firewall: this is not what the bench measures");
}
BENCHMARK(Refused)->UseManualTime();

}  // namespace
}  // namespace hairpin::bench
