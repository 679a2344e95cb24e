#pragma once
// Which packet it is: a number that a packet gets when somebody captures, and keeps on its way through switch and gateway, whatever becomes of
// its bytes. Copies of it (flooded, cut into segments or fragments) have the same one. What the gateway makes itself is a new packet.
//
// A packet has room for 32 bits (Packet::mark), of which 0 is none; the numbers have 64. The rest of a number follows from the last one that was
// given, as long as no packet waits while four thousand million others come.

#include <cstdint>

#include "net/packet.h"

namespace hairpin::runtime {

class PacketNumbers {
public:
    explicit PacketNumbers(std::uint64_t last = 0) : last_(last) {}

    // The packet's number; gives it one where it has none.
    std::uint64_t number(Packet& packet) {
        if (packet.mark == 0) packet.mark = static_cast<std::uint32_t>(fresh());
        return of(packet.mark);
    }
    std::uint64_t of(std::uint32_t mark) const { return last_ - (static_cast<std::uint32_t>(last_) - mark); }
    std::uint64_t fresh() {
        ++last_;
        if (static_cast<std::uint32_t>(last_) == 0) ++last_;
        return last_;
    }

private:
    std::uint64_t last_;
};

}  // namespace hairpin::runtime
