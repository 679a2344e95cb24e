#include "gateway/alg/sip_names.h"

#include <algorithm>
#include <string>

namespace hairpin::gateway {

namespace {

bool has_default_port(SipAddress::Kind kind) { return kind == SipAddress::Kind::via || kind == SipAddress::Kind::place; }

bool names_end(const SipAddress& said, const SipEnd& end) {
    if (said.address != end.address) return false;
    if (said.length == 0 && said.sent_by_port != end.port) return false;
    if (said.port) return *said.port == end.port;
    return !has_default_port(said.kind) || end.port == kSipPort;
}

void write_name(const SipAddress& said, const SipName& name, std::vector<TextEdit>& edits) {
    if (said.length != 0 && name.written.address != name.heard.address)
        edits.push_back({said.at, said.length, name.heard.address.to_string()});
    if (name.written.port == name.heard.port) return;
    const std::string port = std::to_string(name.heard.port.number());
    if (!has_default_port(said.kind)) {
        if (said.port) edits.push_back({said.port_at, said.port_end - said.port_at, port});
        return;
    }
    const bool left_out = name.heard.port == kSipPort && name.without_port;
    const std::size_t behind = said.at + said.length;
    if (said.port && left_out)
        edits.push_back({behind, said.port_end - behind, ""});
    else if (said.port)
        edits.push_back({said.port_at, said.port_end - said.port_at, port});
    else
        edits.push_back({behind, 0, ":" + port});
}

}  // namespace

std::vector<TextEdit> sip_edits(std::span<const SipAddress> addresses, const SipNames& both) {
    std::vector<TextEdit> edits;
    for (const SipAddress& said : addresses) {
        const auto name =
            std::find_if(both.begin(), both.end(), [&](const SipName& one) { return names_end(said, one.written); });
        if (name != both.end()) write_name(said, *name, edits);
    }
    return edits;
}

std::optional<bool> leaves_port_out(std::span<const SipAddress> addresses, const SipEnd& sender) {
    if (sender.port != kSipPort) return std::nullopt;
    const auto own = std::find_if(addresses.begin(), addresses.end(), [&](const SipAddress& said) {
        return said.kind == SipAddress::Kind::via && names_end(said, sender);
    });
    return own == addresses.end() ? std::nullopt : std::optional{!own->port};
}

}  // namespace hairpin::gateway
