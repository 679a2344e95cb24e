#pragma once
// The lines of an FTP control connection in which a side says where it awaits a data connection.
//
//   PORT 192,168,255,2,195,90                              RFC 959 §4.1.2, from the client
//   EPRT |1|192.168.255.2|50010|                           RFC 2428 §2, from the client
//   227 Entering Passive Mode (192,168,255,10,195,90)      RFC 959 §4.2, from the server, answers PASV
//   229 Entering Extended Passive Mode (|||50010|)         RFC 2428 §3, from the server, answers EPSV
//
// Only what is exactly so is read: a server that is less strict finds nothing translated.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/ipv4_address.h"
#include "net/numbers.h"

namespace hairpin::gateway {

enum class FtpForm : std::uint8_t { port, eprt, passive, extended_passive };

struct FtpAnnouncement {
    FtpForm form{};
    std::optional<Ipv4Address> address;  // EPSV names none: the server's
    L4Port port;
    std::size_t at = 0, length = 0;  // where in the line it says so
    char delimiter = '|';            // of EPRT and EPSV

    // What stands in its place when it is this address and port.
    std::string with(Ipv4Address other, L4Port other_port) const;
};

// A line without its CR LF. Nothing where it announces nothing.
std::optional<FtpAnnouncement> read_ftp_command(std::string_view line);
std::optional<FtpAnnouncement> read_ftp_reply(std::string_view line);

// Whether a client of FTP says such a thing at all: a verb of RFC 959, 2228, 2389, 2428, 2640 or 3659, then a space or nothing.
bool is_ftp_command(std::string_view line);
// The same verb, in capitals or not.
bool has_verb(std::string_view line, std::string_view verb);

}  // namespace hairpin::gateway
