#include "switch/ports/vxlan_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/ethernet.h"
#include "net/frame_view.h"
#include "switch/vxlan/inner_packet.h"

namespace hairpin::l2 {

namespace {

constexpr Duration kBetweenExpiries = std::chrono::seconds{1};
// What the kernel takes at once (UDP_MAX_SEGMENTS of older ones, and the longest payload of UDP over IPv4).
constexpr std::size_t kMostTogether = 64;
constexpr std::size_t kLongestTogether = 65507;

VxlanHeader header_of(Vni vni) { return {.flags = Be32{VxlanHeader::kVniPresent}, .vni_and_reserved = Be32{vni.number() << 8}}; }

std::size_t l3_length(Packet& packet) {
    const EthernetView frame = EthernetView::parse(packet);
    return frame ? packet.size() - frame.payload_offset() : 0;
}

bool by_address(const VxlanPort::Remote& remote, Ipv4Address address) { return remote.settings.address < address; }

}  // namespace

VxlanPort::VxlanPort(std::shared_ptr<VxlanEndpoint> endpoint, const PortSettings& settings, const HashKey& key, PacketPool& pool,
                     Ledger& ledger)
    : DevicePort(pool, ledger, std::get<VxlanSettings>(settings.device).mtu),
      endpoint_(std::move(endpoint)),
      settings_(std::get<VxlanSettings>(settings.device)),
      vlans_(settings.vlan),
      header_(header_of(settings_.vni)),
      key_(key),
      stations_({.age = settings_.age, .capacity = settings_.capacity, .port_limit = settings_.capacity}, key) {
    for (const VxlanRemote& remote : settings_.remotes)
        remotes_.push_back({.settings = remote, .counters = {}, .too_big = 0, .longest_refused = 0});
    std::sort(remotes_.begin(), remotes_.end(),
              [](const Remote& one, const Remote& other) { return by_address(one, other.settings.address); });
    for (std::size_t i = 0; i < remotes_.size(); ++i)
        if (remotes_[i].settings.flood) flooded_.push_back(static_cast<RemoteId>(i));
}

Result<std::unique_ptr<VxlanPort>> VxlanPort::open(std::shared_ptr<VxlanEndpoint> endpoint, const PortSettings& settings,
                                                   const HashKey& key, PacketPool& pool, Ledger& ledger) {
    std::unique_ptr<VxlanPort> port{new VxlanPort{std::move(endpoint), settings, key, pool, ledger}};
    for (const VxlanStation& station : port->settings_.stations) {
        const auto remote = port->find_remote(station.remote);
        if (!remote)
            return failure(fmt::format("station {}: {} is no remote", station.mac.to_string(), station.remote.to_string()));
        if (!port->stations_.add_static({SegmentId{}, station.vlan, station.mac}, *remote))
            return failure(fmt::format("station {}: there is no room for more static stations", station.mac.to_string()));
    }
    if (!port->endpoint_->carry(port->settings_.vni, *port)) {
        const std::uint32_t vni = port->settings_.vni.number();
        const std::string local = port->settings_.local.to_string();
        port->endpoint_.reset();
        return failure(fmt::format("VNI {} of the endpoint {} is another port's", vni, local));
    }
    return port;
}

VxlanPort::~VxlanPort() {
    if (endpoint_) endpoint_->let_go(settings_.vni);
}

std::size_t VxlanPort::stations_behind(Ipv4Address remote) const {
    const auto id = find_remote(remote);
    return id ? stations_.stations_of(*id) : 0;
}

std::optional<VxlanPort::RemoteId> VxlanPort::find_remote(Ipv4Address address) const {
    const auto found = std::lower_bound(remotes_.begin(), remotes_.end(), address, by_address);
    if (found == remotes_.end() || found->settings.address != address) return std::nullopt;
    return static_cast<RemoteId>(found - remotes_.begin());
}

void VxlanPort::take(Ipv4Address remote, const VxlanFrame& frame, const VxlanDatagrams::Datagram& datagram) {
    PacketPtr packet = pool_.make(frame.bytes);
    if (!packet) return reject(frame.bytes, frame.bytes.size(), DropReason::no_buffer);
    inbox_.push_back({std::move(packet), remote, datagram});
}

void VxlanPort::taken() {
    while (told_ && next_ < inbox_.size()) told_();
}

bool VxlanPort::read(Batch& into, Timestamp now) {
    expire(now);
    std::size_t bytes = 0;
    for (std::size_t packets = 0; packets < kBurstPackets && bytes < kBurstBytes && next_ < inbox_.size(); ++packets) {
        bytes += inbox_[next_].packet->size();
        admit(std::move(inbox_[next_++]), into, now);
    }
    if (next_ < inbox_.size()) return true;
    inbox_.clear();
    next_ = 0;
    return false;
}

void VxlanPort::admit(Arrived arrived, Batch& into, Timestamp now) {
    Packet& packet = *arrived.packet;
    const auto remote = find_remote(arrived.remote);
    if (!remote) {
        ++unknown_peers_;
        return reject(packet, DropReason::tunnel_unknown_peer);
    }
    const EthernetView frame = EthernetView::parse(packet);
    // A frame that the switch will not admit teaches nothing.
    if (settings_.learning && frame && frame.source().is_station())
        if (const auto vlan = vlans_.admit(frame, packet).vlan)
            stations_.learn({SegmentId{}, *vlan, frame.source()}, *remote, now);
    describe_inner(packet, arrived.datagram, mtu());
    TrafficCounters& counters = remotes_[index_of(*remote)].counters;
    ++counters.in_packets;
    counters.in_bytes += packet.size();
    into.push_back(std::move(arrived.packet));
}

std::span<const VxlanPort::RemoteId> VxlanPort::destinations_of(Packet& packet, Timestamp now) {
    const EthernetView frame = EthernetView::parse(packet);
    if (frame && !frame.destination().is_group()) {
        const auto vlan = vlans_.admit(frame, packet).vlan;
        if (const auto found = stations_.find({SegmentId{}, vlan.value_or(VlanId::none()), frame.destination()}, now)) {
            only_ = *found;
            return {&only_, 1};
        }
    }
    return flooded_;
}

void VxlanPort::write(Batch& packets, Timestamp now) {
    expire(now);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = *packets[i];
        pieces_.push_back({&header_, sizeof header_});
        pieces_.push_back({packet.data(), packet.size()});
        const auto destinations = destinations_of(packet, now);
        if (destinations.empty()) {
            refused(packet, DropReason::tunnel_no_remote);
            continue;
        }
        if (const std::size_t length = l3_length(packet); length > mtu()) {
            refuse_too_long(packet, length, destinations);
            continue;
        }
        ledger_.copied += destinations.size() - 1;
        const std::uint16_t source = VxlanEndpoint::source_for(inner_flow(packet, key_));
        for (const RemoteId remote : destinations) ship(remote, source, i, sizeof header_ + packet.size());
    }
    std::size_t outcomes = 0;
    for (VxlanShipment& shipment : shipments_) shipment.outcome = std::exchange(outcomes, outcomes + shipment.count);
    outcomes_.resize(outcomes);
    endpoint_->send(shipments_, pieces_, settings_.checksum, outcomes_);
    for (const VxlanShipment& shipment : shipments_) settle(shipment, packets);
    pieces_.clear();
    shipments_.clear();
}

void VxlanPort::refuse_too_long(const Packet& packet, std::size_t length, std::span<const RemoteId> destinations) {
    for (const RemoteId id : destinations) {
        Remote& remote = remotes_[index_of(id)];
        ++remote.counters.drops;
        ++remote.too_big;
        remote.longest_refused = std::max(remote.longest_refused, length);
    }
    refused(packet, DropReason::tunnel_too_big);
}

// The kernel cuts what it takes at once into datagrams of one size, the last being what remains. It does so only where it makes their
// checksums, too.
void VxlanPort::ship(RemoteId remote, std::uint16_t source, std::size_t index, std::size_t size) {
    const Ipv4Address address = remotes_[index_of(remote)].settings.address;
    if (!shipments_.empty() && settings_.checksum == VxlanSettings::Checksum::computed) {
        VxlanShipment& last = shipments_.back();
        const bool fits = last.remote == address && last.source == source && last.first + last.count == index && !last.complete &&
                          size <= last.size && last.count < kMostTogether && last.total + size <= kLongestTogether;
        if (fits) {
            ++last.count;
            last.total += size;
            last.complete = size < last.size;
            return;
        }
    }
    shipments_.push_back({.remote = address, .source = source, .first = index, .count = 1, .size = size, .total = size});
}

void VxlanPort::settle(const VxlanShipment& shipment, const Batch& packets) {
    Remote& remote = remotes_[index_of(*find_remote(shipment.remote))];
    for (std::size_t i = 0; i < shipment.count; ++i) {
        const Packet& packet = *packets[shipment.first + i];
        const int problem = outcomes_[shipment.outcome + i];
        if (problem == 0) {
            ++remote.counters.out_packets;
            remote.counters.out_bytes += packet.size();
            sent(packet);
            continue;
        }
        ++remote.counters.drops;
        if (problem == EMSGSIZE) {
            ++remote.too_big;
            remote.longest_refused = std::max(remote.longest_refused, packet.size() - sizeof(EthernetHeader));
        }
        refused(packet, problem == EMSGSIZE ? DropReason::tunnel_too_big : DropReason::egress_refused);
    }
}

void VxlanPort::expire(Timestamp now) {
    if (now < next_expiry_) return;
    stations_.expire(now);
    next_expiry_ = now + kBetweenExpiries;
}

}  // namespace hairpin::l2
