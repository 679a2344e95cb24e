#pragma once
// The ICMP that the gateway itself says: errors about packets it cannot forward, and answers to pings.
//
//   Ethernet │ IPv4: gateway -> sender, ToS 0xc0, TTL 64 │ ICMP type, code, [MTU] │ the packet as its sender sent it, cut off
//                                                                                   so that the whole is at most 576 bytes
//
// RFC 1812 4.3.2.3 (how much is quoted), 4.3.2.4 (from which address), 4.3.2.5 (ToS), 4.3.2.7 (about what nobody is told), 4.3.2.8
// (how often), RFC 1191 §4 (the MTU). Whoever sends a message sets its Ethernet addresses and counts it as originated.

#include <cstdint>
#include <string_view>

#include "gateway/icmp/token_bucket.h"
#include "gateway/ruleset.h"
#include "net/frame_view.h"
#include "net/packet_pool.h"
#include "net/time.h"

namespace hairpin::gateway {

struct IcmpError {
    IcmpType type;
    std::uint8_t code;
    std::uint16_t mtu;  // of 3/4, in bytes of IP packet; else 0
    std::string_view name;
    std::uint8_t pointer = 0;  // of 12/0, the octet of the quoted header that it is about

    static constexpr IcmpError network_unreachable() {
        return unreachable(unreachable::kNetwork, "ICMP 3/0 network unreachable");
    }
    static constexpr IcmpError host_unreachable() { return unreachable(unreachable::kHost, "ICMP 3/1 host unreachable"); }
    static constexpr IcmpError protocol_unreachable() {
        return unreachable(unreachable::kProtocol, "ICMP 3/2 protocol unreachable");
    }
    static constexpr IcmpError port_unreachable() { return unreachable(unreachable::kPort, "ICMP 3/3 port unreachable"); }
    static constexpr IcmpError fragmentation_needed(std::uint16_t mtu) {
        return unreachable(unreachable::kFragmentationNeeded, "ICMP 3/4 fragmentation needed", mtu);
    }
    static constexpr IcmpError administratively_prohibited() {
        return unreachable(unreachable::kAdministrativelyProhibited, "ICMP 3/13 administratively prohibited");
    }
    static constexpr IcmpError time_exceeded() { return {IcmpType::time_exceeded, 0, 0, "ICMP 11/0 time to live exceeded"}; }
    static constexpr IcmpError reassembly_time_exceeded() {
        return {IcmpType::time_exceeded, 1, 0, "ICMP 11/1 fragment reassembly time exceeded"};
    }
    static constexpr IcmpError parameter_problem(std::uint8_t pointer) {
        return {IcmpType::parameter_problem, 0, 0, "ICMP 12/0 parameter problem", pointer};
    }

private:
    static constexpr IcmpError unreachable(std::uint8_t code, std::string_view name, std::uint16_t mtu = 0) {
        return {IcmpType::destination_unreachable, code, mtu, name};
    }
};

// True when RFC 1812 4.3.2.7 lets the sender of this packet be told of its fate: not when it is an ICMP error itself or a fragment
// other than the first, came or goes to a group, or names a sender that is no single host. Of ICMP only the queries that we know are
// taken for no error.
bool deserves_error(const FrameView& frame);
bool deserves_error(const Packet& packet);  // and it is IPv4 at all

// Owned by one Worker. Makes at most errors_per_second errors of all kinds together and admits at most echoes_per_second pings, each
// in bursts of up to a second's worth; what is beyond is not made, and counted.
class IcmpMessages {
public:
    explicit IcmpMessages(PacketPool& pool) : pool_(pool) {}
    void adopt(const IcmpSettings& settings);

    // The error about `offender`, a frame as its sender sent it, which is not changed: an IPv4 packet with unset Ethernet
    // addresses. `source`: the address of the interface by which the error leaves. nullptr when nobody may be told, when the
    // rate is used up, and when the pool is empty.
    PacketPtr make_error(const Packet& offender, const IcmpError& error, Ipv4Address source, Timestamp now);
    // Takes one error out of the rate, for what is said otherwise than by ICMP; false when that is used up.
    bool may_say_error(Timestamp now) { return errors_.take(now) || (++suppressed_, false); }
    // Takes one ping out of the rate; false when that is used up.
    bool may_answer_echo(Timestamp now) { return echoes_.take(now); }

    // Errors that were owed and not made, because of the rate or for want of a buffer.
    std::uint64_t suppressed() const { return suppressed_; }

private:
    PacketPool& pool_;
    TokenBucket errors_{IcmpSettings{}.errors_per_second};
    TokenBucket echoes_{IcmpSettings{}.echoes_per_second};
    std::uint64_t suppressed_ = 0;
};

// A ping of the gateway's own: an IPv4 packet with unset Ethernet addresses, `payload` bytes of data that count up. nullptr when the
// pool is empty.
struct EchoRequest {
    Ipv4Address source = {}, destination = {};
    std::uint16_t identifier = 0, sequence = 0;
    std::uint8_t time_to_live = 64;
    std::size_t payload = 56;
    bool dont_fragment = false;

    static constexpr std::size_t kLargestPayload = 65507 - 8;  // what an IPv4 packet holds besides its headers
};
PacketPtr make_echo_request(PacketPool& pool, const EchoRequest& request);

// Makes an echo request the answer to it, in place: addresses swapped, type 0, TTL 64; identifier, sequence, data and IP options as
// they were (RFC 792). The ICMP checksum follows without reading the data, so a wrong one stays wrong. Of a request in fragments each
// fragment becomes the same fragment of the answer. The Ethernet addresses are left alone.
void turn_into_echo_reply(FrameView& request);

}  // namespace hairpin::gateway
