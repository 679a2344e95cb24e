#pragma once
// Where the fields of a SIP message (RFC 3261 §25.1) tell an IPv4 address, and with which port.
//
//   Via: SIP/2.0/UDP 192.168.255.2:5060;received=203.0.113.80;rport=51812     via 192.168.255.2:5060, observed 203.0.113.80:51812
//   From: "Alice" <sip:alice@192.168.255.2>;tag=1                              name 192.168.255.2
//   Contact: <sip:alice@192.168.255.2:5060;transport=udp>, <tel:1>             place 192.168.255.2:5060
//
// Host names, IPv6 addresses, URIs of other schemes, and what stands in parameters or display names are none of it: all that is not exactly
// so is passed over. Nothing outside of the value is read.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/ipv4_address.h"
#include "net/numbers.h"

namespace hairpin::gateway {

inline constexpr L4Port kSipPort{5060};  // where no port is told (RFC 3261 §19.1.2)

struct SipAddress {
    enum class Kind : std::uint8_t {
        via,       // where a response goes to
        place,     // of a URI that a request can be sent to
        name,      // of a URI that is somebody's name, and has no port (RFC 3261 §19.1.1)
        observed,  // received= and rport= of a Via: where its message came from (RFC 3581)
    };
    Kind kind{};
    Ipv4Address address;
    std::optional<L4Port> port;             // as it is written
    std::size_t at = 0, length = 0;         // where the address stands; of length 0: of rport= alone the sent-by's
    std::size_t port_at = 0, port_end = 0;  // where the digits of the port stand
    L4Port sent_by_port = kSipPort;         // of rport= alone: it is its message's where the sent-by is, too
};

// `value` is of a header field, folded or not, or a URI alone, and stands in its message at `at`. Appends what it finds.
void find_in_uri(std::string_view uri, std::size_t at, SipAddress::Kind kind, std::vector<SipAddress>& found);
void find_in_uri_list(std::string_view value, std::size_t at, SipAddress::Kind kind, std::vector<SipAddress>& found);
void find_in_via(std::string_view value, std::size_t at, std::vector<SipAddress>& found);

// Blank in a folded line: a space, a tab, or the end of a line that goes on.
constexpr bool is_sip_blank(char letter) { return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n'; }
std::string_view without_sip_blanks(std::string_view text);

}  // namespace hairpin::gateway
