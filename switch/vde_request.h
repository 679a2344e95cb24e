#pragma once
// What a VDE plug says first at the control socket of a switch (VDE's protocol, version 3), in the byte order of the machine:
//
//   0xfeedface │ version 3 │ type, port │ the plug's own datagram socket │ a description, to the end
//        4           4           4              sockaddr_un, 110               0 to 128 bytes
//
// It is answered with a sockaddr_un, the switch's datagram socket for this plug. Frames then go between the two, one a datagram, for as
// long as the control connection lives.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace hairpin::l2 {

struct VdeRequest {
    static constexpr std::size_t kFixedSize = 122;
    static constexpr std::size_t kLongest = kFixedSize + 128;

    std::string socket;       // an absolute path
    std::string description;  // as the plug calls itself; printable

    // Nothing where it is none: too short, of another protocol or version, or with a socket that has no path.
    static std::optional<VdeRequest> read(std::span<const std::byte> bytes);
};

}  // namespace hairpin::l2
