#include "net/flow_identifiers.h"

#include <cstring>

#include "net/dccp.h"
#include "net/gre.h"

namespace hairpin {

namespace {

template <class Header>
Header header_in(std::span<const std::byte> l4, std::size_t offset = 0) {
    Header header;
    std::memcpy(&header, l4.data() + offset, sizeof header);
    return header;
}

void read_gre(Ipv4FlowKey& key, std::span<const std::byte> l4) {
    if (l4.size() < sizeof(GreHeader)) return;
    const auto header = header_in<GreHeader>(l4);
    const std::size_t at = header.key_offset();
    if (!header.has(GreHeader::kKey) || header.version() > 1 || l4.size() < at + sizeof(Be32)) return;
    const std::uint32_t word = header_in<Be32>(l4, at).value();
    if (header.is_enhanced()) {
        key.destination_port = L4Port{static_cast<std::uint16_t>(word)};
        return;
    }
    if (header.version() == 0)
        key.source_port = key.destination_port = L4Port{static_cast<std::uint16_t>(word >> 16 ^ (word & 0xffff))};
}

}  // namespace

void read_identifiers(Ipv4FlowKey& key, std::span<const std::byte> l4) {
    switch (identifiers_of(key.protocol).identifiers) {
        case Identifiers::ports:
            if (l4.size() < 2 * sizeof(Be16)) return;
            key.source_port = L4Port{header_in<Be16>(l4).value()};
            key.destination_port = L4Port{header_in<Be16>(l4, sizeof(Be16)).value()};
            return;
        case Identifiers::gre: return read_gre(key, l4);
        case Identifiers::query:
        case Identifiers::none: return;
    }
}

std::size_t least_header_length(IpProtocol protocol, std::span<const std::byte> l4) {
    const std::size_t shortest = identifiers_of(protocol).shortest_header;
    if (l4.size() < shortest) return shortest;
    switch (protocol) {
        case IpProtocol::dccp: return header_in<DccpHeader>(l4).generic_length();
        case IpProtocol::gre: return header_in<GreHeader>(l4).length();
        default: return shortest;
    }
}

}  // namespace hairpin
