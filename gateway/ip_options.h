#pragma once
// The options of an IPv4 header (RFC 791 §3.1), as far as a router must know them.
//
//   IPv4 ... │ 7 11 4  0.0.0.0  0.0.0.0 │ 0      record route, with room for two routers: type, length, pointer
//              7 11 8  203.0.113.80 0.0.0.0      what this gateway makes of it, if it is honoured

#include <cstdint>
#include <optional>
#include <span>

#include "net/frame_view.h"
#include "net/time.h"

namespace hairpin::gateway {

struct OptionsRead {
    bool source_route = false, record_route = false, timestamp = false;
    // The octet of the IP header at which they are no options: ICMP 12/0 has it as its pointer. Whatever stands behind it is not read.
    std::optional<std::uint8_t> problem;
};
// `header`: of header_length() bytes.
OptionsRead read_options(std::span<const std::byte> header);

// Which options record_passage() writes into.
struct Recording {
    bool route = false, time = false;
};
// Writes the gateway down: in a record route `own` (RFC 1812 5.3.13.5), in a timestamp the time, with `own` where addresses are asked for
// and only at `own` where they are prescribed (5.3.13.6). Where there is no room a record route stays as it is, and a timestamp counts
// one that it could not hold. The header's checksum follows. The options must have been read without a problem.
//
// The time is `now`, in milliseconds and with the highest bit set: the datapath knows no midnight, for which RFC 791 has that bit.
void record_passage(FrameView& frame, Ipv4Address own, Timestamp now, Recording recording);

}  // namespace hairpin::gateway
