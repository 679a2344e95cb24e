// What strangers say to application layer gateways: lines of FTP, whole conversations cut into segments anyhow, requests of TFTP, messages of
// SIP and session descriptions. What is read lies within what was said, a stream that was changed stays one stream, and a message that was
// translated is one, and is what it was when it is translated back.
//
//   a conversation   records of: side and how │ length │ text

#include <string>

#include "gateway/alg/ftp_dialog.h"
#include "gateway/alg/sdp.h"
#include "gateway/alg/sip_message.h"
#include "gateway/alg/sip_names.h"
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

// Ends as the seeds call them, and others in between that no message names.
constexpr SipEnd kPhone{{192, 168, 255, 2}, L4Port{5070}}, kPhoneOutside{{203, 0, 113, 80}, L4Port{51812}};
constexpr SipEnd kServer{{198, 51, 100, 10}, L4Port{5060}}, kServerOutside{{203, 0, 113, 81}, L4Port{5060}};

void read_message(std::string_view text) {
    const auto message = read_sip(text);
    holds(!message || begins_sip(text) != SipStart::none, "a message does not begin as one");
    if (!message) return;
    holds(message->body_at + message->body_length <= text.size(), "a body goes beyond its message");
    bool names_outside = false;
    for (const SipAddress& said : message->addresses) {
        holds(said.at + said.length <= text.size() && said.port_end <= text.size(), "an address goes beyond its message");
        holds(said.length == 0 || Ipv4Address::parse(text.substr(said.at, said.length)) == said.address,
              "an address is another one");
        names_outside = names_outside || said.address == kPhoneOutside.address || said.address == kServer.address;
    }
    const std::string there = edited(text, sip_edits(message->addresses, {{{kPhone, kPhoneOutside}, {kServerOutside, kServer}}}));
    const auto again = read_sip(there);
    holds(again.has_value() && again->addresses.size() == message->addresses.size(), "a translated message is none");
    if (names_outside) return;
    const std::string back = edited(there, sip_edits(again->addresses, {{{kServer, kServerOutside}, {kPhoneOutside, kPhone}}}));
    holds(back == text, "a message comes back changed");
}

void read_description(std::string_view text) {
    const auto sdp = read_sdp(text);
    if (!sdp) return;
    for (const SdpMedia& media : sdp->media)
        holds(media.port_at + media.port_length <= media.end && media.end <= text.size(), "a port goes beyond its stream");
    const std::vector<SdpPorts> told(sdp->media.size(), SdpPorts{L4Port{50000}, L4Port{50007}});
    const auto again = read_sdp(edited(text, sdp_edits(*sdp, kPhone.address, kPhoneOutside.address, told, 0)));
    holds(again.has_value() && again->media.size() == sdp->media.size(), "a changed description is none");
    for (const SdpMedia& media : again->media) {
        holds(media.port == L4Port{50000}, "a port is not the one that is told");
        holds(media.rtcp_port() == L4Port{50007}, "the port of RTCP is not the one that is told");
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
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    gateway::read_message(text);
    gateway::read_description(text);
    return 0;
}
