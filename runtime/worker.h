#pragma once
// One thread's share of the datapath: it owns its packet pool, its books, the switch with its ports, and the Edge Gateway, and
// carries packets between them. The switch and the gateway do not know each other; a gateway interface is to the switch a port
// like any other, and only the Worker knows which.
//
//   port readable ─► Port::receive ─► Bridge::forward ─┬─► Port::send
//                                        ▲             └─► EdgeGateway::forward ─┐
//                                        └────────────── frames that it sends ◄──┘
//
// Run to completion: the turn of the loop that read a burst also writes what becomes of it. One clock reading a burst.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/edge_gateway.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "runtime/port_cable.h"
#include "runtime/watch.h"
#include "switch/bridge.h"
#include "switch/port.h"
#include "switch/ports/tap_device.h"
#include "switch/ports/vxlan_endpoints.h"

namespace hairpin::l2 {
class VhostUserPort;
class VxlanPort;
}  // namespace hairpin::l2

namespace hairpin::runtime {

// Told when a port comes, goes, gets a device or loses it.
class PortObserver {
public:
    virtual ~PortObserver() = default;
    // "added", "removed", "attached", "detached", or its cable "down" and "up"; `why` may be empty.
    virtual void port_changed(const std::string& name, std::string_view what, std::string_view why) = 0;
};

// Shown what passes a port of the switch, in the order in which it does; an interface of the gateway is a port of its own. In and out
// are as the port's host sees the switch, and as the gateway sees its interface: `in` goes in there. Called from the packet path: must be quick.
// Of the packets it may set the mark, and nothing else.
class TrafficObserver {
public:
    enum class Way : std::uint8_t { in, out };
    virtual ~TrafficObserver() = default;
    virtual void passed(PortId port, Way way, const Batch& packets, Timestamp now) = 0;
    // The port is no more, and its number may be another's soon.
    virtual void gone(PortId port) = 0;
};

class Worker {
public:
    Worker(EventLoop& loop, const l2::SwitchSettings& switching, std::size_t session_capacity);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Segments of the switch; the same name twice is one segment.
    void add_segment(const std::string& name);
    // While traffic runs. Errors: the name is taken, no such segment, the device cannot be opened.
    Result<void> add_port(const l2::PortSettings& settings);
    Result<void> remove_port(const std::string& name);
    // Puts a port into the segment and VLANs of these settings; its device stays open and what waits keeps waiting.
    Result<void> move_port(const l2::PortSettings& settings);
    Result<void> add_static_station(const l2::StaticStationSettings& station);
    void remove_static_station(const l2::StaticStationSettings& station);
    // What is wrong with a port's cable, from now on: nothing is opened anew. What waits keeps waiting, no longer than it would now.
    Result<void> set_cable(const std::string& port, const l2::CableSettings& settings);
    void clear_cable_statistics();
    // Forgets which remotes learned stations are behind, of the tunnel of this name or, without one, of all; how many it were.
    std::size_t clear_tunnel_stations(const std::string& port);
    // What the switch and its ports do besides carrying frames; ports that come later have theirs from the beginning.
    void set_features(const l2::SwitchFeatures& features);
    l2::PortFeatures features_of(const std::string& port) const;
    // Takes in what waits at a port that no descriptor tells of, as one in memory: whoever put it there says so.
    void receive_at(const std::string& port);

    // A port that gets its device from somebody else (TapSettings::Origin::passed): an error where there is none of that name.
    Result<void> takes_a_passed_device(const std::string& port) const;
    // Gives it this one, in place of what it has. The host keeps its MAC: the one that is configured, or else that of the first device.
    // An error leaves the port as it is, or detached where the loop refuses to watch the device.
    struct Plugged {
        MacAddress mac;  // of the host
        unsigned mtu;    // which the host is to have
    };
    Result<Plugged> plug(const std::string& port, l2::TapDevice device, std::string_view why);
    // Takes it away again and closes it. Nothing happens where there is none, or where the port has no passed device.
    void unplug(const std::string& port, std::string_view why);
    // The same, for who gives it to another port; nobody is told. A device that has gone is none.
    std::optional<l2::TapDevice> take_device(const std::string& port);

    // Adopts a Ruleset between two bursts: attaches and detaches the gateway's interfaces as it says.
    Result<void> adopt(gateway::RulesetPtr ruleset);

    // The gateway's own questions, sent between two bursts; see EdgeGateway.
    std::optional<gateway::EdgeGateway::OwnRefusal> send_own(PacketPtr packet, Timestamp now);
    void request_arp(InterfaceId interface, Ipv4Address address, Timestamp now);

    struct PortEntry {
        PortId id{};
        l2::PortSettings settings;
        std::unique_ptr<l2::Port> port;
        Poller poller;
        bool was_attached = true;
        std::string passed_device = {};           // its name, while a port whose devices are passed has one
        std::optional<MacAddress> host_mac = {};  // of such a port, from its first device on
        std::unique_ptr<PortCable> cable = {};    // where it is not perfect
        std::uint64_t former_cable_drops = 0;     // of cables that have been made perfect again
    };
    const std::map<std::string, PortEntry>& ports() const { return ports_; }
    // Names of what there is; nullptr for what there is not, or not any more.
    const std::string* port_name(PortId id) const;
    const std::string* interface_name(InterfaceId id) const;
    // The gateway's interface at that port of the switch.
    const std::string* interface_at(PortId id) const;
    // Where in the switch a port is, or an interface of the gateway, by name.
    std::optional<PortId> find_place(const std::string& name) const;
    const l2::Bridge& bridge() const { return bridge_; }
    l2::Bridge& bridge() { return bridge_; }
    gateway::EdgeGateway& gateway() { return gateway_; }
    const gateway::EdgeGateway& gateway() const { return gateway_; }
    const Ledger& ledger() const { return ledger_; }
    PacketPool& pool() { return pool_; }
    // Received + originated + copied - transmitted - absorbed - dropped - held: zero, or a packet was lost.
    std::int64_t imbalance() const { return ledger_.expected_held() - static_cast<std::int64_t>(held()); }
    // What waits: for ARP, for fragments, on impaired ports.
    std::size_t held() const;
    // Which port a frame of the gateway to this station would leave by; nullptr when it would be flooded.
    const std::string* egress_port(InterfaceId interface, MacAddress station) const;
    // What waits for its time: called by itself eight times a second, and where time is turned by hand.
    void tick();
    void observe(PortObserver* observer) { observer_ = observer; }
    // Shows traffic to somebody, or no longer; being shown it one may leave oneself. Where there is nobody it costs a branch a burst.
    void show_traffic(TrafficObserver& observer);
    void hide_traffic(TrafficObserver& observer);
    // Who is shown what is dropped; nullptr: nobody.
    void show_drops(DropObserver* observer) { ledger_.recorder.observe(observer); }

private:
    // Where a gateway interface stands in the switch, or is to stand; nowhere without a name.
    struct Attachment {
        std::string interface, segment;
        VlanId vlan;
        MacAddress mac;
        unsigned mtu = 0;
        std::optional<PortId> port = {};  // there where it stands

        bool wanted() const { return !interface.empty(); }
        bool same_place(const Attachment& other) const {
            return segment == other.segment && vlan == other.vlan && mac == other.mac && mtu == other.mtu;
        }
    };
    // Who is behind a PortId: a port, or, without one, an interface of the gateway.
    struct Occupant {
        PortEntry* port = nullptr;
        InterfaceId interface = kNoInterface;
    };

    bool is_news(InterfaceId id, const gateway::Interface& interface) const;
    Result<void> attach(const std::vector<Attachment>& wanted);
    void occupy(PortId port, Occupant occupant);
    void show(PortId port, TrafficObserver::Way way, const Batch& packets, Timestamp now) {
        for (std::size_t i = audience_.size(); i-- > 0;) audience_[i]->passed(port, way, packets, now);
    }
    void forget(PortId port);
    void give_features(const PortEntry& entry);
    void mirror_ports();
    void on_readable(PortEntry& entry);
    // What has arrived at the switch goes through it.
    void switch_burst(PortEntry& entry, Timestamp now);
    void on_cable(PortEntry& entry);
    void look_at_cable(PortEntry& entry);
    void arrive_by_cable(PortEntry& entry, Timestamp now);
    void send_by_cable(PortEntry& entry, Batch& batch, Timestamp now);
    bool release_from_cable(PortEntry& entry, Timestamp now, std::size_t most);
    void plug_in_or_pull(PortEntry& entry, std::string_view why);
    void watch_endpoints();
    void on_readable(l2::VxlanEndpoint& endpoint);
    void detached(PortEntry& entry, std::string_view why);
    // Tells of a device that has gone, or has come by itself.
    void notice(PortEntry& entry);
    void follow_guest(PortEntry& entry, l2::VhostUserPort& guest);
    // Carries packets on until nobody has any: what the switch put out to ports and gateway, what the gateway sends to the switch.
    void deliver(Timestamp now);
    void to_destination(PortId destination, Batch& batch, Timestamp now);

    EventLoop& loop_;
    PacketPool pool_;
    std::unique_ptr<PacketPool> waiting_pool_;  // of impaired ports, from the first one on
    Ledger ledger_;
    l2::Bridge bridge_;
    gateway::EdgeGateway gateway_;

    std::map<l2::VxlanEndpoint*, Poller> endpoint_pollers_;
    l2::VxlanEndpoints endpoints_;
    std::map<std::string, PortEntry> ports_;
    l2::SwitchFeatures features_;
    std::vector<Occupant> occupants_;      // indexed by PortId
    std::vector<Attachment> attachments_;  // indexed by InterfaceId

    Batch burst_, leaving_;
    Outbox<PortId> switched_;
    Outbox<InterfaceId> routed_;
    PortObserver* observer_ = nullptr;
    std::vector<TrafficObserver*> audience_;  // is told from its end on, so that one that is told may leave
    Ticker ticker_;
};

// The tunnel that a port is; nullptr of any other kind.
const l2::VxlanPort* tunnel_of(const Worker::PortEntry& entry);
l2::VxlanPort* tunnel_of(Worker::PortEntry& entry);
// The guest of a virtual machine that a port is; nullptr of any other kind.
l2::VhostUserPort* guest_of(const Worker::PortEntry& entry);

}  // namespace hairpin::runtime
