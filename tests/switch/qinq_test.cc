// 802.1ad: a customer's tags travel inside a service tag, and come out nowhere else.
#include <gmock/gmock.h>

#include <cstddef>

#include "feature_lab.h"

namespace hairpin::l2 {
namespace {

using testing::Bytes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::PacketBuilder;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kAddressBytes = 12;

// The frame with a service tag around what it has.
Bytes in_service(Bytes frame, unsigned vlan, unsigned priority = 0) {
    const unsigned control = priority << 13 | vlan;
    const Bytes tag{std::byte{0x88}, std::byte{0xa8}, static_cast<std::byte>(control >> 8),
                    static_cast<std::byte>(control & 0xff)};
    frame.insert(frame.begin() + kAddressBytes, tag.begin(), tag.end());
    return frame;
}

class QinQ : public FeatureLab {
protected:
    static VlanMembership tunnel(unsigned vlan) {
        return {.kind = VlanMembership::Kind::tunnel, .access = VlanId{static_cast<std::uint16_t>(vlan)}};
    }
    static VlanMembership service_trunk(std::initializer_list<std::uint16_t> vlans) {
        VlanMembership membership = trunk(vlans);
        membership.tags = VlanMembership::Tags::service;
        return membership;
    }
    using FeatureLab::forward;
    Sent forward(PortId ingress, const Bytes& bytes) { return FeatureLab::forward(ingress, pool_.make(bytes)); }

    PortId customer_ = add_port(tunnel(100)), other_customer_ = add_port(tunnel(200)),
           core_ = add_port(service_trunk({100, 200}));
};

TEST_F(QinQ, ACustomersFrameGetsAServiceTagAndKeepsItsOwn) {
    const auto tagged = frame(kAlice, kBob).vlan(7).vlan_priority(5);
    EXPECT_EQ(forward(customer_, tagged), (Sent{{core_, in_service(tagged.bytes(), 100)}}));
    const auto untagged = frame(kAlice, kBob);
    EXPECT_EQ(forward(customer_, untagged), (Sent{{core_, in_service(untagged.bytes(), 100)}}));
    const auto twice = frame(kAlice, kBob).vlan(7).vlan(8);
    EXPECT_EQ(forward(customer_, twice), (Sent{{core_, in_service(twice.bytes(), 100)}}));
}

TEST_F(QinQ, FromTheCoreTheServiceTagComesOff) {
    const auto tagged = frame(kBob, kAlice).vlan(7);
    EXPECT_EQ(forward(core_, in_service(tagged.bytes(), 100, 6)), (Sent{{customer_, tagged.bytes()}}));
    EXPECT_EQ(forward(core_, in_service(tagged.bytes(), 200)), (Sent{{other_customer_, tagged.bytes()}}));
    const auto untagged = frame(kBob, kAlice);
    EXPECT_EQ(forward(core_, in_service(untagged.bytes(), 100)), (Sent{{customer_, untagged.bytes()}}));
}

TEST_F(QinQ, CustomersOfOneVlanNumberDoNotMeet) {
    forward(core_, in_service(frame(kBob, kCarol).vlan(7).bytes(), 200));
    EXPECT_THAT(egress_of(customer_, frame(kAlice, kBob).vlan(7)), ElementsAre(core_)) << "Bob is known in another service";
}

TEST_F(QinQ, ATagInsideLeavesOnlyByTunnelsAndServiceTrunks) {
    add_port(access(100)), add_port(trunk({100})),
        add_port(VlanMembership{.kind = VlanMembership::Kind::trunk, .native = VlanId{100}});
    const PortId other_site = add_port(tunnel(100));
    EXPECT_THAT(egress_of(customer_, frame(kAlice, kBob).vlan(7)), UnorderedElementsAre(core_, other_site));
    EXPECT_EQ(egress_of(customer_, frame(kAlice, kBob)).size(), 5u) << "without one it is a frame of VLAN 100";
}

TEST_F(QinQ, TheGatewayIsNotReachedByWhatHasATagInside) {
    const auto mac = MacAddress::from_number(0x0200'0000'0001);
    const PortId gateway = *bridge_.add_internal_port(lan_, VlanId{100}, mac, 1500);
    EXPECT_THAT(egress_of(customer_, frame(kAlice, mac).vlan(7)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::vlan_not_allowed), 1u);
    EXPECT_THAT(egress_of(customer_, frame(kAlice, mac)), ElementsAre(gateway));
}

TEST_F(QinQ, TheCoreAdmitsOnlyServiceTags) {
    EXPECT_THAT(forward(core_, frame(kBob, kAlice)), IsEmpty());
    EXPECT_THAT(forward(core_, frame(kBob, kAlice).vlan(100)), IsEmpty());
    EXPECT_THAT(forward(core_, in_service(frame(kBob, kAlice).bytes(), 300)), IsEmpty());
    EXPECT_THAT(forward(core_, in_service(frame(kBob, kAlice).bytes(), 0)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::vlan_not_allowed), 4u);
    EXPECT_THAT(forward(core_, in_service(in_service(frame(kBob, kAlice).bytes(), 100), 100)), IsEmpty());
    EXPECT_THAT(forward(core_, in_service(frame(kBob, kAlice).bytes(), 4095)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::vlan_illegal), 2u);
}

TEST_F(QinQ, AServiceTagThatIsCutOffIsARunt) {
    const Bytes whole = in_service(frame(kBob, kAlice).bytes(), 100);
    for (std::ptrdiff_t size = 14; size < 18; ++size)
        EXPECT_THAT(forward(core_, Bytes{whole.begin(), whole.begin() + size}), IsEmpty());
    EXPECT_EQ(dropped(DropReason::runt), 4u);
}

TEST_F(QinQ, TagsDoNotCountAsAPartOfTheMtu) {
    const auto full = frame(kAlice, kBob).payload(1472);
    EXPECT_EQ(forward(customer_, PacketBuilder{full}.vlan(7)),
              (Sent{{core_, in_service(PacketBuilder{full}.vlan(7).bytes(), 100)}}));
    EXPECT_EQ(forward(core_, in_service(PacketBuilder{full}.vlan(7).bytes(), 100)),
              (Sent{{customer_, PacketBuilder{full}.vlan(7).bytes()}}));
    EXPECT_THAT(forward(customer_, frame(kAlice, kBob).payload(1473).vlan(7)), IsEmpty());
    EXPECT_EQ(dropped(DropReason::oversize), 1u);
}

TEST_F(QinQ, SuperPacketsTravelWhole) {
    const auto big = testing::tcp().from_mac(kAlice).to_mac(kBob).payload(20'000).vlan(7).super_packet(1000);
    Batch batch;
    batch.push_back(big.in(pool_));
    const Offload before = batch[0]->offload;
    ++ledger_.received;
    bridge_.forward(customer_, batch, now_, out_);
    out_.drain([&](PortId port, Batch& sent) {
        EXPECT_EQ(port, core_);
        EXPECT_EQ(sent.at(0)->offload.header_length, before.header_length + 4);
        EXPECT_EQ(sent.at(0)->offload.checksum_start, before.checksum_start + 4);
        ledger_.transmitted += sent.size();
    });
}

}  // namespace
}  // namespace hairpin::l2
