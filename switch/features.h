#pragma once
// What the switch does besides carrying frames from port to port: values without behaviour, as config/ compiles them. They are no part
// of a port's device, so a commit that changes them touches no device and no other port.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/ipv4_address.h"
#include "net/time.h"

namespace hairpin::l2 {

// How much of one kind of traffic a port may send to everybody.
struct StormLimit {
    enum class Unit : std::uint8_t { packets, bits };
    Unit unit = Unit::packets;
    std::uint64_t per_second = 0;
    friend bool operator==(const StormLimit&, const StormLimit&) = default;
};

struct StormLimits {
    std::optional<StormLimit> broadcast = {}, multicast = {}, unknown_unicast = {};
    bool any() const { return broadcast || multicast || unknown_unicast; }
    friend bool operator==(const StormLimits&, const StormLimits&) = default;
};

struct PortFeatures {
    bool isolated = false;  // exchanges frames only with ports that are not
    StormLimits storm = {};
    bool loop_guard = false;
    bool lldp = false;
    bool multicast_router = false;  // gets every multicast, as where a router was heard
    bool fast_leave = false;        // one host is behind it: what it leaves nobody else there wants
    friend bool operator==(const PortFeatures&, const PortFeatures&) = default;
};

// Copies of what passes some ports go to another one, which does nothing else.
struct MirrorSettings {
    struct Source {
        std::string port;
        bool in = true, out = true;  // of the switch
        friend bool operator==(const Source&, const Source&) = default;
    };
    std::string name;
    std::vector<Source> sources = {};
    std::string to;  // a port
    friend bool operator==(const MirrorSettings&, const MirrorSettings&) = default;
};

struct LoopGuardSettings {
    Duration interval = std::chrono::seconds{1};   // between two frames of a port
    Duration recovery = std::chrono::seconds{60};  // for how long a port is shut
    friend bool operator==(const LoopGuardSettings&, const LoopGuardSettings&) = default;
};

struct SnoopingSettings {
    enum class Unknown : std::uint8_t { flood, routers };  // what becomes of a group that nobody has asked for
    Unknown unknown = Unknown::flood;
    bool querier = false;
    Ipv4Address querier_address = {};
    Duration query_interval = std::chrono::seconds{125};  // RFC 3376 8.2, also where somebody else asks
    std::size_t capacity = 4096;                          // memberships
    friend bool operator==(const SnoopingSettings&, const SnoopingSettings&) = default;
};

struct SwitchFeatures {
    std::map<std::string, PortFeatures> ports = {};  // by name; those that have any
    std::vector<MirrorSettings> mirrors = {};
    LoopGuardSettings loop_guard = {};
    std::optional<SnoopingSettings> snooping = {};  // nothing: multicast goes to everybody
    std::string system_name = {};                   // which LLDP tells; empty: the machine's
    std::uint16_t forwarded_link_local = 0;         // bit N: 01-80-C2-00-00-0N is forwarded like any other group address
    friend bool operator==(const SwitchFeatures&, const SwitchFeatures&) = default;
};

}  // namespace hairpin::l2
