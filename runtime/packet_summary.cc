#include "runtime/packet_summary.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "net/arp.h"
#include "net/ethernet.h"
#include "net/flow_key.h"
#include "net/icmp.h"
#include "net/icmpv6.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/tcp.h"
#include "net/udp.h"

namespace hairpin::runtime {

namespace {

constexpr std::size_t kMostTags = 2;
constexpr std::size_t kMostExtensions = 8;
constexpr std::uint16_t kSmallestEtherType = 0x0600;  // below it is the length of an 802.3 frame

// What is left of a frame to be read. Headers are copied out: there is nothing to align, and nothing to read beyond.
class Rest {
public:
    explicit Rest(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <class Header>
    std::optional<Header> peek() const {
        if (bytes_.size() < sizeof(Header)) return std::nullopt;
        Header header;
        std::memcpy(&header, bytes_.data(), sizeof header);
        return header;
    }
    template <class Header>
    std::optional<Header> take() {
        const auto header = peek<Header>();
        if (header) skip(sizeof(Header));
        return header;
    }
    void skip(std::size_t count) { bytes_ = bytes_.subspan(std::min(count, bytes_.size())); }

private:
    std::span<const std::byte> bytes_;
};

struct FlagLetter {
    std::uint8_t flag;
    char letter;
};
constexpr auto kFlagLetters = std::to_array<FlagLetter>({{TcpHeader::kFin, 'F'},
                                                         {TcpHeader::kSyn, 'S'},
                                                         {TcpHeader::kRst, 'R'},
                                                         {TcpHeader::kPsh, 'P'},
                                                         {0x20, 'U'},
                                                         {0x40, 'E'},
                                                         {0x80, 'W'},
                                                         {TcpHeader::kAck, '.'}});

std::string flags_text(std::uint8_t flags) {
    std::string text;
    for (const FlagLetter& row : kFlagLetters)
        if ((flags & row.flag) != 0) text += row.letter;
    return text.empty() ? "no flags" : text;
}

struct MessageName {
    int type, code;  // code -1: any
    std::string_view name;
};
constexpr auto kIcmpNames = std::to_array<MessageName>({
    {0, -1, "echo reply"},
    {3, unreachable::kNetwork, "network unreachable"},
    {3, unreachable::kHost, "host unreachable"},
    {3, unreachable::kProtocol, "protocol unreachable"},
    {3, unreachable::kPort, "port unreachable"},
    {3, unreachable::kFragmentationNeeded, "fragmentation needed"},
    {3, unreachable::kAdministrativelyProhibited, "administratively prohibited"},
    {3, -1, "unreachable"},
    {4, -1, "source quench"},
    {5, -1, "redirect"},
    {8, -1, "echo request"},
    {11, 0, "time to live exceeded"},
    {11, 1, "reassembly time exceeded"},
    {12, -1, "parameter problem"},
    {13, -1, "timestamp request"},
    {14, -1, "timestamp reply"},
});
constexpr auto kIcmpv6Names = std::to_array<MessageName>({
    {1, -1, "unreachable"},
    {2, -1, "packet too big"},
    {3, -1, "time exceeded"},
    {4, -1, "parameter problem"},
    {128, -1, "echo request"},
    {129, -1, "echo reply"},
    {130, -1, "multicast listener query"},
    {131, -1, "multicast listener report"},
    {132, -1, "multicast listener done"},
    {133, -1, "router solicitation"},
    {134, -1, "router advertisement"},
    {135, -1, "neighbor solicitation"},
    {136, -1, "neighbor advertisement"},
    {143, -1, "multicast listener report"},
});

std::string message_name(std::span<const MessageName> names, int type, int code) {
    for (const MessageName& row : names)
        if (row.type == type && (row.code < 0 || row.code == code)) return std::string{row.name};
    return fmt::format("type {} code {}", type, code);
}

std::string with_length(const std::string& text, std::size_t length) {
    return length == 0 ? text : text + fmt::format(" length {}", length);
}

// An IP packet's payload: what carries it, and how much of it there should be.
struct Carrier {
    std::string source, destination;                    // as they stand alone
    std::string source_endpoint, destination_endpoint;  // as they stand before ":port"
    IpProtocol protocol;
    std::size_t length;
    bool quoted;  // in an ICMP error, where hardly more than the ports can be expected

    std::string between(std::string_view protocol_name) const {
        return fmt::format("{} {} > {}", protocol_name, source, destination);
    }
    std::string between_ports(Be16 from, Be16 to) const {
        return fmt::format("{} {}:{} > {}:{}", to_string(protocol), source_endpoint, from.value(), destination_endpoint,
                           to.value());
    }
    std::string cut_off() const { return between(to_string(protocol)) + " (cut off)"; }
};

std::string ipv4_text(Rest rest, bool quoted);

std::string tcp_text(const Carrier& carrier, const Rest& rest) {
    const auto tcp = rest.peek<TcpHeader>();
    if (!tcp) return carrier.cut_off();
    const std::string text = carrier.between_ports(tcp->source_port, tcp->destination_port) + " " + flags_text(tcp->flags);
    const std::size_t header = tcp->header_length();
    if (header < sizeof(TcpHeader) || header > carrier.length) return text + " (malformed)";
    return with_length(text, carrier.length - header);
}

std::string udp_text(const Carrier& carrier, const Rest& rest) {
    const auto udp = rest.peek<UdpHeader>();
    if (!udp) return carrier.cut_off();
    const std::string text = carrier.between_ports(udp->source_port, udp->destination_port);
    if (udp->length.value() < sizeof(UdpHeader)) return text + " (malformed)";
    return fmt::format("{} length {}", text, udp->length.value() - sizeof(UdpHeader));
}

std::string icmp_text(const Carrier& carrier, Rest rest) {
    const auto icmp = rest.take<IcmpHeader>();
    if (!icmp) return carrier.cut_off();
    std::string text = carrier.between("icmp") + " " + message_name(kIcmpNames, icmp->type_number, icmp->code);
    if (icmp->is_query_request() || icmp->is_query_reply())
        return text + fmt::format(" id {} seq {}", icmp->identifier.value(), icmp->sequence.value());
    if (!icmp->is_error()) return text;
    if (icmp->type() == IcmpType::destination_unreachable && icmp->code == unreachable::kFragmentationNeeded)
        text += fmt::format(", mtu {}", icmp->sequence.value());
    return carrier.quoted ? text : text + " (" + ipv4_text(rest, true) + ")";
}

std::string icmpv6_text(const Carrier& carrier, Rest rest) {
    const auto icmp = rest.take<Icmpv6Header>();
    if (!icmp) return carrier.cut_off();
    const std::string text = carrier.between("icmp6") + " " + message_name(kIcmpv6Names, icmp->type_number, icmp->code);
    const bool about_neighbor =
        icmp->type() == Icmpv6Type::neighbor_solicitation || icmp->type() == Icmpv6Type::neighbor_advertisement;
    if (!about_neighbor) return text;
    const auto target = rest.peek<Ipv6Address>();
    return target ? text + " " + target->to_string() : text;
}

std::string payload_text(const Carrier& carrier, const Rest& rest) {
    // Of a quote the first eight bytes are all that there must be: the ports, and nothing that says more.
    if (carrier.quoted && (carrier.protocol == IpProtocol::tcp || carrier.protocol == IpProtocol::udp)) {
        const auto ports = rest.peek<UdpHeader>();
        return ports ? carrier.between_ports(ports->source_port, ports->destination_port) : carrier.cut_off();
    }
    switch (carrier.protocol) {
        case IpProtocol::tcp: return tcp_text(carrier, rest);
        case IpProtocol::udp: return udp_text(carrier, rest);
        case IpProtocol::icmp: return icmp_text(carrier, rest);
        case IpProtocol::icmpv6: return icmpv6_text(carrier, rest);
        default: {
            const std::string name = to_string(carrier.protocol);
            const bool number = name.find_first_not_of("0123456789") == std::string::npos;
            return with_length(carrier.between(number ? "protocol " + name : name), carrier.length);
        }
    }
}

std::string ipv4_text(Rest rest, bool quoted) {
    const auto ip = rest.peek<Ipv4Header>();
    if (!ip) return "ipv4 (cut off)";
    const std::string source = ip->source.to_string(), destination = ip->destination.to_string();
    const std::size_t header = ip->header_length();
    if (ip->version() != 4 || header < sizeof(Ipv4Header) || ip->total_length.value() < header)
        return fmt::format("ipv4 {} > {} (malformed)", source, destination);
    rest.skip(header);
    const Carrier carrier{source, destination, source, destination, ip->protocol(), ip->total_length.value() - header, quoted};
    std::string text = ip->fragment_offset() == 0 ? payload_text(carrier, rest) : carrier.between(to_string(ip->protocol()));
    if (ip->is_fragment())
        text += fmt::format(" fragment at {}{}", ip->fragment_offset(), ip->more_fragments() ? ", more follow" : "");
    if (ip->time_to_live <= 1 && !quoted) text += fmt::format(" ttl {}", ip->time_to_live);
    return text;
}

// Headers that may stand between IPv6 and what it carries (RFC 8200 §4); true while one is skipped.
bool skip_extension(std::uint8_t& next_header, std::size_t& length, Rest& rest) {
    constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kDestinationOptions = 60;
    struct Extension {
        std::uint8_t next_header, length;  // in units of 8 bytes, without the first
    };
    if (next_header != kHopByHop && next_header != kRouting && next_header != kDestinationOptions) return false;
    const auto extension = rest.peek<Extension>();
    if (!extension) return false;
    const std::size_t size = 8 * (std::size_t{extension->length} + 1);
    next_header = extension->next_header;
    length -= std::min(length, size);
    rest.skip(size);
    return true;
}

std::string ipv6_text(Rest rest) {
    const auto ip = rest.take<Ipv6Header>();
    if (!ip) return "ipv6 (cut off)";
    const std::string source = ip->source.to_string(), destination = ip->destination.to_string();
    if (ip->version() != 6) return fmt::format("ipv6 {} > {} (malformed)", source, destination);
    std::uint8_t next_header = ip->next_header;
    std::size_t length = ip->payload_length.value();
    for (std::size_t i = 0; i < kMostExtensions && skip_extension(next_header, length, rest); ++i) {
    }
    return payload_text(
        {source, destination, "[" + source + "]", "[" + destination + "]", static_cast<IpProtocol>(next_header), length, false},
        rest);
}

std::string arp_text(const Rest& rest) {
    const auto arp = rest.peek<ArpHeader>();
    if (!arp) return "arp (cut off)";
    const std::string sender = arp->sender_address.to_string(), target = arp->target_address.to_string();
    if (!arp->is_ipv4_over_ethernet()) return "arp (not for IPv4 over Ethernet)";
    switch (static_cast<ArpOperation>(arp->operation.value())) {
        case ArpOperation::request: return fmt::format("arp who-has {} tell {}", target, sender);
        case ArpOperation::reply: return fmt::format("arp {} is-at {}", sender, arp->sender_mac.to_string());
    }
    return fmt::format("arp operation {} from {} about {}", arp->operation.value(), sender, target);
}

}  // namespace

std::string packet_summary(std::span<const std::byte> bytes, std::size_t length) {
    Rest rest{bytes};
    const auto ethernet = rest.take<EthernetHeader>();
    if (!ethernet) return fmt::format("{} bytes, too short for Ethernet", length);
    std::string text;
    EtherType type = ethernet->ether_type();
    for (std::size_t tags = 0; tags < kMostTags && (type == EtherType::vlan || type == EtherType::qinq); ++tags) {
        // Behind the addresses and the first type there is the tag's control, and then the next type.
        const auto tag = rest.take<VlanTag>();
        if (!tag) return text + "vlan (cut off)";
        text += fmt::format("vlan {} ", tag->vlan_number());
        type = tag->ether_type();
    }
    switch (type) {
        case EtherType::ipv4: return text + ipv4_text(rest, false);
        case EtherType::ipv6: return text + ipv6_text(rest);
        case EtherType::arp: return text + arp_text(rest);
        default: break;
    }
    const auto number = static_cast<std::uint16_t>(type);
    const std::string kind = number < kSmallestEtherType ? "802.3" : fmt::format("type {:#06x}", number);
    return text +
           fmt::format("{} {} > {} length {}", kind, ethernet->source.to_string(), ethernet->destination.to_string(), length);
}

}  // namespace hairpin::runtime
