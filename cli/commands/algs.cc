// The application layer gateways.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

constexpr auto kAlgColumns = std::to_array<Column>({
    {"alg", "ALG"},
    {"enabled", "ENABLED"},
    {"protocol", "PROTOCOL"},
    {"ports", "PORTS"},
    {"followed", "FOLLOWED", Align::right},
    {"announced", "ANNOUNCED", Align::right},
    {"arrived", "ARRIVED", Align::right},
    {"rewritten", "REWRITTEN", Align::right},
    {"refused", "REFUSED", Align::right},
    {"unread", "UNREAD", Align::right},
    {"split", "SPLIT", Align::right},
    {"stopped", "STOPPED", Align::right},
    {"no_room", "NO ROOM", Align::right},
});

constexpr auto kExpectationColumns = std::to_array<Column>({
    {"alg", "ALG"},
    {"session", "SESSION", Align::right},
    {"protocol", "PROTOCOL"},
    {"from", "FROM"},
    {"to", "TO"},
    {"inside", "INSIDE"},
    {"expires_in_seconds", "LEFT", Align::right, duration},
});

const auto kCommands = std::to_array<Command>({
    {.words = "show alg",
     .description = "the application layer gateways: which are on, and what they have done",
     .details =
         "FOLLOWED are control sessions that one has listened to, ANNOUNCED the flows that these have announced, ARRIVED "
         "those of them that came. REWRITTEN are announcements, and messages of SIP, whose address or port was changed on "
         "the way. REFUSED named another's address or a port below 1024, or would have become too long; SPLIT did not stand "
         "in one segment alone; UNREAD are messages of SIP that are not, or not exactly, what they seem to be. All of these "
         "went on as they were, and nothing is let in for them. STOPPED are control sessions that turned out to be something "
         "else, or of which something was missed. NO ROOM counts what found a table full, or no port.",
     .example = "show alg",
     .method = control::method::kShowAlgs,
     .schema = "algs",
     .columns = kAlgColumns,
     .nothing = "the gateway has no rules yet"},
    {.words = "show alg expectations",
     .description = "flows that control sessions have announced and that have not come yet",
     .details =
         "FROM is who may send the first packet, from any port, TO where it must be sent, INSIDE where it goes then. SESSION "
         "is the control session's ID. LEFT is how long it is still waited for.",
     .example = "show alg expectations",
     .method = control::method::kShowAlgExpectations,
     .schema = "alg-expectations",
     .columns = kExpectationColumns,
     .nothing = "nothing is expected"},
});

}  // namespace

std::span<const Command> alg_commands() { return kCommands; }

}  // namespace hairpin::cli
