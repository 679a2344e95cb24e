// Tunnels: the remotes of VXLAN ports, the stations behind them, and the sockets.

#include <array>

#include "cli/cleared_text.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

constexpr char kRemoteStationsCleared[] = "station";

constexpr auto kRemoteColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"vni", "VNI", Align::right},
    {"local", "LOCAL"},
    {"remote", "REMOTE"},
    {"flood", "FLOOD"},
    {"stations", "STATIONS", Align::right},
    {"inner_mtu", "MTU", Align::right},
    {"in_packets", "IN", Align::right},
    {"in_bytes", "BYTES", Align::right, bytes},
    {"out_packets", "OUT", Align::right},
    {"out_bytes", "BYTES", Align::right, bytes},
    {"drops", "DROPS", Align::right},
});

constexpr auto kRemoteStationColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"vni", "VNI", Align::right},
    {"vlan", "VLAN", Align::right},
    {"mac", "MAC"},
    {"remote", "REMOTE"},
    {"type", "TYPE"},
    {"age_seconds", "AGE", Align::right, duration},
});

constexpr auto kEndpointColumns = std::to_array<Column>({
    {"local", "LOCAL"},
    {"namespace", "NAMESPACE"},
    {"vnis", "VNIS"},
    {"in_datagrams", "IN", Align::right},
    {"out_datagrams", "OUT", Align::right},
    {"malformed", "MALFORMED", Align::right},
    {"unknown_vni", "UNKNOWN VNI", Align::right},
    {"unknown_peer", "UNKNOWN PEER", Align::right},
    {"overflowed", "OVERFLOWED", Align::right},
});

const auto kClearTunnelTerms =
    std::to_array<Term>({{"port", &value::kPort, "port", Term::How::optional, "only those of this tunnel"}});

const auto kTunnelCommands = std::to_array<Command>({
    {.words = "show vxlan",
     .description = "VXLAN tunnels, and what passed each remote",
     .details =
         "One row for each remote of each tunnel. LOCAL is the tunnel's own address and UDP port in the network underneath. "
         "FLOOD says whether broadcasts and frames for unknown stations are sent to the remote, STATIONS how many are known "
         "to be behind it. MTU is the longest IP packet that fits into the tunnel on the way there, - where there is no way. "
         "IN and OUT count frames from and to the remote; DROPS those that were to go there and could not.",
     .example = "show vxlan",
     .method = control::method::kShowVxlan,
     .schema = "vxlan",
     .columns = kRemoteColumns,
     .nothing = "there is no VXLAN tunnel with a remote"},
    {.words = "show vxlan stations",
     .description = "which station is behind which remote of a tunnel",
     .details =
         "TYPE is dynamic (learned from what it sent) or static (configured). VLAN is - in the untagged LAN. AGE is how long ago "
         "the station was heard. Frames to a station that is not listed go to every remote that floods.",
     .example = "show vxlan stations",
     .method = control::method::kShowVxlanStations,
     .schema = "vxlan-stations",
     .columns = kRemoteStationColumns,
     .nothing = "no station behind a tunnel is known"},
    {.words = "show vxlan endpoints",
     .description = "the sockets that VXLAN tunnels share",
     .details =
         "Tunnels of one LOCAL address and port share a socket and tell their frames apart by the VNI. IN and OUT count "
         "datagrams. "
         "MALFORMED were no VXLAN, UNKNOWN VNI of no tunnel, UNKNOWN PEER from no remote of their tunnel. OVERFLOWED came faster "
         "than they were read.",
     .example = "show vxlan endpoints",
     .method = control::method::kShowVxlanEndpoints,
     .schema = "vxlan-endpoints",
     .columns = kEndpointColumns,
     .nothing = "there is no VXLAN tunnel"},
    {.words = "clear vxlan stations",
     .description = "forget which remotes stations are behind",
     .details = "Static stations stay. Frames to the others go to every remote that floods until they speak again.",
     .example = "clear vxlan stations",
     .terms = kClearTunnelTerms,
     .method = control::method::kClearVxlanStations,
     .schema = "clear-vxlan-stations",
     .text = cleared_text<kRemoteStationsCleared>},
});

}  // namespace

std::span<const Command> tunnel_commands() { return kTunnelCommands; }

}  // namespace hairpin::cli
