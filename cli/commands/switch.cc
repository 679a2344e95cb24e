// The switch: its ports and the stations it knows.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/attachment.h"
#include "cli/cleared_text.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;
using How = Term::How;

namespace {

constexpr char kStationsCleared[] = "station";

constexpr auto kPortColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"kind", "KIND"},
    {"segment", "SEGMENT"},
    {"vlan", "VLAN"},
    {"device", "DEVICE"},
    {"namespace", "NAMESPACE"},
    {"mtu", "MTU", Align::right},
    {"state", "STATE"},
    {"in_packets", "IN", Align::right},
    {"in_bytes", "BYTES", Align::right, bytes},
    {"out_packets", "OUT", Align::right},
    {"out_bytes", "BYTES", Align::right, bytes},
    {"drops", "DROPS", Align::right},
});

constexpr auto kSegmentColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"ports", "PORTS"},
    {"interfaces", "INTERFACES"},
    {"stations", "STATIONS", Align::right},
});

constexpr auto kStationColumns = std::to_array<Column>({
    {"segment", "SEGMENT"},
    {"vlan", "VLAN", Align::right},
    {"mac", "MAC"},
    {"port", "PORT"},
    {"type", "TYPE"},
    {"age_seconds", "AGE", Align::right, duration},
});

const auto kPortTerms = std::to_array<Term>({
    {"", &value::kNewName, "name", How::required},
    {"segment", &value::kSegment, "segment", How::required, "the segment that it belongs to"},
    {"tap", &value::kDevice, "device", How::required, "the host's interface, a TAP device that is made for it"},
    {"namespace", &value::kNamespace, "namespace", How::optional, "the host's network namespace; without it the daemon's own"},
    {"mac", &value::kMac, "mac", How::optional, "the host's Ethernet address"},
    {"mtu", &value::kNumber, "mtu", How::optional, "the host's MTU"},
    {"address", &value::kAddressWithLength, "address", How::repeated, "the host's address with its subnet, as 192.0.2.2/24"},
    {"via", &value::kAddress, "via", How::optional, "the host's default gateway"},
    {"access", &value::kNumber, "access", How::optional, "the VLAN of its untagged frames"},
});

const auto kPortName = std::to_array<Term>({{"", &value::kPort, "name", How::required}});
const auto kPortFile =
    std::to_array<Term>({{"", &value::kJsonFile, "port", How::required, "a file with one entry of switch/port, as JSON"}});

const ValueType kContainer{
    .shape = "CONTAINER",
    .description = "a container's name at the Docker engine, a process's number, or a network namespace by its name"};
const auto kAttachTerms = std::to_array<Term>({
    {"", &kContainer, "container", How::required},
    {"", &value::kDevice, "device", How::required, "what the interface is to be called in there"},
    {"", &value::kSegment, "segment", How::required, "the segment that it is wired to"},
    {"ip", &value::kAddressWithLength, "address", How::optional, "its address with its subnet, as 192.0.2.2/24"},
    {"gw", &value::kAddress, "via", How::optional, "its default gateway"},
    {"mac", &value::kMac, "mac", How::optional, "its Ethernet address"},
    {"mtu", &value::kNumber, "mtu", How::optional, "its MTU"},
});
const auto kDetachTerms = std::to_array<Term>({
    {"", &kContainer, "container", How::required},
    {"", &value::kDevice, "device", How::required, "the interface in there"},
});

// The entry of hairpin:switch/port that the words describe.
json port_to_add(json words) {
    json port{{"name", words["name"]}};
    if (words.contains("segment")) port["segment"] = words["segment"];
    if (words.contains("access")) port["vlan"]["access"] = words["access"];
    json& tap = port["tap"] = json::object();
    for (const char* key : {"device", "namespace", "mac", "mtu", "address"})
        if (words.contains(key)) tap[key] = words[key];
    if (words.contains("via")) tap["route"] = json::array({{{"prefix", "0.0.0.0/0"}, {"via", words["via"]}}});
    return json{{"port", port}};
}

const auto kClearStationsTerms =
    std::to_array<Term>({{"port", &value::kPort, "port", How::optional, "only those behind this port"}});

const auto kSwitchCommands = std::to_array<Command>({
    {.words = "show ports",
     .description = "the switch's ports and what passed them",
     .details = "KIND says what stands behind the port: tap (a host's interface), vxlan (a tunnel, see `show vxlan`), dgram, "
                "stream, vde, netdev or vhost-user (a virtual machine, see `port qemu-args`), udp (an emulator's link), pcap "
                "(capture files) "
                "or memory (queues of tests). VLAN is untagged, access with one VLAN, or trunk with several. DEVICE and "
                "NAMESPACE are a TAP's, as its host has them; of a virtual machine DEVICE is the socket, the folder or the "
                "device of its backend. STATE is up, down when its cable is pulled, or detached when the device has gone or has "
                "not been "
                "passed yet, or the virtual machine has not begun: `show ports | json` says why. IN "
                "and OUT count packets into the switch and out of it, each with its BYTES; DROPS counts both "
                "directions.",
     .example = "show ports",
     .method = control::method::kShowPorts,
     .schema = "ports",
     .columns = kPortColumns,
     .nothing = "the switch has no ports"},
    {.words = "show segments",
     .description = "the switch's segments, and who is on them",
     .details = "A segment is a LAN of its own. PORTS are the hosts on it, INTERFACES those of the gateway, "
                "STATIONS how many Ethernet addresses it knows there.",
     .example = "show segments",
     .method = control::method::kShowSegments,
     .schema = "segments",
     .columns = kSegmentColumns,
     .nothing = "the switch has no segments"},
    {.words = "show mac-table",
     .description = "which station is behind which port",
     .details = "TYPE is dynamic (heard there), static (configured) or gateway (an interface of the gateway, whose "
                "name then stands under PORT). VLAN is - in the untagged LAN. AGE is how long ago the station was "
                "heard. Frames to a station that is not in the table are flooded.",
     .example = "show mac-table",
     .method = control::method::kShowMacTable,
     .schema = "mac-table",
     .columns = kStationColumns,
     .nothing = "the switch knows no station"},
    {.words = "clear mac-table",
     .description = "forget learned stations",
     .details = "Static stations stay. Frames to the others go everywhere until they speak again.",
     .example = "clear mac-table",
     .terms = kClearStationsTerms,
     .method = control::method::kClearMacTable,
     .schema = "clear-mac-table",
     .text = cleared_text<kStationsCleared>},
    {.words = "port add",
     .description = "add a port while traffic runs",
     .details = "The daemon makes a TAP device, in the host's network namespace when one is named, and sets it up "
                "as that host's interface. It is a commit: `show configuration` has the port from then on, and "
                "`rollback` takes it away again. No other port loses a packet.",
     .example = "port add visitor segment lan tap eth2 namespace hp-hairpin-workstation address 192.168.255.3/24",
     .needs_hosts = true,
     .terms = kPortTerms,
     .method = control::method::kPortAdd,
     .schema = "port",
     .parameters = port_to_add,
     .columns = kPortColumns},
    {.words = "port load",
     .description = "add a port that a file describes",
     .details = "The file holds one entry of switch/port, for what `port add` has no words for: `{\"name\": "
                "\"printer\", \"segment\": \"lan\", \"memory\": {}}`.",
     .example = "port load docs/examples/printer.json",
     .terms = kPortFile,
     .method = control::method::kPortAdd,
     .schema = "port",
     .columns = kPortColumns},
    {.words = "port remove",
     .description = "remove a port while traffic runs",
     .details = "Its device goes with it. It is a commit, as `port add` is.",
     .example = "port remove internet",
     .terms = kPortName,
     .method = control::method::kPortRemove,
     .schema = "port",
     .columns = kPortColumns},
    {.words = "port attach",
     .description = "wire a container that runs to a segment",
     .details =
         "The container gets an interface of that name, with an address and a default route where they are given, and the "
         "switch a port CONTAINER-DEVICE. Its image needs nothing for it, and it no capability. It is a commit, as `port add` "
         "is. A container is asked for at the Docker engine's socket (DOCKER_HOST); a process may be given by its number, and a "
         "network namespace by the name that `ip netns` lists. It lasts until `port detach`; a container "
         "that has been started anew is another one, to be detached and attached again. It needs root, and a daemon that makes "
         "devices itself.",
     .example = "port attach hp-hairpin-workstation eth3 lan ip 192.168.255.4/24",
     .needs_hosts = true,
     .terms = kAttachTerms,
     .method = control::method::kPortAdd,
     .schema = "port",
     .converse = attach_container,
     .columns = kPortColumns},
    {.words = "port detach",
     .description = "take the interface out of a container again",
     .details = "What `port attach` has made is removed, the interface in the container as well.",
     .example = "port detach hp-hairpin-workstation eth3",
     .needs_hosts = true,
     .terms = kDetachTerms,
     .method = control::method::kPortRemove,
     .schema = "port",
     .converse = detach_container,
     .columns = kPortColumns},
});

}  // namespace

std::span<const Command> switch_commands() { return kSwitchCommands; }

}  // namespace hairpin::cli
