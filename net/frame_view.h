#pragma once
// Looking into a packet. EthernetView::parse reads L2, all that the switch needs; FrameView::parse reads L2 to L4. Each checks
// every length once; after that accessors cannot fail. Nobody else casts a buffer.

#include <cstddef>
#include <cstdint>
#include <span>

#include "net/arp.h"
#include "net/drop_reason.h"
#include "net/ethernet.h"
#include "net/flow_key.h"
#include "net/icmp.h"
#include "net/ipv4.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"

namespace hairpin {

// A view that either stands or says why the packet must be dropped.
class ParseOutcome {
public:
    explicit operator bool() const { return good_; }
    DropReason reason() const { return reason_; }

protected:
    bool good_ = false;
    DropReason reason_ = DropReason::runt;
};

class EthernetView : public ParseOutcome {
public:
    // Fails with runt (shorter than 14 bytes, or than its tag) and vlan_illegal (VLAN 4095).
    static EthernetView parse(Packet& packet);

    MacAddress destination() const { return header_->destination; }
    MacAddress source() const { return header_->source; }
    bool tagged() const { return tag_ != nullptr; }
    // The VLAN of the outermost 802.1Q tag; none() without a tag and for a priority tag (VLAN 0).
    VlanId vlan() const { return tag_ != nullptr ? VlanId{tag_->vlan_number()} : VlanId::none(); }
    EtherType ether_type() const { return tag_ != nullptr ? tag_->ether_type() : header_->ether_type(); }
    std::size_t payload_offset() const { return sizeof(EthernetHeader) + (tag_ != nullptr ? sizeof(VlanTag) : 0); }

private:
    EthernetHeader* header_ = nullptr;
    VlanTag* tag_ = nullptr;
};

// IPv4 (or ARP) in an untagged frame, as the gateway sees one: a tag was taken off at its port.
class FrameView : public ParseOutcome {
public:
    // Fails with runt, unsupported_ether_type, header_malformed, header_checksum, arp_malformed, and fragment_tiny when a first
    // fragment does not hold its L4 header.
    static FrameView parse(Packet& packet);

    Packet& packet() const { return *packet_; }
    EthernetHeader& ethernet() const { return *at<EthernetHeader>(0); }
    bool is_arp() const { return kind_ == Kind::arp; }
    bool is_ipv4() const { return kind_ == Kind::ipv4; }
    ArpHeader& arp() const { return *at<ArpHeader>(sizeof(EthernetHeader)); }
    Ipv4Header& ipv4() const { return *at<Ipv4Header>(sizeof(EthernetHeader)); }

    // Non-first fragments have no L4 header: has_l4() is false and the ports of key() are zero.
    bool has_l4() const { return l4_offset_ != 0; }
    std::size_t l4_offset() const { return l4_offset_; }
    TcpHeader& tcp() const { return *at<TcpHeader>(l4_offset_); }
    // Of UDP, and of UDP-Lite and DCCP, which have their ports and their checksum at the same places.
    UdpHeader& udp() const { return *at<UdpHeader>(l4_offset_); }
    IcmpHeader& icmp() const { return *at<IcmpHeader>(l4_offset_); }
    // The L3 packet without Ethernet header and padding; the L4 header with payload.
    std::span<std::byte> l3_bytes() const { return packet_->bytes().subspan(sizeof(EthernetHeader), l3_length_); }
    std::span<std::byte> l4_bytes() const { return packet_->bytes().subspan(l4_offset_, l3_end() - l4_offset_); }
    std::size_t l3_length() const { return l3_length_; }
    // Bytes of TCP or UDP payload.
    std::size_t l4_payload_length() const;

    // Of TCP and UDP the ports, of ICMP queries the identifier in both, of others what net/flow_identifiers.h says; zero for what has none.
    Ipv4FlowKey key() const;

private:
    enum class Kind : std::uint8_t { other, arp, ipv4 };
    template <class Header>
    Header* at(std::size_t offset) const {
        return reinterpret_cast<Header*>(packet_->data() + offset);
    }
    std::size_t l3_end() const { return sizeof(EthernetHeader) + l3_length_; }
    FrameView& fail(DropReason reason) { return good_ = false, reason_ = reason, *this; }
    FrameView& parse_ipv4();
    FrameView& parse_l4();

    Packet* packet_ = nullptr;
    std::size_t l3_length_ = 0;
    std::size_t l4_offset_ = 0;
    Kind kind_ = Kind::other;
};

// An IPv4 header that is quoted inside an ICMP error, with at least 8 bytes behind it. Checks what the quote must hold.
class QuotedView : public ParseOutcome {
public:
    // `quote`: the bytes behind the ICMP header. Fails with header_malformed when too short or not IPv4.
    static QuotedView parse(std::span<std::byte> quote);

    Ipv4Header& ipv4() const { return *reinterpret_cast<Ipv4Header*>(quote_.data()); }
    // What came of the L4 header: at least 8 bytes, so ports and ICMP identifier are there, a TCP checksum perhaps not.
    std::span<std::byte> l4_bytes() const { return quote_.subspan(ipv4().header_length()); }
    UdpHeader& ports() const { return *reinterpret_cast<UdpHeader*>(l4_bytes().data()); }
    IcmpHeader& icmp() const { return *reinterpret_cast<IcmpHeader*>(l4_bytes().data()); }
    // Of TCP: it stands in the eight bytes that every quote has (RFC 792).
    std::uint32_t tcp_sequence() const { return reinterpret_cast<const Be32*>(l4_bytes().data())[1].value(); }
    // The quoted packet's own key, in the direction it travelled.
    Ipv4FlowKey key() const;

private:
    std::span<std::byte> quote_;
};

}  // namespace hairpin
