// A tunnel whose remotes are sockets of this test, on addresses of the loopback: real datagrams, and no root.
#include "switch/ports/vxlan_port.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "switch/bridge.h"
#include "switch/ports/vxlan_endpoints.h"
#include "tests/support/packet_builder.h"
#include "tests/support/two_hosts.h"

namespace hairpin::l2 {
namespace {

using namespace hairpin::testing;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Ipv4Address kLocal{127, 0, 0, 1}, kSiteB{127, 0, 0, 2}, kSiteC{127, 0, 0, 3}, kUnknown{127, 0, 0, 9};
constexpr auto kMacHere = MacAddress::from_number(0x0200'0000'0001), kMacB = MacAddress::from_number(0x0200'0000'000b),
               kMacC = MacAddress::from_number(0x0200'0000'000c);
constexpr std::uint32_t kVni = 100;

sockaddr_in address_of(Ipv4Address address, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = std::bit_cast<in_port_t>(Be16{port});
    result.sin_addr.s_addr = std::bit_cast<in_addr_t>(address);
    return result;
}

Bytes datagram(std::uint32_t vni, const Bytes& frame, std::uint32_t flags = VxlanHeader::kVniPresent) {
    const VxlanHeader header{Be32{flags}, Be32{vni << 8}};
    Bytes bytes(sizeof header + frame.size());
    std::memcpy(bytes.data(), &header, sizeof header);
    if (!frame.empty()) std::memcpy(bytes.data() + sizeof header, frame.data(), frame.size());
    return bytes;
}

// Another switch, as far as a tunnel knows it.
class Site {
public:
    struct Received {
        Bytes frame;
        std::uint32_t vni;
        std::uint16_t source_port;
    };

    Site(Ipv4Address address, std::uint16_t port) : port_(port), socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
        const sockaddr_in own = address_of(address, port);
        EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    }
    ~Site() { close(socket_); }

    void send(const Bytes& bytes) const {
        const sockaddr_in to = address_of(kLocal, port_);
        EXPECT_EQ(sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
                  static_cast<ssize_t>(bytes.size()));
    }
    void send_frame(const PacketBuilder& frame) const { send(datagram(kVni, frame.bytes())); }
    // What is there now: on the loopback a datagram has arrived when it has been sent.
    std::vector<Received> received() const {
        std::vector<Received> all;
        Bytes bytes(70000);
        sockaddr_in from{};
        socklen_t size = sizeof from;
        for (ssize_t length; (length = recvfrom(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT,
                                                reinterpret_cast<sockaddr*>(&from), &size)) >= 0;) {
            VxlanHeader header;
            EXPECT_GE(length, static_cast<ssize_t>(sizeof header));
            std::memcpy(&header, bytes.data(), sizeof header);
            EXPECT_EQ(header.flags.value(), VxlanHeader::kVniPresent) << "all other bits are zero";
            EXPECT_EQ(header.vni_and_reserved.value() & 0xff, 0u);
            all.push_back({Bytes{bytes.begin() + sizeof header, bytes.begin() + length}, header.vni().number(),
                           std::bit_cast<Be16>(from.sin_port).value()});
        }
        return all;
    }

private:
    std::uint16_t port_;
    int socket_;
};

// A UDP port that is free on every address of the loopback that is used here, or was a moment ago.
std::uint16_t free_port() {
    const int probe = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in any = address_of({}, 0);
    EXPECT_EQ(bind(probe, reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    socklen_t size = sizeof any;
    getsockname(probe, reinterpret_cast<sockaddr*>(&any), &size);
    close(probe);
    return std::bit_cast<Be16>(any.sin_port).value();
}

class VxlanPortTest : public ::testing::Test {
protected:
    VxlanPortTest() : pool_(PacketPool::Capacity{.small = 1024, .large = 16}) {
        settings_.vni = Vni{kVni};
        settings_.local = kLocal;
        settings_.udp_port = L4Port{udp_port_};
        settings_.remotes = {{kSiteB}, {kSiteC}};
    }
    ~VxlanPortTest() override {
        held_.clear();
        EXPECT_EQ(ledger_.expected_held(), still_held_);
    }

    Result<std::unique_ptr<VxlanPort>> try_open(const VxlanSettings& settings, const VlanMembership& vlan = {}) {
        auto endpoint = endpoints_.take(settings.local, settings.udp_port);
        if (!endpoint) return tl::unexpected(endpoint.error());
        return VxlanPort::open(*endpoint, {.name = "far", .segment = "lan", .vlan = vlan, .device = settings},
                               endpoints_.new_key(), pool_, ledger_);
    }
    void open(const VlanMembership& vlan = {}) {
        auto opened = try_open(settings_, vlan);
        ASSERT_TRUE(opened) << opened.error().message;
        port_ = std::move(*opened);
    }
    // All that has come for the port, as the switch would get it.
    const Batch& receive() { return receive_at(*port_); }
    const Batch& receive_at(VxlanPort& port) {
        while (port.endpoint().receive()) {
        }
        const std::size_t before = held_.size();
        while (port.receive(held_, now_)) {
        }
        still_held_ += static_cast<std::int64_t>(held_.size() - before);
        return held_;
    }
    void send(const PacketBuilder& packet) {
        Batch batch;
        batch.push_back(packet.in(pool_));
        send(batch);
    }
    void send(Batch& batch) {
        ledger_.originated += batch.size();
        port_->send(batch, now_);
        EXPECT_THAT(batch, IsEmpty());
    }
    std::uint64_t dropped(DropReason reason) const { return ledger_.dropped_for(reason); }

    std::uint16_t udp_port_ = free_port();
    Site b_{kSiteB, udp_port_}, c_{kSiteC, udp_port_}, stranger_{kUnknown, udp_port_};
    PacketPool pool_;
    Ledger ledger_;
    VxlanEndpoints endpoints_{{1, 2}, ledger_};
    VxlanSettings settings_;
    std::unique_ptr<VxlanPort> port_;
    Timestamp now_{std::chrono::seconds{1000}};
    Batch held_;
    std::int64_t still_held_ = 0;
};

class Rfc7348 : public VxlanPortTest {};

PacketBuilder hello_from(MacAddress mac) { return arp_request().from_mac(mac).from(kThere).to(kHere); }
PacketBuilder frame_to(MacAddress mac) { return udp().from_mac(kMacHere).to_mac(mac).from(kHere, 1).to(kThere, 2).payload(10); }

TEST_F(VxlanPortTest, AFrameComesOutAsItWentIn) {
    open();
    const auto frame = udp().from(kThere, 7).to(kHere, 8).payload("over the hills");
    b_.send_frame(frame);
    ASSERT_THAT(receive(), SizeIs(1));
    EXPECT_EQ(bytes_of(*held_[0]), frame.bytes());
    EXPECT_EQ(port_->counters().in_packets, 1u);
    EXPECT_EQ(port_->counters().in_bytes, frame.bytes().size());

    send(frame_to(kMacB));
    const auto there = b_.received();
    ASSERT_THAT(there, SizeIs(1));
    EXPECT_EQ(there[0].frame, frame_to(kMacB).bytes());
    EXPECT_EQ(there[0].vni, kVni);
}

TEST_F(Rfc7348, Section4_1_Section4_2_WhoHasSpokenIsAnsweredAloneAndTheRestIsFlooded) {
    open();
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), SizeIs(1)) << "not yet heard of: to all";
    EXPECT_THAT(c_.received(), SizeIs(1));
    EXPECT_EQ(ledger_.copied, 1u);

    b_.send_frame(hello_from(kMacB));
    receive();
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), SizeIs(1));
    EXPECT_THAT(c_.received(), IsEmpty());
    EXPECT_EQ(port_->stations_behind(kSiteB), 1u);

    send(arp_request().from(kHere).to(kThere));
    EXPECT_THAT(b_.received(), SizeIs(1)) << "a broadcast: to all";
    EXPECT_THAT(c_.received(), SizeIs(1));
}

TEST_F(VxlanPortTest, AStationThatMovesIsFoundAtItsNewSiteAtOnceAndASilentOneIsForgotten) {
    open();
    b_.send_frame(hello_from(kMacB));
    receive();
    c_.send_frame(hello_from(kMacB));
    receive();
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), IsEmpty());
    EXPECT_THAT(c_.received(), SizeIs(1));

    now_ += std::chrono::seconds{301};
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), SizeIs(1));
    EXPECT_THAT(c_.received(), SizeIs(1));
    EXPECT_EQ(port_->stations_behind(kSiteC), 0u) << "its memory is free, too";
}

TEST_F(VxlanPortTest, AStaticStationStaysWhereItWasPut) {
    settings_.stations = {{kMacC, {}, kSiteC}};
    open();
    b_.send_frame(hello_from(kMacC));
    receive();
    send(frame_to(kMacC));
    EXPECT_THAT(b_.received(), IsEmpty());
    EXPECT_THAT(c_.received(), SizeIs(1));
    EXPECT_EQ(port_->clear_stations(), 0u);
}

TEST_F(VxlanPortTest, WithoutLearningOnlyStaticStationsAreKnown) {
    settings_.learning = false;
    settings_.stations = {{kMacC, {}, kSiteC}};
    open();
    b_.send_frame(hello_from(kMacB));
    EXPECT_THAT(receive(), SizeIs(1));
    send(frame_to(kMacB));
    EXPECT_THAT(c_.received(), SizeIs(1)) << "flooded";
    std::vector<MacAddress> known;
    port_->for_each_station(now_, [&](const auto& row) { known.push_back(row.mac); });
    EXPECT_THAT(known, ElementsAre(kMacC));
}

TEST_F(VxlanPortTest, NothingIsFloodedToARemoteThatDoesNotFlood) {
    settings_.remotes = {{kSiteB, false}, {kSiteC, false}};
    open();
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), IsEmpty());
    EXPECT_EQ(dropped(DropReason::tunnel_no_remote), 1u);
    EXPECT_EQ(port_->counters().drops, 1u);
    b_.send_frame(hello_from(kMacB));
    receive();
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), SizeIs(1)) << "it may speak, and is answered";
}

// The network underneath vouches for nobody.
TEST_F(VxlanPortTest, AStrangerIsNotHeardAndTeachesNothing) {
    open();
    b_.send_frame(hello_from(kMacB));
    receive();
    stranger_.send_frame(hello_from(kMacB));
    EXPECT_THAT(receive(), SizeIs(1)) << "the first alone";
    EXPECT_EQ(dropped(DropReason::tunnel_unknown_peer), 1u);
    EXPECT_EQ(port_->unknown_peers(), 1u);
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), SizeIs(1));
    EXPECT_THAT(stranger_.received(), IsEmpty());
}

TEST_F(Rfc7348, Section4_1Vni_Section5Flag_WhatIsNoVxlanIsDroppedAndCounted) {
    open();
    b_.send({});
    b_.send(Bytes(7));
    b_.send(datagram(kVni, hello_from(kMacB).bytes(), 0));
    b_.send(datagram(kVni + 1, hello_from(kMacB).bytes()));
    EXPECT_THAT(receive(), IsEmpty());
    EXPECT_EQ(dropped(DropReason::tunnel_malformed), 3u);
    EXPECT_EQ(dropped(DropReason::tunnel_unknown_vni), 1u);
    EXPECT_EQ(port_->endpoint().counters().malformed, 3u);
    EXPECT_EQ(port_->endpoint().counters().unknown_vni, 1u);
    EXPECT_EQ(port_->endpoint().counters().received, 4u);
    EXPECT_EQ(ledger_.received, 4u);
}

TEST_F(Rfc7348, Section5Reserved_TheyAreIgnoredOnReceiptAndZeroOtherwise) {
    open();
    Bytes bytes = datagram(kVni, hello_from(kMacB).bytes(), 0xffff'ffff);
    bytes[7] = std::byte{0xff};
    b_.send(bytes);
    EXPECT_THAT(receive(), SizeIs(1));
    send(frame_to(kMacB));
    EXPECT_THAT(b_.received(), SizeIs(1)) << "received() looks at every bit";
}

// "Configured otherwise" are ports that are trunks, below.
TEST_F(Rfc7348, Section6_1_AnInnerTagIsDroppedUnlessConfiguredOtherwise) {
    open();
    b_.send_frame(hello_from(kMacB).vlan(10));
    ASSERT_THAT(receive(), SizeIs(1));
    EXPECT_EQ(port_->stations_behind(kSiteB), 0u) << "and teaches nothing";
    Bridge bridge{{}, {}, pool_, ledger_};
    const SegmentId lan = bridge.add_segment("lan");
    const PortId far = bridge.add_port(lan, {}, 1500);
    bridge.add_port(lan, {}, 1500);
    Outbox<PortId> out;
    bridge.forward(far, held_, now_, out);
    still_held_ = 0;
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(dropped(DropReason::vlan_not_allowed), 1u);
}

TEST_F(VxlanPortTest, PortsOfOneEndpointTellTheirFramesApartByTheVni) {
    open();
    VxlanSettings other = settings_;
    other.vni = Vni{0xffffff};
    auto second = try_open(other);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(&(*second)->endpoint(), &port_->endpoint());
    b_.send(datagram(0xffffff, hello_from(kMacB).bytes()));
    EXPECT_THAT(receive(), IsEmpty());
    EXPECT_THAT(receive_at(**second), SizeIs(1));
    EXPECT_EQ(port_->stations_behind(kSiteB), 0u) << "a station of the one is none of the other";

    const auto taken = try_open(settings_);
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().message, HasSubstr("another port's"));
}

TEST_F(VxlanPortTest, WhoeverTakesTheMailIsToldUntilThereIsNoMore) {
    open();
    for (int i = 0; i < 100; ++i) b_.send_frame(hello_from(kMacB));
    int told = 0;
    port_->when_something_comes([&] {
        ++told;
        const std::size_t before = held_.size();
        port_->receive(held_, now_);
        still_held_ += static_cast<std::int64_t>(held_.size() - before);
    });
    while (port_->endpoint().receive()) {
    }
    EXPECT_THAT(held_, SizeIs(100));
    EXPECT_THAT(told, Ge(2));
}

TEST_F(VxlanPortTest, AnEndpointStaysOverACommitAndGoesAfterwards) {
    open();
    b_.send_frame(hello_from(kMacB));
    port_.reset();
    open();
    EXPECT_THAT(receive(), SizeIs(1)) << "what came while there was no port waited in the socket";
    int closed = 0;
    endpoints_.watch({.closing = [&](VxlanEndpoint&) { ++closed; }});
    endpoints_.let_go_of_unused();
    EXPECT_EQ(closed, 0);
    port_.reset();
    endpoints_.let_go_of_unused();
    EXPECT_EQ(closed, 1);
    endpoints_.watch({});
}

TEST_F(VxlanPortTest, AUdpPortThatIsTakenIsSaid) {
    settings_.local = kSiteB;
    const auto taken = try_open(settings_);
    ASSERT_FALSE(taken);
    EXPECT_THAT(taken.error().message, AllOf(HasSubstr("127.0.0.2:" + std::to_string(udp_port_)), HasSubstr("another udp-port")));
}

TEST_F(Rfc7348, Section5SourcePort_AFlowHasOneSourcePortAndManyFlowsHaveMany) {
    settings_.remotes = {{kSiteB}};
    open();
    std::map<unsigned, std::set<std::uint16_t>> ports_of_flow;
    std::set<std::uint16_t> ports;
    for (unsigned flow = 0; flow < 200; ++flow) {
        for (unsigned again = 0; again < 2; ++again) send(udp().from(kHere, 1000 + flow).to(kThere, 53).payload(again));
        for (const auto& received : b_.received()) {
            ports_of_flow[flow].insert(received.source_port);
            ports.insert(received.source_port);
        }
    }
    EXPECT_THAT(ports_of_flow, SizeIs(200));
    for (const auto& [flow, of_flow] : ports_of_flow) EXPECT_THAT(of_flow, SizeIs(1)) << flow;
    EXPECT_THAT(ports, SizeIs(VxlanEndpoint::kSources));
    EXPECT_THAT(ports, Each(Ge(VxlanEndpoint::kFirstSource)));
}

// Both ways of the outer checksum; what is cut from a super-packet are whole segments with good checksums.
class VxlanChecksums : public VxlanPortTest, public ::testing::WithParamInterface<VxlanSettings::Checksum> {};
TEST_P(VxlanChecksums, ASuperPacketLeavesInSegments) {
    settings_.remotes = {{kSiteB}};
    settings_.checksum = GetParam();
    open();
    Batch batch;
    batch.push_back(tcp().from(kHere, 1).to(kThere, 2).ack().payload(20000).super_packet(1400).in(pool_));
    batch.push_back(udp().from(kHere, 1).to(kThere, 2).payload(3).partial_checksum().in(pool_));
    send(batch);
    const auto there = b_.received();
    ASSERT_THAT(there, SizeIs(15 + 1));
    std::size_t payload = 0;
    for (const auto& received : there) {
        EXPECT_TRUE(checksums_hold(*pool_.make(received.frame)));
        const bool is_tcp = received.frame[23] == std::byte{6};  // of two flows either may come first
        if (is_tcp) payload += received.frame.size() - 54;
    }
    EXPECT_EQ(payload, 20000u);
    EXPECT_EQ(ledger_.transmitted, 16u);
    EXPECT_EQ(ledger_.copied, 14u);
    EXPECT_EQ(port_->remotes()[0].counters.out_packets, 16u);
    EXPECT_EQ(port_->endpoint().counters().sent, 16u);
}
INSTANTIATE_TEST_SUITE_P(Rfc7348Section5Checksum, VxlanChecksums,
                         ::testing::Values(VxlanSettings::Checksum::computed, VxlanSettings::Checksum::zero));

// The loopback takes 65535 bytes of IP; with the tunnel's own the longest frame is longer than that.
TEST_F(Rfc7348, Section4_3_WhatDoesNotFitTheWayIsDroppedAndCountedAndTheRestPasses) {
    settings_.remotes = {{kSiteB}};
    settings_.mtu = 65535;
    open();
    EXPECT_EQ(port_->endpoint().path_mtu(kSiteB), 65535u);
    Batch batch;
    batch.push_back(frame_to(kMacB).in(pool_));
    batch.push_back(udp().from(kHere, 1).to(kThere, 2).payload(65490).in(pool_));
    batch.push_back(frame_to(kMacB).in(pool_));
    send(batch);
    EXPECT_THAT(b_.received(), SizeIs(2));
    EXPECT_EQ(dropped(DropReason::tunnel_too_big), 1u);
    EXPECT_EQ(port_->remotes()[0].too_big, 1u);
    EXPECT_EQ(port_->remotes()[0].longest_refused, 65490u + 28);
    EXPECT_EQ(port_->counters().drops, 1u);
}

TEST_F(VxlanPortTest, WhatIsLongerThanItsMtuIsCountedTheSameWay) {
    settings_.mtu = 1450;
    open();
    const auto longest = udp().from(kHere, 1).to(kThere, 2).payload(1450 - 28),
               too_long = udp().from(kHere, 1).to(kThere, 2).payload(1451 - 28);
    send(longest);
    EXPECT_THAT(b_.received(), SizeIs(1));
    send(too_long);
    EXPECT_THAT(b_.received(), IsEmpty());
    EXPECT_EQ(dropped(DropReason::tunnel_too_big), 1u) << "one frame, that was for two remotes";
    for (const auto& remote : port_->remotes()) {
        EXPECT_EQ(remote.too_big, 1u);
        EXPECT_EQ(remote.longest_refused, 1451u);
    }
}

TEST_F(VxlanPortTest, WithoutTheLocalAddressWhatIsSentIsRefusedAndNothingElse) {
    settings_.local = Ipv4Address{192, 0, 2, 77};  // TEST-NET-1: nobody has it
    open();
    EXPECT_FALSE(port_->endpoint().path_mtu(kThere));
    send(frame_to(kMacB));
    EXPECT_EQ(dropped(DropReason::egress_refused), 2u);
}

TEST_F(VxlanPortTest, ATrunkKeepsItsVlansApart) {
    open({.kind = VlanMembership::Kind::trunk, .tagged = {VlanId{10}, VlanId{20}}});
    b_.send_frame(hello_from(kMacB).vlan(10));
    b_.send_frame(hello_from(kMacC));           // the port admits no untagged frames:
    c_.send_frame(hello_from(kMacC).vlan(30));  // nor those of other VLANs
    EXPECT_THAT(receive(), SizeIs(3)) << "which the switch says";
    send(frame_to(kMacB).vlan(10));
    EXPECT_THAT(b_.received(), SizeIs(1));
    EXPECT_THAT(c_.received(), IsEmpty());
    send(frame_to(kMacB).vlan(20));
    EXPECT_THAT(c_.received(), SizeIs(1)) << "in VLAN 20 nobody knows it";
    EXPECT_EQ(port_->stations_behind(kSiteB), 1u);
    EXPECT_EQ(port_->stations_behind(kSiteC), 0u);
}

TEST_F(VxlanPortTest, AnEmptyPoolCostsFramesAndNoBalance) {
    open();
    std::vector<PacketPtr> taken;
    while (PacketPtr packet = pool_.take_small()) taken.push_back(std::move(packet));
    b_.send_frame(hello_from(kMacB));
    EXPECT_THAT(receive(), IsEmpty());
    EXPECT_EQ(dropped(DropReason::no_buffer), 1u);
}

}  // namespace
}  // namespace hairpin::l2
