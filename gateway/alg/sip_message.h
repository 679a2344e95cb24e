#pragma once
// A message of SIP (RFC 3261 §7) in a datagram of its own, and where in it addresses are told.
//
//   INVITE sip:bob@198.51.100.10 SIP/2.0          the request line, or of a response: SIP/2.0 200 OK
//   Via: SIP/2.0/UDP 192.168.255.2:5060;…         fields, whose names ignore case, have short forms (v f t m i c l), and may be folded
//   Content-Length: 129
//                                                 an empty line, and the body
//   v=0 …
//
// Read strictly, so that nobody takes for SIP what is something else: the head ends in the datagram, every line of it by CR LF, and what every
// message has (§8.1.1: To, From, CSeq, Call-ID, Via) it has, once where it may be there once. At most kMostFields fields and kMostAddresses
// addresses; a message with more is not read.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/alg/sip_fields.h"

namespace hairpin::gateway {

// Whether a request or a response begins with the text's first byte: which of them its first line is.
enum class SipStart : std::uint8_t { none, request, response };
SipStart begins_sip(std::string_view datagram);

struct SipMessage {
    static constexpr std::size_t kMostFields = 128, kMostAddresses = 64;

    SipStart start{};
    std::string_view method;   // of a response that of its request
    std::string_view call_id;  // by it a call's messages are known, between the same two
    std::vector<SipAddress> addresses;
    std::size_t body_at = 0, body_length = 0;
    bool has_sdp = false;  // the body is one session description (RFC 4566), not encoded
    // Where Content-Length's digits stand; nothing: it is not there, and the body goes to the datagram's end (§18.3).
    std::optional<std::size_t> length_at;
    std::size_t length_digits = 0;

    // The call, or what was to become one, is over (§9, §15).
    bool ends_call() const { return start == SipStart::request && (method == "BYE" || method == "CANCEL"); }
};

// Views into `datagram`. nullopt: it is not, or not exactly, so.
std::optional<SipMessage> read_sip(std::string_view datagram);

}  // namespace hairpin::gateway
