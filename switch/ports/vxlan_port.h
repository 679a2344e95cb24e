#pragma once
// A port that is a VXLAN tunnel: the segment goes on at its remotes, each of which is a switch like ours (a VTEP, RFC 7348).
//
//   frame for 02:..:0a, which was heard from 192.0.2.3       ─► one datagram to 192.0.2.3
//   broadcast, multicast, or for a station not yet heard of  ─► a datagram to each remote that floods (head-end replication)
//
// To the switch all remotes are one port, and a frame never goes out where it came in: what comes from one remote goes to no other
// (split horizon), so remotes that all know each other make no loop.
//
// Only configured remotes may send to us: the network underneath vouches for nobody, and whoever could teach us stations could draw
// their traffic. What others send is dropped as tunnel_unknown_peer before anything is learned from it.
//
// Stations are in a MacTable of the port's own, whose ports are the remotes, with its limits: `capacity` stations, the remote with the
// most makes room. A packet costs no allocation once warm. What is flooded is sent from one buffer to all remotes.
//
// What is longer than the port's MTU is dropped here, and not by the switch: as tunnel_too_big, like what is longer than the way to the
// remote allows, so that whoever looks for lost packets finds all of them in one place.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "net/vxlan.h"
#include "switch/device_port.h"
#include "switch/mac_table.h"
#include "switch/ports/vxlan_endpoint.h"
#include "switch/settings.h"
#include "switch/vlan_filter.h"

namespace hairpin::l2 {

class VxlanPort final : public DevicePort, private VxlanEndpoint::Carrier {
public:
    // What VXLAN puts in front of a frame, with its outer headers (IPv4, UDP, VXLAN), and a frame's own Ethernet header: an inner IP
    // packet costs so much of the outer MTU.
    static constexpr unsigned kOverhead = 50;

    // Fails where another port of the endpoint carries the VNI, or two stations of the settings are one.
    static Result<std::unique_ptr<VxlanPort>> open(std::shared_ptr<VxlanEndpoint> endpoint, const PortSettings& settings,
                                                   const HashKey& key, PacketPool& pool, Ledger& ledger);
    ~VxlanPort() override;

    std::string_view kind() const override { return "vxlan"; }
    // The endpoint has the descriptor: whoever watches it calls VxlanEndpoint::receive(), and is told here that something has come for
    // the port and receive() is to be called. Until then it waits.
    void when_something_comes(std::function<void()> told) { told_ = std::move(told); }

    struct Remote {
        VxlanRemote settings;
        TrafficCounters counters;         // frames; drops are those that were to go there
        std::uint64_t too_big = 0;        // of the drops: longer than the way there allows
        std::size_t longest_refused = 0;  // bytes of L3 of the longest of those
    };
    std::span<const Remote> remotes() const { return remotes_; }
    std::uint64_t unknown_peers() const { return unknown_peers_; }
    const VxlanEndpoint& endpoint() const { return *endpoint_; }
    VxlanEndpoint& endpoint() { return *endpoint_; }

    struct StationRow {
        MacAddress mac;
        VlanId vlan;
        Ipv4Address remote;
        bool is_static;
        Duration silent_for;
    };
    // `visit(const StationRow&)`, in no particular order.
    template <class Visit>
    void for_each_station(Timestamp now, Visit&& visit) const {
        stations_.for_each(now, [&](const MacTable::Row& row) {
            visit(StationRow{row.station.mac, row.station.vlan, remotes_[index_of(row.port)].settings.address, row.is_static,
                             row.silent_for});
        });
    }
    std::size_t stations_behind(Ipv4Address remote) const;
    // Forgets those that were learned; how many it were.
    std::size_t clear_stations() { return stations_.clear(std::nullopt); }

private:
    // In a MacTable, a remote is the port of its index.
    using RemoteId = PortId;
    struct Arrived {
        PacketPtr packet;
        Ipv4Address remote;
        VxlanDatagrams::Datagram datagram;  // whose bytes are gone
    };

    VxlanPort(std::shared_ptr<VxlanEndpoint> endpoint, const PortSettings& settings, const HashKey& key, PacketPool& pool,
              Ledger& ledger);

    void take(Ipv4Address remote, const VxlanFrame& frame, const VxlanDatagrams::Datagram& datagram) override;
    void taken() override;

    bool read(Batch& into, Timestamp now) override;
    void write(Batch& packets, Timestamp now) override;

    void admit(Arrived arrived, Batch& into, Timestamp now);
    std::optional<RemoteId> find_remote(Ipv4Address address) const;
    // Longer than the port's MTU.
    void refuse_too_long(const Packet& packet, std::size_t length, std::span<const RemoteId> destinations);
    // Where the frame goes: to one, or to all that flood.
    std::span<const RemoteId> destinations_of(Packet& packet, Timestamp now);
    // Packet `index` of the batch at hand to this remote, with the last shipment where it fits in.
    void ship(RemoteId remote, std::uint16_t source, std::size_t index, std::size_t size);
    void settle(const VxlanShipment& shipment, const Batch& packets);
    void expire(Timestamp now);

    std::shared_ptr<VxlanEndpoint> endpoint_;
    VxlanSettings settings_;
    VlanFilter vlans_;
    VxlanHeader header_;
    HashKey key_;
    std::vector<Remote> remotes_;  // by address
    std::vector<RemoteId> flooded_;
    RemoteId only_{};
    MacTable stations_;
    std::uint64_t unknown_peers_ = 0;
    Timestamp next_expiry_{};

    std::function<void()> told_;
    std::vector<Arrived> inbox_;  // from next_ on
    std::size_t next_ = 0;

    // Of the batch at hand; kept for their memory.
    std::vector<iovec> pieces_;
    std::vector<VxlanShipment> shipments_;
    std::vector<RemoteId> shipped_to_;  // of each shipment
    std::vector<int> outcomes_;
};

}  // namespace hairpin::l2
