// What the switch says and hears itself: loop guard, multicast snooping, LLDP; and how much passes its ports.

#include <array>

#include "cli/cleared_text.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

constexpr char kPortsOpened[] = "port";

constexpr auto kPortRateColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"in_packets_per_second", "IN P/S", Align::right, rate},
    {"in_bits_per_second", "IN", Align::right, bit_rate},
    {"out_packets_per_second", "OUT P/S", Align::right, rate},
    {"out_bits_per_second", "OUT", Align::right, bit_rate},
    {"drops_per_second", "DROPS/S", Align::right, rate},
    {"mean_in_bits_per_second", "1 MIN IN", Align::right, bit_rate},
    {"mean_out_bits_per_second", "1 MIN OUT", Align::right, bit_rate},
});

constexpr auto kLoopColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"state", "STATE"},
    {"opens_in_seconds", "OPENS IN", Align::right, duration},
    {"through", "THROUGH"},
    {"loops", "LOOPS", Align::right},
    {"sent", "SENT", Align::right},
});

constexpr auto kListenedGroupColumns = std::to_array<Column>({
    {"segment", "SEGMENT"},
    {"vlan", "VLAN", Align::right},
    {"group", "GROUP"},
    {"port", "PORT"},
    {"ends_in_seconds", "ENDS IN", Align::right, duration},
});

constexpr auto kRouterColumns = std::to_array<Column>({
    {"segment", "SEGMENT"},
    {"vlan", "VLAN", Align::right},
    {"port", "PORT"},
    {"address", "ADDRESS"},
    {"type", "TYPE"},
    {"querier", "QUERIER"},
    {"ends_in_seconds", "ENDS IN", Align::right, duration},
});

constexpr auto kLldpColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"chassis", "CHASSIS"},
    {"system", "SYSTEM"},
    {"description", "DESCRIPTION"},
    {"sent", "SENT", Align::right},
    {"next_in_seconds", "NEXT IN", Align::right, duration},
});

const auto kClearLoopTerms = std::to_array<Term>({{"port", &value::kPort, "port", Term::How::optional, "only this one"}});

const auto kProtocolCommands = std::to_array<Command>({
    {.words = "show ports rates",
     .description = "how much passes the switch's ports a second",
     .details =
         "Of the last second, and of the last minute as a mean where what is longer ago counts less. IN goes into the switch. "
         "`monitor interfaces` shows the same each second as it changes.",
     .example = "show ports rates",
     .method = control::method::kShowPortsRates,
     .schema = "ports-rates",
     .columns = kPortRateColumns,
     .nothing = "no port has been measured for a second yet"},
    {.words = "show loop-guard",
     .description = "the ports that loop guard watches",
     .details =
         "STATE is shut where our own frame came back: nothing goes in or out then. THROUGH is the port at the loop's other end, "
         "LOOPS how often it was shut, SENT how many frames have been sent.",
     .example = "show loop-guard",
     .method = control::method::kShowLoopGuard,
     .schema = "loop-guard",
     .columns = kLoopColumns,
     .nothing = "loop guard watches no port (switch port NAME loop-guard true)"},
    {.words = "clear loop-guard",
     .description = "open ports that loop guard has shut",
     .details =
         "At once instead of when their time is over. Where the loop is still there they are shut again with the next frame.",
     .example = "clear loop-guard",
     .terms = kClearLoopTerms,
     .method = control::method::kClearLoopGuard,
     .schema = "clear-loop-guard",
     .text = cleared_text<kPortsOpened>},
    {.words = "show multicast groups",
     .description = "which ports want which multicast groups",
     .details = "As IGMP and MLD told: what is sent to GROUP goes to PORT until nobody there has said so for as long as ENDS IN. "
                "VLAN is - in "
                "the untagged LAN.",
     .example = "show multicast groups",
     .method = control::method::kShowMulticastGroups,
     .schema = "multicast-groups",
     .columns = kListenedGroupColumns,
     .nothing = "no port has asked for a group, or snooping is off (switch multicast snooping true)"},
    {.words = "show multicast routers",
     .description = "the ports of multicast routers",
     .details = "Where a query of a router or a PIM hello was heard (dynamic), and where one is configured (static). QUERIER "
                "says whether it asks "
                "in place of us.",
     .example = "show multicast routers",
     .method = control::method::kShowMulticastRouters,
     .schema = "multicast-routers",
     .columns = kRouterColumns,
     .nothing = "no multicast router is known, or snooping is off (switch multicast snooping true)"},
    {.words = "show lldp",
     .description = "what ports tell their neighbours by LLDP",
     .details = "Each port says every 30 seconds who we are. What neighbours tell is not listened to.",
     .example = "show lldp",
     .method = control::method::kShowLldp,
     .schema = "lldp",
     .columns = kLldpColumns,
     .nothing = "no port speaks LLDP (switch lldp true)"},
});

}  // namespace

std::span<const Command> switch_protocol_commands() { return kProtocolCommands; }

}  // namespace hairpin::cli
