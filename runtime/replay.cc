#include "runtime/replay.h"

#include <algorithm>
#include <cstring>

#include "net/frame_view.h"
#include "runtime/clock.h"

namespace hairpin::runtime {

namespace {

constexpr PacketPool::Capacity kPackets{.small = 2048, .large = 64};
constexpr Timestamp kBeginning{std::chrono::hours{1}};  // nothing is older than the clock
constexpr std::size_t kAddresses = 2 * sizeof(MacAddress);
constexpr int kExpiryTurns = 8;  // what is due after a pause is more than a tick's work

// A TCP frame longer than the link takes was captured before it was cut: it is what a sender hands to a device that cuts.
void take_for_super_packet(Packet& packet, unsigned mtu) {
    const FrameView frame = FrameView::parse(packet);
    if (!frame || !frame.is_ipv4() || frame.l3_length() <= mtu || !frame.has_l4() || frame.ipv4().protocol() != IpProtocol::tcp)
        return;
    const std::size_t headers = frame.l4_offset() + frame.tcp().header_length();
    packet.offload.segmentation = Segmentation::tcp4;
    packet.offload.header_length = static_cast<std::uint16_t>(headers);
    packet.offload.segment_size = static_cast<std::uint16_t>(mtu + sizeof(EthernetHeader) - headers);
}

}  // namespace

Replay::Replay(gateway::RulesetPtr rules, std::optional<InterfaceId> inbound, Neighbors neighbors)
    : rules_(std::move(rules)),
      inbound_(inbound),
      neighbors_(std::move(neighbors)),
      pool_(kPackets),
      gateway_(pool_, ledger_, std::min(rules_->session_capacity, kMostFrames), {random_key(), random_key()}),
      now_(kBeginning) {
    gateway_.adopt(rules_, now_);
    gateway_.follow(this);
}

Replay::Played Replay::play(const Frame& frame) {
    ++frames_;
    bytes_ += frame.bytes.size();
    turn_time_to(frame.nanoseconds);
    if (frame.bytes.size() < frame.length) return {.fate = Fate::cut_off};
    VlanId vlan;
    PacketPtr packet = untagged(frame, vlan);
    if (!packet) {
        Played none;
        none.passage.drop = DropReason::no_buffer;
        return none;
    }
    const EthernetView ethernet = EthernetView::parse(*packet);
    if (ethernet && is_own(ethernet.source())) return {.fate = Fate::from_gateway};
    const auto inbound = inbound_ ? inbound_ : entrance(*packet, vlan);
    if (!inbound) return {.fate = Fate::for_others};

    const gateway::Interface& interface = rules_->interfaces[index_of(*inbound)];
    if (inbound_ && ethernet && !ethernet.destination().is_group())
        reinterpret_cast<EthernetHeader*>(packet->data())->destination = interface.mac;
    take_for_super_packet(*packet, interface.mtu);
    at_hand_ = true;
    passage_ = {};
    carry(*inbound, std::move(packet));
    return {Fate::played, *inbound, std::move(passage_)};
}

void Replay::turn_time_to(std::int64_t nanoseconds) {
    const std::int64_t before = std::exchange(last_time_, nanoseconds).value_or(nanoseconds);
    if (nanoseconds <= before) return;
    // Without a sign: two times can be farther apart than either can be large.
    const std::uint64_t pause = static_cast<std::uint64_t>(nanoseconds) - static_cast<std::uint64_t>(before);
    now_ += Duration{static_cast<std::int64_t>(std::min(pause, static_cast<std::uint64_t>(kLongestPause.count())))};
    for (int turn = 0; turn < kExpiryTurns; ++turn) {
        gateway_.expire(now_, out_);
        carry({}, nullptr);
    }
}

// The frame in a buffer of ours, without its tag, which the switch would have taken off.
PacketPtr Replay::untagged(const Frame& frame, VlanId& vlan) {
    PacketPtr packet = pool_.make(frame.bytes);
    if (!packet) return nullptr;
    const EthernetView view = EthernetView::parse(*packet);
    if (!view || !view.tagged()) return packet;
    vlan = view.vlan();
    std::memmove(packet->data() + sizeof(VlanTag), packet->data(), kAddresses);
    packet->pop_front(sizeof(VlanTag));
    return packet;
}

bool Replay::is_own(MacAddress mac) const {
    return std::any_of(rules_->interfaces.begin(), rules_->interfaces.end(),
                       [&](const gateway::Interface& interface) { return interface.present() && interface.mac == mac; });
}

// The interface that the frame is sent to. The same MAC may stand on several VLANs; a capture taken where tags are off has none.
std::optional<InterfaceId> Replay::entrance(Packet& packet, VlanId vlan) const {
    const EthernetView frame = EthernetView::parse(packet);
    if (!frame) return std::nullopt;
    if (frame.destination().is_group()) return asked_by_arp(packet);
    std::optional<InterfaceId> found;
    for (std::size_t i = 0; i < rules_->interfaces.size(); ++i) {
        const gateway::Interface& interface = rules_->interfaces[i];
        if (!interface.present() || interface.mac != frame.destination()) continue;
        if (interface.vlan == vlan) return static_cast<InterfaceId>(i);
        if (!found) found = static_cast<InterfaceId>(i);
    }
    return found;
}

// Of what is for everybody, the gateway cares for whoever asks for an address of it.
std::optional<InterfaceId> Replay::asked_by_arp(Packet& packet) const {
    const FrameView frame = FrameView::parse(packet);
    if (!frame || !frame.is_arp()) return std::nullopt;
    for (std::size_t i = 0; i < rules_->interfaces.size(); ++i)
        for (const auto& own : rules_->interfaces[i].addresses)
            if (rules_->interfaces[i].present() && own.address == frame.arp().target_address) return static_cast<InterfaceId>(i);
    return std::nullopt;
}

// Lets a packet in, if there is one, and has neighbours answer what comes of it until nobody asks any more.
void Replay::carry(InterfaceId inbound, PacketPtr packet) {
    Batch batch;
    if (packet) {
        batch.push_back(std::move(packet));
        gateway_.forward(inbound, batch, now_, out_);
    }
    while (!out_.empty()) {
        std::vector<std::pair<InterfaceId, PacketPtr>> answers;
        out_.drain([&](InterfaceId interface, Batch& sent) {
            for (PacketPtr& one : sent)
                if (PacketPtr answer = arp_answer(interface, std::move(one))) answers.emplace_back(interface, std::move(answer));
        });
        for (auto& [interface, answer] : answers) {
            batch.push_back(std::move(answer));
            gateway_.forward(interface, batch, now_, out_);
        }
    }
}

// What a neighbour answers to an ARP request of the gateway's; nullptr to anything else. Whatever it is, it has left.
PacketPtr Replay::arp_answer(InterfaceId interface, PacketPtr packet) const {
    FrameView frame = FrameView::parse(*packet);
    if (!frame || !frame.is_arp() || frame.arp().operation != Be16{static_cast<std::uint16_t>(ArpOperation::request)})
        return nullptr;
    ArpHeader& arp = frame.arp();
    if (arp.sender_address == arp.target_address || rules_->owns(arp.target_address)) return nullptr;
    const MacAddress mac =
        neighbors_(interface, arp.target_address).value_or(MacAddress::from_name("neighbor " + arp.target_address.to_string()));
    arp.operation = Be16{static_cast<std::uint16_t>(ArpOperation::reply)};
    std::swap(arp.sender_address, arp.target_address);
    arp.target_mac = arp.sender_mac;
    arp.sender_mac = mac;
    frame.ethernet().destination = arp.target_mac;
    frame.ethernet().source = mac;
    packet->ingress = kNoPort;
    return packet;
}

}  // namespace hairpin::runtime
