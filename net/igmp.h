#pragma once
// IGMP, versions 1 to 3 (RFC 1112, 2236, 3376), and MLD, versions 1 and 2 (RFC 2710, 3810): how hosts say which multicast groups they
// want, and how routers ask. MLD is part of ICMPv6 and begins with an Icmpv6Header; its groups are IPv6 addresses.

#include "net/big_endian.h"
#include "net/ipv4_address.h"
#include "net/ipv6_address.h"
#include "net/numbers.h"

namespace hairpin {

inline constexpr IpProtocol kIgmp{2};
inline constexpr IpProtocol kPim{103};  // RFC 7761: multicast routers among themselves

enum class IgmpType : std::uint8_t { query = 0x11, report_v1 = 0x12, report_v2 = 0x16, leave = 0x17, report_v3 = 0x22 };

struct IgmpHeader {
    std::uint8_t type_number = 0;
    std::uint8_t response_time = 0;  // of a query: tenths of a second; of version 3 a small float (RFC 3376 §4.1.1)
    Be16 checksum;
    Ipv4Address group;  // none in a general query; of a version 3 report: a reserved word and how many records follow
    IgmpType type() const { return static_cast<IgmpType>(type_number); }
};
static_assert(sizeof(IgmpHeader) == 8 && alignof(IgmpHeader) == 1);

// What follows the first eight bytes of a version 3 query.
struct IgmpQueryTail {
    std::uint8_t suppress_and_robustness = 2;
    std::uint8_t query_interval_code = 0;  // seconds, as a small float
    Be16 sources;                          // how many addresses follow
};
static_assert(sizeof(IgmpQueryTail) == 4 && alignof(IgmpQueryTail) == 1);

// A record of a version 3 report (RFC 3376 §4.2.12), or of one of MLD version 2 (RFC 3810 §5.2.12), before the group's address.
enum class GroupRecordType : std::uint8_t {
    is_include = 1,
    is_exclude = 2,
    to_include = 3,
    to_exclude = 4,
    allow_new = 5,
    block_old = 6,
};
struct GroupRecordHeader {
    std::uint8_t type_number = 0;
    std::uint8_t auxiliary_words = 0;
    Be16 sources;
    GroupRecordType type() const { return static_cast<GroupRecordType>(type_number); }
};
static_assert(sizeof(GroupRecordHeader) == 4 && alignof(GroupRecordHeader) == 1);

enum class MldType : std::uint8_t { query = 130, report = 131, done = 132, report_v2 = 143 };

}  // namespace hairpin
