#include "gateway/alg/ftp_lines.h"

#include <algorithm>
#include <array>

#include "gateway/alg/letters.h"

namespace hairpin::gateway {

namespace {

constexpr auto kVerbs = std::to_array<std::string_view>({
    "ABOR", "ACCT", "ADAT", "ALLO", "APPE", "AUTH", "CCC",  "CDUP", "CLNT", "CONF", "CWD",  "DELE", "ENC",  "EPRT", "EPSV",
    "FEAT", "HELP", "HOST", "LANG", "LIST", "MDTM", "MFMT", "MIC",  "MKD",  "MLSD", "MLST", "MODE", "NLST", "NOOP", "OPTS",
    "PASS", "PASV", "PBSZ", "PORT", "PROT", "PWD",  "QUIT", "REIN", "REST", "RETR", "RMD",  "RNFR", "RNTO", "SITE", "SIZE",
    "SMNT", "STAT", "STOR", "STOU", "STRU", "SYST", "TYPE", "USER", "XCUP", "XCWD", "XMKD", "XPWD", "XRMD",
});

// Reads a line from its front on; once something is not as it must be, nothing more is.
class Reader {
public:
    explicit Reader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}
    std::size_t at() const { return at_; }
    bool good() const { return good_; }
    bool ended() const { return at_ == text_.size(); }
    char peek() const { return ended() ? '\0' : text_[at_]; }

    // Without needless zeros in front.
    unsigned number(unsigned most) {
        const std::size_t first = at_;
        unsigned value = 0;
        while (is_digit(peek()) && value <= most) value = 10 * value + static_cast<unsigned>(text_[at_++] - '0');
        if (at_ == first || value > most || is_digit(peek()) || (text_[first] == '0' && at_ - first > 1)) good_ = false;
        return value;
    }
    void skip(char character) {
        if (peek() != character || ended())
            good_ = false;
        else
            ++at_;
    }

private:
    std::string_view text_;
    std::size_t at_;
    bool good_ = true;
};

// h1,h2,h3,h4,p1,p2 from here on.
std::optional<FtpAnnouncement> read_six_numbers(std::string_view line, std::size_t at, FtpForm form, Reader& reader) {
    reader = Reader{line, at};
    std::array<unsigned, 6> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0) reader.skip(',');
        numbers[i] = reader.number(255);
    }
    if (!reader.good()) return std::nullopt;
    FtpAnnouncement found;
    found.form = form;
    found.address = Ipv4Address{numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3]};
    found.port = L4Port{static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5])};
    found.at = at;
    found.length = reader.at() - at;
    return found;
}

bool may_delimit(char character) { return character >= 33 && character <= 126 && !is_digit(character) && character != '.'; }

std::optional<FtpAnnouncement> read_eprt(std::string_view line) {
    constexpr std::size_t kBehindVerb = 5;
    Reader reader{line, kBehindVerb};
    FtpAnnouncement found;
    found.form = FtpForm::eprt;
    found.at = kBehindVerb;
    found.delimiter = reader.peek();
    if (!may_delimit(found.delimiter)) return std::nullopt;
    reader.skip(found.delimiter);
    reader.skip('1');
    reader.skip(found.delimiter);
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0) reader.skip('.');
        address = address << 8 | reader.number(255);
    }
    reader.skip(found.delimiter);
    found.address = Ipv4Address{address};
    found.port = L4Port{static_cast<std::uint16_t>(reader.number(65535))};
    reader.skip(found.delimiter);
    if (!reader.good() || !reader.ended()) return std::nullopt;
    found.length = reader.at() - found.at;
    return found;
}

std::optional<FtpAnnouncement> read_extended_passive(std::string_view line) {
    const auto open = line.find('(');
    if (open == std::string_view::npos) return std::nullopt;
    Reader reader{line, open + 1};
    FtpAnnouncement found;
    found.form = FtpForm::extended_passive;
    found.at = open + 1;
    found.delimiter = reader.peek();
    if (!may_delimit(found.delimiter)) return std::nullopt;
    for (int i = 0; i < 3; ++i) reader.skip(found.delimiter);
    found.port = L4Port{static_cast<std::uint16_t>(reader.number(65535))};
    reader.skip(found.delimiter);
    found.length = reader.at() - found.at;
    reader.skip(')');
    return reader.good() ? std::optional{found} : std::nullopt;
}

}  // namespace

std::string FtpAnnouncement::with(Ipv4Address other, L4Port other_port) const {
    const std::string number = std::to_string(other_port.number());
    switch (form) {
        case FtpForm::eprt: return delimiter + ("1" + (delimiter + other.to_string()) + delimiter + number) + delimiter;
        case FtpForm::extended_passive: return std::string(3, delimiter) + number + delimiter;
        case FtpForm::port:
        case FtpForm::passive: break;
    }
    std::string text = other.to_string();
    std::replace(text.begin(), text.end(), '.', ',');
    return text + "," + std::to_string(other_port.number() >> 8) + "," + std::to_string(other_port.number() & 0xff);
}

bool has_verb(std::string_view line, std::string_view verb) {
    return begins_ignoring_case(line, verb) && (line.size() == verb.size() || line[verb.size()] == ' ');
}

bool is_ftp_command(std::string_view line) {
    return std::any_of(kVerbs.begin(), kVerbs.end(), [&](std::string_view verb) { return has_verb(line, verb); });
}

std::optional<FtpAnnouncement> read_ftp_command(std::string_view line) {
    constexpr std::size_t kBehindVerb = 5;
    if (line.size() <= kBehindVerb) return std::nullopt;
    if (has_verb(line, "EPRT")) return read_eprt(line);
    if (!has_verb(line, "PORT")) return std::nullopt;
    Reader reader{line};
    const auto found = read_six_numbers(line, kBehindVerb, FtpForm::port, reader);
    return found && reader.ended() ? found : std::nullopt;
}

std::optional<FtpAnnouncement> read_ftp_reply(std::string_view line) {
    if (line.starts_with("229 ")) return read_extended_passive(line);
    if (!line.starts_with("227 ")) return std::nullopt;
    // RFC 1123 §4.1.2.6: the text around differs, so the first digit is what counts.
    constexpr std::size_t kBehindCode = 4;
    const auto digit = std::find_if(line.begin() + kBehindCode, line.end(), is_digit);
    if (digit == line.end()) return std::nullopt;
    Reader reader{line};
    return read_six_numbers(line, static_cast<std::size_t>(digit - line.begin()), FtpForm::passive, reader);
}

}  // namespace hairpin::gateway
