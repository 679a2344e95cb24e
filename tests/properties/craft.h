#pragma once
// Packets built the plain way, from the IP header on, and the number that each carries in its payload.
//
//   "Hpn#" │ number, 4 bytes │ bytes that follow from the number          as far as there is payload

#include <optional>

#include "tests/properties/plain_packet.h"

namespace hairpin::testing::plain {

Bytes marked_payload(std::uint32_t number, std::size_t length);
std::optional<std::uint32_t> mark_of(View payload);

struct TcpWords {
    std::uint32_t sequence = 0, acknowledgment = 0;
    unsigned flags = 0, window = 65535;
};
inline constexpr unsigned kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPush = 0x08, kAck = 0x10;

// Everything about a packet but its payload.
struct Words {
    Ends ends;
    TcpWords tcp = {};
    unsigned coverage = 0;                 // UDP-Lite: bytes, DCCP: its own number
    unsigned icmp_type = 0, sequence = 0;  // of ICMP queries
    std::uint32_t tag = 0;                 // SCTP's INIT gives it out, a GRE key, an ESP SPI
    unsigned tos = 0, id = 1, ttl = 64;
    bool dont_fragment = false;
    Bytes options = {};  // of IP; a multiple of 4 bytes
};

enum class L4Checksum { complete, partial, none, wrong };

// The packet; its L4 checksum as asked for, where the protocol has one.
Bytes craft(const Words& words, View payload, L4Checksum checksum);
// An ICMP error of that type and code; the 4 bytes `rest` stand behind its checksum.
Bytes craft_error(std::uint32_t source, std::uint32_t destination, unsigned type, unsigned code, std::uint32_t rest, View quote);
Bytes framed(View l3, std::uint64_t from_mac, std::uint64_t to_mac, unsigned vlan);

}  // namespace hairpin::testing::plain
