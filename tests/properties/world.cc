#include "tests/properties/world.h"

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {

using namespace gateway;

namespace {

constexpr InterfaceId kDmzInterface{2};

NatRule one_to_one(NatRule rule, NatAction action) {
    rule.action = action;
    return rule;
}

std::vector<Ipv4InterfaceAddress> uplink_addresses() {
    std::vector<Ipv4InterfaceAddress> all;
    for (const unsigned last : {80U, 81U, 82U, 83U, 84U, 85U, 86U, 87U, 90U, 91U, 92U, 93U})
        all.push_back(*Ipv4InterfaceAddress::parse("203.0.113." + std::to_string(last) + "/24"));
    return all;
}

void add_source_rules(Ruleset& rules) {
    RuleId id = 65537;
    const auto add = [&](std::string_view original, std::string_view translated) -> NatRule& {
        rules.nat.push_back(snat(id++, on({kUplink}), original, translated));
        return rules.nat.back();
    };
    NatRule& none = add("192.168.255.0/24", "192.168.255.0/24");
    none.action = NatAction::no_snat;
    none.translated_address.reset();
    none.peer_addresses = {addresses("198.51.100.240/28")};
    add("192.168.255.20-192.168.255.23", "203.0.113.90-203.0.113.93");
    add("192.168.255.100-192.168.255.149", "203.0.113.81").translated_port = ports(20000, 20499);
    add("192.168.255.150-192.168.255.199", "203.0.113.84-203.0.113.87");
    NatRule& shared = add("192.168.255.3", "203.0.113.82");
    shared.mapping = MappingMode::address_and_port_dependent;
    shared.filtering = FilteringMode::address_and_port_dependent;
    shared.translated_port = ports(30000, 30063);
    NatRule& even = add("192.168.254.0/24", "203.0.113.83");
    even.port_allocation = PortAllocation::parity;
    even.filtering = FilteringMode::endpoint_independent;
    add("192.168.255.0/24", "203.0.113.80");
}

void add_destination_rules(Ruleset& rules) {
    RuleId id = 66000;
    const auto add = [&](IpProtocol protocol, PortRange from, std::string_view to, PortRange to_port, HairpinMode mode) {
        rules.nat.push_back(dnat(id++, on({kUplink}), protocol, "203.0.113.80", from, to, to_port));
        rules.nat.back().hairpin = mode;
    };
    add(IpProtocol::tcp, port(80), "192.168.255.10", port(80), HairpinMode::internal_address);
    add(IpProtocol::udp, ports(5000, 5099), "192.168.255.10", ports(6000, 6099), HairpinMode::external_address);
    add(IpProtocol::tcp, ports(8000, 8009), "192.168.254.5", ports(9000, 9009), HairpinMode::automatic);
    rules.nat.push_back(
        one_to_one(snat(id, on({kUplink}), "203.0.113.90-203.0.113.93", "192.168.255.20-192.168.255.23"), NatAction::dnat));
}

}  // namespace

Ruleset world_rules() {
    constexpr auto accept = FirewallAction::accept;
    Ruleset rules = guide_rules();
    rules.interfaces[index_of(kUplink)].addresses = uplink_addresses();
    rules.interfaces.push_back({"dmz",
                                InterfaceRole::internal,
                                "lan",
                                VlanId{kDmzVlan},
                                MacAddress::from_number(kGatewayMacs[2]),
                                kDmzMtu,
                                {*Ipv4InterfaceAddress::parse("192.168.254.1/24")}});
    rules.arp.queue_per_neighbor = 64;  // a datagram's fragments may all come at once, and all are to arrive
    const FirewallRule last = rules.firewall.back();
    rules.firewall.resize(2);  // pings of the gateway, and what it sends itself
    rules.firewall.push_back(firewall_rule(2, accept, by(kLan), by(kUplink)));
    rules.firewall.push_back(firewall_rule(3, accept, by(kDmzInterface), by(kUplink)));
    rules.firewall.push_back(firewall_rule(4, accept, by(kLan), by(kDmzInterface)));
    rules.firewall.push_back(firewall_rule(5, accept, anybody(), at("203.0.113.64/27")));
    rules.firewall.push_back(last);
    rules.nat.clear();
    add_source_rules(rules);
    add_destination_rules(rules);
    return rules;
}

l2::VlanMembership membership_of(const StationRow& station) {
    using Kind = l2::VlanMembership::Kind;
    if (station.place != Place::dmz) return {};
    if (station.vlan == 0) return {Kind::access, VlanId{kDmzVlan}, {}, {}};
    return {Kind::trunk, {}, {}, {VlanId{kDmzVlan}}};
}

bool owns(std::size_t station, std::uint32_t address) {
    if (address >= kStations[station].first && address <= kStations[station].last) return true;
    return station == kIspPort && address >> 8 == kBehindIsp >> 8;
}

std::optional<Policy> policy_of(std::uint32_t inside, std::uint32_t destination) {
    const std::uint32_t last = inside & 0xff, outside = ip4(203, 0, 113, 0);
    if (inside >> 8 == ip4(192, 168, 254, 0) >> 8)
        return Policy{.first = outside + 83, .last = outside + 83, .parity = true, .lets_everybody = true};
    if (destination >= ip4(198, 51, 100, 240) && destination <= ip4(198, 51, 100, 255)) return std::nullopt;
    if (last >= 20 && last <= 23) return Policy{.exactly = outside + 90 + (last - 20)};
    if (last >= 100 && last <= 149)
        return Policy{.first = outside + 81, .last = outside + 81, .first_port = 20000, .last_port = 20499, .scarce = true};
    if (last >= 150 && last <= 199) return Policy{.first = outside + 84, .last = outside + 87};
    if (last == 3)
        return Policy{.first = outside + 82, .last = outside + 82, .first_port = 30000, .last_port = 30063, .independent = false};
    return Policy{.first = outside + 80, .last = outside + 80};
}

std::optional<Forwarding> forwarded(const plain::Ends& ends, Place from) {
    using Source = Forwarding::Source;
    const std::uint32_t external = ip4(203, 0, 113, 80);
    const unsigned port = ends.destination_port;
    if (ends.destination == external && ends.protocol == plain::kTcp && port == 80)
        return Forwarding{ip4(192, 168, 255, 10), 80, Source::gateways_own};
    if (ends.destination == external && ends.protocol == plain::kUdp && port >= 5000 && port <= 5099)
        return Forwarding{ip4(192, 168, 255, 10), port + 1000, Source::as_outside};
    if (ends.destination == external && ends.protocol == plain::kTcp && port >= 8000 && port <= 8009)
        return Forwarding{ip4(192, 168, 254, 5), port + 1000, from == Place::dmz ? Source::gateways_own : Source::kept};
    // One to one, for the world alone.
    if (from == Place::uplink && ends.destination >= ip4(203, 0, 113, 90) && ends.destination <= ip4(203, 0, 113, 93))
        return Forwarding{ends.destination - ip4(203, 0, 113, 90) + ip4(192, 168, 255, 20), port, Source::kept};
    return std::nullopt;
}

}  // namespace hairpin::testing
