#include "gateway/alg/sip_fields.h"

#include <algorithm>

#include "gateway/alg/letters.h"
#include "gateway/alg/port_text.h"

namespace hairpin::gateway {

namespace {

// Goes through a value from its front on.
class SipWalk {
public:
    explicit SipWalk(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

    std::size_t at() const { return at_; }
    bool ended() const { return at_ >= text_.size(); }
    char next() const { return ended() ? '\0' : text_[at_]; }
    void step() { ++at_; }
    void skip_blanks() {
        while (!ended() && is_sip_blank(next())) step();
    }
    bool take(char letter) {
        if (ended() || next() != letter) return false;
        step();
        return true;
    }
    // A quoted string is behind us whole, whatever is in it (RFC 3261 §25.1).
    void skip_quoted() {
        for (step(); !ended() && next() != '"'; step())
            if (next() == '\\') step();
        if (!ended()) step();
    }
    // Up to one of these letters, outside of quoted strings.
    void skip_to(std::string_view letters) {
        while (!ended() && letters.find(next()) == std::string_view::npos) {
            if (next() == '"')
                skip_quoted();
            else
                step();
        }
    }
    std::string_view since(std::size_t first) const {
        const std::size_t end = std::min(at_, text_.size());
        return text_.substr(first, end - first);
    }
    template <class Fits>
    std::string_view take_while(Fits&& fits) {
        const std::size_t first = at_;
        while (!ended() && fits(next())) step();
        return since(first);
    }

private:
    std::string_view text_;
    std::size_t at_;
};

// host[:port], of a Via with blanks around the colon; behind it stands nothing, a blank, or what begins the next part.
std::optional<SipAddress> read_host(SipWalk& walk, SipAddress::Kind kind) {
    SipAddress read;
    read.kind = kind;
    read.at = walk.at();
    const std::string_view host = walk.take_while([](char letter) { return is_digit(letter) || letter == '.'; });
    const auto address = Ipv4Address::parse(host);
    if (!address) return std::nullopt;
    read.address = *address;
    read.length = host.size();
    const auto skip_blanks = [&](SipWalk& over) {
        if (kind == SipAddress::Kind::via) over.skip_blanks();
    };
    SipWalk ahead = walk;
    skip_blanks(ahead);
    if (ahead.take(':')) {
        skip_blanks(ahead);
        read.port_at = ahead.at();
        read.port = read_port(ahead.take_while(is_digit));
        read.port_end = ahead.at();
        if (!read.port) return std::nullopt;
        walk = ahead;
    }
    const bool ends =
        walk.ended() || is_sip_blank(walk.next()) || std::string_view{";?,"}.find(walk.next()) != std::string_view::npos;
    return ends ? std::optional{read} : std::nullopt;
}

// Of a Via: "SIP / 2.0 / UDP " behind which the sent-by stands.
bool skip_sent_protocol(SipWalk& walk) {
    const auto part = [&] {
        walk.skip_blanks();
        const std::string_view word = walk.take_while([](char letter) { return letter != '/' && !is_sip_blank(letter); });
        return word;
    };
    if (!same_ignoring_case(part(), "SIP")) return false;
    walk.skip_blanks();
    if (!walk.take('/') || part() != "2.0") return false;
    walk.skip_blanks();
    if (!walk.take('/') || part().empty() || !is_sip_blank(walk.next())) return false;
    walk.skip_blanks();
    return true;
}

// received= and rport= among the parameters of one Via.
void read_observed(SipWalk& walk, const std::optional<SipAddress>& sent_by, std::size_t at, std::vector<SipAddress>& found) {
    SipAddress observed;
    observed.kind = SipAddress::Kind::observed;
    bool told = false;
    for (walk.skip_blanks(); walk.take(';'); walk.skip_blanks()) {
        walk.skip_blanks();
        const auto in_word = [](char letter) {
            return !is_sip_blank(letter) && std::string_view{"=;,\""}.find(letter) == std::string_view::npos;
        };
        const std::string_view name = walk.take_while(in_word);
        walk.skip_blanks();
        if (!walk.take('=')) continue;
        walk.skip_blanks();
        const std::size_t first = walk.at();
        if (walk.next() == '"') walk.skip_quoted();
        const std::string_view value = walk.take_while(in_word);
        if (same_ignoring_case(name, "received") && observed.length == 0) {
            const auto address = Ipv4Address::parse(value);
            if (!address) continue;
            observed.address = *address;
            observed.at = at + first;
            observed.length = value.size();
            told = true;
        } else if (same_ignoring_case(name, "rport") && !observed.port) {
            if (!std::all_of(value.begin(), value.end(), is_digit)) continue;
            observed.port = read_port(value);
            observed.port_at = at + first;
            observed.port_end = at + first + value.size();
        }
    }
    if (!told && sent_by && observed.port) {
        observed.address = sent_by->address;
        observed.at = observed.port_at;
        observed.sent_by_port = sent_by->port.value_or(kSipPort);
        told = true;
    }
    if (told) found.push_back(observed);
}

void place_behind(SipAddress& read, std::size_t at) {
    read.at += at;
    read.port_at += at;
    read.port_end += at;
}

}  // namespace

std::string_view without_sip_blanks(std::string_view text) {
    while (!text.empty() && is_sip_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_sip_blank(text.back())) text.remove_suffix(1);
    return text;
}

void find_in_uri(std::string_view uri, std::size_t at, SipAddress::Kind kind, std::vector<SipAddress>& found) {
    const std::size_t scheme = begins_ignoring_case(uri, "sip:") ? 4 : begins_ignoring_case(uri, "sips:") ? 5 : 0;
    if (scheme == 0) return;
    const auto user = uri.find('@');
    if (user != std::string_view::npos && uri.find('@', user + 1) != std::string_view::npos) return;
    SipWalk walk{uri, user == std::string_view::npos ? scheme : user + 1};
    auto read = read_host(walk, kind);
    if (!read) return;
    place_behind(*read, at);
    found.push_back(*read);
}

void find_in_uri_list(std::string_view value, std::size_t at, SipAddress::Kind kind, std::vector<SipAddress>& found) {
    for (SipWalk walk{value}; !walk.ended(); walk.skip_to(","), walk.take(',')) {
        walk.skip_blanks();
        std::size_t first = walk.at();
        walk.skip_to("<,;");  // a display name, or the URI itself
        if (walk.take('<')) {
            first = walk.at();
            walk.take_while([](char letter) { return letter != '>'; });
            if (walk.ended()) return;
        }
        find_in_uri(walk.since(first), at + first, kind, found);
    }
}

void find_in_via(std::string_view value, std::size_t at, std::vector<SipAddress>& found) {
    for (SipWalk walk{value}; !walk.ended(); walk.skip_to(","), walk.take(',')) {
        if (!skip_sent_protocol(walk)) continue;
        auto sent_by = read_host(walk, SipAddress::Kind::via);
        if (sent_by) {
            place_behind(*sent_by, at);
            found.push_back(*sent_by);
        } else {
            walk.skip_to(";,");
        }
        read_observed(walk, sent_by, at, found);
    }
}

}  // namespace hairpin::gateway
