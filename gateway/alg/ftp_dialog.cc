#include "gateway/alg/ftp_dialog.h"

namespace hairpin::gateway {

namespace {

constexpr Direction kClient = Direction::original;
constexpr std::size_t kLongestSegment = 4096;  // no dialog says more at once, and what is read is bounded

bool seems_to_announce(std::string_view text, Direction side) {
    if (side == kClient) return has_verb(text, "PORT") || has_verb(text, "EPRT");
    return text.starts_with("227") || text.starts_with("229");
}

}  // namespace

void FtpDialog::begin(Direction side, std::uint32_t first) {
    Side& me = sides_[index_of(side)];
    if (me.begun && me.next != first) {
        deaf_ = true;  // another connection, or somebody who would like to be
        return;
    }
    me.begun = true;
    me.next = first;
}

// False: this is no client of FTP.
bool FtpDialog::hear_client(std::string_view line) {
    constexpr char kInterpretAsCommand = '\xff';  // of Telnet: what an ABOR begins with
    if (!line.empty() && line.front() == kInterpretAsCommand) return true;
    if (!greeted_ || !is_ftp_command(line) || has_verb(line, "AUTH")) return false;  // behind AUTH it is encrypted
    awaited_.reset();
    if (has_verb(line, "PASV")) awaited_ = FtpForm::passive;
    if (has_verb(line, "EPSV")) awaited_ = FtpForm::extended_passive;
    return true;
}

bool FtpDialog::hear_server(std::string_view line) {
    if (!greeted_) greeted_ = line.starts_with("220 ") || line.starts_with("220-");
    return greeted_;
}

FtpDialog::Hearing FtpDialog::hear(Direction side, std::uint32_t sequence, std::span<const std::byte> payload) {
    if (deaf_) return {};
    Side& me = sides_[index_of(side)];
    if (!me.begun || payload.size() > kLongestSegment) return stop();
    const std::uint32_t end = sequence + static_cast<std::uint32_t>(payload.size());
    if (static_cast<std::int32_t>(end - me.next) <= 0) return {};  // all of it again
    if (sequence != me.next) return stop();
    me.next = end;

    const std::string_view text{reinterpret_cast<const char*>(payload.data()), payload.size()};
    Hearing hearing;
    for (std::size_t at = 0; at < text.size();) {
        const auto newline = text.find('\n', at);
        const bool whole = me.at_line_start && newline != std::string_view::npos;
        const std::size_t next = newline == std::string_view::npos ? text.size() : newline + 1;
        std::string_view line = text.substr(at, next - at);
        if (!whole) {
            // Of a client's line the beginning shows the verb, or it is not one of FTP.
            if (side == kClient && me.at_line_start && !hear_client(line)) return stop();
            if (me.at_line_start && seems_to_announce(line, side) && hearing.heard == Heard::nothing)
                hearing.heard = Heard::split;
        } else {
            line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
            const std::optional<FtpForm> asked = awaited_;
            if (!(side == kClient ? hear_client(line) : hear_server(line))) return stop();
            auto found = side == kClient ? read_ftp_command(line) : read_ftp_reply(line);
            const bool wanted = found && (side == kClient || found->form == asked);
            if (wanted && hearing.heard == Heard::nothing) {
                found->at += at;
                hearing = {Heard::announcement, *found};
                if (side != kClient) awaited_.reset();
            } else if (wanted) {
                hearing.heard = Heard::split;  // two at once: nobody does that
            }
        }
        me.at_line_start = newline != std::string_view::npos;
        at = next;
    }
    return hearing;
}

}  // namespace hairpin::gateway
