#pragma once
// SCTP's common header and the beginning of its first chunk, RFC 9260 §3. The checksum is a CRC32c over header and chunks alone: a change of
// addresses leaves it as it is, a change of ports would not.

#include "net/big_endian.h"

namespace hairpin {

struct SctpHeader {
    Be16 source_port;
    Be16 destination_port;
    Be32 verification_tag;  // that the receiver has given out; 0 of an INIT
    Be32 checksum;
};
static_assert(sizeof(SctpHeader) == 12 && alignof(SctpHeader) == 1);

enum class SctpChunkType : std::uint8_t {
    data = 0,
    init = 1,
    init_ack = 2,
    selective_ack = 3,
    heartbeat = 4,
    heartbeat_ack = 5,
    abort = 6,
    shutdown = 7,
    shutdown_ack = 8,
    error = 9,
    cookie_echo = 10,
    cookie_ack = 11,
    shutdown_complete = 14,
};

struct SctpChunk {
    static constexpr std::uint8_t kReflectedTag = 0x01;  // of ABORT and SHUTDOWN COMPLETE: the tag is the sender's own

    std::uint8_t type_number = 0;
    std::uint8_t flags = 0;
    Be16 length;
    SctpChunkType type() const { return static_cast<SctpChunkType>(type_number); }
};
static_assert(sizeof(SctpChunk) == 4 && alignof(SctpChunk) == 1);

}  // namespace hairpin
