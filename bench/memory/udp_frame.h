#pragma once
// The packet of every bench: 64 bytes of Ethernet, IPv4 and UDP with 22 of payload, its header checksum right and no UDP checksum
// (RFC 768 lets it be zero), so that changing its addresses costs the generator nothing.

#include <cstring>

#include "net/checksum.h"
#include "net/ethernet.h"
#include "net/flow_key.h"
#include "net/ipv4.h"
#include "net/packet_pool.h"
#include "net/result.h"
#include "net/udp.h"

namespace hairpin::bench {

struct UdpFrame {
    EthernetHeader ethernet;
    Ipv4Header ip;
    UdpHeader udp;
    std::array<std::byte, 22> payload{};

    UdpFrame(MacAddress destination, MacAddress source, const Ipv4FlowKey& flow) {
        ethernet = {destination, source, Be16{static_cast<std::uint16_t>(EtherType::ipv4)}};
        ip.total_length = Be16{sizeof(UdpFrame) - sizeof(EthernetHeader)};
        ip.time_to_live = 64;
        ip.protocol_number = static_cast<std::uint8_t>(IpProtocol::udp);
        ip.source = flow.source;
        ip.destination = flow.destination;
        ip.checksum = checksum_of(std::as_bytes(std::span{&ip, 1}));
        udp = {Be16{flow.source_port.number()}, Be16{flow.destination_port.number()}, Be16{sizeof(UdpHeader) + sizeof(payload)},
               Be16{}};
    }

    PacketPtr packet_from(PacketPool& pool) const {
        PacketPtr packet = pool.make(std::as_bytes(std::span{this, 1}));
        ensure(packet != nullptr);
        return packet;
    }
};
static_assert(sizeof(UdpFrame) == 64 && alignof(UdpFrame) == 1);

}  // namespace hairpin::bench
