#pragma once
// The flags of a TCP header in short.

#include "net/tcp.h"

namespace hairpin::gateway {

inline constexpr unsigned kSyn = TcpHeader::kSyn, kAck = TcpHeader::kAck, kFin = TcpHeader::kFin, kRst = TcpHeader::kRst,
                          kPsh = TcpHeader::kPsh;

}  // namespace hairpin::gateway
