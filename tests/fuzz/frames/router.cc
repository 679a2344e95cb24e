#include "tests/fuzz/frames/router.h"

#include "net/frame_view.h"
#include "tests/fuzz/property.h"
#include "tests/support/hairpin_lab.h"

namespace hairpin::fuzz {

using testing::kLan;
using testing::kUplink;

namespace {

constexpr std::size_t kInternetPort = 2;
constexpr std::array<const char*, Router::kPorts> kSegments{"lan", "lan", "wan", "lan"};
constexpr std::array<unsigned, Router::kPorts> kMtus{1500, 1500, 1500, 9000};

// Marks a packet whose checksums were wrong when it came: translation keeps them wrong, as it must.
constexpr std::uint32_t kBroken = 1;

constexpr std::array<Ipv4Address, Router::kPorts> kAddresses{testing::kWorkstation, testing::kWebServer, testing::kRouter,
                                                             Ipv4Address{192, 168, 255, 30}};

// Most hosts are known, so that what they are sent leaves at once; whoever else there is must be asked for.
gateway::Ruleset rules(unsigned variant, std::uint64_t generation) {
    gateway::Ruleset rules = testing::guide_rules();
    rules.generation = generation;
    for (std::size_t port = 0; port < 3; ++port)
        rules.neighbors.push_back({port == kInternetPort ? kUplink : kLan, kAddresses[port], Router::host_mac(port)});
    rules.arp.capacity = 16;
    rules.icmp.errors_per_second = 1000;
    if ((variant & 1) != 0) rules.interfaces[index_of(kLan)].mtu = 600;
    if ((variant & 2) != 0) rules.firewall.back().action = gateway::FirewallAction::accept;
    if ((variant & 4) != 0) rules.firewall.back().action = gateway::FirewallAction::reject;
    if ((variant & 8) != 0) rules.nat.pop_back();
    if ((variant & 16) != 0) rules.nat.front().translated_port = testing::ports(5000, 5001);
    if ((variant & 32) != 0) rules.on_commit = gateway::OnCommit::keep;
    return rules;
}

}  // namespace

MacAddress Router::gateway_mac(std::size_t port) { return port == kInternetPort ? testing::kUplinkMac : testing::kLanMac; }
MacAddress Router::host_mac(std::size_t port) { return MacAddress::from_number(0x0200'0000'bb00 + port); }

Router::Router()
    : bridge_({.capacity = 32, .port_limit = 16}, HashKey{}, pool_, ledger_),
      gateway_(pool_, ledger_, 16, {HashKey{1, 2}, HashKey{3, 4}}) {
    for (const char* segment : {"lan", "wan"}) bridge_.add_segment(segment);
    for (std::size_t port = 0; port < kPorts; ++port) {
        const auto capabilities = port == 1 ? l2::Capabilities{} : l2::Capabilities::all();
        ports_[port] = std::make_unique<l2::MemoryPort>(pool_, ledger_, l2::MemoryPort::Options{kMtus[port], capabilities});
        l2::VlanMembership vlans;
        if (port == 3) vlans = {.kind = l2::VlanMembership::Kind::trunk, .native = VlanId{9}, .tagged = {VlanId{7}}};
        port_ids_[port] = bridge_.add_port(*bridge_.find_segment(kSegments[port]), vlans, kMtus[port]);
    }
    const gateway::Ruleset guide = testing::guide_rules();
    for (const InterfaceId id : {kUplink, kLan}) {
        const gateway::Interface& interface = guide.interfaces[index_of(id)];
        attachments_[index_of(id)] =
            bridge_.add_internal_port(*bridge_.find_segment(interface.segment), {}, interface.mac, 1500).value();
    }
    change_rules(0);
}

Router::~Router() {
    holds(ledger_.expected_held() == static_cast<std::int64_t>(gateway_.held()), "a packet was lost, or counted twice");
    holds(pool_.in_use() == gateway_.held(), "a packet leaked");
}

void Router::send(std::size_t port, std::span<const std::byte> frame, const l2::VirtioHeader& header) {
    PacketPtr packet = pool_.make(frame);
    if (!packet || !header.apply_to(*packet)) return;
    packet->mark = testing::checksums_hold(*packet) ? 0 : kBroken;
    if (!ports_[port]->inject(std::move(packet))) return;
    Batch burst;
    ports_[port]->receive(burst, now_);
    bridge_.forward(port_ids_[port], burst, now_, switched_);
    deliver();
}

// What is due is done in steps, each of which is bounded.
void Router::wait(Duration duration) {
    constexpr int kSteps = 4;
    for (int step = 0; step < kSteps; ++step) {
        now_ += duration / kSteps;
        bridge_.expire(now_);
        gateway_.expire(now_, routed_);
        deliver();
    }
}

void Router::change_rules(unsigned variant) {
    gateway_.adopt(std::make_shared<const gateway::Ruleset>(rules(variant, generation_++)), now_);
    deliver();
}

void Router::deliver() {
    while (!switched_.empty() || !routed_.empty()) {
        switched_.drain([&](PortId destination, Batch& batch) {
            for (const InterfaceId interface : {kUplink, kLan})
                if (attachments_[index_of(interface)] == destination) return gateway_.forward(interface, batch, now_, routed_);
            for (std::size_t port = 0; port < kPorts; ++port) {
                if (port_ids_[port] != destination) continue;
                ports_[port]->send(batch, now_);
                for (const PacketPtr& packet : ports_[port]->take_sent()) inspect_delivery(port, *packet);
            }
        });
        routed_.drain([&](InterfaceId interface, Batch& batch) {
            for (const PacketPtr& packet : batch) inspect_departure(interface, *packet);
            gateway_.count_departures(interface, batch);
            bridge_.forward(attachments_[index_of(interface)], batch, now_, switched_);
        });
    }
}

void Router::inspect_departure(InterfaceId id, const Packet& packet) const {
    const FrameView frame = FrameView::parse(const_cast<Packet&>(packet));  // which only reads
    holds(static_cast<bool>(frame), "the gateway sent what is no frame");
    const gateway::Interface& interface = gateway_.ruleset().interfaces[index_of(id)];
    holds(frame.ethernet().source == interface.mac, "the gateway sent from a MAC that is not its own");
    if (frame.is_arp()) return;
    const std::string what = testing::SeenPacket::of_l3(frame.l3_bytes()).to_string();
    holds(packet.mark == kBroken || testing::checksums_hold(packet), "a checksum does not hold: " + what);
    holds(!frame.ethernet().destination.is_group(), "the gateway routed to a group: " + what);
    holds(frame.ipv4().time_to_live > 0, "sent with a TTL of zero: " + what);
    const bool is_whole = packet.offload.segmentation == Segmentation::none;
    holds(!is_whole || frame.l3_length() <= interface.mtu, "longer than the link takes: " + what);
    const bool redirects =
        frame.has_l4() && frame.ipv4().protocol() == IpProtocol::icmp && frame.icmp().type() == IcmpType::redirect;
    holds(!redirects, "a redirect: " + what);
}

// Whatever it is, the device can take it.
void Router::inspect_delivery(std::size_t port, const Packet& packet) const {
    const l2::Capabilities device = ports_[port]->capabilities();
    holds(device.takes(packet.offload.segmentation), "a super-packet for a device that takes none");
    holds(device.partial_checksum || packet.offload.checksum != ChecksumState::partial, "a checksum that nobody will complete");
    constexpr std::size_t kTags = 2 * sizeof(VlanTag);
    if (packet.offload.segmentation == Segmentation::none)
        holds(packet.size() <= sizeof(EthernetHeader) + kTags + kMtus[port], "a frame that is longer than the device takes");
    (void)l2::VirtioHeader::describe(packet);
}

}  // namespace hairpin::fuzz
