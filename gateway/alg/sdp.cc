#include "gateway/alg/sdp.h"

#include <algorithm>
#include <array>
#include <string>

#include "gateway/alg/letters.h"
#include "gateway/alg/port_text.h"
#include "net/result.h"

namespace hairpin::gateway {

namespace {

// A line's words, which one space divides.
struct SdpWord {
    std::string_view text;
    std::size_t at = 0;
};
class SdpWords {
public:
    SdpWords(std::string_view line, std::size_t at) : line_(line), at_(at) {}
    SdpWord next() {
        const auto space = line_.find(' ');
        const SdpWord word{line_.substr(0, space), at_};
        const std::size_t taken = space == std::string_view::npos ? line_.size() : space + 1;
        line_.remove_prefix(taken);
        at_ += taken;
        return word;
    }

private:
    std::string_view line_;
    std::size_t at_;
};

// "IN IP4 192.168.255.2"; of c= a TTL may follow, of multicast.
std::optional<SdpAddress> read_sdp_address(SdpWords& words) {
    const SdpWord net = words.next(), family = words.next(), address = words.next();
    if (net.text != "IN" || family.text != "IP4") return std::nullopt;
    const auto read = Ipv4Address::parse(address.text);
    if (!read) return std::nullopt;
    return SdpAddress{*read, address.at, address.text.size()};
}

struct SdpProtocol {
    std::string_view name;
    SdpMedia::Carries carries;
};
constexpr auto kSdpProtocols = std::to_array<SdpProtocol>({
    {"RTP/", SdpMedia::Carries::rtp},          // RFC 3551, 3711, 4585, 5124
    {"UDP/TLS/RTP/", SdpMedia::Carries::rtp},  // RFC 5764
    {"UDP", SdpMedia::Carries::datagrams},     // RFC 4566 §8.2.2, RFC 8841
    {"udptl", SdpMedia::Carries::datagrams},   // T.38
});

class SdpReading {
public:
    explicit SdpReading(std::string_view text) : text_(text) {}

    std::optional<Sdp> read() {
        constexpr std::string_view kSdpVersion = "v=0";
        if (!text_.starts_with(kSdpVersion)) return std::nullopt;
        sdp_.line_end = text_.substr(kSdpVersion.size()).starts_with('\n') ? "\n" : "\r\n";
        std::size_t count = 0;
        for (std::size_t at = 0; at < text_.size();) {
            const auto newline = text_.find('\n', at);
            sdp_.last_line_ends = newline != std::string_view::npos;
            const std::size_t next = sdp_.last_line_ends ? newline + 1 : text_.size();
            std::string_view line = text_.substr(at, (sdp_.last_line_ends ? newline : next) - at);
            if (sdp_.last_line_ends && line.ends_with('\r')) line.remove_suffix(1);
            if (line.find_first_of(std::string_view{"\r\0", 2}) != std::string_view::npos) return std::nullopt;
            if (++count > Sdp::kMostLines || line.size() < 2 || line[1] != '=' || !read_line(line, at)) return std::nullopt;
            at = next;
            if (!sdp_.media.empty()) sdp_.media.back().end = at;
        }
        return sdp_;
    }

private:
    bool read_line(std::string_view line, std::size_t at) {
        constexpr std::size_t kBehindType = 2;
        SdpWords words{line.substr(kBehindType), at + kBehindType};
        switch (line.front()) {
            case 'o': return read_origin(words);
            case 'c': return read_connection(words);
            case 'm': return read_media(words);
            case 'a': return read_attribute(line, at);
            default: return true;
        }
    }
    // o=<username> <sess-id> <sess-version> IN IP4 <address>
    bool read_origin(SdpWords& words) {
        for (int word = 0; word < 3; ++word) words.next();
        if (const auto address = read_sdp_address(words)) sdp_.addresses.push_back(*address);
        return true;
    }
    bool read_connection(SdpWords& words) {
        const auto address = read_sdp_address(words);
        if (address) sdp_.addresses.push_back(*address);
        const auto value = address ? std::optional{address->address} : std::nullopt;
        if (!sdp_.media.empty())
            sdp_.media.back().address = value;
        else
            for_session_ = value;
        return true;
    }
    // m=<media> <port>[/<number of ports>] <proto> <fmt> …
    bool read_media(SdpWords& words) {
        if (sdp_.media.size() == Sdp::kMostMedia) return false;
        words.next();
        const SdpWord port = words.next(), protocol = words.next();
        const auto slash = port.text.find('/');
        const auto number = read_port(port.text.substr(0, slash));
        if (!number) return false;
        SdpMedia media;
        media.port = *number;
        media.port_at = port.at;
        media.port_length = std::min(slash, port.text.size());
        media.several_ports = slash != std::string_view::npos;
        media.address = for_session_;
        const auto known = std::find_if(kSdpProtocols.begin(), kSdpProtocols.end(), [&](const SdpProtocol& candidate) {
            return candidate.name.ends_with('/') ? begins_ignoring_case(protocol.text, candidate.name)
                                                 : same_ignoring_case(protocol.text, candidate.name);
        });
        if (known != kSdpProtocols.end()) media.carries = known->carries;
        sdp_.media.push_back(media);
        return true;
    }
    bool read_attribute(std::string_view line, std::size_t at) {
        constexpr std::string_view kCandidate = "a=candidate:", kRtcp = "a=rtcp:";
        if (line.starts_with(kCandidate)) sdp_.has_candidates = true;
        if (!line.starts_with(kRtcp) || sdp_.media.empty()) return true;
        SdpMedia& media = sdp_.media.back();
        SdpWords words{line.substr(kRtcp.size()), at + kRtcp.size()};
        const SdpWord port = words.next();
        const auto number = read_port(port.text);
        if (!number || media.rtcp) return false;
        media.rtcp = number;
        media.rtcp_at = port.at;
        media.rtcp_length = port.text.size();
        if (port.text.size() + kRtcp.size() == line.size()) return true;
        const auto address = read_sdp_address(words);
        if (!address) return false;
        media.rtcp_address = address->address;
        sdp_.addresses.push_back(*address);
        return true;
    }

    std::string_view text_;
    Sdp sdp_;
    std::optional<Ipv4Address> for_session_;
};

}  // namespace

std::optional<Sdp> read_sdp(std::string_view text) { return SdpReading{text}.read(); }

std::vector<TextEdit> sdp_edits(const Sdp& sdp, Ipv4Address own, Ipv4Address seen, std::span<const SdpPorts> told,
                                std::size_t at) {
    ensure(told.size() == sdp.media.size());
    std::vector<TextEdit> edits;
    for (const SdpAddress& address : sdp.addresses)
        if (address.address == own && own != seen) edits.push_back({at + address.at, address.length, seen.to_string()});
    for (std::size_t i = 0; i < told.size(); ++i) {
        const SdpMedia& media = sdp.media[i];
        const SdpPorts& ports = told[i];
        if (!ports.rtp) continue;
        if (*ports.rtp != media.port)
            edits.push_back({at + media.port_at, media.port_length, std::to_string(ports.rtp->number())});
        if (!ports.rtcp) continue;
        const std::string number = std::to_string(ports.rtcp->number());
        if (media.rtcp) {
            if (*ports.rtcp != *media.rtcp) edits.push_back({at + media.rtcp_at, media.rtcp_length, number});
        } else if (ports.rtcp->number() != ports.rtp->number() + 1) {
            const bool ends = i + 1 < told.size() || sdp.last_line_ends;
            const std::string line_end{sdp.line_end};
            edits.push_back({at + media.end, 0, (ends ? "a=rtcp:" + number + line_end : line_end + "a=rtcp:" + number)});
        }
    }
    return edits;
}

}  // namespace hairpin::gateway
