#pragma once
// What the switch is asked to be: values without behaviour, as config/ compiles them and runtime/ builds from them.

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/numbers.h"
#include "net/time.h"
#include "switch/features.h"
#include "switch/impairment/settings.h"

namespace hairpin::l2 {

// Which VLANs a port carries. An unaware port (the default) is part of its segment's untagged LAN: it takes and sends untagged
// frames. An access port puts its untagged frames into one VLAN. A trunk carries the listed VLANs tagged and, if set, one native
// VLAN untagged. A tunnel port puts whatever it is given into one VLAN, a customer's tags included (802.1ad).
struct VlanMembership {
    enum class Kind : std::uint8_t { unaware, access, trunk, tunnel };
    enum class Tags : std::uint8_t { customer, service };  // EtherType 0x8100, or 0x88a8
    Kind kind = Kind::unaware;
    VlanId access = {};               // of an access port, or a tunnel
    VlanId native = {};               // of a trunk; none() when untagged frames are not admitted
    std::vector<VlanId> tagged = {};  // of a trunk
    Tags tags = Tags::customer;       // likewise: which it puts on and takes off

    friend bool operator==(const VlanMembership&, const VlanMembership&) = default;
};

struct TapRoute {
    Ipv4Prefix prefix;
    Ipv4Address via;
    friend bool operator==(const TapRoute&, const TapRoute&) = default;
};

// A TAP device, which is a host's interface. One that is made, or is there already, stands in a host's network namespace when one is
// named, and is configured; one that is kept is made where it is not there, and outlives the process, but not its port; one that is passed has
// been opened and set up by somebody else, and comes when it comes.
struct TapSettings {
    enum class Origin : std::uint8_t { made, existing, kept, passed };
    std::string device = {};             // at most 15 characters; empty where it is passed
    std::string network_namespace = {};  // as in `ip netns`; empty: the daemon's own
    std::optional<MacAddress> mac = {};
    unsigned mtu = 1500;
    std::vector<Ipv4InterfaceAddress> addresses = {};
    std::vector<TapRoute> routes = {};
    Origin origin = Origin::made;

    // Two ports that cannot both have it. What is passed is another one each time.
    bool same_device(const TapSettings& other) const {
        return !device.empty() && device == other.device && network_namespace == other.network_namespace;
    }
    friend bool operator==(const TapSettings&, const TapSettings&) = default;
};

// Frames from a capture file, played when the port is opened, and to one.
struct PcapSettings {
    std::string read_file = {};   // empty: nothing comes in
    std::string write_file = {};  // empty: what goes out is counted only
    friend bool operator==(const PcapSettings&, const PcapSettings&) = default;
};

// Two queues in memory, for tests and benches.
struct MemorySettings {
    unsigned mtu = 1500;
    friend bool operator==(const MemorySettings&, const MemorySettings&) = default;
};

// Another switch that a tunnel leads to (a VTEP of RFC 7348), by its address in the network underneath. It may send to us; broadcast,
// multicast and frames for unknown stations are sent to it where `flood` says so.
struct VxlanRemote {
    Ipv4Address address;
    bool flood = true;
    friend bool operator==(const VxlanRemote&, const VxlanRemote&) = default;
};

// A station that is behind this remote for good.
struct VxlanStation {
    MacAddress mac;
    VlanId vlan;
    Ipv4Address remote;
    friend bool operator==(const VxlanStation&, const VxlanStation&) = default;
};

// A VXLAN tunnel (RFC 7348): one VNI between the port's segment and those of its remotes. All ports of one endpoint, that is of one
// local address and UDP port in one network namespace, share its sockets.
struct VxlanSettings {
    enum class Checksum : std::uint8_t { computed, zero };  // of the outer UDP header, of what we send; either is received
    Vni vni;
    Ipv4Address local;
    L4Port udp_port{4789};               // of both ends (RFC 7348 §8)
    std::string network_namespace = {};  // where the sockets are; as in `ip netns`; empty: the daemon's own
    std::vector<VxlanRemote> remotes = {};
    std::vector<VxlanStation> stations = {};
    bool learning = true;  // which remote a station is behind
    Duration age = std::chrono::seconds{300};
    std::size_t capacity = 16384;  // stations
    Checksum checksum = Checksum::computed;
    unsigned mtu = 1500;

    bool same_endpoint(const VxlanSettings& other) const {
        return local == other.local && udp_port == other.udp_port && network_namespace == other.network_namespace;
    }
    // Two ports that cannot both have it.
    bool same_device(const VxlanSettings& other) const { return vni == other.vni && same_endpoint(other); }
    friend bool operator==(const VxlanSettings&, const VxlanSettings&) = default;
};

// A virtual machine, or another program, that exchanges frames as datagrams of Unix sockets: ours, at `socket`, and its own, at `remote`.
// Paths are absolute, and at most 107 bytes long.
struct DgramSettings {
    std::string socket;
    std::string remote;
    unsigned mtu = 1500;
    friend bool operator==(const DgramSettings&, const DgramSettings&) = default;
};

// A virtual machine that connects to a Unix stream socket of ours and writes frames into it, each behind its length.
struct StreamSettings {
    std::string socket;
    unsigned mtu = 1500;
    friend bool operator==(const StreamSettings&, const StreamSettings&) = default;
};

// A folder that is to VDE's plugs what that of a VDE switch is (`vde_plug`, `qemu -netdev vde`): the plug is the device.
struct VdeSettings {
    std::string folder;
    unsigned mtu = 1500;
    friend bool operator==(const VdeSettings&, const VdeSettings&) = default;
};

// A network device of the kernel that somebody else has, such as the TAP that a virtual machine has open: what it sends is taken in hand,
// and what is sent to it, it receives.
struct NetdevSettings {
    std::string device;                  // at most 15 characters
    std::string network_namespace = {};  // where it is; as in `ip netns`; empty: the daemon's own
    unsigned mtu = 1500;
    friend bool operator==(const NetdevSettings&, const NetdevSettings&) = default;
};

// A guest of a virtual machine, whose QEMU is the front-end of the vhost-user protocol and shares the guest's memory with us.
struct VhostUserSettings {
    enum class Mode : std::uint8_t { server, client };  // who listens at the socket: we do, or the front-end
    std::string socket = {};                            // an absolute path of at most 107 bytes
    Mode mode = Mode::server;
    unsigned mtu = 1500;
    friend bool operator==(const VhostUserSettings&, const VhostUserSettings&) = default;
};

// Another switch, an emulator or a virtual machine that exchanges frames as UDP datagrams with us, one each.
struct UdpSettings {
    Ipv4Address local;
    L4Port local_port;
    Ipv4Address remote;
    L4Port remote_port;
    unsigned mtu = 1500;

    std::string local_text() const;   // 127.0.0.1:20000
    std::string remote_text() const;  // likewise
    friend bool operator==(const UdpSettings&, const UdpSettings&) = default;
};

struct PortSettings {
    std::string name;
    std::string segment;
    VlanMembership vlan = {};
    std::variant<MemorySettings, TapSettings, PcapSettings, VxlanSettings, DgramSettings, StreamSettings, VdeSettings,
                 NetdevSettings, VhostUserSettings, UdpSettings>
        device = {};
    CableSettings cable = {};

    // What differs besides, segment, VLANs and cable, changes without the port's being opened anew.
    bool same_device(const PortSettings& other) const { return name == other.name && device == other.device; }
    bool same_membership(const PortSettings& other) const { return segment == other.segment && vlan == other.vlan; }
    friend bool operator==(const PortSettings&, const PortSettings&) = default;
};
// Whether two ports want one device, socket or tunnel, which only one can have.
bool exclude_each_other(const PortSettings& one, const PortSettings& other);

struct SegmentSettings {
    std::string name;
    friend bool operator==(const SegmentSettings&, const SegmentSettings&) = default;
};

struct StaticStationSettings {
    std::string segment;
    VlanId vlan = {};
    MacAddress mac;
    std::string port;
    friend bool operator==(const StaticStationSettings&, const StaticStationSettings&) = default;
};

struct SwitchSettings {
    Duration mac_age = std::chrono::seconds{300};  // IEEE 802.1D table 7-5
    std::size_t mac_capacity = 65536;
    std::size_t mac_port_limit = 16384;  // stations one port may hold, so that a flood from it costs itself alone
    std::vector<SegmentSettings> segments = {};
    std::vector<PortSettings> ports = {};
    std::vector<StaticStationSettings> static_stations = {};
    SwitchFeatures features = {};
    friend bool operator==(const SwitchSettings&, const SwitchSettings&) = default;
};

}  // namespace hairpin::l2
