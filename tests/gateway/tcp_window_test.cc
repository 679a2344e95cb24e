// The windows of a TCP connection, as a router between its endpoints knows them: nothing that an endpoint sends is outside of them, and
// what a stranger guesses is.

#include "gateway/sessions/tcp_window.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "gateway/sessions/tcp_state.h"
#include "tests/gateway/tcp_flags.h"

namespace hairpin::gateway {
namespace {

using enum Direction;
using enum SegmentStanding;

struct Segment {
    Direction direction;
    std::uint32_t sequence, acknowledgment, length = 0;
    unsigned flags = kAck;
    std::uint32_t window = 65535;
    int scale = -1;  // of a SYN: what it offers
};

// A connection with nothing but what the router keeps of it.
class Connection {
public:
    explicit Connection(TcpTracking tracking = TcpTracking::strict) : tracking_(tracking) {}

    SegmentStanding look_at(const Segment& segment) const {
        const TcpHeader header = header_of(segment);
        return standing_of(track_, state_, {segment.direction, header, options_of(segment), segment.length}, tracking_);
    }
    SegmentStanding take(const Segment& segment) {
        const SegmentStanding standing = look_at(segment);
        if (standing != valid) return standing;
        const TcpHeader header = header_of(segment);
        learn(track_, {segment.direction, header, options_of(segment), segment.length});
        state_ = advance(track_, state_, segment.direction, header);
        return standing;
    }
    void take_fragment(Direction direction) { learn_of_fragment(track_, direction); }
    SessionState state() const { return state_; }
    const TcpTrack& track() const { return track_; }

private:
    static TcpHeader header_of(const Segment& segment) {
        TcpHeader header;
        header.sequence = Be32{segment.sequence};
        header.acknowledgment = Be32{segment.acknowledgment};
        header.flags = static_cast<std::uint8_t>(segment.flags);
        header.window = Be16{static_cast<std::uint16_t>(segment.window)};
        return header;
    }
    std::span<const std::byte> options_of(const Segment& segment) const {
        if (segment.scale < 0) return {};
        option_ = {std::byte{1}, std::byte{3}, std::byte{3}, static_cast<std::byte>(segment.scale)};
        return option_;
    }

    TcpTracking tracking_;
    TcpTrack track_{};
    SessionState state_ = SessionState::opening;
    mutable std::array<std::byte, 4> option_{};
};

constexpr std::uint32_t kClient = 1000, kServer = 0xffff'ff00;  // the server's numbers soon go round

Connection established_connection(std::uint32_t window = 10000, TcpTracking tracking = TcpTracking::strict) {
    Connection connection{tracking};
    EXPECT_EQ(connection.take({original, kClient, 0, 0, kSyn, window}), valid);
    EXPECT_EQ(connection.take({reply, kServer, kClient + 1, 0, kSyn | kAck, window}), valid);
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 0, kAck, window}), valid);
    EXPECT_EQ(connection.state(), SessionState::established);
    return connection;
}

// ---- Data and acknowledgments -----------------------------------------------------------------------------------------------------

TEST(TcpWindow, WhatTheOtherSideAllowsMayBeSent) {
    const Connection connection = established_connection(10000);
    EXPECT_EQ(connection.look_at({original, kClient + 1, kServer + 1, 10000}), valid);
    EXPECT_EQ(connection.look_at({original, kClient + 1, kServer + 1, 10001}), outside);
    EXPECT_EQ(connection.look_at({original, kClient + 9001, kServer + 1, 1000}), valid) << "the ones before may be lost";
    EXPECT_EQ(connection.look_at({original, kClient + 9002, kServer + 1, 1000}), outside);
}

TEST(TcpWindow, WhatWasSentMayBeSentAgain) {
    Connection connection = established_connection(10000);
    const auto data = [](std::uint32_t at) { return Segment{original, kClient + at, kServer + 1, 10000, kAck, 10000}; };
    for (std::uint32_t at = 1; at < 50001; at += 10000) {
        EXPECT_EQ(connection.take(data(at)), valid);
        EXPECT_EQ(connection.take({reply, kServer + 1, kClient + at + 10000, 0, kAck, 10000}), valid);
    }
    EXPECT_EQ(connection.look_at(data(30001)), valid);
    EXPECT_EQ(connection.look_at(data(20001)), outside) << "that was acknowledged long ago";
    EXPECT_EQ(connection.look_at({original, kClient + 50000, kServer + 1, 0}), valid) << "a keep-alive";
}

TEST(TcpWindow, OnlyWhatWasSentCanBeAcknowledged) {
    Connection connection = established_connection();
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 500}), valid);
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 501, 0}), valid);
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 502, 0}), outside);
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 501 - 132000, 0}), valid) << "an old one, and late";
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 501 - 132001, 0}), outside);
}

TEST(TcpWindow, AClosedWindowIsProbedWithAByte) {
    Connection connection;
    EXPECT_EQ(connection.take({original, kClient, 0, 0, kSyn, 0}), valid);
    EXPECT_EQ(connection.take({reply, kServer, kClient + 1, 0, kSyn | kAck, 0}), valid);
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 0, kAck, 0}), valid);
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 1, 1}), valid);
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 1, 2}), outside);
}

TEST(TcpWindow, AFinBeforeOtherDataIsNone) {
    Connection connection = established_connection();
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 500}), valid);
    EXPECT_EQ(connection.take({original, kClient + 400, kServer + 1, 0, kAck | kFin}), harmless);
    EXPECT_EQ(connection.state(), SessionState::established);
    EXPECT_EQ(connection.take({original, kClient + 501, kServer + 1, 0, kAck | kFin}), valid);
    EXPECT_EQ(connection.take({original, kClient + 501, kServer + 1, 0, kAck | kFin}), valid) << "again";
    EXPECT_EQ(connection.state(), SessionState::closing);
}

TEST(TcpWindow, WithoutAckASegmentIsNobodys) {
    EXPECT_EQ(established_connection().look_at({original, kClient + 1, 0, 10, 0}), outside);
}

TEST(TcpWindow, IsScaledWhereBothHaveOffered) {
    const auto opened = [](int client, int server) {
        Connection connection;
        EXPECT_EQ(connection.take({original, kClient, 0, 0, kSyn, 65535, client}), valid);
        EXPECT_EQ(connection.take({reply, kServer, kClient + 1, 0, kSyn | kAck, 65535, server}), valid);
        EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 0, kAck, 1000}), valid);
        EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 1, 0, kAck, 1000}), valid);
        return connection;
    };
    EXPECT_EQ(opened(7, 7).look_at({reply, kServer + 1, kClient + 1, 128000}), valid);
    EXPECT_EQ(opened(7, 7).look_at({reply, kServer + 1, kClient + 1, 128001}), outside);
    for (const auto& [client, server] : {std::pair{7, -1}, {-1, 7}, {-1, -1}}) {
        EXPECT_EQ(opened(client, server).look_at({reply, kServer + 1, kClient + 1, 65535}), valid) << client << " " << server;
        EXPECT_EQ(opened(client, server).look_at({reply, kServer + 1, kClient + 1, 65664}), outside) << client << " " << server;
        EXPECT_EQ(opened(client, server).look_at({original, kClient + 1, kServer + 1, 65535}), valid) << client << " " << server;
    }
    EXPECT_EQ(opened(14, 200).look_at({original, kClient + 1, kServer + 1, 1000 << 14}), valid) << "RFC 7323 §2.3: more is 14";
}

TEST(TcpWindow, ABrokenOptionOffersNothing) {
    TcpTrack track{};
    TcpHeader header;
    header.flags = kSyn;
    for (const std::vector<std::byte>& options : {std::vector{std::byte{3}, std::byte{4}, std::byte{7}, std::byte{0}},
                                                  {std::byte{3}},
                                                  {std::byte{2}, std::byte{0}},
                                                  {std::byte{8}, std::byte{10}, std::byte{3}, std::byte{3}},
                                                  {std::byte{0}, std::byte{3}, std::byte{3}, std::byte{7}}}) {
        learn(track, {original, header, options, 0});
        EXPECT_EQ(track.scale[0], TcpTrack::kNoScale);
    }
}

// ---- RST and SYN ------------------------------------------------------------------------------------------------------------------

TEST(Rfc5961, Section3_2_OnlyAnExactResetEndsAConnection) {
    Connection connection = established_connection(10000);
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 500}), valid);  // not acknowledged yet
    EXPECT_EQ(connection.look_at({original, kClient + 501, 0, 0, kRst}), valid) << "behind all that was sent";
    EXPECT_EQ(connection.look_at({original, kClient + 1, 0, 0, kRst}), valid) << "what the server was heard to wait for";
    for (const std::uint32_t beside : {0U, 2U, 500U, 502U, 10001U})
        EXPECT_EQ(connection.look_at({original, kClient + beside, 0, 0, kRst}), harmless) << beside;
    for (const std::uint32_t away : {10002U, 1000000U, 0x8000'0000U, 0U - 20000U})
        EXPECT_EQ(connection.look_at({original, kClient + away, 0, 0, kRst}), outside) << away;
    EXPECT_EQ(connection.take({original, kClient + 2, 0, 0, kRst}), harmless);
    EXPECT_EQ(connection.state(), SessionState::established);
    EXPECT_EQ(connection.take({original, kClient + 501, 0, 0, kRst}), valid);
    EXPECT_EQ(connection.state(), SessionState::reset);
}

TEST(Rfc5961, Section4_2_ASynInTheMiddleChangesNothing) {
    Connection connection = established_connection();
    const TcpTrack before = connection.track();
    for (const unsigned flags : {kSyn, kSyn | kAck})
        for (const std::uint32_t sequence : {kClient, kClient + 1, kClient + 5000, 7U}) {
            EXPECT_EQ(connection.take({original, sequence, kServer + 1, 0, flags}), harmless);
            EXPECT_EQ(connection.take({reply, sequence, kClient + 1, 0, flags}), harmless);
        }
    EXPECT_EQ(connection.state(), SessionState::established);
    EXPECT_EQ(std::memcmp(&before, &connection.track(), sizeof before), 0);
}

TEST(Rfc5961, Section5_2_AnAckOfWhatWasNotSentIsDropped) {
    EXPECT_EQ(established_connection().look_at({reply, kServer + 1, kClient + 2, 100}), outside);
}

TEST(Rfc5961, Section3_2_AChallengeAckPasses) {
    Connection connection = established_connection();
    EXPECT_EQ(connection.take({original, kClient + 7, 0, 0, kRst}), harmless);
    EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 1, 0}), valid);
    EXPECT_EQ(connection.take({original, kClient + 1, 0, 0, kRst}), valid) << "the answer of who has no such connection any more";
    EXPECT_EQ(connection.state(), SessionState::reset);
}

TEST(TcpWindow, ARefusalAcknowledgesTheSyn) {
    Connection connection;
    EXPECT_EQ(connection.take({original, kClient, 0, 0, kSyn}), valid);
    EXPECT_EQ(connection.take({reply, 0, kClient + 2, 0, kRst | kAck}), harmless);
    EXPECT_EQ(connection.take({reply, 0, 0, 0, kRst}), harmless);
    EXPECT_EQ(connection.state(), SessionState::opening);
    EXPECT_EQ(connection.take({reply, 0, kClient + 1, 0, kRst | kAck}), valid);
    EXPECT_EQ(connection.state(), SessionState::reset);
}

// The server still knows the connection from before: it says so by its ACK, and the client by a RST (RFC 9293 §3.5.1, figure 9).
TEST(TcpWindow, AHalfOpenConnectionIsDiscovered) {
    Connection connection;
    EXPECT_EQ(connection.take({original, 100, 0, 0, kSyn}), valid);
    EXPECT_EQ(connection.take({reply, 300, 70, 0, kAck}), harmless);
    EXPECT_EQ(connection.take({original, 70, 0, 0, kRst}), harmless);
    EXPECT_EQ(connection.state(), SessionState::opening);
    EXPECT_EQ(connection.take({original, 400, 0, 0, kSyn}), valid) << "again, from another number";
    EXPECT_EQ(connection.take({reply, 900, 401, 0, kSyn | kAck}), valid);
    EXPECT_EQ(connection.take({original, 401, 901, 0, kAck}), valid);
    EXPECT_EQ(connection.state(), SessionState::established);
}

TEST(TcpWindow, ASynAckOfAnotherSynIsNone) {
    Connection connection;
    EXPECT_EQ(connection.take({original, kClient, 0, 0, kSyn}), valid);
    EXPECT_EQ(connection.take({reply, kServer, kClient + 9, 0, kSyn | kAck}), harmless);
    EXPECT_EQ(connection.take({reply, kServer, kClient + 1, 0, kSyn | kAck}), valid);
    EXPECT_EQ(connection.take({reply, kServer, kClient + 1, 0, kSyn | kAck}), valid) << "again";
    EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 1, 0, kSyn | kAck}), harmless);
}

TEST(Rfc5382, Req2_ASimultaneousOpenHasItsWindows) {
    Connection connection;
    EXPECT_EQ(connection.take({original, kClient, 0, 0, kSyn}), valid);
    EXPECT_EQ(connection.take({reply, kServer, 0, 0, kSyn}), valid);
    EXPECT_EQ(connection.take({original, kClient, kServer + 1, 0, kSyn | kAck}), valid);
    EXPECT_EQ(connection.take({reply, kServer, kClient + 1, 0, kSyn | kAck}), valid);
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 100, kAck}), valid);
    EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 101, 100, kAck}), valid);
    EXPECT_EQ(connection.state(), SessionState::established);
}

TEST(TcpWindow, LooseTakesAConnectionUpInItsMiddle) {
    Connection connection{TcpTracking::loose};
    EXPECT_EQ(connection.take({original, 5000, 9000, 100}), valid);
    EXPECT_EQ(connection.take({reply, 9000, 5100, 200}), valid);
    EXPECT_EQ(connection.state(), SessionState::established);
    EXPECT_EQ(connection.take({original, 5100, 9200, 100}), valid);
    Connection strict;
    EXPECT_EQ(strict.take({original, 5000, 9000, 100}), harmless);
}

// ---- ICMP errors ------------------------------------------------------------------------------------------------------------------

TEST(Rfc5927, Section4_1_AnErrorIsAboutWhatIsOnItsWay) {
    Connection connection = established_connection();
    EXPECT_EQ(connection.take({original, kClient + 1, kServer + 1, 1000}), valid);
    EXPECT_EQ(connection.take({original, kClient + 1001, kServer + 1, 1000}), valid);
    EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 1001, 0}), valid);
    EXPECT_TRUE(in_flight(connection.track(), original, kClient + 1001));
    EXPECT_TRUE(in_flight(connection.track(), original, kClient + 2000));
    for (const std::uint32_t not_there : {0U, 1U, 1000U, 2001U, 0x8000'0000U})
        EXPECT_FALSE(in_flight(connection.track(), original, kClient + not_there)) << not_there;
    EXPECT_FALSE(in_flight(connection.track(), reply, kServer + 1)) << "it has sent nothing that is not acknowledged";
}

// ---- Fragments --------------------------------------------------------------------------------------------------------------------

// Of a segment that was cut on its way only its receiver knows how long it is.
TEST(TcpWindow, WhatWasSentInFragmentsMayBeAcknowledged) {
    Connection connection = established_connection();
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 1201}), outside) << "the client has sent no such thing";
    connection.take_fragment(original);
    EXPECT_EQ(connection.look_at({reply, kServer + 1, kClient + 1 + 65536}), outside) << "nor may it have, beyond the window";
    EXPECT_EQ(connection.look_at({original, kClient + 1, kServer + 1201}), outside) << "nor has the server";
    EXPECT_TRUE(in_flight(connection.track(), original, kClient + 1));
    EXPECT_FALSE(in_flight(connection.track(), reply, kServer + 1));

    EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 1201}), valid);
    EXPECT_FALSE(in_flight(connection.track(), original, kClient + 1)) << "it has arrived";
    EXPECT_EQ(connection.take({original, kClient + 1201, kServer + 1, 100}), valid);
    EXPECT_EQ(connection.take({reply, kServer + 1, kClient + 1301}), valid);
    EXPECT_EQ(connection.take({original, kClient + 1301, kServer + 1, 0, kFin | kAck}), valid);
    EXPECT_EQ(connection.state(), SessionState::closing);
}

// ---- Two endpoints ----------------------------------------------------------------------------------------------------------------

// As much of an endpoint as decides about the numbers it sends.
struct TcpEndpoint {
    Direction direction;
    std::uint32_t start = 0;
    int scale = -1;
    std::uint32_t buffer = 0;             // what it can hold
    std::uint32_t unacked = 0, next = 0;  // SND.UNA, SND.NXT
    std::uint32_t awaited = 0;            // RCV.NXT
    std::uint32_t limit = 0;              // up to where the other side allows
    bool scaled = false, closed = false;

    std::uint32_t window() const { return std::min(scaled ? buffer >> scale : buffer, 65535U); }
    Segment segment(std::uint32_t sequence, std::uint32_t length, unsigned flags = kAck) const {
        return {direction, sequence, awaited, length, flags, window()};
    }
    void hear(const Segment& heard, const TcpEndpoint& from) {
        const std::uint32_t space = heard.length + ((heard.flags & kFin) != 0 ? 1U : 0U);
        if (static_cast<std::int32_t>(heard.acknowledgment - unacked) > 0) unacked = heard.acknowledgment;
        const std::uint32_t allowed = heard.acknowledgment + (heard.window << (from.scaled ? from.scale : 0));
        if (static_cast<std::int32_t>(allowed - limit) > 0) limit = allowed;
        // In order, or in part known already.
        const std::uint32_t end = heard.sequence + space;
        if (static_cast<std::int32_t>(heard.sequence - awaited) <= 0 && static_cast<std::int32_t>(end - awaited) > 0)
            awaited = end;
    }
    // New data as the window allows, old data again, or a bare acknowledgment.
    Segment any() {
        const std::uint32_t room = limit - next;
        switch (*rc::gen::inRange(0, 6)) {
            case 0:
            case 1:
            case 2:
                if (const auto length = std::min(room, *rc::gen::inRange(0U, 70000U));
                    length > 0 && !closed && static_cast<std::int32_t>(room) > 0) {
                    next += length;
                    return segment(next - length, length);
                }
                return segment(next, 0);
            case 3:
                if (const std::uint32_t sent = next - unacked - (closed ? 1U : 0U); sent > 0 && sent < 0x8000'0000)
                    return segment(unacked, std::min(sent, 1460U));
                return segment(next, 0);
            case 4:
                if (!closed && *rc::gen::inRange(0, 4) == 0 && static_cast<std::int32_t>(room) > 0) {
                    closed = true;
                    return segment(next++, 0, kAck | kFin);
                }
                return segment(next, 0);
            default: return segment(next - 1, 0);  // a keep-alive
        }
    }
};

// Whatever is lost, late or sent again, before the router or behind it: what an endpoint sends is never outside.
RC_GTEST_PROP(TcpWindow, NothingThatAnEndpointSendsIsOutside, ()) {
    TcpEndpoint ends[2] = {{original}, {reply}};
    for (TcpEndpoint& end : ends) {
        end.start = *rc::gen::elementOf(std::vector<std::uint32_t>{0, 1000, 0x7fff'ff00, 0xffff'0000, 0xffff'ffff});
        end.scale = *rc::gen::inRange(-1, 15);
        end.buffer = *rc::gen::elementOf(std::vector<std::uint32_t>{1, 1460, 65535, 1 << 20, 6 << 20});
        end.unacked = end.start, end.next = end.start + 1;
    }
    Connection connection;
    const auto opening_segment = [](const TcpEndpoint& end, std::uint32_t acknowledgment, unsigned flags) {
        return Segment{end.direction, end.start, acknowledgment, 0, flags, std::min(end.buffer, 65535U), end.scale};
    };
    RC_ASSERT(connection.take(opening_segment(ends[0], 0, kSyn)) == valid);
    RC_ASSERT(connection.take(opening_segment(ends[1], ends[0].next, kSyn | kAck)) == valid);
    const bool scaled = ends[0].scale >= 0 && ends[1].scale >= 0;
    for (std::size_t i : {0U, 1U}) {
        ends[i].scaled = scaled;
        ends[i].awaited = ends[1 - i].next;
        ends[i].limit = ends[i].next + std::min(ends[1 - i].buffer, 65535U);
    }
    ends[0].unacked = ends[0].next;
    RC_ASSERT(connection.take(ends[0].segment(ends[0].next, 0)) == valid);
    ends[1].unacked = ends[1].next;

    // Those that are not at the router yet. One may overtake another, once.
    std::deque<Segment> on_the_way[2];
    bool overtaken[2] = {};
    for (int steps = *rc::gen::inRange(1, 200); steps > 0; --steps) {
        const auto side = static_cast<std::size_t>(*rc::gen::inRange(0, 2));
        std::deque<Segment>& queue = on_the_way[side];
        queue.push_back(ends[side].any());
        if (queue.size() < 4 && *rc::gen::inRange(0, 3) == 0) continue;
        overtaken[side] = queue.size() > 1 && !overtaken[side] && *rc::gen::inRange(0, 3) == 0;
        const auto which = queue.begin() + (overtaken[side] ? 1 : 0);
        const Segment passing = *which;
        queue.erase(which);
        const int loss = *rc::gen::inRange(0, 8);
        if (loss == 0) continue;  // before the router
        const SegmentStanding standing = connection.take(passing);
        RC_LOG() << (side == 0 ? "client" : "server") << " sequence " << passing.sequence << " length " << passing.length
                 << " ack " << passing.acknowledgment << " flags " << unsigned{passing.flags} << " window " << passing.window
                 << (loss == 1 ? ", lost behind" : "") << std::endl;
        RC_ASSERT(standing == valid);
        if (loss != 1) ends[1 - side].hear(passing, ends[side]);
    }
}

// Of all numbers a stranger hits few, and of resets two.
RC_GTEST_PROP(TcpWindow, AStrangerDoesNotEndAConnection,
              (std::uint32_t sequence, std::uint32_t acknowledgment, std::uint8_t flags, bool which)) {
    Connection connection = established_connection(10000);
    const Direction direction = which ? original : reply;
    const std::uint32_t next = which ? kClient + 1 : kServer + 1;
    RC_PRE(sequence != next);
    connection.take({direction, sequence, acknowledgment, 0, static_cast<std::uint8_t>(flags | kRst)});
    RC_ASSERT(connection.state() == SessionState::established);
}

}  // namespace
}  // namespace hairpin::gateway
