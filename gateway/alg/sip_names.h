#pragma once
// Whom a SIP message names, as its receiver knows them. Of both ends of a session each has two names, by the two keys of the session:
//
//   a request from inside      192.168.255.2:5060  is written  203.0.113.80:51812       the sender
//                              203.0.113.80:80     is written  192.168.255.10:5060      the receiver, where DNAT leads to it
//   its response               the same, back
//
// So every address is translated as an IP header would be. What one side says comes back to it as it was, whoever said it in between.
// A port that is not told is 5060 in a Via and in a URI that a request can be sent to, and nothing in somebody's name (RFC 3261 §19.1.1). Whether
// a side tells its own 5060 or leaves it out is remembered, because a response must bring back the Via of its request (§18.1.2).

#include <array>
#include <span>
#include <vector>

#include "gateway/alg/sip_fields.h"
#include "gateway/alg/text_edits.h"

namespace hairpin::gateway {

struct SipEnd {
    Ipv4Address address;
    L4Port port;
    friend bool operator==(const SipEnd&, const SipEnd&) = default;
};

struct SipName {
    SipEnd written, heard;      // as the sender of the message knows the end, and as its receiver does
    bool without_port = false;  // the end leaves its own 5060 out
};
using SipNames = std::array<SipName, 2>;  // of the sender, and of the receiver

std::vector<TextEdit> sip_edits(std::span<const SipAddress> addresses, const SipNames& names);

// How the sender writes itself in its own Via; nullopt: it does not, or there is nothing to be left out.
std::optional<bool> leaves_port_out(std::span<const SipAddress> addresses, const SipEnd& sender);

}  // namespace hairpin::gateway
