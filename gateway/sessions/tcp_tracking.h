#pragma once
// How strictly the windows of TCP are taken (gateway/sessions/tcp_window.h): the gateway's way, and that of a firewall rule which has its own.

#include <cstdint>

namespace hairpin::gateway {

enum class TcpTracking : std::uint8_t {
    strict,   // what is outside is dropped
    liberal,  // what is outside is forwarded, and changes nothing
    loose,    // as liberal; and a connection may be taken up in its middle
};

}  // namespace hairpin::gateway
