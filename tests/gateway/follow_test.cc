// A packet that is followed is the same packet: what is written down about it is what happens, and nothing else happens for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <vector>

#include "net/frame_view.h"
#include "tests/gateway/twin_labs.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Follows every packet but ARP's, which hosts answer by themselves.
class Follower final : public gateway::PassageObserver {
public:
    explicit Follower(HairpinLab& lab) : lab_(lab) { lab_.gateway().follow(this); }
    ~Follower() override { lab_.gateway().follow(nullptr); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    bool wants(InterfaceId, const Packet& packet) override {
        const EthernetView frame = EthernetView::parse(const_cast<Packet&>(packet));
        return frame && frame.ether_type() != EtherType::arp;
    }
    void passed(InterfaceId, const Passage& passage) override { passages.push_back(passage); }

    Passage one() {
        EXPECT_THAT(passages, SizeIs(1));
        Passage passage = passages.empty() ? Passage{} : passages.back();
        passages.clear();
        return passage;
    }
    std::vector<Passage> passages;

private:
    HairpinLab& lab_;
};

auto step(gateway::TraceStage stage, const char* text) {
    return AllOf(Field(&gateway::TraceStep::stage, stage), Field(&gateway::TraceStep::text, HasSubstr(text)));
}

// Two labs live through the same; in one every packet is followed.
RC_GTEST_PROP(Follow, ChangesNothingAndTellsTheTruth, ()) {
    HairpinLab followed, plain;
    Follower follower{followed};
    for (int round = *rc::gen::inRange(1, 12); round > 0; --round) {
        const Station station = any_station();
        std::optional<PacketBuilder> packet;
        if (*rc::gen::arbitrary<bool>()) packet = any_answer(plain, station);
        if (!packet) packet = any_packet(station, false);

        follower.passages.clear();
        const Fate seen = fate_on_the_wire(followed, station, *packet);
        const Fate otherwise = fate_on_the_wire(plain, station, *packet);
        RC_ASSERT(seen.drop == otherwise.drop);
        RC_ASSERT(seen.l3 == otherwise.l3);
        RC_ASSERT(seen.arrives_at == otherwise.arrives_at);
        RC_ASSERT(books_of(followed) == books_of(plain));
        for (const Station each : kStations) {
            const unsigned requests = host_of(followed, each).arp_requests;
            RC_ASSERT(requests == host_of(plain, each).arp_requests);
        }

        RC_ASSERT(follower.passages.size() == 1u);
        const Passage& passage = follower.passages.front();
        RC_ASSERT(passage.drop == seen.drop);
        RC_ASSERT(passage.answered == seen.answered);
        RC_ASSERT(passage.forwarded == seen.forwarded);
        if (passage.forwarded && !seen.l3.empty()) RC_ASSERT(l3_of(passage) == seen.l3);
        RC_TAG(seen.drop ? std::string{name_of(*seen.drop)} : seen.answered ? "answered" : "forwarded");
    }
}

TEST(Follow, ShowsTheSessionThatThePacketMade) {
    HairpinLab lab;
    Follower follower{lab};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).syn());
    const Passage passage = follower.one();
    ASSERT_THAT(lab.sessions(), SizeIs(1));
    ASSERT_TRUE(passage.forwarded && passage.session);
    EXPECT_EQ(passage.session->reply_key, lab.sessions()[0].reply_key);
    EXPECT_EQ(passage.session->id(), lab.sessions()[0].id());
    EXPECT_EQ(passage.left, lab.sessions()[0].reply_key.reversed());
    EXPECT_EQ(passage.next_hop_mac, std::nullopt) << "ARP had to ask first";

    lab.web_server.answer();
    const Passage back = follower.one();
    ASSERT_TRUE(back.forwarded && back.session);
    EXPECT_EQ(back.left, lab.sessions()[0].original_key.reversed()) << "the packet's own addresses, and not the session's";
}

// What the gateway says about the packet is another packet, whose way is not this one's.
TEST(Follow, OfARefusedPacketEndsWithTheRefusal) {
    HairpinLab lab;
    Follower follower{lab};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).syn().ttl(1));
    const Passage passage = follower.one();
    EXPECT_EQ(passage.drop, DropReason::ttl_expired);
    EXPECT_FALSE(passage.forwarded);
    ASSERT_TRUE(passage.reported);
    EXPECT_EQ(passage.reported->type, IcmpType::time_exceeded);
    EXPECT_EQ(passage.tracer.steps().back().stage, gateway::TraceStage::drop);
    EXPECT_THAT(passage.tracer.steps(), Not(Contains(Field(&gateway::TraceStep::stage, gateway::TraceStage::transmit))));
    EXPECT_THAT(lab.workstation.received_one(), Icmp(11, 0));
}

TEST(Follow, APingIsAnsweredOnceAndSaidSo) {
    HairpinLab lab;
    Follower follower{lab};
    lab.workstation.send(icmp_echo().from(kWorkstation).to(kGateway).identifier(7));
    const Passage passage = follower.one();
    EXPECT_TRUE(passage.answered);
    EXPECT_FALSE(passage.forwarded);
    EXPECT_THAT(lab.workstation.received_one(), Icmp(0, 0));
}

TEST(Follow, AnErrorSaysWhoseSessionItIsAbout) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.internet, kWorkstation, 40000, kInternet, 80);
    const gateway::Session session = lab.sessions().at(0);
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kInternet, 80).ack().payload(10));
    Follower follower{lab};
    lab.internet.send(
        icmp_error(IcmpType::destination_unreachable, unreachable::kHost, lab.internet.last().l3).from(kRouter).to(kExternal));
    const Passage passage = follower.one();
    EXPECT_TRUE(passage.forwarded);
    EXPECT_EQ(passage.session->id(), session.id());
    ASSERT_TRUE(passage.left);
    EXPECT_EQ(passage.left->destination, kWorkstation);
    EXPECT_EQ(passage.outbound, kLan);
    EXPECT_THAT(passage.tracer.steps(), Contains(step(gateway::TraceStage::session, "an error about a packet of session")));
}

// A fragment that came too early waits; when its first comes, that one is told of, and the one that waited is not mixed up with it.
TEST(Follow, AFragmentThatWaitsIsNotTheOneThatFreesIt) {
    HairpinLab lab;
    const Bytes whole = udp().from(kWorkstation, 5000).to(kInternet, 53).payload(1000).l3_bytes();
    const std::span<const std::byte> datagram = std::span{whole}.subspan(sizeof(Ipv4Header));
    const auto piece = [&](std::size_t from, std::size_t to, bool more) {
        return udp().from(kWorkstation).to(kInternet).ip_id(9).fragment(from, more).payload(datagram.subspan(from, to - from));
    };
    Follower follower{lab};
    lab.workstation.send(piece(800, datagram.size(), false));
    const Passage later = follower.one();
    EXPECT_FALSE(later.forwarded || later.answered || later.drop);

    lab.workstation.send(piece(0, 800, true));
    const Passage first = follower.one();
    ASSERT_TRUE(first.forwarded);
    EXPECT_EQ(first.left->source, kExternal);
    EXPECT_EQ(std::count_if(first.tracer.steps().begin(), first.tracer.steps().end(),
                            [](const auto& step) { return step.stage == gateway::TraceStage::transmit; }),
              1);
    EXPECT_THAT(lab.internet.received(), SizeIs(2));

    lab.workstation.send(piece(0, 800, true));
    lab.workstation.send(piece(0, 400, true));  // writes over it
    EXPECT_EQ(follower.passages.back().drop, DropReason::fragment_overlap);
}

// Who did not answer ARP just now is not asked again at once: the packet is dropped, and the tracer knew it.
TEST(Follow, ANeighborThatHasFailedIsSeenByProbeAndWireAlike) {
    HairpinLab lab;
    lab.web_server.answers_arp = false;
    const auto syn = [](unsigned port) { return tcp().from(kWorkstation, port).to(kExternal, 80).syn(); };
    lab.workstation.send(syn(40000));
    lab.wait(std::chrono::seconds{4});
    lab.workstation.received();

    const Passage asked = lab.gateway().probe(kLan, as_it_arrives(lab, Station::workstation, syn(40001)), lab.now());
    Follower follower{lab};
    lab.workstation.send(syn(40001));
    const Passage seen = follower.one();
    for (const Passage& passage : {asked, seen}) {
        EXPECT_EQ(passage.drop, DropReason::neighbor_unresolved);
        EXPECT_FALSE(passage.forwarded);
        ASSERT_TRUE(passage.reported);
        EXPECT_EQ(passage.reported->code, unreachable::kHost);
    }
    EXPECT_THAT(lab.workstation.received_one(), Icmp(3, 1));
}

TEST(Follow, ASessionThatTheNewRulesEndEnds) {
    HairpinLab lab;
    lab.connect(lab.workstation, lab.web_server, kWorkstation, 40000, kExternal, 80);
    lab.change_rules([](gateway::Ruleset& rules) { rules.nat.clear(); });
    Follower follower{lab};
    lab.workstation.send(tcp().from(kWorkstation, 40000).to(kExternal, 80).ack());
    const Passage passage = follower.one();
    EXPECT_EQ(passage.drop, DropReason::no_session);
    EXPECT_THAT(passage.tracer.steps(), Contains(step(gateway::TraceStage::session, "ends, the new rules decide otherwise")));
    EXPECT_EQ(lab.counters().sessions, 0u);
    EXPECT_THAT(lab.endings(), SizeIs(1));
}

}  // namespace
}  // namespace hairpin::testing
