// Multicast goes to those who asked for it (RFC 4541), told in IGMP and MLD.
#include "switch/multicast/snooping.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <span>

#include "feature_lab.h"
#include "net/checksum.h"
#include "net/icmpv6.h"
#include "net/igmp.h"
#include "net/ipv6.h"
#include "switch/multicast/query_frame.h"

namespace hairpin::l2 {
namespace {

using namespace std::chrono_literals;
using testing::Bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::PacketBuilder;
using ::testing::UnorderedElementsAre;

constexpr Ipv4Address kGroup{239, 1, 2, 3}, kOtherGroup{239, 1, 2, 4}, kRouterAddress{192, 0, 2, 254},
    kAllV3Routers{224, 0, 0, 22};

MacAddress mac_of(Ipv4Address group) { return MacAddress::from_number(0x0100'5e00'0000 | (group.number() & 0x7f'ffff)); }

template <class Header>
void append(Bytes& bytes, const Header& header) {
    const auto* begin = reinterpret_cast<const std::byte*>(&header);
    bytes.insert(bytes.end(), begin, begin + sizeof header);
}

// IGMP to a group, with a checksum that holds.
PacketBuilder igmp_frame(Bytes message, Ipv4Address to, Ipv4Address from = {192, 0, 2, 1}) {
    const Be16 sum = checksum_of(message);
    std::memcpy(message.data() + offsetof(IgmpHeader, checksum), &sum, sizeof sum);
    return testing::ip(2).from(from).to(to).to_mac(mac_of(to)).ttl(1).payload(std::span<const std::byte>{message});
}
Bytes igmp_message(IgmpType type, Ipv4Address group, std::uint8_t response_time = 0) {
    IgmpHeader header;
    header.type_number = static_cast<std::uint8_t>(type);
    header.response_time = response_time;
    header.group = group;
    Bytes bytes;
    append(bytes, header);
    return bytes;
}
PacketBuilder report(Ipv4Address group) { return igmp_frame(igmp_message(IgmpType::report_v2, group), group); }
PacketBuilder leave(Ipv4Address group) { return igmp_frame(igmp_message(IgmpType::leave, group), {224, 0, 0, 2}); }
PacketBuilder query(Ipv4Address from = kRouterAddress, Ipv4Address group = {}, std::uint8_t tenths = 100) {
    return igmp_frame(igmp_message(IgmpType::query, group, tenths), group.is_unspecified() ? Ipv4Address{224, 0, 0, 1} : group,
                      from);
}
PacketBuilder records(std::initializer_list<std::pair<GroupRecordType, Ipv4Address>> groups, std::uint16_t sources = 0) {
    Bytes bytes = igmp_message(IgmpType::report_v3, Ipv4Address{static_cast<std::uint32_t>(groups.size())});
    for (const auto& [type, group] : groups) {
        append(bytes, GroupRecordHeader{static_cast<std::uint8_t>(type), 0, Be16{sources}});
        append(bytes, group);
        for (std::uint16_t i = 0; i < sources; ++i) append(bytes, Ipv4Address{192, 0, 2, static_cast<std::uint8_t>(100 + i)});
    }
    return igmp_frame(bytes, kAllV3Routers);
}
PacketBuilder stream(Ipv4Address group = kGroup) {
    return testing::udp().from({192, 0, 2, 50}, 5000).to(group, 5000).to_mac(mac_of(group)).payload(100);
}

class Snooping : public FeatureLab {
protected:
    Snooping() { set({}); }
    void set(const SnoopingSettings& settings) { bridge_.set_snooping(settings); }
    Sent tick() {
        bridge_.tick(now_, out_);
        return collect();
    }
    PortId sender_ = add_port(), one_ = add_port(), two_ = add_port(), router_ = add_port();
};

TEST_F(Snooping, AGroupGoesToThoseWhoAskedForIt) {
    EXPECT_EQ(egress_of(sender_, stream()).size(), 3u) << "nobody has: it is flooded";
    forward(one_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
    forward(two_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_));
    EXPECT_THAT(egress_of(one_, stream()), ElementsAre(two_)) << "never back";
    EXPECT_EQ(egress_of(sender_, stream(kOtherGroup)).size(), 3u);
}

TEST_F(Snooping, WhatNobodyAskedForCanBeKeptFromHosts) {
    set({.unknown = SnoopingSettings::Unknown::routers});
    EXPECT_THAT(egress_of(sender_, stream()), IsEmpty());
    EXPECT_EQ(dropped(DropReason::multicast_no_listener), 1u);
    forward(router_, query());
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(router_));
}

TEST_F(Snooping, ReportsGoToRoutersAlone) {
    EXPECT_THAT(egress_of(one_, report(kGroup)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::multicast_no_listener), 1u);
    EXPECT_EQ(egress_of(router_, query()).size(), 3u) << "a query goes to everybody";
    EXPECT_THAT(egress_of(one_, report(kGroup)), ElementsAre(router_));
    EXPECT_THAT(egress_of(one_, leave(kGroup)), ElementsAre(router_));
    EXPECT_THAT(egress_of(one_, records({{GroupRecordType::to_exclude, kGroup}})), ElementsAre(router_));
}

TEST_F(Snooping, ARouterGetsEveryGroupUntilItIsSilent) {
    forward(router_, query());
    forward(one_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, router_));
    now_ += 254s;
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, router_));
    now_ += 2s;
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
}

TEST_F(Snooping, AQueryFromNowhereIsNoRouters) {
    forward(router_, query(Ipv4Address{}));
    forward(one_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
}

TEST_F(Snooping, ARouterThatIsConfiguredOrSaysHelloByPim) {
    bridge_.set_features(two_, {.multicast_router = true});
    forward(one_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_));
    const Bytes hello{std::byte{0x20}, std::byte{0}, std::byte{0}, std::byte{0}};
    const Ipv4Address all_pim{224, 0, 0, 13};
    forward(router_, testing::ip(103).from(kRouterAddress, 0).to(all_pim).to_mac(mac_of(all_pim)).payload(std::span{hello}));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_, router_));
}

TEST_F(Snooping, MembershipEndsWithTime) {
    forward(one_, report(kGroup));
    forward(two_, report(kGroup));
    now_ += 259s;
    forward(two_, report(kGroup));
    now_ += 2s;
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(two_));
    tick();
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 1u);
}

TEST_F(Snooping, ALeaveEndsSoonAndOthersThereMayKeepIt) {
    forward(one_, report(kGroup));
    forward(two_, report(kGroup));
    forward(one_, leave(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_));
    now_ += 1900ms;
    forward(one_, report(kGroup));
    now_ += 10s;
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_)) << "another host there wanted it";
    forward(one_, leave(kGroup));
    now_ += 2s;
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(two_));
}

TEST_F(Snooping, FastLeaveEndsAtOnce) {
    bridge_.set_features(one_, {.fast_leave = true});
    forward(one_, report(kGroup));
    forward(two_, report(kGroup));
    forward(one_, leave(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(two_));
}

TEST_F(Snooping, RoutersThatAskForAGroupGiveHostsTheirTime) {
    forward(one_, report(kGroup));
    forward(two_, report(kGroup));
    forward(router_, query(kRouterAddress, kGroup, 10));
    now_ += 1s;
    forward(two_, report(kGroup));
    now_ += 1s;
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(two_, router_));
}

TEST_F(Snooping, VersionThreeRecords) {
    using Type = GroupRecordType;
    forward(one_, records({{Type::to_exclude, kGroup}, {Type::is_exclude, kOtherGroup}}));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
    EXPECT_THAT(egress_of(sender_, stream(kOtherGroup)), ElementsAre(one_)) << "the second record, too";
    forward(two_, records({{Type::allow_new, kGroup}}, 2));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_)) << "from some sources is wanted";
    forward(two_, records({{Type::block_old, kGroup}}, 1));
    EXPECT_THAT(egress_of(sender_, stream()), UnorderedElementsAre(one_, two_));
    forward(one_, records({{Type::to_include, kGroup}}));
    now_ += 3s;
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(two_)) << "included from nobody is left";
}

TEST_F(Snooping, WhatIsCutOffOrWrongSaysNothing) {
    const Bytes whole = records({{GroupRecordType::to_exclude, kGroup}, {GroupRecordType::to_exclude, kOtherGroup}}).bytes();
    for (std::size_t size = 14; size < whole.size(); ++size) forward(one_, pool_.make(std::span{whole}.first(size)));
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u);
    Bytes wrong = report(kGroup).bytes();
    wrong[34 + 2] ^= std::byte{1};
    forward(one_, pool_.make(wrong));
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u);
    forward(one_, report({192, 0, 2, 9}).to({239, 1, 1, 1}).to_mac(mac_of(kGroup)));
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u) << "what it names is no group";
}

TEST_F(Snooping, GroupsOfTheLinkGoToEverybody) {
    const Ipv4Address mdns{224, 0, 0, 251};
    forward(one_, report(mdns));
    EXPECT_EQ(egress_of(sender_, stream(mdns)).size(), 3u);
    EXPECT_EQ(egress_of(sender_, testing::arp_request().from_mac(kAlice)).size(), 3u);
    EXPECT_EQ(egress_of(sender_, testing::ethernet(0x1234).to_mac(mac_of(kGroup)).payload(50)).size(), 3u) << "no IP";
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u);
}

TEST_F(Snooping, VlansAreApart) {
    const PortId ten = add_port(access(10)), other_ten = add_port(access(10)), tagged = add_port(trunk({10}));
    forward(tagged, report(kGroup).vlan(10));
    EXPECT_THAT(egress_of(ten, stream()), ElementsAre(tagged));
    forward(one_, report(kGroup));
    EXPECT_THAT(egress_of(ten, stream()), ElementsAre(tagged));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
    EXPECT_THAT(egress_of(ten, stream(kOtherGroup)), UnorderedElementsAre(other_ten, tagged));
}

TEST_F(Snooping, ThePortThatGoesWantsNothing) {
    forward(one_, report(kGroup));
    bridge_.remove_port(one_);
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u);
    EXPECT_EQ(egress_of(sender_, stream()).size(), 2u);
}

TEST_F(Snooping, WhenMembershipsAreFullNobodyIsPassedOver) {
    bridge_.set_snooping(std::nullopt);
    set({.capacity = 2});
    forward(one_, report(kGroup));
    forward(one_, report(kOtherGroup));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
    forward(two_, report(kGroup));
    EXPECT_EQ(bridge_.snooping()->memberships().refused(), 1u);
    EXPECT_EQ(egress_of(sender_, stream()).size(), 3u);
    now_ += 261s;
    tick();
    forward(two_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(two_));
}

TEST_F(Snooping, TheGatewayGetsOnlyWhatEverybodyGets) {
    const PortId gateway = *bridge_.add_internal_port(lan_, VlanId::none(), MacAddress::from_number(0x0200'0000'0001), 1500);
    forward(one_, report(kGroup));
    EXPECT_THAT(egress_of(sender_, stream()), ElementsAre(one_));
    EXPECT_THAT(egress_of(sender_, stream(kOtherGroup)), UnorderedElementsAre(one_, two_, router_, gateway));
}

TEST_F(Snooping, TheQuerierAsksAtOnceAndThenNowAndThen) {
    set({.querier = true, .querier_address = {192, 0, 2, 200}});
    const Sent sent = tick();
    EXPECT_EQ(sent.size(), 8u) << "IGMP and MLD, at four ports";
    EXPECT_EQ(ledger_.originated, 8u);
    const Bytes& query_bytes = sent.begin()->second;
    const PacketPtr packet = pool_.make(query_bytes);
    const auto read = MulticastPacket::read(*packet);
    ASSERT_TRUE(read);
    const auto message = MembershipMessage::read(*read);
    ASSERT_TRUE(message) << "checksums hold";
    EXPECT_EQ(message->kind(), MembershipMessage::Kind::query);
    EXPECT_FALSE(message->asked());
    EXPECT_EQ(message->response_time(), 10s);
    EXPECT_EQ(read->source.to_string(), "192.0.2.200");
    EXPECT_THAT(tick(), IsEmpty());
    now_ += 31250ms;
    EXPECT_EQ(tick().size(), 8u) << "RFC 3376 8.6: the second comes sooner";
    now_ += 124s;
    EXPECT_THAT(tick(), IsEmpty());
    now_ += 1s;
    EXPECT_EQ(tick().size(), 8u);
}

TEST_F(Snooping, TheQuerierIsSilentBesideALowerAddress) {
    set({.querier = true, .querier_address = {192, 0, 2, 200}});
    forward(router_, query({192, 0, 2, 201}));
    EXPECT_EQ(tick().size(), 8u) << "a higher one is to be silent itself";
    forward(router_, query({192, 0, 2, 199}));
    now_ += 32s;
    EXPECT_EQ(tick().size(), 4u) << "MLD alone: nobody else asks by it";
    now_ += 125s;
    tick();
    now_ += 125s;
    EXPECT_EQ(tick().size(), 8u) << "it has not asked for 255 s";
}

TEST_F(Snooping, TheQuerierAsksWhenAHostLeaves) {
    set({.querier = true});
    tick();
    forward(one_, report(kGroup));
    forward(one_, leave(kGroup));
    const Sent sent = tick();
    ASSERT_THAT(ports_of(sent), ElementsAre(one_));
    const PacketPtr packet = pool_.make(sent.begin()->second);
    const auto message = MembershipMessage::read(*MulticastPacket::read(*packet));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->asked()->to_string(), "239.1.2.3");
    EXPECT_EQ(message->response_time(), 1s);
}

TEST_F(Snooping, QueriesHaveTheTagOfTheirVlan) {
    const PortId tagged = add_port(trunk({10, 20}));
    set({.querier = true});
    const Sent sent = tick();
    EXPECT_EQ(sent.count(tagged), 4u) << "IGMP and MLD in each of two VLANs";
    EXPECT_EQ(sent.find(tagged)->second[12], std::byte{0x81});
}

// MLD

Ipv6Address address6(const char* text) { return *Ipv6Address::parse(text); }
MacAddress mac_of(const Ipv6Address& group) {
    const auto& bytes = group.bytes();
    return MacAddress::from_number(0x3333'0000'0000 | std::uint64_t{bytes[12]} << 24 | std::uint64_t{bytes[13]} << 16 |
                                   std::uint64_t{bytes[14]} << 8 | bytes[15]);
}

Bytes mld_frame(Bytes message, const Ipv6Address& to, const Ipv6Address& from = address6("fe80::1"), std::uint8_t hops = 1) {
    constexpr std::array<std::uint8_t, 8> options{58, 0, 5, 2, 0, 0, 1, 0};
    Ipv6Header ip;
    ip.next_header = 0;
    ip.hop_limit = hops;
    ip.source = from;
    ip.destination = to;
    ip.payload_length = Be16{static_cast<std::uint16_t>(options.size() + message.size())};
    const Be16 sum = pseudo_header_sum(from, to, IpProtocol::icmpv6, message.size()).add(message).checksum();
    std::memcpy(message.data() + offsetof(Icmpv6Header, checksum), &sum, sizeof sum);
    Bytes frame;
    append(frame, EthernetHeader{mac_of(to), testing::kSourceMac, Be16{0x86dd}});
    append(frame, ip);
    append(frame, options);
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
}
Bytes mld_report(const char* group) {
    Bytes message;
    append(message, Icmpv6Header{131, 0, {}, {}});
    append(message, address6(group));
    return mld_frame(message, address6(group));
}
Bytes mld_records(GroupRecordType type, const char* group) {
    Bytes message;
    append(message, Icmpv6Header{143, 0, {}, Be32{1}});
    append(message, GroupRecordHeader{static_cast<std::uint8_t>(type), 0, Be16{0}});
    append(message, address6(group));
    return mld_frame(message, address6("ff02::16"));
}
Bytes stream6(const char* group) {
    Ipv6Header ip;
    ip.next_header = 59;
    ip.hop_limit = 9;
    ip.source = address6("2001:db8::1");
    ip.destination = address6(group);
    Bytes frame;
    append(frame, EthernetHeader{mac_of(ip.destination), testing::kSourceMac, Be16{0x86dd}});
    append(frame, ip);
    return frame;
}

TEST_F(Snooping, MldListenersGetTheirGroups) {
    forward(one_, pool_.make(mld_report("ff05::99")));
    EXPECT_THAT(ports_of(forward(sender_, pool_.make(stream6("ff05::99")))), ElementsAre(one_));
    forward(two_, pool_.make(mld_records(GroupRecordType::to_exclude, "ff05::99")));
    EXPECT_THAT(ports_of(forward(sender_, pool_.make(stream6("ff05::99")))), UnorderedElementsAre(one_, two_));
    forward(one_, pool_.make(mld_records(GroupRecordType::to_include, "ff05::99")));
    now_ += 3s;
    EXPECT_THAT(ports_of(forward(sender_, pool_.make(stream6("ff05::99")))), ElementsAre(two_));
}

TEST_F(Snooping, MldOfTheLinkAndOfStrangersChangesNothing) {
    forward(one_, pool_.make(mld_report("ff02::1:ff00:1")));
    EXPECT_EQ(forward(sender_, pool_.make(stream6("ff02::1:ff00:1"))).size(), 3u);
    Bytes message;
    append(message, Icmpv6Header{131, 0, {}, {}});
    append(message, address6("ff05::99"));
    forward(one_, pool_.make(mld_frame(message, address6("ff05::99"), address6("2001:db8::1"))));
    forward(one_, pool_.make(mld_frame(message, address6("ff05::99"), address6("fe80::1"), 64)));
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u) << "neither from the link itself";
    const Bytes whole = mld_report("ff05::99");
    for (std::size_t size = 14; size < whole.size(); ++size) forward(one_, pool_.make(std::span{whole}.first(size)));
    EXPECT_EQ(bridge_.snooping()->memberships().size(), 0u);
}

TEST_F(Snooping, OurMldQueryIsOneThatHostsTake) {
    const PacketPtr packet = pool_.make(mld_query_frame(kAlice, MulticastGroup{address6("ff05::99")}, 1s, 125s));
    const auto read = MulticastPacket::read(*packet);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->carries, MulticastPacket::Carries::mld);
    const auto message = MembershipMessage::read(*read);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->asked()->to_string(), "ff05::99");
    EXPECT_EQ(message->response_time(), 1s);
    EXPECT_EQ(read->source.to_string(), "fe80::ff:fe00:aa");
}

}  // namespace
}  // namespace hairpin::l2
