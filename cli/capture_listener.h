#pragma once
// pcap-over-IP: whoever connects to a TCP port gets a capture, from its header on, for as long as it stays connected.
//
//   hairpin capture lan --listen 127.0.0.1:57012            wireshark -k -i TCP@127.0.0.1:57012
//
// The program listens, and not the daemon, because it is where the user is: a lab's daemon lives in a namespace of its own, and opens nothing to
// a network. Each reader has a capture and a process of its own, so none waits for another; the daemon bounds how many there can be.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/failure.h"

namespace hairpin::cli {

struct ListenAddress {
    std::string address;  // "127.0.0.1", "::1"
    std::uint16_t port = 0;
};
// "127.0.0.1:57012", "[::1]:57012", or a port alone, which is 127.0.0.1's.
Outcome<ListenAddress> read_listen_address(const std::string& text);

// Listens until SIGINT or SIGTERM, or until the wish's duration is over; says on standard error where, also which port it is when 0 was asked for.
enum class Remarks { told, kept_quiet };
Outcome<void> serve_captures(const std::string& socket, const nlohmann::json& wish, const ListenAddress& at, Remarks remarks);

}  // namespace hairpin::cli
