#pragma once
// The switch: takes what arrived on one of its ports and says on which others it goes out.
//
//   segment "lan"                              segment "wan"
//   ├─ port 0  workstation                     ├─ port 3  internet
//   ├─ port 1  webserver                       └─ port 4  gateway's interface "uplink"
//   └─ port 2  gateway's interface "lan"
//
// Segments are LANs that know nothing of each other; VLANs divide a segment further. The gateway is a station like any other: its
// interfaces are internal ports, whose MAC stands in the table as a static station. What goes out on an internal port the Worker
// hands to the gateway, untagged; what the gateway sends comes in on that port.
//
// Owned by one Worker. A function of packets, tables and time: no descriptor, no clock, no allocation per packet once warm. Every
// packet of a batch ends in the outbox or is dropped and counted, in the worker's ledger by reason and per port.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/frame_view.h"
#include "net/ledger.h"
#include "net/outbox.h"
#include "net/packet_pool.h"
#include "switch/features.h"
#include "switch/flapping.h"
#include "switch/lldp.h"
#include "switch/loop_guard.h"
#include "switch/mac_table.h"
#include "switch/mirrors.h"
#include "switch/multicast/snooping.h"
#include "switch/settings.h"
#include "switch/storm_control.h"
#include "switch/switch_events.h"
#include "switch/vlan_filter.h"

namespace hairpin::l2 {

class Bridge {
public:
    // Pool and ledger are the worker's and outlive the bridge.
    Bridge(const MacTable::Limits& stations, const HashKey& hash_key, PacketPool& pool, Ledger& ledger);

    // Segments are never removed; at most 65536.
    SegmentId add_segment(std::string name);
    std::optional<SegmentId> find_segment(std::string_view name) const;
    const std::string& segment_name(SegmentId segment) const { return segments_[index_of(segment)].name; }
    std::size_t segment_count() const { return segments_.size(); }  // their ids count from 0

    // Ports come and go while packets pass. An id is the port's own until it is removed; then the next port gets the lowest free
    // one. `mtu`: bytes of L3 that may go out in one frame.
    PortId add_port(SegmentId segment, const VlanMembership& vlan, unsigned mtu);
    // A gateway's interface. Fails (nullopt) when the MAC is another internal port's on this LAN, or the table is full of static stations.
    std::optional<PortId> add_internal_port(SegmentId segment, VlanId vlan, MacAddress mac, unsigned mtu);
    // Forgets the port and its stations.
    void remove_port(PortId port);
    // Puts a port into another segment, or other VLANs. Its stations are forgotten, static ones too: they were elsewhere.
    void move_port(PortId port, SegmentId segment, const VlanMembership& vlan);
    bool is_internal(PortId port) const { return port_at(port).internal; }
    SegmentId segment_of(PortId port) const { return port_at(port).segment; }

    // What a port does besides carrying frames, from now on; a port begins with nothing of it. Counters of what stays as it was go on.
    void set_features(PortId port, const PortFeatures& features);
    void set_loop_guard(const LoopGuardSettings& settings) { loop_guard_.set(settings); }
    void set_snooping(const std::optional<SnoopingSettings>& settings);
    // Who speaks LLDP, and what each port says of itself where it is on.
    void set_lldp(const LldpSystem& system) { lldp_.set(system); }
    void name_port(PortId port, std::string name, std::string description);
    // All mirrors that there are from now on. Their destinations leave their segments, and those of former ones are back.
    void set_mirrors(std::vector<Mirror> mirrors);
    // Bit N: frames to 01-80-C2-00-00-0N are forwarded, where a bridge would drop them.
    void forward_link_local(std::uint16_t last_digits) { forwarded_link_local_ = last_digits; }

    // Puts a station on a port for good. False when the table is full of static stations.
    bool add_static_station(VlanId vlan, MacAddress mac, PortId port);
    void remove_static_station(VlanId vlan, MacAddress mac, PortId port);

    // Empties the batch. An ingress that was removed meanwhile is no port any more: its packets are dropped (port_detached).
    void forward(PortId ingress, Batch& batch, Timestamp now, Outbox<PortId>& out);
    // To be called about once a second: forgets stations that have been silent for too long, a bounded number a call.
    std::size_t expire(Timestamp now) { return stations_.expire(now); }
    // What has its time, and what is sent by itself: called eight times a second.
    void tick(Timestamp now, Outbox<PortId>& out);
    // Opens a port that loop guard has shut, before its time. Whether it was.
    bool open_again(PortId port);

    // Forgets learned stations, of one port or of all; how many it were. Frames to them are flooded until they speak again.
    std::size_t clear_stations(std::optional<PortId> port) { return stations_.clear(port); }

    const MacTable& stations() const { return stations_; }
    // What the bridge dropped that came in on this port, or was too long to go out on it.
    std::uint64_t drops(PortId port) const { return port_at(port).drops; }
    std::uint64_t drops(PortId port, DropReason reason) const { return port_at(port).dropped[static_cast<std::size_t>(reason)]; }
    const StormControl* storm_control(PortId port) const { return port_at(port).storm.get(); }
    const Mirrors& mirrors() const { return mirrors_; }
    const LoopGuard& loop_guard() const { return loop_guard_; }
    const Flapping& flapping() const { return flapping_; }
    const Lldp& lldp() const { return lldp_; }
    const MulticastSnooping* snooping() const { return snooping_.get(); }  // null: off
    SwitchEvents& events() { return events_; }

private:
    struct Segment {
        std::string name;
        std::vector<PortId> members;
    };
    // What every packet asks stands first, together.
    struct Member {
        SegmentId segment{};
        unsigned mtu = 0;
        bool in_use = false;
        bool internal = false;
        bool isolated = false;
        bool mirrored_in = false, mirrored_out = false;  // whether any mirror wants it
        // Why nothing comes in here and nothing goes out but what is sent on purpose: then it is no member of its segment. A place that no
        // port has is closed, too.
        std::optional<DropReason> closed = DropReason::port_detached;
        VlanFilter vlans{VlanMembership{}};
        std::unique_ptr<StormControl> storm = {};  // null: no limit
        PortFeatures features = {};
        std::string name = {}, description = {};  // as LLDP tells them
        std::uint64_t drops = 0;
        std::array<std::uint32_t, kDropReasonCount> dropped = {};
    };
    // A packet that was admitted; its tag is off.
    struct Arrival {
        PacketPtr packet;
        MacTable::Located source, destination;
        VlanId vlan;
        std::uint16_t priority;  // of the tag it had, where 802.1Q has it: bits 12 to 15
        bool tag_inside;         // a customer's, which stays
    };

    const Member& port_at(PortId port) const;
    Member& port_at(PortId port) { return const_cast<Member&>(std::as_const(*this).port_at(port)); }
    PortId new_port(Member member);

    // Takes a port out of its segment; and back into it, if that is what it was closed for.
    void close(PortId port, DropReason why);
    void open(PortId port, DropReason closed_for);
    // Who behind the port listens to which group.
    void forget_listeners(PortId port);
    // Sends what is the switch's own, in a VLAN of the port or, without one, untagged whatever it carries.
    void originate(PortId port, std::optional<VlanId> vlan, std::span<const std::byte> frame, Outbox<PortId>& out);
    void send_queries(const MulticastSnooping::Query& query, Timestamp now, Outbox<PortId>& out);
    // Whether a frame to this group goes no further: it is for the next bridge alone, or a loop guard frame of our own. It has been counted.
    bool ends_here(PortId ingress, MacAddress group, const Packet& packet, Timestamp now);
    bool hears_itself(PortId ingress, const Packet& packet, Timestamp now);

    void admit(PortId ingress, PacketPtr packet, Timestamp now);
    void deliver(PortId ingress, Arrival& arrival, Timestamp now, Outbox<PortId>& out);
    // Why the frame may not go from one port to the other; nothing where it may.
    std::optional<DropReason> refusal(PortId from, const Member& to, const Arrival& arrival) const;
    bool calm(PortId ingress, const Arrival& arrival, Timestamp now);
    void flood(PortId ingress, Arrival& arrival, Timestamp now, Outbox<PortId>& out);
    void mirror(PortId port, Mirrors::Way way, const Packet& packet, Outbox<PortId>& out);
    void copy_to(PortId egress, const Arrival& arrival, Outbox<PortId>& out);
    void send_to(PortId egress, PacketPtr packet, const Arrival& arrival, Outbox<PortId>& out);
    // Counted at the port that is to blame: of what is too long that it would go out by, else that it came in by.
    void drop(PortId port, const Packet& packet, DropReason reason);

    PacketPool& pool_;
    Ledger& ledger_;
    MacTable stations_;
    Mirrors mirrors_;
    LoopGuard loop_guard_;
    bool guards_loops_ = false;  // some port is guarded
    Flapping flapping_;
    Lldp lldp_;
    HashKey hash_key_;
    MacAddress mac_;  // our own, for what we send
    std::unique_ptr<MulticastSnooping> snooping_;
    SwitchEvents events_;
    std::uint16_t forwarded_link_local_ = 0;
    std::vector<Segment> segments_;
    std::vector<Member> ports_;
    std::vector<Arrival> arrivals_;  // of the batch at hand; kept for its memory
};

}  // namespace hairpin::l2
