#include "tests/runtime/edits/edge_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "net/frame_view.h"

namespace hairpin::runtime {

using testing::PacketBuilder;

const std::vector<Station>& stations() {
    static const std::vector<Station> all = {
        {"workstation", MacAddress::from_number(0x0200'0000'bb02), {Ipv4Address{192, 168, 255, 2}}, true},
        {"webserver", MacAddress::from_number(0x0200'0000'bb10), {Ipv4Address{192, 168, 255, 10}}},
        {"internet",
         MacAddress::from_number(0x0200'0000'bb01),
         {Ipv4Address{203, 0, 113, 1}, Ipv4Address{198, 51, 100, 10}},
         true},
    };
    return all;
}

const Station* station_of(Ipv4Address address) {
    for (const Station& station : stations())
        if (std::find(station.addresses.begin(), station.addresses.end(), address) != station.addresses.end()) return &station;
    return nullptr;
}

PacketBuilder packet_of(const Ipv4FlowKey& key, Place place) {
    const auto between = [&](PacketBuilder packet) {
        return packet.from(key.source, key.source_port.number()).to(key.destination, key.destination_port.number());
    };
    switch (key.protocol) {
        case IpProtocol::tcp: return place == Place::first ? between(testing::tcp()).syn() : between(testing::tcp()).ack();
        case IpProtocol::udp: return between(testing::udp()).payload(8);
        default:
            const PacketBuilder ping = place == Place::first ? testing::icmp_echo() : testing::icmp_echo_reply();
            return PacketBuilder{ping}.from(key.source).to(key.destination).identifier(key.source_port.number()).payload(8);
    }
}

std::string Fate::to_string() const {
    if (!reached()) return "does not reach the gateway";
    if (answered()) return "answered";
    if (!passage.forwarded) return passage.drop ? fmt::format("dropped: {}", name_of(*passage.drop)) : "waits";
    return fmt::format("forwarded by {} to {} as {}", index_of(passage.outbound), passage.next_hop.to_string(),
                       passage.left ? passage.left->to_string() : "?");
}

// ---- A Worker's ports -----------------------------------------------------------------------------------------------------------

l2::MemoryPort* EdgeTraffic::port_of(const Station& station) const {
    const auto found = worker_.ports().find(station.port);
    return found == worker_.ports().end() ? nullptr : dynamic_cast<l2::MemoryPort*>(found->second.port.get());
}

// As ARP would have told it; of a segment without the gateway, nobody's.
MacAddress EdgeTraffic::gateway_at(const std::string& segment) const {
    for (const gateway::Interface& interface : worker_.gateway().ruleset().interfaces)
        if (interface.present() && interface.segment == segment) return interface.mac;
    return testing::kDestinationMac;
}

std::optional<Fate> EdgeTraffic::send(const Station& from, PacketBuilder packet) {
    l2::MemoryPort* port = port_of(from);
    if (port == nullptr) return std::nullopt;
    const MacAddress to = gateway_at(worker_.ports().at(from.port).settings.segment);
    Fate fate;
    awaited_ = &fate;
    // Known by its identification, which stays only where nobody may cut it up (RFC 6864 §4.1).
    ensure(port->inject(packet.from_mac(from.mac).to_mac(to).ip_id(++id_).dont_fragment().in(worker_.pool())));
    worker_.receive_at(from.port);
    awaited_ = nullptr;
    // ARP's question, its answer, and what waited for it.
    for (bool more = true; more;) {
        more = false;
        for (const Station& station : stations()) more = hear(station, fate) || more;
    }
    return fate;
}

bool EdgeTraffic::wants(InterfaceId, const Packet& packet) {
    return awaited_ != nullptr && FrameView::parse(const_cast<Packet&>(packet)).is_ipv4();  // which only reads
}

void EdgeTraffic::passed(InterfaceId inbound, const gateway::Passage& passage) {
    Fate& fate = *std::exchange(awaited_, nullptr);
    fate.inbound = inbound;
    fate.passage = passage;
}

// An error about the packet has an IP header of its own.
static bool is_error(const FrameView& frame) {
    return frame.ipv4().protocol() == IpProtocol::icmp && frame.has_l4() && frame.icmp().is_error();
}

// Whether it heard what it answered.
bool EdgeTraffic::hear(const Station& station, Fate& fate) {
    l2::MemoryPort* port = port_of(station);
    if (port == nullptr) return false;
    bool answered = false;
    for (const PacketPtr& packet : port->take_sent()) {
        const FrameView frame = FrameView::parse(*packet);
        if (!frame) continue;
        const MacAddress to = frame.ethernet().destination;
        if (frame.is_arp() && frame.arp().operation == Be16{static_cast<std::uint16_t>(ArpOperation::request)}) {
            const Ipv4Address asked = frame.arp().target_address;
            const Station* known = station_of(asked);
            const bool nobodys = known == nullptr && !worker_.gateway().ruleset().owns(asked);
            if (known != &station && !(nobodys && station.speaks_for_nobody)) continue;
            answer(station, frame.arp());
            answered = true;
        } else if (frame.is_ipv4() && to == station.mac && frame.ipv4().identification == Be16{id_} && !is_error(frame)) {
            fate.seen[station.port].push_back(frame.key());
        }
    }
    return answered;
}

void EdgeTraffic::answer(const Station& station, const ArpHeader& request) {
    const PacketBuilder reply = testing::arp_reply()
                                    .from(request.target_address)
                                    .to(request.sender_address)
                                    .from_mac(station.mac)
                                    .to_mac(request.sender_mac);
    ensure(port_of(station)->inject(reply.in(worker_.pool())));
    worker_.receive_at(station.port);
}

}  // namespace hairpin::runtime
