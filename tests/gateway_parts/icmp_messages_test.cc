#include "gateway/icmp/icmp_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/offload.h"
#include "tests/support/guide_hosts.h"
#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace std::chrono_literals;
using namespace hairpin::testing;

class Icmp : public ::testing::Test {
protected:
    PacketPtr error_about(const PacketBuilder& builder, const IcmpError& error) {
        offender = builder.in(pool);
        return messages.make_error(*offender, error, kGateway, now);
    }
    PacketBuilder lost() { return udp().from(kWorkstation, 40000).to(kInternet, 53).payload(100); }
    bool told(const PacketBuilder& builder) { return error_about(builder, IcmpError::network_unreachable()) != nullptr; }
    static Bytes quote_in(const Packet& message) {
        const Bytes all = bytes_of(message);
        return {all.begin() + 42, all.end()};
    }

    PacketPool pool{{4096, 8}};
    IcmpMessages messages{pool};
    Timestamp now{1h};
    PacketPtr offender;
};
class Rfc792 : public Icmp {};
class Rfc1191 : public Icmp {};
class IcmpRfc1812 : public Icmp {};

TEST_F(Rfc792, Errors_AnErrorSaysWhatHappenedAndQuotesThePacket) {
    struct Case {
        IcmpError error;
        unsigned type, code;
    };
    for (const auto& [error, type, code] :
         {Case{IcmpError::network_unreachable(), 3, 0}, Case{IcmpError::host_unreachable(), 3, 1},
          Case{IcmpError::port_unreachable(), 3, 3}, Case{IcmpError::fragmentation_needed(1400), 3, 4},
          Case{IcmpError::administratively_prohibited(), 3, 13}, Case{IcmpError::time_exceeded(), 11, 0}}) {
        const PacketPtr message = error_about(lost(), error);
        ASSERT_NE(message, nullptr);
        EXPECT_TRUE(checksums_hold(*message));
        const FrameView frame = FrameView::parse(*message);
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame.icmp().type_number, type);
        EXPECT_EQ(frame.icmp().code, code);
        EXPECT_EQ(frame.ipv4().source, kGateway);
        EXPECT_EQ(frame.ipv4().destination, kWorkstation);
        EXPECT_EQ(frame.ipv4().time_to_live, 64);
        EXPECT_TRUE(frame.ipv4().dont_fragment());
        EXPECT_EQ(quote_in(*message), lost().l3_bytes());
    }
}

TEST_F(Rfc1191, Section4_FragmentationNeededCarriesTheMtu) {
    const PacketPtr message = error_about(lost(), IcmpError::fragmentation_needed(1400));
    EXPECT_EQ(FrameView::parse(*message).icmp().sequence.value(), 1400);
    EXPECT_EQ(FrameView::parse(*message).icmp().identifier.value(), 0);
}

TEST_F(IcmpRfc1812, Section4_3_2_3_QuotesAsMuchAsFitsInto576Bytes) {
    const auto large = udp().from(kWorkstation, 1).to(kInternet, 2).payload(1400);
    const PacketPtr message = error_about(large, IcmpError::time_exceeded());
    EXPECT_EQ(message->size(), 14u + 576u);
    EXPECT_TRUE(checksums_hold(*message));
    const Bytes l3 = large.l3_bytes();
    EXPECT_EQ(quote_in(*message), Bytes(l3.begin(), l3.begin() + 548));
}

TEST_F(IcmpRfc1812, Section4_3_2_5_IsInternetControl) {
    EXPECT_EQ(FrameView::parse(*error_about(lost(), IcmpError::time_exceeded())).ipv4().type_of_service, 0xc0);
}

TEST_F(IcmpRfc1812, Section4_3_2_7_NobodyIsToldAboutThese) {
    EXPECT_TRUE(told(lost()));
    EXPECT_TRUE(told(icmp_echo().from(kWorkstation).to(kInternet)));
    EXPECT_TRUE(told(icmp_echo_reply().from(kWorkstation).to(kInternet)));
    EXPECT_TRUE(told(lost().fragment(0, true))) << "a first fragment";

    const Bytes quote = lost().l3_bytes();
    for (const IcmpType type : {IcmpType::destination_unreachable, IcmpType::source_quench, IcmpType::redirect,
                                IcmpType::time_exceeded, IcmpType::parameter_problem, IcmpType{40}})
        EXPECT_FALSE(told(icmp_error(type, 0, quote).from(kWorkstation).to(kInternet)));
    EXPECT_FALSE(told(lost().fragment(1480, false))) << "a fragment other than the first";
    EXPECT_FALSE(told(lost().to_mac(MacAddress::broadcast())));
    EXPECT_FALSE(told(lost().to_mac(MacAddress::from_number(0x0100'5e00'0001))));
    EXPECT_FALSE(told(lost().to(Ipv4Address::broadcast(), 53)));
    EXPECT_FALSE(told(lost().to({224, 0, 0, 251}, 53)));
    for (const Ipv4Address nobody : {Ipv4Address{}, Ipv4Address{0, 1, 2, 3}, Ipv4Address{127, 0, 0, 1}, Ipv4Address{239, 1, 1, 1},
                                     Ipv4Address{240, 0, 0, 1}, Ipv4Address::broadcast()})
        EXPECT_FALSE(told(lost().from(nobody, 1)));
    EXPECT_FALSE(told(arp_request().from(kWorkstation).to(kInternet)));
    EXPECT_EQ(messages.suppressed(), 0u) << "they were not owed";
}

TEST_F(IcmpRfc1812, Section4_3_2_8_ErrorsAreLimitedToARate) {
    messages.adopt({EchoAnswer::anybody, 10, 1000});
    unsigned made = 0;
    for (int i = 0; i < 100; ++i) made += told(lost());
    EXPECT_EQ(made, 10u);
    EXPECT_EQ(messages.suppressed(), 90u);
    now += 100ms;
    EXPECT_TRUE(told(lost()));
    EXPECT_FALSE(told(lost()));
    now += 1h;
    made = 0;
    for (int i = 0; i < 100; ++i) made += told(lost());
    EXPECT_EQ(made, 10u) << "an hour of silence saves up no more than a second's worth";
}

TEST_F(Icmp, ARateHoldsHoweverOftenItIsAsked) {
    TokenBucket bucket{7};
    unsigned taken = 0;
    for (Duration passed{}; passed < 10s; passed += 1ms) taken += bucket.take(now + passed);
    EXPECT_EQ(taken, 7u + 69u);
}

TEST_F(Icmp, ARateOfZeroAdmitsNothing) {
    messages.adopt({EchoAnswer::anybody, 0, 0});
    EXPECT_FALSE(told(lost()));
    EXPECT_FALSE(messages.may_answer_echo(now));
}

TEST_F(Icmp, PingsHaveARateOfTheirOwn) {
    messages.adopt({EchoAnswer::anybody, 1, 2});
    EXPECT_TRUE(told(lost()));
    EXPECT_TRUE(messages.may_answer_echo(now));
    EXPECT_TRUE(messages.may_answer_echo(now));
    EXPECT_FALSE(messages.may_answer_echo(now));
}

TEST_F(Icmp, WithoutABufferNothingIsMade) {
    PacketPool empty{{0, 0}};
    IcmpMessages starved{empty};
    offender = lost().in(pool);
    EXPECT_EQ(starved.make_error(*offender, IcmpError::time_exceeded(), kGateway, now), nullptr);
    EXPECT_EQ(starved.suppressed(), 1u);
}

TEST_F(Icmp, APartialChecksumIsQuotedAsItWouldHaveBeen) {
    const auto segment = tcp().from(kWorkstation, 40000).to(kInternet, 80).syn().payload(300);
    const PacketPtr message = error_about(PacketBuilder{segment}.partial_checksum(), IcmpError::host_unreachable());
    EXPECT_EQ(quote_in(*message), segment.l3_bytes());
    EXPECT_TRUE(checksums_hold(*message));
    EXPECT_EQ(offender->offload.checksum, ChecksumState::partial) << "the packet itself is left alone";
}

TEST_F(Icmp, ASuperPacketIsQuotedAsItIs) {
    const PacketPtr message = error_about(tcp().from(kWorkstation, 1).to(kInternet, 80).payload(20000).super_packet(1448),
                                          IcmpError::fragmentation_needed(1400));
    EXPECT_EQ(message->size(), 14u + 576u);
    EXPECT_TRUE(checksums_hold(*message));
    EXPECT_EQ(message->offload.segmentation, Segmentation::none);
}

TEST_F(Rfc792, Echo_AnEchoReplyHasIdentifierSequenceAndDataOfTheRequest) {
    for (const std::size_t size : {0u, 1u, 56u, 1400u}) {
        const auto ping =
            icmp_echo().from(kWorkstation).to(kGateway).identifier(0x1234).icmp_sequence(9).payload(size).ttl(3).tos(0x10);
        const PacketPtr packet = ping.in(pool);
        FrameView frame = FrameView::parse(*packet);
        turn_into_echo_reply(frame);
        EXPECT_TRUE(checksums_hold(*packet));
        const Bytes expected =
            icmp_echo_reply().from(kGateway).to(kWorkstation).identifier(0x1234).icmp_sequence(9).payload(size).tos(0x10).bytes();
        EXPECT_EQ(bytes_of(*packet), expected);
    }
}

TEST_F(Icmp, AnEchoRequestWithAWrongChecksumGetsAWrongAnswer) {
    const PacketPtr packet = icmp_echo().from(kWorkstation).to(kGateway).payload(8).bad_l4_checksum().in(pool);
    FrameView frame = FrameView::parse(*packet);
    turn_into_echo_reply(frame);
    EXPECT_FALSE(checksums_hold(*packet));
}

TEST_F(Icmp, AnEchoRequestWithAPartialChecksumStaysCompletable) {
    const PacketPtr packet = icmp_echo().from(kWorkstation).to(kGateway).payload(33).partial_checksum().in(pool);
    FrameView frame = FrameView::parse(*packet);
    turn_into_echo_reply(frame);
    complete_checksum(*packet);
    EXPECT_TRUE(checksums_hold(*packet));
}

TEST_F(Icmp, FragmentsOfAnEchoRequestBecomeThoseOfTheReply) {
    const auto body = [](const PacketBuilder& builder) {
        const Bytes l3 = builder.l3_bytes();
        return Bytes{l3.begin() + sizeof(Ipv4Header), l3.end()};
    };
    const Bytes request = body(icmp_echo().identifier(5).payload(2000));
    const Bytes reply = body(icmp_echo_reply().identifier(5).payload(2000));
    for (const std::size_t offset : {std::size_t{0}, std::size_t{1480}}) {
        const std::size_t length = std::min<std::size_t>(1480, request.size() - offset);
        const auto piece = [&](const Bytes& of) {
            return ip(1).fragment(offset, offset == 0).payload(std::span{of}.subspan(offset, length));
        };
        const PacketPtr packet = piece(request).from(kWorkstation).to(kGateway).in(pool);
        FrameView frame = FrameView::parse(*packet);
        turn_into_echo_reply(frame);
        EXPECT_EQ(bytes_of(*packet), piece(reply).from(kGateway).to(kWorkstation).bytes());
    }
}

}  // namespace
}  // namespace hairpin::gateway
