#include "gateway/rewrite.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <vector>

#include "net/packet_pool.h"
#include "tests/support/hairpin_lab.h"
#include "tests/support/packet_builder.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

using Shape = std::function<PacketBuilder(const Ipv4FlowKey&)>;

PacketBuilder with_key(PacketBuilder builder, const Ipv4FlowKey& key) {
    if (key.protocol == IpProtocol::icmp)
        return builder.from(key.source).to(key.destination).identifier(key.source_port.number());
    return builder.from(key.source, key.source_port.number()).to(key.destination, key.destination_port.number());
}

// A packet with key `from`, rewritten to carry `to`.
Bytes rewritten(const Shape& shape, const Ipv4FlowKey& from, const Ipv4FlowKey& to) {
    PacketPool pool{{4, 4}};
    const PacketPtr packet = shape(from).in(pool);
    FrameView frame = FrameView::parse(*packet);
    EXPECT_TRUE(frame);
    rewrite(frame, to, deltas_between(from, to));
    return bytes_of(*packet);
}

Ipv4FlowKey key(IpProtocol protocol, Ipv4Address source, unsigned source_port, Ipv4Address destination,
                unsigned destination_port) {
    return {source, destination, L4Port{static_cast<std::uint16_t>(source_port)},
            L4Port{static_cast<std::uint16_t>(destination_port)}, protocol};
}

// Numbers that meet the ends of ones' complement more often than chance would have it.
std::uint16_t any_word() {
    return *rc::gen::oneOf(rc::gen::arbitrary<std::uint16_t>(), rc::gen::element<std::uint16_t>(0, 1, 0xfffe, 0xffff));
}
Ipv4Address any_address() { return Ipv4Address{static_cast<std::uint32_t>(any_word()) << 16 | any_word()}; }
Ipv4FlowKey any_key(IpProtocol protocol) {
    Ipv4FlowKey any{any_address(), any_address(), L4Port{any_word()}, L4Port{any_word()}, protocol};
    if (protocol == IpProtocol::icmp) any.destination_port = any.source_port;
    if (!rewrites_identifiers(protocol)) any.source_port = any.destination_port = L4Port{};
    return any;
}
const std::vector kRewrittenProtocols{IpProtocol::tcp,  IpProtocol::udp, IpProtocol::icmp,
                                      IpProtocol::dccp, IpProtocol::gre, IpProtocol::udp_lite};
// Everything about a packet but its key. An echo request: its checksum covers at least one byte that is not zero.
Shape any_shape(IpProtocol protocol) {
    auto payload = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::element<std::uint8_t>(0, 1, 0x7f, 0xff));
    // GRE's own header, without a key.
    if (protocol == IpProtocol::gre) payload.insert(payload.begin(), {0, 0, 8, 0});
    const bool partial = (protocol == IpProtocol::tcp || protocol == IpProtocol::udp) && *rc::gen::arbitrary<bool>();
    const auto sequence = any_word();
    // Of UDP-Lite 0 or from the header on, of DCCP in words of what follows the header.
    const auto part = *rc::gen::inRange<unsigned>(0, static_cast<unsigned>(payload.size()) + 1);
    const unsigned coverage = protocol == IpProtocol::udp_lite ? (part == 0 ? 0U : 8 + part - 1) : part % 16;
    return [=](const Ipv4FlowKey& flow) {
        PacketBuilder builder = protocol == IpProtocol::tcp        ? tcp().ack().sequence(sequence)
                                : protocol == IpProtocol::udp      ? udp()
                                : protocol == IpProtocol::icmp     ? icmp_echo().icmp_sequence(sequence)
                                : protocol == IpProtocol::udp_lite ? udp_lite().coverage(coverage)
                                : protocol == IpProtocol::dccp     ? dccp(DccpType::data).sequence(sequence).coverage(coverage)
                                                                   : ip(47);
        builder.payload(std::as_bytes(std::span{payload}));
        if (partial) builder.partial_checksum();
        return with_key(builder, flow);
    };
}

// One addition for each checksum gives what a pass over the whole packet would.
RC_GTEST_PROP(Rewrite, MakesThePacketThatWouldHaveBeenBuiltWithThatKey, ()) {
    const auto protocol = *rc::gen::elementOf(kRewrittenProtocols);
    const auto from = any_key(protocol), to = any_key(protocol);
    const Shape shape = any_shape(protocol);
    RC_ASSERT(rewritten(shape, from, to) == shape(to).bytes());
}

RC_GTEST_PROP(Rewrite, TheInverseDeltasLeadBack, ()) {
    const auto protocol = *rc::gen::elementOf(kRewrittenProtocols);
    const auto from = any_key(protocol), to = any_key(protocol);
    PacketPool pool{{4, 4}};
    const PacketBuilder built = any_shape(protocol)(from);
    const PacketPtr packet = built.in(pool);
    FrameView frame = FrameView::parse(*packet);
    RC_ASSERT(bool{frame});
    const RewriteDeltas deltas = deltas_between(from, to);
    rewrite(frame, to, deltas);
    RC_ASSERT(checksums_hold(*packet));
    rewrite(frame, from, {deltas.address.inverse(), deltas.l4.inverse()});
    RC_ASSERT(bytes_of(*packet) == built.bytes());
}

// RFC 768: zero means that none was computed, so a computed zero travels as 0xffff, and none stays none.
TEST(Rfc768, Checksum_EveryChecksumOfUdpIsRightAndNoneBecomesNone) {
    const Ipv4Address a{192, 168, 255, 2}, b{198, 51, 100, 10};
    const Shape shape = [](const Ipv4FlowKey& flow) { return with_key(udp().payload(5), flow); };
    const auto from = key(IpProtocol::udp, a, 40000, b, 53);
    unsigned all_ones = 0;
    for (unsigned source_port = 0; source_port < 65536; ++source_port) {
        const auto to = key(IpProtocol::udp, a, source_port, b, 53);
        const Bytes bytes = rewritten(shape, from, to);
        ASSERT_EQ(bytes, shape(to).bytes()) << source_port;
        if (bytes.at(40) == std::byte{0xff} && bytes.at(41) == std::byte{0xff}) ++all_ones;
    }
    EXPECT_GT(all_ones, 0u) << "one of them must have been a computed zero";

    const Shape without = [](const Ipv4FlowKey& flow) { return with_key(udp().payload(5).no_udp_checksum(), flow); };
    const auto to = key(IpProtocol::udp, b, 1, a, 2);
    EXPECT_EQ(rewritten(without, from, to), without(to).bytes());
}

// RFC 3828 §3.1: never zero on the wire, whatever it covers.
TEST(Rfc3828, Section3_1_EveryChecksumIsRightAndNoneIsZero) {
    const Ipv4Address a{192, 168, 255, 2}, b{198, 51, 100, 10};
    const Shape shape = [](const Ipv4FlowKey& flow) { return with_key(udp_lite().coverage(11).payload(5), flow); };
    const auto from = key(IpProtocol::udp_lite, a, 40000, b, 53);
    unsigned all_ones = 0;
    for (unsigned source_port = 0; source_port < 65536; ++source_port) {
        const auto to = key(IpProtocol::udp_lite, a, source_port, b, 53);
        const Bytes bytes = rewritten(shape, from, to);
        ASSERT_EQ(bytes, shape(to).bytes()) << source_port;
        if (bytes.at(40) == std::byte{0xff} && bytes.at(41) == std::byte{0xff}) ++all_ones;
    }
    EXPECT_GT(all_ones, 0U) << "one of them must have been a computed zero";
}

// Of a later fragment only the addresses: what stands behind its IP header is payload, whatever it looks like.
TEST(Rewrite, ALaterFragmentHasNoPorts) {
    const auto from = key(IpProtocol::udp, {192, 168, 255, 2}, 40000, {198, 51, 100, 10}, 53);
    const auto to = key(IpProtocol::udp, {203, 0, 113, 80}, 2000, {198, 51, 100, 10}, 53);
    const Shape later = [](const Ipv4FlowKey& flow) {
        return udp().from(flow.source).to(flow.destination).fragment(1480, false).payload(64);
    };
    EXPECT_EQ(rewritten(later, from, to), later(to).bytes());
}

TEST(Rewrite, ToTheSameKeyChangesNothing) {
    for (const IpProtocol protocol : {IpProtocol::tcp, IpProtocol::udp, IpProtocol::icmp}) {
        const auto same = key(protocol, {192, 168, 255, 2}, 7, {198, 51, 100, 10}, 7);
        const Shape shape = [&](const Ipv4FlowKey& flow) {
            return with_key(protocol == IpProtocol::tcp   ? tcp().ack()
                            : protocol == IpProtocol::udp ? udp()
                                                          : icmp_echo(),
                            flow)
                .payload(11);
        };
        EXPECT_EQ(rewritten(shape, same, same), shape(same).bytes());
    }
}

// An ICMP echo reply may consist of zeros alone: identifier, sequence number and payload. Its checksum is 0xffff then and not 0.
// RFC 1624's equation 3 gives 0: it takes for granted that what is summed up is never all zero.
TEST(Rfc1624, Section4_AnEchoReplyOfZerosAlone) {
    const Ipv4Address server{198, 51, 100, 10}, outside{203, 0, 113, 80}, client{192, 168, 255, 2};
    for (const unsigned identifier : {1u, 4711u, 0xffffu}) {
        const auto from = key(IpProtocol::icmp, server, identifier, outside, identifier);
        const auto to = key(IpProtocol::icmp, server, 0, client, 0);
        const Shape shape = [](const Ipv4FlowKey& flow) { return with_key(icmp_echo_reply().icmp_sequence(0), flow); };
        PacketPool pool{{4, 4}};
        const PacketPtr packet = shape(from).in(pool);
        FrameView frame = FrameView::parse(*packet);
        ASSERT_TRUE(frame);
        rewrite(frame, to, deltas_between(from, to));
        EXPECT_TRUE(checksums_hold(*packet)) << "from identifier " << identifier;
        EXPECT_EQ(frame.icmp().checksum.value(), 0xffff) << "from identifier " << identifier;
    }
}

// The same where the gateway answers a ping itself: the lab verifies what leaves the gateway.
TEST(Rfc1624, Section4_TheGatewaysOwnEchoReplyOfZerosAlone) {
    HairpinLab lab;
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(0).icmp_sequence(0));
    EXPECT_EQ(lab.workstation.received_one().l4_checksum, 0xffffu);
}

}  // namespace
}  // namespace hairpin::testing
