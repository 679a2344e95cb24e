#pragma once
// Captures in pcapng, the format that carries what a plain pcap cannot: several interfaces with their names, the direction of a packet, comments,
// and how many packets are missing (draft-ietf-opsawg-pcapng). libpcap reads it and does not write it, so its blocks are made here.
//
//   section header · interfaces · names ┬ packet · packet · ... ┬ names · statistics of each interface
//                                       └ a further interface, when one comes
//
// Pure: each function appends one block to `out`, in this machine's byte order, as the format allows. A text that is longer than the format or
// kLongestText allows is cut there.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/ipv4_address.h"

namespace hairpin::runtime::pcapng {

inline constexpr std::size_t kLongestText = 4096;

using WallTime = std::chrono::nanoseconds;  // since 1970

struct Section {
    std::string_view hardware, system, application;
};
void put_section(std::string& out, const Section& section);

// Of Ethernet, with times in nanoseconds. The first one has the number 0.
struct Interface {
    std::string_view name, description, filter;  // the last two may be empty
    std::uint32_t snap_length = 0;               // 0: no limit
};
void put_interface(std::string& out, const Interface& interface);

enum class Direction : std::uint8_t { unknown = 0, inbound = 1, outbound = 2 };
struct PacketRecord {
    std::uint32_t interface = 0;
    WallTime time{};
    std::uint32_t length = 0;               // of the whole packet
    std::span<const std::byte> bytes = {};  // as much of it as was kept
    Direction direction = Direction::unknown;
    std::uint64_t packet_id = 0;  // the same wherever the same packet was seen
    std::uint64_t lost = 0;       // packets of this interface since its last record
    std::string_view comment = {};
};
void put_packet(std::string& out, const PacketRecord& packet);

struct Name {
    Ipv4Address address;
    std::string name;
};
void put_names(std::string& out, std::span<const Name> names);

struct Statistics {
    std::uint32_t interface = 0;
    WallTime time{}, begun{}, ended{};
    std::uint64_t received = 0;  // those that matched, and so `lost` among them
    std::uint64_t lost = 0;
};
void put_statistics(std::string& out, const Statistics& statistics);

}  // namespace hairpin::runtime::pcapng
