#pragma once
// Lengths and checksums of a frame made right, as far as it has headers to hold them: else nearly every mutation would end at the first
// checksum, and nothing behind it would ever be tried.

#include <cstddef>
#include <span>
#include <vector>

#include "net/checksum.h"
#include "net/ethernet.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/tcp.h"
#include "net/udp.h"

namespace hairpin::fuzz {

enum class L4Checksum : std::uint8_t { complete, partial };

namespace mending {

template <class Header>
Header* at(std::span<std::byte> bytes) {
    return bytes.size() < sizeof(Header) ? nullptr : reinterpret_cast<Header*>(bytes.data());
}

inline void mend_l4(std::span<std::byte> l4, const Ipv4Header& ip, L4Checksum wanted) {
    Be16* field = nullptr;
    if (auto* tcp = at<TcpHeader>(l4); tcp != nullptr && ip.protocol() == IpProtocol::tcp) field = &tcp->checksum;
    if (auto* udp = at<UdpHeader>(l4); udp != nullptr && ip.protocol() == IpProtocol::udp) {
        udp->length = Be16{static_cast<std::uint16_t>(l4.size())};
        if (udp->checksum != Be16{}) field = &udp->checksum;  // none was computed, and none is
    }
    ChecksumSum sum = pseudo_header_sum(ip.source, ip.destination, ip.protocol(), l4.size());
    if (auto* icmp = at<IcmpHeader>(l4); icmp != nullptr && ip.protocol() == IpProtocol::icmp) {
        field = &icmp->checksum;
        sum = {};
    }
    if (field == nullptr) return;
    if (wanted == L4Checksum::partial && ip.protocol() != IpProtocol::icmp) {
        *field = sum.partial();
        return;
    }
    *field = Be16{};
    *field = sum.add(l4).checksum();
    if (ip.protocol() == IpProtocol::udp && *field == Be16{}) *field = Be16{0xffff};
}

inline void mend_ipv4(std::span<std::byte> l3, L4Checksum wanted) {
    auto* ip = at<Ipv4Header>(l3);
    if (ip == nullptr || ip->header_length() < sizeof(Ipv4Header) || ip->header_length() > l3.size()) return;
    if (ip->total_length.value() < ip->header_length() || ip->total_length.value() > l3.size())
        ip->total_length = Be16{static_cast<std::uint16_t>(l3.size())};
    ip->checksum = Be16{};
    ip->checksum = checksum_of(l3.first(ip->header_length()));
    if (!ip->is_fragment()) mend_l4(l3.subspan(ip->header_length(), ip->total_length.value() - ip->header_length()), *ip, wanted);
}

}  // namespace mending

inline void mend(std::span<std::byte> frame, L4Checksum wanted) {
    const auto* ethernet = mending::at<EthernetHeader>(frame);
    if (ethernet == nullptr) return;
    std::size_t offset = sizeof(EthernetHeader);
    EtherType type = ethernet->ether_type();
    if (const auto* tag = mending::at<VlanTag>(frame.subspan(offset)); tag != nullptr && type == EtherType::vlan) {
        type = tag->ether_type();
        offset += sizeof(VlanTag);
    }
    if (type == EtherType::ipv4) mending::mend_ipv4(frame.subspan(offset), wanted);
}

}  // namespace hairpin::fuzz
