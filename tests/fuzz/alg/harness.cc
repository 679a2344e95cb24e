// What strangers say to application layer gateways: lines of FTP, whole conversations cut into segments anyhow, requests of TFTP. What is
// read lies within what was said, and a stream that was changed stays one stream.
//
//   a conversation   records of: side and how │ length │ text

#include <string>

#include "gateway/alg/ftp_dialog.h"
#include "gateway/alg/tftp_request.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"

namespace hairpin::gateway {
namespace {

using fuzz::holds;
using fuzz::Input;

constexpr std::size_t kMostSegments = 64;

void read_line(std::string_view line) {
    for (const auto& found : {read_ftp_command(line), read_ftp_reply(line)}) {
        if (!found) continue;
        holds(found->at + found->length <= line.size(), "an announcement goes beyond its line");
        const std::string own = found->with(found->address.value_or(Ipv4Address{}), found->port);
        holds(own == line.substr(found->at, found->length), "what is read is not what is written");
    }
}

// A side's stream as its receiver has put it together, without what was changed, must be what was sent.
struct Receiver {
    std::string text;
    std::uint32_t first = 0;
    void take(std::uint32_t sequence, const std::vector<std::byte>& payload) {
        const std::size_t at = sequence - first;
        holds(at <= text.size(), "a gap in what is received");
        for (std::size_t i = 0; i < payload.size(); ++i) {
            const char byte = static_cast<char>(payload[i]);
            if (at + i == text.size())
                text += byte;
            else
                holds(text[at + i] == byte, "the same number with another byte");
        }
    }
};

void converse(Input input) {
    FtpDialog dialog;
    const auto first = static_cast<std::uint32_t>(input.word() << 16 | input.word());
    std::string sent[2];
    Receiver received[2];
    for (const Direction side : {Direction::original, Direction::reply}) {
        dialog.begin(side, first);
        received[index_of(side)].first = first;
    }
    for (std::size_t i = 0; i < kMostSegments && !input.empty(); ++i) {
        const unsigned how = input.byte();
        const auto side = static_cast<Direction>(how & 1);
        std::string& all = sent[index_of(side)];
        std::size_t begin = all.size();
        const bool again = (how & 2) != 0 && !all.empty();
        if (again) {
            begin = input.word() % all.size();
        } else {
            const auto bytes = input.take(input.byte());
            all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        }
        const std::string_view text = std::string_view{all}.substr(begin);
        const auto payload = std::as_bytes(std::span{text});
        const std::uint32_t sequence = first + static_cast<std::uint32_t>(begin);
        const auto hearing = dialog.hear(side, sequence, payload);
        StreamEdits& edits = dialog.edits(side);
        const std::uint32_t acknowledged = first + static_cast<std::uint32_t>(begin);
        if (hearing.heard == FtpDialog::Heard::announcement && edits.has_room(acknowledged)) {
            const FtpAnnouncement& said = hearing.announcement;
            holds(said.at + said.length <= text.size(), "an announcement goes beyond its segment");
            edits.add(sequence + static_cast<std::uint32_t>(said.at), said.length,
                      said.with(Ipv4Address{how * 0x0101'0101U}, L4Port{static_cast<std::uint16_t>(how * 257)}), acknowledged);
        }
        // What lies before a change that is forgotten is acknowledged, and no receiver looks at it; who sends again sends all since.
        if (!again || edits.has_room(first))
            received[index_of(side)].take(edits.as_received(sequence), edits.applied_to(sequence, payload));
    }
}

}  // namespace
}  // namespace hairpin::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin;
    const std::span<const std::uint8_t> bytes{data, size};
    gateway::is_tftp_request(std::as_bytes(bytes));
    gateway::read_line({reinterpret_cast<const char*>(data), size});
    gateway::converse(fuzz::Input{bytes});
    return 0;
}
