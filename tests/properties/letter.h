#pragma once
// A datagram on its way: as its sender wrote it, and what must come of it.

#include <string_view>

#include "switch/virtio_header.h"
#include "tests/properties/conversation.h"

namespace hairpin::testing {

enum class Fate : std::uint8_t {
    arrives,      // whole, with the addresses and ports that it must have
    may_arrive,   // if it does, then so
    dies,         // nothing comes of it
    is_reported,  // it dies, and the gateway tells its sender, once
    is_answered,  // by the gateway itself: a ping
};

struct Letter {
    std::string_view what;  // it is, for whoever reads of a failure
    Fate fate = Fate::arrives;
    std::uint32_t number = 0;  // in its payload
    std::size_t station = 0;   // that sends it
    Side from = Side::near;
    int conversation = -1;  // which; none
    plain::Bytes l3;
    l2::VirtioHeader header = {};
    plain::Words words = {};  // that it is made of, where it is whole and sane
    std::size_t payload = 0;
    bool is_error = false;     // an ICMP error about what `from` has got
    plain::Ends about = {};    // then whose: as the sender of the packet that it quotes had written it
    std::uint64_t to_mac = 0;  // other than the gateway's
    std::size_t cut_off = 0;   // so many bytes are missing at the end of the frame
};

}  // namespace hairpin::testing
