#include "gateway/neighbors/neighbor_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway_parts/edge.h"
#include "tests/support/packet_builder.h"

namespace hairpin::gateway {
namespace {

using namespace std::chrono_literals;
using namespace hairpin::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kWorkstationMac = MacAddress::from_number(0x0200'0000'0002);
constexpr auto kOtherMac = MacAddress::from_number(0x0200'0000'0bad);

// An ARP packet in one line: what was said by whom to whom.
std::string arp_text(Packet& packet) {
    const FrameView frame = FrameView::parse(packet);
    if (!frame || !frame.is_arp()) return "not ARP";
    const ArpHeader& arp = frame.arp();
    const bool request = arp.operation == Be16{1};
    const std::string to = frame.ethernet().destination.is_broadcast() ? "everybody" : frame.ethernet().destination.to_string();
    const std::string what = request ? "who has " + arp.target_address.to_string() + " tell " + arp.sender_address.to_string()
                                     : arp.sender_address.to_string() + " is at " + arp.sender_mac.to_string();
    return to + ": " + what;
}

class Neighbors : public ::testing::Test {
protected:
    Neighbors() { table.adopt(rules, now); }

    // What left by an interface since the last call: ARP in words, other packets by destination MAC.
    std::vector<std::string> sent(InterfaceId interface = kLan) {
        std::vector<std::string> texts;
        out.drain([&](InterfaceId id, Batch& batch) {
            for (PacketPtr& packet : batch) {
                ++transmitted;
                if (id != interface) continue;
                const FrameView frame = FrameView::parse(*packet);
                texts.push_back(frame.is_arp() ? arp_text(*packet) : "packet to " + frame.ethernet().destination.to_string());
            }
        });
        return texts;
    }
    void hear(PacketBuilder arp, InterfaceId interface = kLan) {
        ++ledger.received;
        PacketPtr packet = arp.in(pool);
        FrameView frame = FrameView::parse(*packet);
        ASSERT_TRUE(frame && frame.is_arp());
        table.receive(interface, std::move(packet), frame, now, out);
    }
    PacketBuilder from_workstation(PacketBuilder arp) { return arp.from_mac(kWorkstationMac).from(kWorkstation); }
    // Sends a packet to a neighbour: out, or waiting, or refused.
    NeighborTable::Resolution::State send(Ipv4Address address, InterfaceId interface = kLan) {
        ++ledger.received;
        PacketPtr packet = udp().from({198, 51, 100, 10}, 53).to(address, 5000).in(pool);
        const auto resolution = table.resolve(interface, address, now, out);
        if (resolution.state == NeighborTable::Resolution::State::asking) {
            table.wait(interface, address, std::move(packet));
        } else {
            ++ledger.transmitted;  // or answered by ICMP: in any case no longer the table's concern
        }
        return resolution.state;
    }
    void pass(Duration time) {
        now += time;
        table.expire(now, out, unresolved);
    }
    void learn_workstation() {
        hear(from_workstation(arp_request()).to(kGateway));
        sent();
    }
    std::vector<NeighborTable::Row> rows() const {
        std::vector<NeighborTable::Row> all;
        table.for_each(now, [&](const auto& row) { all.push_back(row); });
        return all;
    }
    std::vector<NeighborEvent> events() {
        std::vector<NeighborEvent> all;
        EXPECT_EQ(table.take_events([&](const auto& event) { all.push_back(event); }), 0u);
        return all;
    }
    // Every packet is accounted for, and those that wait are what the books say.
    void TearDown() override {
        sent();
        ledger.transmitted += transmitted + unresolved.size();
        EXPECT_EQ(ledger.expected_held(), static_cast<std::int64_t>(table.held()));
        unresolved.clear();
        table.clear();
        EXPECT_EQ(pool.in_use(), 0u);
    }

    PacketPool pool{{4096, 4}};
    Ledger ledger;
    Outbox<InterfaceId> out;
    Ruleset rules = edge();
    NeighborTable table{pool, ledger, HashKey{}};
    Timestamp now{1h};
    std::vector<NeighborTable::Unresolved> unresolved;
    std::uint64_t transmitted = 0;
};
using State = NeighborTable::Resolution::State;

class NeighborsRfc1812 : public Neighbors {};
class Rfc826 : public Neighbors {};
class Rfc1122 : public Neighbors {};
class Rfc5227 : public Neighbors {};

TEST_F(Rfc1122, Section2_3_2_2_AskOnceAndSendWhatWaitedInOrderWhenTheAnswerComes) {
    EXPECT_EQ(send(kWorkstation), State::asking);
    EXPECT_EQ(send(kWorkstation), State::asking);
    EXPECT_THAT(sent(), ElementsAre("everybody: who has 192.168.255.2 tell 192.168.255.1"));
    EXPECT_EQ(table.held(), 2u);
    EXPECT_EQ(table.peek(kLan, kWorkstation), std::nullopt);

    hear(from_workstation(arp_reply()).to(kGateway));
    const auto packet = "packet to " + kWorkstationMac.to_string();
    EXPECT_THAT(sent(), ElementsAre(packet, packet));
    EXPECT_EQ(table.held(), 0u);
    EXPECT_EQ(ledger.absorbed, 1u);
    EXPECT_EQ(table.peek(kLan, kWorkstation), kWorkstationMac);
    EXPECT_EQ(table.resolve(kLan, kWorkstation, now, out).mac, kWorkstationMac);
    EXPECT_EQ(events().at(0).kind, NeighborEvent::Kind::learned);
}

TEST_F(Neighbors, WaitingPacketsLeaveWithTheInterfacesMac) {
    send(kWorkstation);
    sent();
    hear(from_workstation(arp_reply()).to(kGateway));
    out.drain([&](InterfaceId, Batch& batch) {
        ++transmitted;
        ASSERT_THAT(batch, SizeIs(1));
        EXPECT_EQ(FrameView::parse(*batch[0]).ethernet().source, kLanMac);
    });
}

TEST_F(Neighbors, AnAddressOnAnotherInterfaceIsAnotherNeighbour) {
    learn_workstation();
    EXPECT_EQ(table.peek(kUplink, kWorkstation), std::nullopt);
}

TEST_F(Rfc1122, Section2_3_2_1_OneRequestASecondAndAfterThreeTheWaitingPacketsAreGivenBack) {
    send(kWebServer);
    sent();
    pass(999ms);
    EXPECT_THAT(sent(), IsEmpty());
    pass(1ms);
    EXPECT_THAT(sent(), SizeIs(1));
    pass(1s);
    EXPECT_THAT(sent(), SizeIs(1));
    EXPECT_THAT(unresolved, IsEmpty());
    pass(1s);
    EXPECT_THAT(sent(), IsEmpty());
    ASSERT_THAT(unresolved, SizeIs(1));
    EXPECT_EQ(unresolved[0].interface, kLan);
    EXPECT_EQ(table.held(), 0u);
    EXPECT_EQ(events().at(0).kind, NeighborEvent::Kind::failed);
}

TEST_F(Neighbors, ASilentNeighbourIsNotAskedAgainForEachPacket) {
    send(kWebServer);
    for (int second = 0; second < 3; ++second) pass(1s);
    sent();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(send(kWebServer), State::unreachable);
    EXPECT_THAT(sent(), IsEmpty());

    pass(NeighborTable::kHoldDown);
    EXPECT_EQ(send(kWebServer), State::asking);
    EXPECT_THAT(sent(), SizeIs(1));
}

TEST_F(Neighbors, OneThatFailedAndThenSpeaksIsKnownAtOnce) {
    send(kWorkstation);
    for (int second = 0; second < 3; ++second) pass(1s);
    sent();
    hear(from_workstation(arp_request()).to(kWebServer));
    EXPECT_EQ(send(kWorkstation), State::known);
}

TEST_F(Neighbors, AnAnsweredRequestIsNotRepeated) {
    send(kWorkstation);
    sent();
    hear(from_workstation(arp_reply()).to(kGateway));
    sent();
    pass(1s);
    pass(5s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Rfc826, Reception_Create_ARequestForOurAddressIsAnsweredDirectlyAndTeaches) {
    hear(from_workstation(arp_request()).to(kGateway));
    EXPECT_THAT(sent(), ElementsAre(kWorkstationMac.to_string() + ": 192.168.255.1 is at " + kLanMac.to_string()));
    EXPECT_EQ(table.peek(kLan, kWorkstation), kWorkstationMac);
    EXPECT_EQ(ledger.absorbed, 1u);
    EXPECT_EQ(ledger.originated, 1u);
}

TEST_F(Rfc826, Reception_AReplySwapsSenderAndTarget) {
    hear(from_workstation(arp_request()).to(kGateway).padded_to(60));
    out.drain([&](InterfaceId, Batch& batch) {
        ++transmitted;
        ASSERT_THAT(batch, SizeIs(1));
        EXPECT_EQ(batch[0]->size(), 42u);
        const ArpHeader& arp = FrameView::parse(*batch[0]).arp();
        EXPECT_EQ(arp.sender_mac, kLanMac);
        EXPECT_EQ(arp.sender_address, kGateway);
        EXPECT_EQ(arp.target_mac, kWorkstationMac);
        EXPECT_EQ(arp.target_address, kWorkstation);
        EXPECT_EQ(FrameView::parse(*batch[0]).ethernet().source, kLanMac);
    });
}

TEST_F(Rfc826, Others_ARequestForAnothersAddressIsNeitherAnsweredNorLearned) {
    hear(from_workstation(arp_request()).to(kWebServer));
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_THAT(rows(), IsEmpty());
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_not_ours), 1u);
}

TEST_F(Rfc826, Others_AnAddressOfAnotherInterfaceIsNotAnsweredHere) {
    hear(from_workstation(arp_request()).to({203, 0, 113, 80}));
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_not_ours), 1u);
}

// An address that proxy_arp.h wants answered.
TEST_F(Neighbors, InAnothersSteadTheGatewayAnswersByItsOwnMacUnlessThatOneIsKnown) {
    const auto asked_for = [&](Ipv4Address wanted) {
        PacketPtr packet = from_workstation(arp_request()).to(wanted).in(pool);
        ++ledger.received;
        FrameView frame = FrameView::parse(*packet);
        return table.receive(kLan, std::move(packet), frame, now, out, NeighborTable::Proxying::yes);
    };
    constexpr Ipv4Address kElsewhere{203, 0, 113, 90};
    EXPECT_EQ(asked_for(kElsewhere), std::nullopt);
    EXPECT_THAT(sent(), ElementsAre(kWorkstationMac.to_string() + ": 203.0.113.90 is at " + kLanMac.to_string()));
    EXPECT_EQ(table.peek(kLan, kWorkstation), kWorkstationMac) << "it is about to send us something";

    hear(arp_request().from_mac(kOtherMac).from(kWebServer).to(kGateway));
    sent();
    EXPECT_EQ(asked_for(kWebServer), std::nullopt);
    EXPECT_THAT(sent(), IsEmpty()) << "whoever is there answers for himself";
}

TEST_F(Rfc826, Update_AKnownNeighbourIsUpdatedByAnyArpFromIt) {
    learn_workstation();
    hear(arp_request().from_mac(kOtherMac).from(kWorkstation).to(kWorkstation));  // gratuitous: it has a new card
    EXPECT_EQ(table.peek(kLan, kWorkstation), kOtherMac);
    hear(from_workstation(arp_request()).to(kWebServer));  // not for us
    EXPECT_EQ(table.peek(kLan, kWorkstation), kWorkstationMac);
    EXPECT_EQ(ledger.absorbed, 3u);
    const auto heard = events();
    ASSERT_THAT(heard, SizeIs(3));
    EXPECT_EQ(heard[1].kind, NeighborEvent::Kind::moved);
    EXPECT_EQ(heard[1].mac, kOtherMac);
}

TEST_F(Rfc826, Create_AGratuitousAnnouncementOfAStrangerTeachesNothing) {
    hear(from_workstation(arp_request()).to(kWorkstation));
    EXPECT_THAT(rows(), IsEmpty());
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_not_ours), 1u);
}

TEST_F(Neighbors, AReplyNobodyAskedForTeachesNothing) {
    hear(from_workstation(arp_reply()).to(kGateway));
    EXPECT_THAT(rows(), IsEmpty());
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_not_ours), 1u);
}

TEST_F(NeighborsRfc1812, Section3_3_2Group_ImpossibleSendersAreRefused) {
    send(kWorkstation);
    sent();
    const std::vector<MacAddress> macs{MacAddress::broadcast(), MacAddress::from_number(0x0100'5e00'0001), MacAddress{}, kLanMac};
    for (const MacAddress mac : macs) hear(arp_reply().sender_mac(mac).from(kWorkstation).to(kGateway));
    const std::vector<Ipv4Address> addresses{{224, 0, 0, 1},       {255, 255, 255, 255}, {127, 0, 0, 1},
                                             {192, 168, 255, 255}, {0, 0, 0, 5},         {240, 0, 0, 1}};
    for (const Ipv4Address address : addresses) hear(from_workstation(arp_request()).from(address).to(kGateway));
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_malformed), macs.size() + addresses.size());
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(table.peek(kLan, kWorkstation), std::nullopt);
}

TEST_F(Neighbors, ArpThatIsNotForIpv4OverEthernetIsRefused) {
    ++ledger.received;
    PacketPtr packet = from_workstation(arp_request()).to(kGateway).in(pool);
    FrameView frame = FrameView::parse(*packet);
    frame.arp().hardware_type = Be16{6};
    table.receive(kLan, std::move(packet), frame, now, out);
    hear(from_workstation(arp_request().arp(static_cast<ArpOperation>(3))).to(kGateway));  // reverse ARP
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_malformed), 2u);
}

// Linux asks with whatever source the packet has that it wants to send, so the question may come from outside the subnet.
TEST_F(Neighbors, ASenderOutsideTheSubnetIsAnsweredButNotLearned) {
    hear(arp_request().from_mac(kOtherMac).from({198, 51, 100, 10}).to({203, 0, 113, 80}), kUplink);
    EXPECT_THAT(sent(kUplink), ElementsAre(kOtherMac.to_string() + ": 203.0.113.80 is at " + kUplinkMac.to_string()));
    EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(Neighbors, OutsideTheSubnetWeBelieveWhomWeAsked) {
    const Ipv4Address far{198, 51, 100, 10};
    EXPECT_EQ(send(far, kUplink), State::asking);
    EXPECT_THAT(sent(kUplink), ElementsAre("everybody: who has 198.51.100.10 tell 203.0.113.80"));
    hear(arp_reply().from_mac(kOtherMac).from(far).to({203, 0, 113, 80}), kUplink);
    EXPECT_EQ(table.peek(kUplink, far), kOtherMac);
}

// A probe asks who uses the address; it must be answered and must not be learned.
TEST_F(Rfc5227, Section2_1_1_AProbeForOurAddressIsAnsweredAndTeachesNothing) {
    hear(arp_request().from_mac(kOtherMac).from(Ipv4Address{}).to(kGateway));
    EXPECT_THAT(sent(), ElementsAre(kOtherMac.to_string() + ": 192.168.255.1 is at " + kLanMac.to_string()));
    EXPECT_THAT(rows(), IsEmpty());
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_conflict), 0u);
}

TEST_F(Rfc5227, Section2_4_AClaimOfOurAddressIsDefendedAtMostOnceInTenSeconds) {
    const auto claim = arp_request().from_mac(kOtherMac).from(kGateway).to(kGateway);
    const auto defence = "everybody: who has 192.168.255.1 tell 192.168.255.1";
    hear(claim);
    EXPECT_THAT(sent(), ElementsAre(defence));
    now += 9s;
    hear(claim);
    EXPECT_THAT(sent(), IsEmpty());
    now += 1s;
    hear(arp_reply().from_mac(kOtherMac).from(kGateway).to(kWorkstation));  // a reply claims it as well
    EXPECT_THAT(sent(), ElementsAre(defence));
    EXPECT_EQ(ledger.dropped_for(DropReason::arp_conflict), 3u);
    EXPECT_THAT(rows(), IsEmpty());
    const auto heard = events();
    ASSERT_THAT(heard, SizeIs(3));
    EXPECT_EQ(heard[0].kind, NeighborEvent::Kind::conflict);
    EXPECT_EQ(heard[0].mac, kOtherMac);
}

TEST_F(Neighbors, TwoAddressesAreDefendedEachOnItsOwn) {
    rules.interfaces[1].addresses.push_back(Ipv4InterfaceAddress::parse("10.0.0.1/8").value());
    table.adopt(rules, now);
    hear(arp_request().from_mac(kOtherMac).from(kGateway).to(kGateway));
    hear(arp_request().from_mac(kOtherMac).from({10, 0, 0, 1}).to({10, 0, 0, 1}));
    EXPECT_THAT(sent(), SizeIs(2));
}

TEST_F(Rfc5227, Section2_3_AnAnnouncementIsMadeTwiceTwoSecondsApart) {
    table.announce(kLan, now, out);
    const auto announcement = "everybody: who has 192.168.255.1 tell 192.168.255.1";
    EXPECT_THAT(sent(), ElementsAre(announcement));
    pass(1s);
    EXPECT_THAT(sent(), IsEmpty());
    pass(1s);
    EXPECT_THAT(sent(), ElementsAre(announcement));
    pass(10s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Rfc1122, Section2_3_2_1_AnAgedNeighbourIsUsedAndAskedDirectly) {
    learn_workstation();
    pass(rules.arp.reachable_age);
    EXPECT_EQ(rows().at(0).state, NeighborState::stale);
    EXPECT_THAT(sent(), IsEmpty());

    const auto question = kWorkstationMac.to_string() + ": who has 192.168.255.2 tell 192.168.255.1";
    EXPECT_EQ(send(kWorkstation), State::known);
    EXPECT_EQ(send(kWorkstation), State::known);
    EXPECT_THAT(sent(), ElementsAre(question));
    hear(from_workstation(arp_reply()).to(kGateway));
    EXPECT_EQ(rows().at(0).state, NeighborState::reachable);
    pass(1s);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Neighbors, AnAgedNeighbourThatDoesNotAnswerIsForgotten) {
    learn_workstation();
    pass(rules.arp.reachable_age);
    send(kWorkstation);
    for (int second = 0; second < 3; ++second) {
        EXPECT_THAT(sent(), SizeIs(1));
        EXPECT_EQ(send(kWorkstation), State::known);
        pass(1s);
    }
    EXPECT_THAT(rows(), IsEmpty());
    EXPECT_EQ(send(kWorkstation), State::asking);
}

TEST_F(Neighbors, AnAgedNeighbourThatNobodyUsesIsForgotten) {
    learn_workstation();
    pass(rules.arp.reachable_age);
    pass(NeighborTable::kStaleAge);
    EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(Neighbors, AStaticNeighbourStaysWhateverIsSaid) {
    rules.neighbors = {{kLan, kWebServer, kOtherMac}};
    table.adopt(rules, now);
    hear(arp_request().from_mac(kWorkstationMac).from(kWebServer).to(kGateway));
    pass(24h);
    EXPECT_EQ(table.resolve(kLan, kWebServer, now, out).mac, kOtherMac);
    EXPECT_EQ(table.clear(), 0u);
    EXPECT_EQ(row_of(rows().at(0).state).name, "static");

    rules.neighbors.clear();
    table.adopt(rules, now);
    EXPECT_EQ(table.peek(kLan, kWebServer), std::nullopt);
}

TEST_F(Neighbors, NeighboursStayWhenRulesAreAdoptedButNotThoseOfALostInterface) {
    learn_workstation();
    hear(arp_request().from_mac(kOtherMac).from({203, 0, 113, 1}).to({203, 0, 113, 80}), kUplink);
    send(kWebServer);
    table.adopt(rules, now);
    EXPECT_THAT(rows(), SizeIs(3));
    EXPECT_EQ(table.held(), 1u);

    rules.interfaces[1] = {};
    table.adopt(rules, now);
    EXPECT_THAT(rows(), SizeIs(1));
    EXPECT_EQ(table.held(), 0u);
    EXPECT_EQ(ledger.dropped_for(DropReason::neighbor_unresolved), 1u);
    EXPECT_EQ(send(kWorkstation), State::unreachable);
}

TEST_F(Neighbors, AnAddressThatBecomesOursIsNoNeighbourAnyMore) {
    learn_workstation();
    rules.interfaces[1].addresses.push_back({kWorkstation, {kWorkstation, 24}});
    table.adopt(rules, now);
    EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(Rfc1122, Section2_3_2_2_TheQueueOfANeighbourLosesItsOldest) {
    rules.arp.queue_per_neighbor = 3;
    table.adopt(rules, now);
    for (int i = 0; i < 5; ++i) send(kWorkstation);
    EXPECT_EQ(table.held(), 3u);
    EXPECT_EQ(rows().at(0).queued, 3u);
    EXPECT_EQ(ledger.dropped_for(DropReason::neighbor_queue_full), 2u);
    hear(from_workstation(arp_reply()).to(kGateway));
    EXPECT_THAT(sent(), SizeIs(1 + 3));
}

TEST_F(Neighbors, AllQueuesTogetherLoseTheirOldest) {
    // Each of 200 neighbours may queue eight; together they may queue 512.
    for (unsigned i = 0; i < 8; ++i)
        for (unsigned host = 20; host < 220; ++host) send({192, 168, 255, static_cast<std::uint8_t>(host)});
    EXPECT_EQ(table.held(), NeighborTable::kMostWaiting);
    EXPECT_EQ(ledger.dropped_for(DropReason::neighbor_queue_full), 1600 - NeighborTable::kMostWaiting);
}

TEST_F(Neighbors, AScanCostsNoKnownNeighbourItsPlace) {
    rules.interfaces[1].addresses = {Ipv4InterfaceAddress::parse("10.0.0.1/8").value()};
    rules.arp.capacity = 64;
    table.adopt(rules, now);
    for (std::uint32_t i = 0; i < 64; ++i)
        hear(arp_request().from_mac(kWorkstationMac).from(Ipv4Address{0x0a00'0100 + i}).to({10, 0, 0, 1}));
    for (std::uint32_t i = 0; i < 65536; ++i) {
        send(Ipv4Address{0x0a01'0000 + i});
        if (i % 1000 == 0) pass(10ms);
        sent();
    }
    EXPECT_LE(table.size(), 64u + 16u);
    for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(table.peek(kLan, Ipv4Address{0x0a00'0100 + i}), kWorkstationMac);

    // And somebody who does answer gets through in the middle of it.
    const Ipv4Address answers{10, 2, 0, 1};
    send(answers);
    for (std::uint32_t i = 0; i < 10; ++i) send(Ipv4Address{0x0a03'0000 + i});
    sent();
    hear(arp_reply().from_mac(kOtherMac).from(answers).to({10, 0, 0, 1}));
    EXPECT_EQ(table.peek(kLan, answers), kOtherMac);
    EXPECT_EQ(table.held(), 16u - 1);
}

TEST_F(Neighbors, AFullTableForgetsWhoWasConfirmedLongestAgo) {
    rules.arp.capacity = 2;
    table.adopt(rules, now);
    for (std::uint8_t host = 11; host <= 13; ++host) {
        now += 1s;
        hear(arp_request().from_mac(kOtherMac).from({192, 168, 255, host}).to(kGateway));
        if (host == 12) hear(arp_request().from_mac(kOtherMac).from({192, 168, 255, 11}).to(kGateway));
    }
    EXPECT_EQ(table.peek(kLan, {192, 168, 255, 11}), kOtherMac);
    EXPECT_EQ(table.peek(kLan, {192, 168, 255, 12}), std::nullopt);
    EXPECT_EQ(table.peek(kLan, {192, 168, 255, 13}), kOtherMac);
}

TEST_F(Neighbors, ASmallerCapacityTakesEffectAtOnce) {
    for (std::uint8_t host = 11; host <= 20; ++host)
        hear(arp_request().from_mac(kOtherMac).from({192, 168, 255, host}).to(kGateway));
    rules.arp.capacity = 4;
    table.adopt(rules, now);
    EXPECT_EQ(table.size(), 4u);
    EXPECT_EQ(table.peek(kLan, {192, 168, 255, 20}), kOtherMac);
}

TEST_F(Neighbors, ClearForgetsAllButStaticOnes) {
    rules.neighbors = {{kLan, kWebServer, kOtherMac}};
    table.adopt(rules, now);
    learn_workstation();
    send({203, 0, 113, 1}, kUplink);
    EXPECT_EQ(table.clear(kUplink), 1u);
    EXPECT_EQ(table.held(), 0u);
    EXPECT_EQ(table.clear(), 1u);
    EXPECT_THAT(rows(), SizeIs(1));
}

TEST_F(Neighbors, ExpiryDoesABoundedAmountOfWorkACall) {
    rules.interfaces[1].addresses = {Ipv4InterfaceAddress::parse("10.0.0.1/8").value()};
    table.adopt(rules, now);
    for (std::uint32_t i = 0; i < 1000; ++i) send(Ipv4Address{0x0a01'0000 + i});
    sent();
    pass(1s);
    EXPECT_THAT(sent(), SizeIs(NeighborTable::kExpiryBatch));
    for (int i = 0; i < 3; ++i) table.expire(now, out, unresolved);
    EXPECT_THAT(sent(), SizeIs(1000 - NeighborTable::kExpiryBatch));
}

TEST_F(Neighbors, AnInterfaceWithoutAddressAsksNobody) {
    rules.interfaces[1].addresses.clear();
    table.adopt(rules, now);
    EXPECT_EQ(send(kWorkstation), State::unreachable);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(Neighbors, EventsBeyondTheirBoundAreCounted) {
    for (std::size_t i = 0; i < NeighborTable::kMostEvents + 10; ++i)
        hear(arp_request().from_mac(kOtherMac).from(kGateway).to(kGateway));
    std::size_t seen = 0;
    EXPECT_EQ(table.take_events([&](const auto&) { ++seen; }), 10u);
    EXPECT_EQ(seen, NeighborTable::kMostEvents);
}

TEST(NeighborTable, WithoutBuffersNothingIsAskedAndNothingBreaks) {
    PacketPool pool{{0, 0}};
    Ledger ledger;
    Outbox<InterfaceId> out;
    NeighborTable table{pool, ledger, HashKey{}};
    table.adopt(edge(), Timestamp{});
    EXPECT_EQ(table.resolve(kLan, kWorkstation, Timestamp{}, out).state, State::asking);
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(ledger.originated, 0u);
}

}  // namespace
}  // namespace hairpin::gateway
