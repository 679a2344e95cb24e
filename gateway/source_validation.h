#pragma once
// Whether a packet comes from where its source is (RFC 1812 5.3.8, BCP 38, RFC 3704). What is asked depends on the interface by which it
// comes in:
//
//            the first packet of a session: the route back      a packet of a session that lives
//   strict   leads out of the same interface (RFC 3704 2.2)     comes in by the interface by which the session's other direction leaves
//   loose    is there at all (RFC 3704 2.4)                     comes in by that one, or another on the same side, internal or uplink
//   off      is not asked for                                   comes in by any
//
// So with loose, two uplinks whose routes are not symmetric work, and a second router on the LAN; but no inside host can say
// something in the name of an outside one that somebody has a session with, nor the other way round.

#include "gateway/routing/route_table.h"
#include "gateway/ruleset.h"

namespace hairpin::gateway {

// Of a session's first packet. What the gateway sends itself is believed.
bool believes_source(const Ruleset& ruleset, const RouteTable& routes, InterfaceId inbound, Ipv4Address source);

// Of a packet of a session whose packets of its direction come in by `expected`; it came in by another.
bool may_come_by(const Ruleset& ruleset, InterfaceId inbound, InterfaceId expected);

constexpr std::string_view name_of(SourceValidation validation) {
    switch (validation) {
        case SourceValidation::off: return "off";
        case SourceValidation::loose: return "loose";
        case SourceValidation::strict: return "strict";
    }
    return "";
}

}  // namespace hairpin::gateway
