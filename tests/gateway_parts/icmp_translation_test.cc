#include "gateway/icmp/icmp_translation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/checksum.h"
#include "tests/support/guide_hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;

// The workstation's packet as it was sent, and as the world outside knows it.
constexpr Ipv4Address kFarRouter{198, 51, 100, 1};
const L4Port kInsidePort{40000}, kOutsidePort{1024}, kHttp{80};

enum class Kind { tcp, udp, udp_without_checksum, ping };
constexpr std::array kKinds{Kind::tcp, Kind::udp, Kind::udp_without_checksum, Kind::ping};

PacketBuilder packet(Kind kind, Ipv4Address source, L4Port port) {
    switch (kind) {
        case Kind::tcp: return tcp().from(source, port.number()).to(kInternet, kHttp.number()).syn().payload(64);
        case Kind::udp: return udp().from(source, port.number()).to(kInternet, kHttp.number()).payload(64);
        case Kind::udp_without_checksum:
            return udp().from(source, port.number()).to(kInternet, kHttp.number()).payload(64).no_udp_checksum();
        case Kind::ping: break;
    }
    return icmp_echo().from(source).to(kInternet).identifier(port.number()).payload(64);
}
PacketBuilder as_sent(Kind kind) { return packet(kind, kWorkstation, kInsidePort); }
PacketBuilder as_seen(Kind kind) { return packet(kind, kExternal, kOutsidePort); }

Ipv4FlowKey key_of(Kind kind) {
    if (kind == Kind::ping) return {kWorkstation, kInternet, kInsidePort, kInsidePort, IpProtocol::icmp};
    return {kWorkstation, kInternet, kInsidePort, kHttp, kind == Kind::tcp ? IpProtocol::tcp : IpProtocol::udp};
}

Bytes options() {  // router alert and two words of nothing
    Bytes bytes(12);
    bytes[0] = std::byte{148};
    bytes[1] = std::byte{4};
    return bytes;
}

class Rfc5508 : public ::testing::Test {
protected:
    // Puts an error through and gives what it quotes now; every checksum outside the quoted L4 is verified from scratch.
    Bytes translated_quote(const PacketBuilder& error, const Ipv4FlowKey& key) {
        const PacketPtr packet = error.in(pool);
        FrameView frame = FrameView::parse(*packet);
        EXPECT_TRUE(frame);
        const auto problem = translate_icmp_error(frame, key, kFarRouter);
        EXPECT_EQ(problem, std::nullopt);
        EXPECT_TRUE(checksums_hold(*packet)) << "outer IP header and ICMP";
        EXPECT_EQ(frame.ipv4().source, kFarRouter);
        EXPECT_EQ(frame.ipv4().destination, key.source) << "REQ-4, 7a: to whom the quoted packet is from";
        const auto quote = frame.l4_bytes().subspan(sizeof(IcmpHeader));
        const QuotedView quoted = QuotedView::parse(quote);
        EXPECT_TRUE(quoted);
        EXPECT_TRUE(checksum_holds(quote.first(quoted.ipv4().header_length()))) << "quoted IP header";
        return {quote.begin(), quote.end()};
    }
    std::optional<DropReason> refusal(const PacketBuilder& error, const Ipv4FlowKey& key) {
        const PacketPtr packet = error.in(pool);
        const Bytes before = bytes_of(*packet);
        FrameView frame = FrameView::parse(*packet);
        EXPECT_TRUE(frame);
        const auto problem = translate_icmp_error(frame, key, kFarRouter);
        EXPECT_EQ(bytes_of(*packet), before) << "a refused error is left alone";
        return problem;
    }
    static PacketBuilder error_about(std::span<const std::byte> quote, IcmpType type = IcmpType::destination_unreachable,
                                     unsigned code = 1) {
        return icmp_error(type, code, quote).from(kFarRouter).to(kExternal);
    }
    PacketPool pool{{64, 4}};
};

// What is quoted when a packet's first `length` bytes were; of a TCP checksum with one byte quoted nothing can be said.
bool same_as_sent(Bytes quote, Bytes sent, std::size_t length, Kind kind, std::size_t header_length) {
    sent.resize(length);
    if (kind == Kind::tcp && length == header_length + 17) quote.pop_back(), sent.pop_back();
    return quote == sent;
}

// Whatever is quoted of it, the packet must look like so much of what was sent: checksums included, as far as they are quoted.
TEST_F(Rfc5508, Req4a_AQuoteOfAnyLengthSaysWhatWasSent) {
    for (const Kind kind : kKinds) {
        const Bytes seen = as_seen(kind).l3_bytes(), sent = as_sent(kind).l3_bytes();
        for (std::size_t length = 28; length <= seen.size(); ++length)
            EXPECT_TRUE(
                same_as_sent(translated_quote(error_about(std::span{seen}.first(length)), key_of(kind)), sent, length, kind, 20))
                << static_cast<int>(kind) << " quoted " << length;
    }
}

TEST_F(Rfc5508, Req3b_EmbeddedIpOptionsAreTraversed) {
    for (const Kind kind : kKinds) {
        const Bytes seen = as_seen(kind).ip_options(options()).l3_bytes(), sent = as_sent(kind).ip_options(options()).l3_bytes();
        for (std::size_t length = 40; length <= seen.size(); ++length)
            EXPECT_TRUE(
                same_as_sent(translated_quote(error_about(std::span{seen}.first(length)), key_of(kind)), sent, length, kind, 32))
                << static_cast<int>(kind) << " quoted " << length;
    }
}

TEST_F(Rfc5508, Req3b_OuterIpOptionsAreTraversedToo) {
    const Bytes seen = as_seen(Kind::tcp).l3_bytes();
    EXPECT_EQ(translated_quote(error_about(seen).ip_options(options()), key_of(Kind::tcp)), as_sent(Kind::tcp).l3_bytes());
}

TEST_F(Rfc5508, Req4b_Req5b_TypeCodeAndMtuStay) {
    const Bytes seen = as_seen(Kind::udp).l3_bytes();
    struct Case {
        IcmpType type;
        unsigned code;
    };
    for (const auto& [type, code] :
         {Case{IcmpType::destination_unreachable, 4}, Case{IcmpType::time_exceeded, 0}, Case{IcmpType::time_exceeded, 1},
          Case{IcmpType::parameter_problem, 0}, Case{IcmpType::source_quench, 0}}) {
        const PacketPtr packet = error_about(seen, type, code).icmp_sequence(1400).in(pool);
        FrameView frame = FrameView::parse(*packet);
        ASSERT_EQ(translate_icmp_error(frame, key_of(Kind::udp), kFarRouter), std::nullopt);
        EXPECT_EQ(frame.icmp().type(), type);
        EXPECT_EQ(frame.icmp().code, code);
        EXPECT_EQ(frame.icmp().sequence.value(), 1400);
        EXPECT_TRUE(checksums_hold(*packet));
    }
}

// The hairpin's own case: both addresses of the quoted packet were translated.
TEST_F(Rfc5508, Req7Errors_BothAddressesOfAHairpinnedPacketAreReverted) {
    const Ipv4Address gateway_lan{192, 168, 255, 1}, web_server{192, 168, 255, 10};
    const Bytes seen = tcp().from(gateway_lan, 50000).to(web_server, 8080).syn().payload(9).l3_bytes();
    const Bytes sent = tcp().from(kWorkstation, 40000).to(kExternal, 80).syn().payload(9).l3_bytes();
    const Ipv4FlowKey key{kWorkstation, kExternal, kInsidePort, kHttp, IpProtocol::tcp};
    EXPECT_EQ(translated_quote(error_about(seen).from(web_server).to(gateway_lan), key), sent);
}

TEST_F(Rfc5508, Req3_AWrongIcmpChecksumIsRefused) {
    const Bytes seen = as_seen(Kind::tcp).l3_bytes();
    EXPECT_EQ(refusal(error_about(seen).bad_l4_checksum(), key_of(Kind::tcp)), DropReason::l4_checksum);
}

TEST_F(Rfc5508, Req3a_AWrongEmbeddedIpChecksumIsRefused) {
    const Bytes seen = as_seen(Kind::tcp).bad_ip_checksum().l3_bytes();
    EXPECT_EQ(refusal(error_about(seen), key_of(Kind::tcp)), DropReason::l4_checksum);
}

TEST_F(Rfc5508, Req3c_AWrongEmbeddedL4ChecksumIsNotTheErrorsFault) {
    for (const Kind kind : {Kind::tcp, Kind::udp, Kind::ping}) {
        const Bytes seen = as_seen(kind).bad_l4_checksum().l3_bytes();
        const Bytes quote = translated_quote(error_about(seen), key_of(kind));
        EXPECT_EQ(quote.size(), seen.size());
    }
}

TEST_F(Rfc5508, Req4_AQuoteThatIsTooShortOrNotIpv4IsRefused) {
    const Bytes seen = as_seen(Kind::tcp).l3_bytes();
    for (std::size_t length = 0; length < 28; ++length)
        EXPECT_EQ(refusal(error_about(std::span{seen}.first(length)), key_of(Kind::tcp)), DropReason::header_malformed) << length;
    Bytes version_six = seen;
    version_six[0] = std::byte{0x65};
    EXPECT_EQ(refusal(error_about(version_six), key_of(Kind::tcp)), DropReason::header_malformed);
    Bytes short_header = seen;
    short_header[0] = std::byte{0x44};
    EXPECT_EQ(refusal(error_about(short_header), key_of(Kind::tcp)), DropReason::header_malformed);
}

TEST_F(Rfc5508, Req3_AnErrorInFragmentsIsRefusedForItsChecksumCannotBeKnown) {
    const Bytes l3 = error_about(as_seen(Kind::tcp).l3_bytes()).l3_bytes();
    const auto first =
        ip(1).from(kFarRouter).to(kExternal).fragment(0, true).payload(std::span{l3}.subspan(sizeof(Ipv4Header), 64));
    EXPECT_EQ(refusal(first, key_of(Kind::tcp)), DropReason::l4_checksum);
}

// RFC 4884: 128 bytes of quote, zero-padded, and then extensions that only look like more of it.
TEST_F(Rfc5508, Req3d_ExtensionsStayAsTheyAre) {
    for (const Kind kind : kKinds) {
        const auto extended = [](Bytes quote) {
            quote.resize(128);
            for (unsigned i = 0; i < 12; ++i) quote.push_back(static_cast<std::byte>(0x20 + i));
            return quote;
        };
        const auto error = error_about(extended(as_seen(kind).l3_bytes()), IcmpType::time_exceeded, 0).identifier(128 / 4);
        const Bytes quote = translated_quote(error, key_of(kind));
        EXPECT_EQ(quote, extended(as_sent(kind).l3_bytes()));
    }
}

TEST_F(Rfc5508, Req3d_WhatLiesBehindTheQuotedPacketIsNotItsChecksum) {
    // A quote that says it is 28 bytes long, with something behind it where a TCP checksum would be.
    Bytes seen = tcp().from(kExternal, 1024).to(kInternet, 80).l3_bytes(),
          sent = tcp().from(kWorkstation, 40000).to(kInternet, 80).l3_bytes();
    for (Bytes* l3 : {&seen, &sent}) {
        (*l3)[2] = std::byte{0};
        (*l3)[3] = std::byte{28};
        (*l3)[10] = (*l3)[11] = std::byte{0};
        const Be16 checksum = checksum_of(std::span{*l3}.first(20));
        std::memcpy(l3->data() + 10, &checksum, 2);
        std::fill(l3->begin() + 28, l3->end(), std::byte{0x5a});
    }
    EXPECT_EQ(translated_quote(error_about(seen), key_of(Kind::tcp)), sent);
}

TEST_F(Rfc5508, Req4a_ALaterFragmentIsQuotedWithoutPorts) {
    const Bytes payload(64);
    const Bytes seen = ip(17).from(kExternal).to(kInternet).fragment(1480, false).payload(payload).l3_bytes();
    const Bytes sent = ip(17).from(kWorkstation).to(kInternet).fragment(1480, false).payload(payload).l3_bytes();
    EXPECT_EQ(translated_quote(error_about(seen), key_of(Kind::udp)), sent);
}

TEST_F(Rfc5508, Req4a_AProtocolWithoutPortsHasItsAddressesReverted) {
    const Bytes seen = ip(47).from(kExternal).to(kInternet).payload(40).l3_bytes(),
                sent = ip(47).from(kWorkstation).to(kInternet).payload(40).l3_bytes();
    EXPECT_EQ(translated_quote(error_about(seen), {kWorkstation, kInternet, {}, {}, IpProtocol::gre}), sent);
}

// Ports and checksum of UDP-Lite and DCCP are in the eight bytes that every quote has.
TEST_F(Rfc5508, Req4a_UdpLiteAndDccpAreRevertedToTheirChecksum) {
    for (const bool lite : {true, false})
        for (std::size_t length : {std::size_t{28}, std::size_t{40}}) {
            const auto packet = [=](Ipv4Address from, unsigned port) {
                Bytes l3 = (lite ? udp_lite().coverage(8) : dccp(DccpType::data))
                               .from(from, port)
                               .to(kInternet, 80)
                               .payload(40)
                               .l3_bytes();
                l3.resize(length);
                return l3;
            };
            const Ipv4FlowKey sent{kWorkstation, kInternet, kInsidePort, L4Port{80},
                                   lite ? IpProtocol::udp_lite : IpProtocol::dccp};
            EXPECT_EQ(translated_quote(error_about(packet(kExternal, 1024)), sent), packet(kWorkstation, kInsidePort.number()));
        }
}

// SCTP's CRC32c is over no address, and its ports stay.
TEST_F(Rfc5508, Req4a_OfSctpOnlyTheAddressesAreReverted) {
    const Bytes seen = ip(132).from(kExternal).to(kInternet).payload(40).l3_bytes(),
                sent = ip(132).from(kWorkstation).to(kInternet).payload(40).l3_bytes();
    EXPECT_EQ(translated_quote(error_about(seen), {kWorkstation, kInternet, L4Port{1}, L4Port{515}, IpProtocol::sctp}), sent);
}

TEST_F(Rfc5508, Req4a_AnErrorWithAPartialChecksumIsCompleted) {
    const Bytes seen = as_seen(Kind::udp).l3_bytes();
    EXPECT_EQ(translated_quote(error_about(seen).partial_checksum(), key_of(Kind::udp)), as_sent(Kind::udp).l3_bytes());
}

TEST_F(Rfc5508, Req4a_AComputedUdpChecksumOfZeroTravelsAsOnes) {
    // Of all destination ports one makes the checksum of what was sent come out as zero.
    for (unsigned port = 0; port < 65536; ++port) {
        const auto sent = udp().from(kWorkstation, 40000).to(kInternet, port).payload(4).l3_bytes();
        if (sent[26] != std::byte{0xff} || sent[27] != std::byte{0xff}) continue;
        const auto seen = udp().from(kExternal, 1024).to(kInternet, port).payload(4).l3_bytes();
        const Ipv4FlowKey key{kWorkstation, kInternet, kInsidePort, L4Port{static_cast<std::uint16_t>(port)}, IpProtocol::udp};
        EXPECT_EQ(translated_quote(error_about(seen), key), sent);
        return;
    }
    FAIL() << "no such port";
}

}  // namespace
}  // namespace hairpin::gateway
