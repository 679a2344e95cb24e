#include "net/flow_identifiers.h"

#include <gtest/gtest.h>

#include "net/frame_view.h"
#include "tests/support/other_protocols.h"
#include "tests/support/two_hosts.h"

namespace hairpin::testing {
namespace {

Ipv4FlowKey key(IpProtocol protocol, unsigned source_port, unsigned destination_port) {
    return {kHere, kThere, L4Port{static_cast<std::uint16_t>(source_port)}, L4Port{static_cast<std::uint16_t>(destination_port)},
            protocol};
}

Ipv4FlowKey key_of(const PacketBuilder& builder) {
    PacketPool pool{{4, 4}};
    const PacketPtr packet = builder.in(pool);
    const FrameView frame = FrameView::parse(*packet);
    EXPECT_TRUE(frame) << name_of(frame.reason());
    return frame ? frame.key() : Ipv4FlowKey{};
}

DropReason refusal_of(const PacketBuilder& builder) {
    PacketPool pool{{4, 4}};
    const PacketPtr packet = builder.in(pool);
    const FrameView frame = FrameView::parse(*packet);
    EXPECT_FALSE(frame);
    return frame.reason();
}

Bytes l4_of(const PacketBuilder& builder) {
    const Bytes l3 = builder.l3_bytes();
    return {l3.begin() + 20, l3.end()};
}

TEST(FlowIdentifiers, AreWhatEachProtocolHas) {
    EXPECT_EQ(key_of(udp_lite().from(kHere, 7).to(kThere, 9)), key(IpProtocol::udp_lite, 7, 9));
    EXPECT_EQ(key_of(dccp(DccpType::request).from(kHere, 7).to(kThere, 9)), key(IpProtocol::dccp, 7, 9));
    EXPECT_EQ(key_of(ip(132).payload(sctp({.source_port = 7, .destination_port = 9}))), key(IpProtocol::sctp, 7, 9));
    EXPECT_EQ(key_of(ip(47).payload(gre(17))), key(IpProtocol::gre, 17, 17));
    EXPECT_EQ(key_of(ip(47).payload(gre_with_checksum(17))), key(IpProtocol::gre, 17, 17));
    EXPECT_EQ(key_of(ip(47).payload(gre(0x0003'0001))), key(IpProtocol::gre, 2, 2)) << "its halves, exclusive-ored";
    EXPECT_EQ(key_of(ip(47).payload(gre_without_key())), key(IpProtocol::gre, 0, 0));
    EXPECT_EQ(key_of(ip(47).payload(enhanced_gre(17))), key(IpProtocol::gre, 0, 17)) << "the receiver's alone";
    EXPECT_EQ(key_of(ip(50).payload(esp(0x1000))), key(IpProtocol::esp, 0, 0));
    EXPECT_EQ(key_of(ip(51).payload(ah(0x1000))), key(IpProtocol::ah, 0, 0));
}

TEST(FlowIdentifiers, AreAlsoInTheEightBytesOfAQuote) {
    const auto quoted = [](const PacketBuilder& builder) {
        Bytes l3 = builder.l3_bytes();
        l3.resize(28);
        const QuotedView view = QuotedView::parse(l3);
        EXPECT_TRUE(view);
        return view.key();
    };
    EXPECT_EQ(quoted(udp_lite().from(kHere, 7).to(kThere, 9)), key(IpProtocol::udp_lite, 7, 9));
    EXPECT_EQ(quoted(dccp(DccpType::data).from(kHere, 7).to(kThere, 9)), key(IpProtocol::dccp, 7, 9));
    EXPECT_EQ(quoted(ip(132).payload(sctp({.source_port = 7, .destination_port = 9}))), key(IpProtocol::sctp, 7, 9));
    EXPECT_EQ(quoted(ip(47).payload(gre(17))), key(IpProtocol::gre, 17, 17));
    EXPECT_EQ(quoted(ip(47).payload(gre_with_checksum(17))), key(IpProtocol::gre, 0, 0)) << "a key behind the quote's end";
}

// A header that is cut off hides what firewall and NAT would judge by.
TEST(FlowIdentifiers, AHeaderMustBeThereWhole) {
    const auto shortened = [](unsigned protocol, Bytes l4, std::size_t length) {
        l4.resize(length);
        return ip(protocol).payload(l4);
    };
    const Bytes datagram = l4_of(dccp(DccpType::data));
    for (const auto& [protocol, l4, whole] : {std::tuple{33U, datagram, std::size_t{16}},
                                              {132U, sctp({}), std::size_t{12}},
                                              {47U, gre(1), std::size_t{8}},
                                              {47U, gre_with_checksum(1), std::size_t{12}},
                                              {47U, enhanced_gre(1), std::size_t{12}},
                                              {50U, esp(1), std::size_t{8}},
                                              {51U, ah(1), std::size_t{12}}}) {
        for (std::size_t length = 0; length < whole; ++length) {
            EXPECT_EQ(refusal_of(shortened(protocol, l4, length)), DropReason::header_malformed) << protocol << " of " << length;
            Bytes first = l4;
            first.resize(length);
            EXPECT_EQ(refusal_of(ip(protocol).fragment(0, true).payload(first)), DropReason::fragment_tiny) << protocol;
        }
        key_of(shortened(protocol, l4, whole));
    }
}

TEST(Rfc3828, Section3_1_AWrongCoverageAndNoChecksumAreRefused) {
    for (const unsigned coverage : {0U, 8U, 12U, 18U}) key_of(udp_lite().coverage(coverage).payload(10));
    for (const unsigned coverage : {1U, 7U, 19U, 65535U})
        EXPECT_EQ(refusal_of(udp_lite().coverage(coverage).payload(10)), DropReason::header_malformed) << coverage;

    Bytes none = udp_lite().payload(10).l3_bytes();
    none[26] = none[27] = std::byte{0};
    EXPECT_EQ(refusal_of(ethernet(0x0800).payload(none)), DropReason::header_malformed);
}

TEST(FlowIdentifiers, TheAnswerToAOneSidedFlowIsAwaitedWithoutOne) {
    const auto call = key(IpProtocol::gre, 0, 17);
    EXPECT_TRUE(is_one_sided(call));
    const auto awaited = awaited_reply(call);
    EXPECT_EQ(awaited.source, kThere);
    EXPECT_EQ(awaited.destination, kHere);
    EXPECT_EQ(awaited.destination_port, L4Port{});
    Ipv4FlowKey answer = awaited;
    answer.destination_port = L4Port{4};
    EXPECT_EQ(awaited_as(answer), awaited);

    for (const auto& other : {key(IpProtocol::tcp, 7, 9), key(IpProtocol::gre, 17, 17), key(IpProtocol::gre, 0, 0)}) {
        EXPECT_EQ(awaited_reply(other), other.reversed());
        EXPECT_EQ(awaited_as(other), std::nullopt);
    }
}

TEST(FlowKey, OfAProtocolWithoutPortsIsWrittenWithWhatItHas) {
    EXPECT_EQ(key(IpProtocol::gre, 0, 17).to_string(), "gre 192.0.2.1 -> 192.0.2.2 call 17");
    EXPECT_EQ(key(IpProtocol::gre, 17, 17).to_string(), "gre 192.0.2.1 -> 192.0.2.2 key 17");
    EXPECT_EQ(key(IpProtocol::esp, 0, 0).to_string(), "esp 192.0.2.1 -> 192.0.2.2");
    EXPECT_EQ(key(IpProtocol::sctp, 7, 9).to_string(), "sctp 192.0.2.1:7 -> 192.0.2.2:9");
}

}  // namespace
}  // namespace hairpin::testing
