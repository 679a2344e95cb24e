#pragma once
// ICMP for IPv4, RFC 792. Queries carry an identifier and a sequence number; errors quote the packet they are about.

#include "net/big_endian.h"
#include "net/numbers.h"

namespace hairpin {

enum class IcmpType : std::uint8_t {
    echo_reply = 0,
    destination_unreachable = 3,
    source_quench = 4,
    redirect = 5,
    echo_request = 8,
    time_exceeded = 11,
    parameter_problem = 12,
    timestamp_request = 13,
    timestamp_reply = 14,
};

// Codes of type 3 (RFC 792, 1122, 1812).
namespace unreachable {
inline constexpr std::uint8_t kNetwork = 0;
inline constexpr std::uint8_t kHost = 1;
inline constexpr std::uint8_t kProtocol = 2;
inline constexpr std::uint8_t kPort = 3;
inline constexpr std::uint8_t kFragmentationNeeded = 4;
inline constexpr std::uint8_t kAdministrativelyProhibited = 13;
}  // namespace unreachable

struct IcmpHeader {
    std::uint8_t type_number = 0;
    std::uint8_t code = 0;
    Be16 checksum;
    Be16 identifier;  // of a query; unused in most errors
    Be16 sequence;    // of a query; next-hop MTU in 3/4 (RFC 1191 §4)

    IcmpType type() const { return static_cast<IcmpType>(type_number); }
    bool is_query_request() const { return type() == IcmpType::echo_request || type() == IcmpType::timestamp_request; }
    bool is_query_reply() const { return type() == IcmpType::echo_reply || type() == IcmpType::timestamp_reply; }
    // Of a reply, the query that it answers.
    IcmpType asked() const { return type() == IcmpType::echo_reply ? IcmpType::echo_request : IcmpType::timestamp_request; }
    bool is_error() const {
        return type() == IcmpType::destination_unreachable || type() == IcmpType::source_quench || type() == IcmpType::redirect ||
               type() == IcmpType::time_exceeded || type() == IcmpType::parameter_problem;
    }
};
static_assert(sizeof(IcmpHeader) == 8 && alignof(IcmpHeader) == 1);

}  // namespace hairpin
