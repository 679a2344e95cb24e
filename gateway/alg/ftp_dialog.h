#pragma once
// An FTP control connection as the gateway hears it: from its first byte on, each byte directly behind the last, or not at all.
//
//   SYN, SYN-ACK                  each side's first number is known
//   server  220 …                 the greeting, before the client has said anything
//   client  USER …  PORT …        whole lines, every one a command of FTP
//   server  227 …                 only where the client has just said PASV
//
// That is what keeps a web page from speaking FTP for its reader (slipstreaming): a browser speaks first, its first line is no command of
// FTP, and what it is made to say in the middle of a stream stands behind bytes that were not. Who does otherwise is not listened to any
// more; the connection goes on. The same where bytes are missing. Of a line that is cut in two by segments nothing is taken.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "gateway/alg/ftp_lines.h"
#include "gateway/alg/stream_edits.h"
#include "gateway/sessions/direction.h"

namespace hairpin::gateway {

class FtpDialog {
public:
    // A side's SYN: what it says begins with this number.
    void begin(Direction side, std::uint32_t first);

    enum class Heard : std::uint8_t {
        nothing,       // that announces a data connection
        announcement,  // `announcement`, whose place is counted from the segment's first byte
        split,         // an announcement that does not stand in one segment, or not alone
        stopped,       // from now on nobody is listened to
    };
    struct Hearing {
        Heard heard = Heard::nothing;
        FtpAnnouncement announcement;
    };
    // A valid segment with something in it, in its sender's own numbers.
    Hearing hear(Direction side, std::uint32_t sequence, std::span<const std::byte> payload);

    bool listens() const { return !deaf_; }
    StreamEdits& edits(Direction side) { return edits_[index_of(side)]; }
    const StreamEdits& edits(Direction side) const { return edits_[index_of(side)]; }

private:
    struct Side {
        std::uint32_t next = 0;
        bool begun = false, at_line_start = true;
    };
    Hearing stop() { return deaf_ = true, Hearing{Heard::stopped, {}}; }
    bool hear_client(std::string_view line);
    bool hear_server(std::string_view line);

    std::array<Side, 2> sides_;
    std::array<StreamEdits, 2> edits_;
    bool greeted_ = false, deaf_ = false;
    std::optional<FtpForm> awaited_;  // the reply that the client has asked for
};

}  // namespace hairpin::gateway
