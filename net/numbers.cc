#include "net/numbers.h"

#include <array>
#include <charconv>

namespace hairpin {

namespace {
struct ProtocolName {
    IpProtocol protocol;
    std::string_view name;
};
constexpr auto kProtocolNames = std::to_array<ProtocolName>({
    {IpProtocol::any, "any"},
    {IpProtocol::icmp, "icmp"},
    {IpProtocol::tcp, "tcp"},
    {IpProtocol::udp, "udp"},
    {IpProtocol::dccp, "dccp"},
    {IpProtocol::gre, "gre"},
    {IpProtocol::esp, "esp"},
    {IpProtocol::ah, "ah"},
    {IpProtocol::icmpv6, "icmpv6"},
    {IpProtocol::sctp, "sctp"},
    {IpProtocol::udp_lite, "udplite"},
});
}  // namespace

std::string to_string(IpProtocol protocol) {
    for (const auto& row : kProtocolNames)
        if (row.protocol == protocol) return std::string{row.name};
    return std::to_string(static_cast<unsigned>(protocol));
}

std::optional<IpProtocol> parse_ip_protocol(std::string_view text) {
    for (const auto& row : kProtocolNames)
        if (row.name == text) return row.protocol;
    if (const auto number = parse_number(text, 255)) return static_cast<IpProtocol>(*number);
    return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t largest) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data(), end, number);
    if (problem != std::errc{} || stopped != end || number > largest) return std::nullopt;
    return number;
}

}  // namespace hairpin
