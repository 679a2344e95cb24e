#include "switch/vxlan/datagram.h"

#include <algorithm>
#include <cstring>

#include "net/ethernet.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/vxlan.h"

namespace hairpin::l2 {

namespace {

template <class Header>
std::optional<Header> header_at(std::span<const std::byte> bytes, std::size_t offset) {
    if (bytes.size() < offset + sizeof(Header)) return std::nullopt;
    Header header;
    std::memcpy(&header, bytes.data() + offset, sizeof header);
    return header;
}

// How long the frame is by what its IP header says; nothing of what is no IP, or too short to say it.
std::optional<std::size_t> told_length(std::span<const std::byte> frame) {
    const auto ethernet = header_at<EthernetHeader>(frame, 0);
    if (!ethernet) return std::nullopt;
    std::size_t offset = sizeof(EthernetHeader);
    EtherType type = ethernet->ether_type();
    if (type == EtherType::vlan) {
        const auto tag = header_at<VlanTag>(frame, offset);
        if (!tag) return std::nullopt;
        type = tag->ether_type();
        offset += sizeof(VlanTag);
    }
    if (type == EtherType::ipv4) {
        const auto ip = header_at<Ipv4Header>(frame, offset);
        return ip ? std::optional{offset + ip->total_length.value()} : std::nullopt;
    }
    if (type != EtherType::ipv6) return std::nullopt;
    const auto ip = header_at<Ipv6Header>(frame, offset);
    return ip ? std::optional{offset + sizeof(Ipv6Header) + ip->payload_length.value()} : std::nullopt;
}

// Its first frame goes on beyond the first datagram, so there is only one.
bool is_uncut(std::span<const std::byte> received, std::size_t size_of_each) {
    const auto first = read_vxlan(received.first(size_of_each));
    if (!first) return false;
    const auto told = told_length(first->bytes);
    return told && *told > first->bytes.size();
}

}  // namespace

std::optional<VxlanFrame> read_vxlan(std::span<const std::byte> datagram) {
    const auto header = header_at<VxlanHeader>(datagram, 0);
    if (!header || !header->has_vni()) return std::nullopt;
    return VxlanFrame{header->vni(), datagram.subspan(sizeof(VxlanHeader))};
}

VxlanDatagrams::VxlanDatagrams(std::span<const std::byte> received, std::size_t size_of_each)
    : rest_(received), size_of_each_(size_of_each < received.size() ? size_of_each : 0) {
    if (size_of_each_ == 0 || !is_uncut(received, size_of_each_)) return;
    segment_size_ = static_cast<std::uint16_t>(std::min<std::size_t>(size_of_each_, 0xffff));
    size_of_each_ = 0;
}

std::optional<VxlanDatagrams::Datagram> VxlanDatagrams::next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t size = size_of_each_ == 0 ? rest_.size() : std::min(size_of_each_, rest_.size());
    const Datagram datagram{rest_.first(size), segment_size_, size_of_each_ != 0};
    rest_ = rest_.subspan(size);
    return datagram;
}

}  // namespace hairpin::l2
