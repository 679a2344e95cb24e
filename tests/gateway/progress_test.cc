#include "gateway/sessions/progress.h"

#include <gtest/gtest.h>

#include "tests/support/other_protocols.h"

namespace hairpin::gateway {
namespace {

using namespace hairpin::testing;
using enum Direction;
using State = SessionState;

// A session and the packets that come by.
class Followed {
public:
    explicit Followed(IpProtocol protocol) {
        session.original_key.protocol = protocol;
        session.state = first_state(protocol);
    }

    State after(Direction direction, const PacketBuilder& builder) {
        const PacketPtr packet = builder.in(pool_);
        ++session.packets[index_of(direction)];
        take_note(session, direction, FrameView::parse(*packet));
        return session.state;
    }
    State after(Direction direction, const SctpWords& words) { return after(direction, ip(132).payload(sctp(words))); }
    State after(Direction direction, DccpType type) { return after(direction, dccp(type)); }

    Session session{};

private:
    PacketPool pool_{{4, 4}};
};

bool begins(const PacketBuilder& builder, TcpTracking tracking = TcpTracking::strict) {
    PacketPool pool{{4, 4}};
    const PacketPtr packet = builder.in(pool);
    return begins_session(FrameView::parse(*packet), tracking);
}

constexpr std::uint32_t kClientsTag = 0xc11e'0001, kServersTag = 0x5e17'0002;

void associate(Followed& sctp) {
    EXPECT_EQ(sctp.after(original, {.chunk = SctpChunkType::init, .initiate_tag = kClientsTag}), State::sctp_opening);
    EXPECT_EQ(sctp.after(reply, {.tag = kClientsTag, .chunk = SctpChunkType::init_ack, .initiate_tag = kServersTag}),
              State::sctp_opening);
    EXPECT_EQ(sctp.after(original, {.tag = kServersTag, .chunk = SctpChunkType::cookie_echo}), State::sctp_opening);
    EXPECT_EQ(sctp.after(reply, {.tag = kClientsTag, .chunk = SctpChunkType::cookie_ack}), State::sctp_established);
}

TEST(Progress, OfAnAssociationFromInitToShutdown) {
    Followed sctp{IpProtocol::sctp};
    associate(sctp);
    EXPECT_EQ(sctp.session.peer.carried[0], kServersTag) << "what the client's packets carry";
    EXPECT_EQ(sctp.session.peer.carried[1], kClientsTag);
    EXPECT_EQ(sctp.after(original, {.tag = kServersTag, .chunk = SctpChunkType::data}), State::sctp_established);
    EXPECT_EQ(sctp.after(original, {.tag = kServersTag, .chunk = SctpChunkType::shutdown}), State::sctp_closing);
    EXPECT_EQ(sctp.after(reply, {.tag = kClientsTag, .chunk = SctpChunkType::shutdown_ack}), State::sctp_closing);
    // The same ports again: another association, with other tags.
    EXPECT_EQ(sctp.after(original, {.chunk = SctpChunkType::init, .initiate_tag = 0xc11e'0009}), State::sctp_opening);
    EXPECT_EQ(sctp.session.peer.carried[1], 0xc11e'0009U);
    EXPECT_EQ(sctp.session.peer.carried[0], 0U) << "the server has not said its own yet";
}

TEST(Progress, AWrongVerificationTagMovesNothing) {
    for (const auto type : {SctpChunkType::abort, SctpChunkType::shutdown, SctpChunkType::shutdown_complete}) {
        Followed sctp{IpProtocol::sctp};
        associate(sctp);
        EXPECT_EQ(sctp.after(reply, {.tag = kClientsTag + 1, .chunk = type}), State::sctp_established);
        EXPECT_EQ(sctp.after(original, {.tag = kClientsTag, .chunk = type}), State::sctp_established) << "the other side's";
        EXPECT_EQ(sctp.after(reply, {.tag = kClientsTag, .chunk = type}), State::sctp_closing);
    }
}

// RFC 9260 §8.4: who knows of no association answers with the tag that it was called by, and says so.
TEST(Progress, AnAbortMayReflectTheTag) {
    Followed sctp{IpProtocol::sctp};
    associate(sctp);
    EXPECT_EQ(sctp.after(reply, {.tag = kServersTag, .chunk = SctpChunkType::abort}), State::sctp_established);
    EXPECT_EQ(sctp.after(reply, {.tag = kServersTag, .chunk = SctpChunkType::abort, .flags = SctpChunk::kReflectedTag}),
              State::sctp_closing);
}

TEST(Progress, AnInitInTheMiddleTeachesNothing) {
    Followed sctp{IpProtocol::sctp};
    associate(sctp);
    EXPECT_EQ(sctp.after(reply, {.chunk = SctpChunkType::init, .initiate_tag = 1}), State::sctp_established);
    EXPECT_EQ(sctp.session.peer.carried[0], kServersTag);
}

TEST(Progress, OfADccpConnection) {
    Followed dccp{IpProtocol::dccp};
    EXPECT_EQ(dccp.after(original, DccpType::request), State::dccp_opening);
    EXPECT_EQ(dccp.after(original, DccpType::data), State::dccp_opening) << "nobody has answered";
    EXPECT_EQ(dccp.after(reply, DccpType::response), State::dccp_opening);
    EXPECT_EQ(dccp.after(original, DccpType::ack), State::dccp_established);
    EXPECT_EQ(dccp.after(reply, DccpType::data_ack), State::dccp_established);
    EXPECT_EQ(dccp.after(reply, DccpType::close_request), State::dccp_closing);
    EXPECT_EQ(dccp.after(original, DccpType::close), State::dccp_closing);
    EXPECT_EQ(dccp.after(reply, DccpType::reset), State::dccp_closing);
    EXPECT_EQ(dccp.after(original, DccpType::request), State::dccp_opening) << "the same ports again";
}

TEST(Progress, AnAnswerMakesAStream) {
    for (const auto& [protocol, one_way, both] : {std::tuple{IpProtocol::udp, State::udp, State::udp_stream},
                                                  {IpProtocol::udp_lite, State::udp, State::udp_stream},
                                                  {IpProtocol::gre, State::gre, State::gre_stream}}) {
        Followed followed{protocol};
        const auto packet = protocol == IpProtocol::gre   ? ip(47).payload(gre(1))
                            : protocol == IpProtocol::udp ? udp()
                                                          : udp_lite();
        EXPECT_EQ(followed.after(original, packet), one_way);
        EXPECT_EQ(followed.after(original, packet), one_way);
        EXPECT_EQ(followed.after(reply, packet), both);
        EXPECT_EQ(followed.after(original, packet), both);
    }
}

TEST(Progress, TheSpisOfATunnelAreTheLatest) {
    Followed tunnel{IpProtocol::esp};
    for (const std::uint32_t spi : {0x1000U, 0x2000U}) tunnel.after(original, ip(50).payload(esp(spi)));
    EXPECT_EQ(tunnel.after(reply, ip(50).payload(esp(0x3000))), State::esp);
    EXPECT_EQ(tunnel.session.peer.carried[0], 0x2000U);
    EXPECT_EQ(tunnel.session.peer.carried[1], 0x3000U);
}

TEST(BeginsSession, OnlyWhatOpensAConnectionUnlessTrackingIsLoose) {
    EXPECT_TRUE(begins(ip(132).payload(sctp({.chunk = SctpChunkType::init}))));
    EXPECT_TRUE(begins(ip(132).payload(sctp({.chunk = SctpChunkType::heartbeat})))) << "another path of an association";
    EXPECT_FALSE(begins(ip(132).payload(sctp({.chunk = SctpChunkType::data}))));
    EXPECT_FALSE(begins(ip(132).payload(sctp({.chunk = SctpChunkType::init_ack}))));
    EXPECT_TRUE(begins(ip(132).payload(sctp({.chunk = SctpChunkType::data})), TcpTracking::loose));
    EXPECT_TRUE(begins(dccp(DccpType::request)));
    EXPECT_TRUE(begins(dccp(DccpType::listen)));
    EXPECT_FALSE(begins(dccp(DccpType::response)));
    EXPECT_FALSE(begins(dccp(DccpType::reset)));
    EXPECT_TRUE(begins(dccp(DccpType::data), TcpTracking::loose));
    for (const auto& packet :
         {udp_lite(), ip(47).payload(gre_without_key()), ip(50).payload(esp(1)), ip(51).payload(ah(1)), ip(89)})
        EXPECT_TRUE(begins(packet));
}

}  // namespace
}  // namespace hairpin::gateway
