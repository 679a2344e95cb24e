#pragma once
// Where a million packets travel: stations with every kind of port, and rules with every kind of NAT.
//
//   workstation  .2          ─┐                                             ┌─ isp   203.0.113.1, and 198.51.100.0/24 behind it
//   old host     .3           │                                             │
//   web server   .10          ├─ lan ── 192.168.255.1 ─┐                    │
//   mapped       .20 to .23   │                        ├─ gateway ─ uplink ─┤   203.0.113.80 to .87 and .90 to .93
//   crowd        .100 to .199 ┘                        │                    │
//   dmz trunk    .5  ┬─ lan, VLAN 20 ─ 192.168.254.1 ──┘                    └─ peer  203.0.113.2
//   dmz access   .6  ┘        MTU 1400
//
// What the rules do is said twice: in world_rules(), for the gateway, and in policy_of() and forwarded(), plainly, for whoever checks it.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/ruleset.h"
#include "switch/port.h"
#include "switch/settings.h"
#include "tests/properties/plain_packet.h"

namespace hairpin::testing {

constexpr std::uint32_t ip4(unsigned a, unsigned b, unsigned c, unsigned d) { return a << 24 | b << 16 | c << 8 | d; }

enum class Place : std::uint8_t { uplink, lan, dmz };  // in the order of the gateway's interfaces

struct StationRow {
    std::string_view name;
    Place place;
    std::uint64_t mac;
    std::uint32_t first, last;  // its own addresses, on the link
    l2::Capabilities takes;
    unsigned vlan;  // its frames are tagged with; 0: not
    unsigned mtu;

    bool inside() const { return place != Place::uplink; }
};

inline constexpr std::uint32_t kBehindIsp = ip4(198, 51, 100, 0);
inline constexpr std::array<std::uint64_t, 3> kGatewayMacs{0x0200'0000'aa00, 0x0200'0000'aa01, 0x0200'0000'aa02};
inline constexpr std::array<std::uint32_t, 3> kGatewayAddresses{ip4(203, 0, 113, 80), ip4(192, 168, 255, 1),
                                                                ip4(192, 168, 254, 1)};
inline constexpr unsigned kDmzVlan = 20, kDmzMtu = 1400;

inline constexpr std::size_t kWorkstationPort = 0, kOldHostPort = 1, kWebPort = 2, kMappedPort = 3, kCrowdPort = 4,
                             kTrunkPort = 5, kAccessPort = 6, kIspPort = 7, kPeerPort = 8;
inline constexpr auto kStations = std::to_array<StationRow>({
    {"workstation",
     Place::lan,
     0x0200'0000'bb02,
     ip4(192, 168, 255, 2),
     ip4(192, 168, 255, 2),
     {true, true, true, true},
     0,
     1500},
    {"old host", Place::lan, 0x0200'0000'bb03, ip4(192, 168, 255, 3), ip4(192, 168, 255, 3), {}, 0, 1500},
    {"web server",
     Place::lan,
     0x0200'0000'bb10,
     ip4(192, 168, 255, 10),
     ip4(192, 168, 255, 10),
     {true, false, false, false},
     0,
     1500},
    {"mapped", Place::lan, 0x0200'0000'bb20, ip4(192, 168, 255, 20), ip4(192, 168, 255, 23), {true, true, false, false}, 0, 1500},
    {"crowd", Place::lan, 0x0200'0000'bb64, ip4(192, 168, 255, 100), ip4(192, 168, 255, 199), {true, true, true, true}, 0, 1500},
    {"dmz trunk",
     Place::dmz,
     0x0200'0000'cc05,
     ip4(192, 168, 254, 5),
     ip4(192, 168, 254, 5),
     {true, true, true, true},
     kDmzVlan,
     kDmzMtu},
    {"dmz access", Place::dmz, 0x0200'0000'cc06, ip4(192, 168, 254, 6), ip4(192, 168, 254, 6), {}, 0, kDmzMtu},
    {"isp", Place::uplink, 0x0200'0000'dd01, ip4(203, 0, 113, 1), ip4(203, 0, 113, 1), {true, true, true, true}, 0, 1500},
    {"peer", Place::uplink, 0x0200'0000'dd02, ip4(203, 0, 113, 2), ip4(203, 0, 113, 2), {}, 0, 1500},
});

l2::VlanMembership membership_of(const StationRow& station);
// Whether packets to this address are for the station.
bool owns(std::size_t station, std::uint32_t address);
constexpr bool is_inside(std::uint32_t address) { return address >> 16 == ip4(192, 168, 0, 0) >> 16; }
constexpr bool is_gateways(std::uint32_t address) {
    return (address >= ip4(203, 0, 113, 80) && address <= ip4(203, 0, 113, 87)) ||
           (address >= ip4(203, 0, 113, 90) && address <= ip4(203, 0, 113, 93)) || address == kGatewayAddresses[1] ||
           address == kGatewayAddresses[2];
}

gateway::Ruleset world_rules();

// What a packet from inside that leaves by the uplink gets as source, in plain words.
struct Policy {
    std::uint32_t first = 0, last = 0;       // of these addresses
    std::uint32_t exactly = 0;               // of one to one: this one
    unsigned first_port = 0, last_port = 0;  // of these ports, if the rule names some; else of the class of the inside one
    bool parity = false;
    bool independent = true;      // one outside address and port for all destinations; else one for each flow
    bool lets_everybody = false;  // in; else whom it has sent to
    bool scarce = false;          // so few ports that one that rests may be taken
};
// Nothing: it keeps its own.
std::optional<Policy> policy_of(std::uint32_t inside, std::uint32_t destination);

// What becomes of the destination of somebody's first packet. Nothing: no rule forwards it.
struct Forwarding {
    std::uint32_t address;
    unsigned port;
    enum class Source { kept, gateways_own, as_outside } source;  // of a client from inside
};
std::optional<Forwarding> forwarded(const plain::Ends& ends, Place from);

}  // namespace hairpin::testing
