#pragma once
// A lab as its topology file describes it, read and checked: hosts, the gateway, segments, and what is attached to what.
//
//   workstation ──eth1── lan ──lan── edge ──uplink── wan ──eth1── internet        host · segment · gateway · segment · host
//
// Every link has one end in a host or the gateway and the other in a segment (a node of kind `bridge`), so it is held as an
// Attachment of the one to the other.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/complaints.h"
#include "lab/containers/container_image.h"
#include "lab/link_cable.h"
#include "lab/machines/machine.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/numbers.h"

namespace hairpin::lab {

// Linux allows 15 characters in the name of an interface (IFNAMSIZ with its zero).
inline constexpr std::size_t kInterfaceNameLimit = 15;
// Names become parts of file names (namespaces, logs) and must stay readable in a table.
inline constexpr std::size_t kNameLimit = 32;

enum class NodeRole { host, gateway, segment, machine, container };
std::string_view to_string(NodeRole role);
// Whether hairpind makes the node's interfaces, as TAPs in its namespace: a machine boots with its own, and the gateway's are hairpind itself.
constexpr bool has_taps(NodeRole role) { return role == NodeRole::host || role == NodeRole::container; }
// Where a node of a lab lives, as `ip netns` calls it.
std::string namespace_of(std::string_view lab, NodeRole role, std::string_view node);

struct Node {
    std::string name;
    NodeRole role = NodeRole::host;
    std::map<std::string, std::string> labels = {};  // also those of kinds, groups and defaults
    std::map<std::string, std::string> environment = {};
    std::vector<std::string> commands = {};  // `exec`: shell command lines, run in this order when the lab comes up
    Machine machine = {};                    // of a virtual machine
    std::string container = {};              // of a container that somebody else starts: what the engine calls it
    ContainerImage image = {};               // of a container that the lab starts
    std::string config_file = {};            // of the gateway: relative to the topology's folder
    Position at = {};
};

// `access`: untagged in one VLAN. `trunk`: tagged in each of them, `native` untagged. None of them: no VLANs.
struct PortVlans {
    std::optional<VlanId> access;
    std::vector<VlanId> trunk = {};
    std::optional<VlanId> native;
    bool empty() const { return !access && trunk.empty() && !native; }
};

struct Attachment {
    std::string node;       // a host or the gateway
    std::string interface;  // its name there: eth1
    std::string segment;
    std::string port;  // the name of the switch's port: what the link calls the segment's end
    std::optional<Ipv4InterfaceAddress> address;
    std::optional<Ipv4Address> default_gateway;
    std::optional<MacAddress> mac;
    std::optional<unsigned> mtu;
    PortVlans vlans;
    LinkCable cable;
    bool captured = false;  // from the moment that the lab comes up
    Position at = {};
};

// A segment goes on behind a VXLAN tunnel, whose port the switch has.
struct Tunnel {
    std::string segment, port;
    Ipv4Address local, remote;
    unsigned vni = 0;
    unsigned udp_port = 4789;
    unsigned mtu = 1450;
};

struct Topology {
    std::string name;
    std::string prefix = "clab";       // of the names of containers that the lab starts, as containerlab has it
    Runtime runtime = Runtime::netns;  // what nodes with an image are
    std::string file;                  // absolute
    std::string folder;                // where the file lies, absolute
    std::vector<Node> nodes;
    std::vector<Attachment> attachments;
    std::vector<Tunnel> tunnels = {};
    std::vector<std::string> warnings;  // what the file asks for and we do not do, with its place

    const Node& gateway() const;
    const Node* find(std::string_view node) const;
    std::string namespace_of(const Node& node) const { return lab::namespace_of(name, node.role, node.name); }
    // What its engine calls a node's container: somebody else's as it is called already, one of the lab's clab-<lab>-<node>.
    std::string container_of(const Node& node) const;
    // The first attachment of a node, or null: where it speaks from unless told otherwise.
    const Attachment* attachment_of(std::string_view node) const;
    // The gateway's attachment to the same segment and VLAN as a host's, or null.
    const Attachment* gateway_beside(const Attachment& host) const;
};

// Why a text cannot name a lab, a node or an interface; nullopt when it can.
std::optional<std::string> wrong_lab_name(std::string_view name);
std::optional<std::string> wrong_node_name(std::string_view name);
std::optional<std::string> wrong_interface_name(std::string_view name);

}  // namespace hairpin::lab
