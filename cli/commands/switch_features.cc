// What ports of the switch do besides carrying frames: isolation, storm control, mirrors.

#include <array>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

constexpr auto kFeatureColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"segment", "SEGMENT"},
    {"isolated", "ISOLATED"},
    {"storm_control", "STORM CONTROL"},
    {"mirrors", "MIRRORS"},
});

constexpr auto kPortDropColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"reason", "REASON"},
    {"packets", "PACKETS", Align::right},
    {"description", "DESCRIPTION"},
});

constexpr auto kStormColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"traffic", "TRAFFIC"},
    {"limit", "LIMIT", Align::right},
    {"unit", "UNIT"},
    {"passed", "PASSED", Align::right},
    {"dropped", "DROPPED", Align::right},
    {"storms", "STORMS", Align::right},
    {"state", "STATE"},
});

constexpr auto kMirrorColumns = std::to_array<Column>({
    {"name", "NAME"},
    {"sources", "SOURCES"},
    {"to", "TO"},
    {"copies", "COPIES", Align::right},
    {"bytes", "BYTES", Align::right, bytes},
});

const auto kFeatureCommands = std::to_array<Command>({
    {.words = "show ports features",
     .description = "what the switch's ports do besides carrying frames",
     .details =
         "ISOLATED ports exchange frames only with those that are not. STORM CONTROL is how much of what goes to everybody a "
         "port may "
         "send (see `show storm-control`). MIRRORS says whose frames are copied from a port, and to which ports copies go.",
     .example = "show ports features",
     .method = control::method::kShowPortsFeatures,
     .schema = "ports-features",
     .columns = kFeatureColumns,
     .nothing = "the switch has no ports"},
    {.words = "show ports drops",
     .description = "what the switch dropped, by port and reason",
     .details = "A frame is counted at the port that it came in by, or, where it was too long or no buffer was left for it, at "
                "the one that "
                "it was to go out by. What a port's own device refused is in DROPS of `show ports`, and in `show drops`.",
     .example = "show ports drops",
     .method = control::method::kShowPortsDrops,
     .schema = "ports-drops",
     .columns = kPortDropColumns,
     .nothing = "the switch dropped nothing"},
    {.words = "show storm-control",
     .description = "what ports may send to everybody, and what was too much",
     .details = "A row for each limit of `switch port NAME storm-control`. PASSED and DROPPED count packets, of a super-packet "
                "its segments; "
                "STORMS how often something was too much. STATE is storm until nothing has been dropped for five seconds.",
     .example = "show storm-control",
     .method = control::method::kShowStormControl,
     .schema = "storm-control",
     .columns = kStormColumns,
     .nothing = "no port has a limit (switch port NAME storm-control)"},
    {.words = "show mirrors",
     .description = "the switch's mirrors, and what they copied",
     .details = "Copies of what passes the SOURCES, in or out of the switch or both ways, go to the port TO. A super-packet is "
                "one copy.",
     .example = "show mirrors",
     .method = control::method::kShowMirrors,
     .schema = "mirrors",
     .columns = kMirrorColumns,
     .nothing = "there is no mirror (switch mirror NAME)"},
});

}  // namespace

std::span<const Command> switch_feature_commands() { return kFeatureCommands; }

}  // namespace hairpin::cli
