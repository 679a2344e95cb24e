// TCP connections through the gateway, and strangers who guess at them: what each end then gets, and what becomes of the session.

#include <random>

#include "tests/support/fragments.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace std::chrono_literals;
using gateway::SessionState;
using gateway::TcpTracking;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

HairpinLab::Change tracking(TcpTracking how) {
    return [how](gateway::Ruleset& rules) { rules.tcp_tracking = how; };
}

// From the workstation to the Internet; segments of either side, which the other one would send.
class Connection {
public:
    explicit Connection(HairpinLab& lab) : lab_(lab) {
        lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
        external_port_ = lab.internet.last().source_port;
        ahead_ = lab.internet.as_next(from_internet().ack()).said_sequence().value();
    }
    static PacketBuilder from_workstation() { return tcp().from(kWorkstation, 40000).to(kInternet, 80); }
    PacketBuilder from_internet() const { return tcp().from(kInternet, 80).to(kExternal, external_port_); }
    std::uint32_t next_from_internet() const { return ahead_; }
    SessionState state() const { return lab_.sessions().at(0).state; }

private:
    HairpinLab& lab_;
    unsigned external_port_ = 0;
    std::uint32_t ahead_ = 0;
};

TEST(TcpWindows, WhatNoEndpointHasSentIsDropped) {
    HairpinLab lab;
    const Connection connection{lab};
    lab.internet.send(connection.from_internet().sequence(connection.next_from_internet() + 100'000).ack().payload(10));
    lab.internet.send(connection.from_internet().sequence(connection.next_from_internet()).acknowledge(0x7000'0000).payload(10));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::invalid_state), 2U);
    lab.internet.send(connection.from_internet().ack().payload(10));
    EXPECT_THAT(lab.workstation.received(), SizeIs(1)) << "the connection goes on";
}

TEST(TcpWindows, LiberalForwardsItAndBelievesNothing) {
    HairpinLab lab{tracking(TcpTracking::liberal)};
    const Connection connection{lab};
    lab.internet.send(connection.from_internet().sequence(connection.next_from_internet() + 100'000).ack().fin());
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
    EXPECT_EQ(connection.state(), SessionState::established);
}

HairpinLab::Change tracking_of_rule(gateway::RuleId id, TcpTracking how) {
    return [=](gateway::Ruleset& rules) {
        for (gateway::FirewallRule& rule : rules.firewall)
            if (rule.id == id) rule.tcp_tracking = how;
    };
}

// Rule 2 lets the inside out, rule 4 the Internet to the web server.
TEST(TcpWindows, ARuleMayHaveAWayOfItsOwn) {
    HairpinLab lab{tracking_of_rule(2, TcpTracking::liberal)};
    const Connection connection{lab};
    lab.internet.send(connection.from_internet().sequence(connection.next_from_internet() + 100'000).ack());
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
    lab.connect(lab.internet, lab.web_server, kInternet, 5000, kExternal, 80);
    lab.web_server.received();
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).sequence(0x5000'0000).ack());
    EXPECT_THAT(lab.web_server.received(), IsEmpty()) << "other rules as ever";

    lab.change_rules(tracking_of_rule(2, TcpTracking::strict));
    lab.internet.send(connection.from_internet().sequence(connection.next_from_internet() + 100'000).ack());
    EXPECT_THAT(lab.workstation.received(), IsEmpty()) << "from the commit on";
}

TEST(TcpWindows, ARuleMayTakeUpWhatIsInItsMiddle) {
    HairpinLab lab{tracking_of_rule(2, TcpTracking::loose)};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).sequence(5000).acknowledge(9000).payload(10));
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    lab.internet.send(tcp().from(kInternet, 5000).to(kExternal, 80).sequence(5000).acknowledge(9000).payload(10));
    EXPECT_THAT(lab.web_server.received(), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::no_session), 1U);
    EXPECT_THAT(lab.sessions(), SizeIs(1));
}

TEST(TcpWindows, LooseTakesUpWhatIsInItsMiddle) {
    const auto segment = Connection::from_workstation().sequence(5000).acknowledge(9000).payload(10);
    HairpinLab strict;
    strict.workstation.send(segment);
    EXPECT_EQ(strict.dropped(DropReason::no_session), 1U);

    HairpinLab loose{tracking(TcpTracking::loose)};
    loose.workstation.send(segment);
    const SeenPacket seen = loose.internet.received_one();
    loose.internet.send(answer_to(seen).sequence(9000).acknowledge(5010));
    EXPECT_THAT(loose.workstation.received(), SizeIs(1));
    EXPECT_EQ(loose.sessions().at(0).state, SessionState::established);
    loose.internet.send(tcp().from(kInternet, 80).to(kExternal, 1).rst());
    EXPECT_THAT(loose.counters(), Sessions(1)) << "a reset begins nothing";
}

TEST(TcpWindows, FragmentsAreNotJudged) {
    HairpinLab lab;
    const Connection connection{lab};
    const Bytes whole = connection.from_internet().sequence(1).ack().payload(64).l3_bytes();
    const auto l4 = std::span{whole}.subspan(sizeof(Ipv4Header));
    const auto piece = [&](std::size_t from, std::size_t size, bool more) {
        return connection.from_internet().payload(l4.subspan(from, size)).fragment(from, more).ip_id(9);
    };
    lab.internet.send(piece(0, 40, true));
    lab.internet.send(piece(40, l4.size() - 40, false));
    EXPECT_THAT(lab.workstation.received(), SizeIs(2)) << "its receiver puts it together and judges it";
    EXPECT_EQ(connection.state(), SessionState::established);
}

TEST(TcpWindows, WhatCameInFragmentsIsAcknowledgedAndGoesOn) {
    HairpinLab lab;
    const Connection connection{lab};
    const std::uint32_t first = connection.next_from_internet();
    for (const PacketBuilder& piece : cut(connection.from_internet().sequence(first).ack().payload(1200), 400))
        lab.internet.send(piece);
    EXPECT_THAT(lab.workstation.received(), SizeIs(4));
    lab.workstation.send(Connection::from_workstation().acknowledge(first + 1200));
    EXPECT_THAT(lab.internet.received(), SizeIs(1));
    lab.internet.send(connection.from_internet().sequence(first + 1200).ack().payload(1200));
    EXPECT_THAT(lab.workstation.received(), SizeIs(1));
    EXPECT_EQ(lab.counters().drops, 0U);
}

// SECURITY S3: a reset from off the path must hit one number of four thousand million.
TEST(Rfc7857, Section2_2InWindow_AHundredThousandGuessedResetsEndNothing) {
    HairpinLab lab;
    const Connection connection{lab};
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 numbers{seed};
    for (int i = 0; i < 100'000; ++i) {
        std::uint32_t guess = static_cast<std::uint32_t>(numbers());
        if (guess == connection.next_from_internet()) ++guess;
        lab.internet.send(connection.from_internet().rst().sequence(guess));
        lab.workstation.received();
    }
    EXPECT_EQ(connection.state(), SessionState::established);
    lab.internet.send(connection.from_internet().rst().sequence(connection.next_from_internet()));
    EXPECT_EQ(connection.state(), SessionState::reset);
}

TEST(Rfc5961, Section3_2_AResetInTheWindowPassesAndItsReceiverChallengesIt) {
    HairpinLab lab;
    const Connection connection{lab};
    lab.internet.send(connection.from_internet().rst().sequence(connection.next_from_internet() + 500));
    EXPECT_THAT(lab.workstation.received(), ElementsAre(Tcp(Flags(TcpHeader::kRst))));
    EXPECT_EQ(connection.state(), SessionState::established);
    lab.workstation.send(Connection::from_workstation().ack());
    EXPECT_THAT(lab.internet.received(), ElementsAre(Tcp(Flags(TcpHeader::kAck))));
}

TEST(Rfc5961, Section5_2_DataThatAcknowledgesTheFutureIsDropped) {
    HairpinLab lab;
    const Connection connection{lab};
    lab.internet.send(connection.from_internet().sequence(connection.next_from_internet()).acknowledge(5000).payload(1));
    EXPECT_THAT(lab.workstation.received(), IsEmpty());
}

TEST(Rfc5927, Section4_1_AnErrorAboutWhatIsNotOnItsWayIsDropped) {
    HairpinLab lab;
    const Connection connection{lab};
    lab.workstation.send(Connection::from_workstation().ack().payload(1000).dont_fragment());
    const SeenPacket on_its_way = lab.internet.received_one();
    const auto too_big = [&](const SeenPacket& about) {
        lab.internet.send(
            icmp_error(IcmpType::destination_unreachable, 4, about.l3).icmp_sequence(600).from(kRouter).to(kExternal));
        return lab.workstation.received();
    };
    SeenPacket guessed = on_its_way;
    guessed.l3[sizeof(Ipv4Header) + 4] ^= std::byte{0x40};  // its sequence number
    EXPECT_THAT(too_big(guessed), IsEmpty());
    EXPECT_EQ(lab.dropped(DropReason::icmp_out_of_window), 1U);
    EXPECT_THAT(too_big(on_its_way), SizeIs(1));

    lab.internet.send(connection.from_internet().ack());  // it has arrived
    lab.workstation.received();
    EXPECT_THAT(too_big(on_its_way), IsEmpty());
}

// RFC 7857 §2: what was never up is not brought up by one side alone, whatever it sends.
TEST(Rfc7857, Section2_AResetBeforeTheConnectionWasUpStaysOne) {
    HairpinLab lab;
    lab.workstation.send(Connection::from_workstation().syn());
    const SeenPacket syn = lab.internet.received_one();
    lab.internet.send(answer_to(syn).flags(TcpHeader::kRst | TcpHeader::kAck).acknowledge(syn.tcp_sequence + 1));
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::reset);
    lab.workstation.send(Connection::from_workstation().ack().payload(10));
    EXPECT_EQ(lab.sessions().at(0).state, SessionState::reset);
}

}  // namespace
}  // namespace hairpin::testing
