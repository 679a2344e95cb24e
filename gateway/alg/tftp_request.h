#pragma once
// The request with which a TFTP transfer begins (RFC 1350 §5, RFC 2347 for the options behind it):
//
//   2 bytes   string     1 byte   string   1 byte
//   1 or 2  │ filename │   0    │  mode  │   0    │ options: pairs of strings, each with its 0
//
// The server answers from a port that it has just chosen, and so nobody who only looks at flows can tell that it is an answer.

#include <cstddef>
#include <span>

namespace hairpin::gateway {

// Whether it is a read or write request that a server would take.
bool is_tftp_request(std::span<const std::byte> datagram);

}  // namespace hairpin::gateway
