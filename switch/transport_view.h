#pragma once
// Where the headers of a TCP or UDP packet lie in a frame, tagged or not, over IPv4 or IPv6: what is needed to check a guest's
// offload metadata, to cut a super-packet and to join segments to one. Everything else (fragments, other protocols, headers
// that do not fit) has no TransportView: find() answers one that is false.

#include <cstddef>
#include <cstdint>
#include <span>

#include "net/checksum.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/packet.h"
#include "net/tcp.h"
#include "net/udp.h"

namespace hairpin::l2 {

inline constexpr std::uint8_t kTcpCwr = 0x80;  // RFC 3168 §6.1.2: congestion window reduced, said once

class TransportView {
public:
    // Looks past at most two tags and, in IPv6, eight extension headers.
    static TransportView find(Packet& packet);

    explicit operator bool() const { return header_length_ != 0; }
    bool is_ipv4() const { return version_ == 4; }
    bool is_tcp() const { return protocol_ == IpProtocol::tcp; }
    bool is_udp() const { return protocol_ == IpProtocol::udp; }

    // All in bytes from the frame's first. header_length() is Ethernet to L4, all headers; l3_end() leaves out padding.
    std::size_t l3_offset() const { return l3_offset_; }
    std::size_t l4_offset() const { return l4_offset_; }
    std::size_t header_length() const { return header_length_; }
    std::size_t l3_end() const { return l3_end_; }
    std::size_t payload_length() const { return l3_end_ - header_length_; }

    Ipv4Header& ipv4() const { return *at<Ipv4Header>(l3_offset_); }
    Ipv6Header& ipv6() const { return *at<Ipv6Header>(l3_offset_); }
    TcpHeader& tcp() const { return *at<TcpHeader>(l4_offset_); }
    UdpHeader& udp() const { return *at<UdpHeader>(l4_offset_); }
    // Of the L4 checksum, from l4_offset().
    std::size_t checksum_offset() const { return is_tcp() ? offsetof(TcpHeader, checksum) : offsetof(UdpHeader, checksum); }

    // Tells every header how long the packet is when its frame ends at `l3_end`, IPv4 header checksum included. The L4 checksum
    // is left alone.
    void set_l3_end(std::size_t l3_end);
    // Write the L4 checksum for the length that the headers tell, whatever the field holds: complete, or the pseudo-header's
    // sum alone.
    void compute_checksum();
    void leave_checksum_partial() { checksum_field() = pseudo_header().partial(); }
    // What the L4 checksum is: the pseudo-header's sum alone, or that of everything.
    bool checksum_is_partial() const { return checksum_field() == pseudo_header().partial(); }
    bool checksum_holds() const;
    // The same places in a packet that begins with the same headers.
    TransportView over(Packet& packet) const;

private:
    template <class Header>
    Header* at(std::size_t offset) const {
        return reinterpret_cast<Header*>(frame_.data() + offset);
    }
    Be16& checksum_field() const { return is_tcp() ? tcp().checksum : udp().checksum; }
    ChecksumSum pseudo_header() const;
    bool fits(std::size_t offset, std::size_t bytes) const { return offset + bytes <= l3_end_; }
    bool find_ipv4();
    bool find_ipv6();
    bool find_l4();

    std::span<std::byte> frame_;
    std::size_t l3_offset_ = 0;
    std::size_t l4_offset_ = 0;
    std::size_t header_length_ = 0;  // zero: not found
    std::size_t l3_end_ = 0;
    IpProtocol protocol_ = IpProtocol::any;
    std::uint8_t version_ = 0;
};

}  // namespace hairpin::l2
