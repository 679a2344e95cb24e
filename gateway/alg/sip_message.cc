#include "gateway/alg/sip_message.h"

#include <algorithm>
#include <array>

#include "gateway/alg/letters.h"

namespace hairpin::gateway {

namespace {

constexpr std::string_view kSipVersion = "SIP/2.0", kSipLineEnd = "\r\n";
constexpr std::size_t kLongestMethod = 32;

enum class SipField : std::uint8_t {
    via,
    from,
    to,
    contact,
    route,
    record_route,
    call_id,
    sequence,
    content_length,
    content_type,
    content_encoding,
    other,
};
constexpr std::size_t kSipFields = static_cast<std::size_t>(SipField::other);

struct SipFieldRow {
    SipField field;
    std::string_view name;
    char compact;  // RFC 3261 §7.3.3; a zero: there is none
    bool once, required;
};
constexpr auto kSipFieldRows = std::to_array<SipFieldRow>({
    {SipField::via, "Via", 'v', false, true},
    {SipField::from, "From", 'f', true, true},
    {SipField::to, "To", 't', true, true},
    {SipField::contact, "Contact", 'm', false, false},
    {SipField::route, "Route", '\0', false, false},
    {SipField::record_route, "Record-Route", '\0', false, false},
    {SipField::call_id, "Call-ID", 'i', true, true},
    {SipField::sequence, "CSeq", '\0', true, true},
    {SipField::content_length, "Content-Length", 'l', true, false},
    {SipField::content_type, "Content-Type", 'c', true, false},
    {SipField::content_encoding, "Content-Encoding", 'e', false, false},
});
static_assert(kSipFieldRows.size() == kSipFields);

SipField field_named(std::string_view name) {
    const auto row = std::find_if(kSipFieldRows.begin(), kSipFieldRows.end(), [&](const SipFieldRow& candidate) {
        if (name.size() == 1) return candidate.compact != '\0' && small_letter(name.front()) == candidate.compact;
        return same_ignoring_case(name, candidate.name);
    });
    return row == kSipFieldRows.end() ? SipField::other : row->field;
}

// RFC 3261 §25.1.
bool is_sip_token_letter(char letter) {
    const char small = small_letter(letter);
    return (small >= 'a' && small <= 'z') || is_digit(letter) ||
           std::string_view{"-.!%*_+`'~"}.find(letter) != std::string_view::npos;
}
bool is_sip_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_sip_token_letter); }

// METHOD SP URI SP SIP/2.0
struct SipRequestLine {
    std::string_view method, uri;
};
std::optional<SipRequestLine> read_request_line(std::string_view line) {
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.substr(last + 1) != kSipVersion) return std::nullopt;
    const SipRequestLine read{line.substr(0, first), line.substr(first + 1, last - first - 1)};
    const bool uri = read.uri.find(':') != std::string_view::npos &&
                     std::all_of(read.uri.begin(), read.uri.end(), [](char letter) { return letter > ' ' && letter < '\x7f'; });
    if (!uri || read.method.size() > kLongestMethod || !is_sip_token(read.method)) return std::nullopt;
    return read;
}

// SIP/2.0 SP 100-699 SP reason
bool is_status_line(std::string_view line) {
    constexpr std::size_t kCode = kSipVersion.size() + 1, kReason = kCode + 4;
    return line.size() >= kReason && line.starts_with(kSipVersion) && line[kSipVersion.size()] == ' ' && line[kCode] >= '1' &&
           line[kCode] <= '6' && is_digit(line[kCode + 1]) && is_digit(line[kCode + 2]) && line[kReason - 1] == ' ';
}

std::optional<std::string_view> first_sip_line(std::string_view datagram) {
    const auto end = datagram.find(kSipLineEnd);
    return end == std::string_view::npos ? std::nullopt : std::optional{datagram.substr(0, end)};
}

// Every CR is followed by an LF, and every LF follows one: what a stricter and a laxer reader see is the same.
bool has_whole_lines(std::string_view head) {
    for (std::size_t at = 0; at < head.size(); ++at) {
        if (head[at] == '\0') return false;
        const bool ends = head[at] == '\r' && at + 1 < head.size() && head[at + 1] == '\n';
        if (ends)
            ++at;
        else if (head[at] == '\r' || head[at] == '\n')
            return false;
    }
    return true;
}

class SipReading {
public:
    explicit SipReading(std::string_view datagram) : datagram_(datagram) {}

    std::optional<SipMessage> read() {
        const auto line = first_sip_line(datagram_);
        message_.start = begins_sip(datagram_);
        const auto end = datagram_.find("\r\n\r\n");
        if (!line || message_.start == SipStart::none || end == std::string_view::npos) return std::nullopt;
        const std::size_t fields = line->size() + kSipLineEnd.size(), fields_end = end + kSipLineEnd.size();
        if (fields > fields_end || !has_whole_lines(datagram_.substr(0, fields_end))) return std::nullopt;
        message_.body_at = fields_end + kSipLineEnd.size();
        if (message_.start == SipStart::request) {
            const SipRequestLine request = *read_request_line(*line);
            message_.method = request.method;
            find_in_uri(request.uri, request.method.size() + 1, SipAddress::Kind::place, message_.addresses);
        }
        if (!read_fields(fields, fields_end) || !has_what_is_required() || !bound_body()) return std::nullopt;
        if (message_.addresses.size() > SipMessage::kMostAddresses) return std::nullopt;
        message_.has_sdp = sdp_ && message_.body_length > 0 && seen_[static_cast<std::size_t>(SipField::content_encoding)] == 0;
        return message_;
    }

private:
    // Line by line, those that go on taken together; `end` is behind the last one's CR LF.
    bool read_fields(std::size_t at, std::size_t end) {
        std::size_t count = 0;
        while (at < end) {
            if (++count > SipMessage::kMostFields || is_sip_blank(datagram_[at])) return false;
            std::size_t next = datagram_.find(kSipLineEnd, at) + kSipLineEnd.size();
            while (next < end && (datagram_[next] == ' ' || datagram_[next] == '\t'))
                next = datagram_.find(kSipLineEnd, next) + kSipLineEnd.size();
            if (!read_field(datagram_.substr(at, next - kSipLineEnd.size() - at), at)) return false;
            at = next;
        }
        return true;
    }

    bool read_field(std::string_view field, std::size_t at) {
        const auto colon = field.find(':');
        if (colon == std::string_view::npos) return false;
        std::string_view name = field.substr(0, colon);
        while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
        if (!is_sip_token(name)) return false;
        const SipField which = field_named(name);
        if (which == SipField::other) return true;
        const std::string_view value = field.substr(colon + 1);
        const std::size_t value_at = at + colon + 1;
        ++seen_[static_cast<std::size_t>(which)];
        switch (which) {
            case SipField::via: find_in_via(value, value_at, message_.addresses); return true;
            case SipField::from:
            case SipField::to: find_in_uri_list(value, value_at, SipAddress::Kind::name, message_.addresses); return true;
            case SipField::contact:
            case SipField::route:
            case SipField::record_route:
                find_in_uri_list(value, value_at, SipAddress::Kind::place, message_.addresses);
                return true;
            case SipField::call_id: message_.call_id = without_sip_blanks(value); return !message_.call_id.empty();
            case SipField::sequence: return read_sequence(without_sip_blanks(value));
            case SipField::content_length: return read_length(value, value_at);
            case SipField::content_type: read_type(value); return true;
            default: return true;
        }
    }

    // 1 INVITE
    bool read_sequence(std::string_view value) {
        const auto method = std::find_if_not(value.begin(), value.end(), is_digit);
        const std::string_view rest = value.substr(static_cast<std::size_t>(method - value.begin()));
        if (method == value.begin() || rest.empty() || !is_sip_blank(rest.front())) return false;
        sequence_method_ = without_sip_blanks(rest);
        return is_sip_token(sequence_method_);
    }

    bool read_length(std::string_view value, std::size_t at) {
        constexpr std::size_t kMostDigits = 9;
        const std::string_view digits = without_sip_blanks(value);
        if (digits.empty() || digits.size() > kMostDigits || !std::all_of(digits.begin(), digits.end(), is_digit)) return false;
        message_.length_at = at + static_cast<std::size_t>(digits.data() - value.data());
        message_.length_digits = digits.size();
        for (const char digit : digits) said_length_ = 10 * said_length_ + static_cast<std::size_t>(digit - '0');
        return true;
    }

    void read_type(std::string_view value) {
        value = without_sip_blanks(value.substr(0, value.find(';')));
        const auto slash = value.find('/');
        sdp_ = slash != std::string_view::npos && same_ignoring_case(without_sip_blanks(value.substr(0, slash)), "application") &&
               same_ignoring_case(without_sip_blanks(value.substr(slash + 1)), "sdp");
    }

    bool has_what_is_required() {
        for (const SipFieldRow& row : kSipFieldRows) {
            const unsigned count = seen_[static_cast<std::size_t>(row.field)];
            if ((row.required && count == 0) || (row.once && count > 1)) return false;
        }
        if (message_.start == SipStart::request) return message_.method == sequence_method_;
        message_.method = sequence_method_;
        return true;
    }

    // §18.3: what is behind the body is nobody's; a body of which a part is missing is none.
    bool bound_body() {
        const std::size_t rest = datagram_.size() - message_.body_at;
        message_.body_length = message_.length_at ? said_length_ : rest;
        return message_.body_length <= rest;
    }

    std::string_view datagram_, sequence_method_;
    SipMessage message_;
    std::array<unsigned, kSipFields> seen_{};
    std::size_t said_length_ = 0;
    bool sdp_ = false;
};

}  // namespace

SipStart begins_sip(std::string_view datagram) {
    const auto line = first_sip_line(datagram);
    if (!line) return SipStart::none;
    if (is_status_line(*line)) return SipStart::response;
    return read_request_line(*line) ? SipStart::request : SipStart::none;
}

std::optional<SipMessage> read_sip(std::string_view datagram) { return SipReading{datagram}.read(); }

}  // namespace hairpin::gateway
