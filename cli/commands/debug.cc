// Hooks for tests and labs.

#include <array>
#include <nlohmann/json.hpp>

#include "cli/cells.h"
#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

namespace {

const auto kAdvanceTerms =
    std::to_array<Term>({{"", &value::kNumber, "seconds", Term::How::required, "how many seconds, at most 86400"}});

std::string time_text(const nlohmann::json& result, const Style& style) {
    return "it is " + style.fit(text_of(result, "time")) + " for the daemon now\n";
}

const auto kDebugCommands = std::to_array<Command>({
    {.words = "debug clock advance",
     .description = "turn the daemon's time, for tests: hairpind --test-hooks",
     .details =
         "The daemon's clocks go on by so many seconds at once, and everything that waits for its time happens in its order: "
         "sessions and mappings end, schedules begin, a commit that nobody confirms is undone. The world outside stands still "
         "meanwhile: neighbours that are asked in that time do not answer, and are asked anew. Only a daemon that was started "
         "with --test-hooks does it, as `hairpin lab up --test-hooks` starts one.",
     .example = "debug clock advance 300",
     .terms = kAdvanceTerms,
     .method = control::method::kDebugClockAdvance,
     .schema = "clock-advance",
     .text = time_text},
});

}  // namespace

std::span<const Command> debug_commands() { return kDebugCommands; }

}  // namespace hairpin::cli
