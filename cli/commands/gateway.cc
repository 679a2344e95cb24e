// The gateway: its interfaces, its neighbours, its routes.

#include <array>

#include "cli/cleared_text.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

constexpr char kNeighborsCleared[] = "neighbour";

constexpr auto kInterfaceColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"role", "ROLE"},
    {"segment", "SEGMENT"},
    {"vlan", "VLAN", Align::right},
    {"mac", "MAC"},
    {"addresses", "ADDRESSES"},
    {"mtu", "MTU", Align::right},
    {"options", "OPTIONS"},
    {"in_packets", "IN", Align::right},
    {"in_bytes", "BYTES", Align::right, bytes},
    {"out_packets", "OUT", Align::right},
    {"out_bytes", "BYTES", Align::right, bytes},
    {"drops", "DROPS", Align::right},
});

constexpr auto kNeighborColumns = std::to_array<Column>({
    {"interface", "INTERFACE"},
    {"address", "ADDRESS"},
    {"mac", "MAC"},
    {"state", "STATE"},
    {"age_seconds", "AGE", Align::right, duration},
    {"queued", "QUEUED", Align::right},
});

constexpr auto kRouteColumns = std::to_array<Column>({
    {"prefix", "PREFIX"},
    {"next_hop", "NEXT HOP"},
    {"interface", "INTERFACE"},
    {"protocol", "PROTOCOL"},
});

const auto kClearArpTerms = std::to_array<Term>({
    {"address", &value::kAddress, "address", Term::How::optional, "only this one"},
    {"interface", &value::kInterface, "interface", Term::How::optional, "only those on this interface"},
});

const auto kGatewayCommands = std::to_array<Command>({
    {.words = "show interfaces",
     .description = "the gateway's interfaces and what passed them",
     .details =
         "ROLE is uplink, towards the Internet, or internal. The first of ADDRESSES is primary: ICMP errors "
         "and masquerade speak from it. MTU is the longest IP packet that may go out. IN and OUT count "
         "packets with their BYTES, ARP included; DROPS counts those that came in here and that the gateway "
         "dropped. OPTIONS stands there where an interface has some that are not as usual: tcp-mss, which sources are believed "
         "(source-validation), whether ARP is answered for others (proxy-arp) and whether hosts are told of ICMP errors "
         "(icmp-errors). With `| json` all are there.",
     .example = "show interfaces",
     .method = control::method::kShowInterfaces,
     .schema = "interfaces",
     .columns = kInterfaceColumns,
     .nothing = "the gateway has no interfaces: `configure`, then `set gateway interface NAME` makes one"},
    {.words = "show arp",
     .description = "the neighbours that the gateway knows",
     .details = "STATE is reachable, stale (silent for so long that it is asked again before it is believed), "
                "incomplete (asked for, and no answer yet) or static (configured). AGE is since then. QUEUED "
                "packets wait for the answer.",
     .example = "show arp",
     .method = control::method::kShowArp,
     .schema = "arp",
     .columns = kNeighborColumns,
     .nothing = "the gateway knows no neighbour"},
    {.words = "show routes",
     .description = "the gateway's routes",
     .details = "PROTOCOL is connected, for the subnet of an interface, or static, for what is configured. NEXT HOP "
                "is - where destinations are neighbours. Of several routes that match, the longest prefix is taken.",
     .example = "show routes",
     .method = control::method::kShowRoutes,
     .schema = "routes",
     .columns = kRouteColumns,
     .nothing = "the gateway has no routes"},
    {.words = "clear arp",
     .description = "forget neighbours, and ask them anew",
     .details = "Static neighbours stay. Packets that wait for an answer are dropped.",
     .example = "clear arp address 192.168.255.10",
     .terms = kClearArpTerms,
     .method = control::method::kClearArp,
     .schema = "clear-arp",
     .text = cleared_text<kNeighborsCleared>},
});

}  // namespace

std::span<const Command> gateway_commands() { return kGatewayCommands; }

}  // namespace hairpin::cli
