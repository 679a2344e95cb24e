// Cables that are not perfect.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// "1.0%" of those that came, beside their number.
std::string lost_text(const json& row, const Style& style) {
    const std::string lost = text_of(row, "lost");
    const auto percent = row.find("lost_percent");
    if (lost.empty() || percent == row.end() || !percent->is_number() || lost == "0") return style.fit(lost);
    return fmt::format("{} ({:.2f}%)", style.fit(lost), percent->get<double>());
}

constexpr auto kImpairmentColumns = std::to_array<Column>({
    {"port", "PORT"},
    {"direction", "WAY"},
    {"state", "STATE"},
    {"settings_text", "SET"},
    {"packets", "PACKETS", Align::right},
    {"", "LOST", Align::right, lost_text},
    {"corrupted", "DAMAGED", Align::right},
    {"duplicated", "TWICE", Align::right},
    {"reordered", "OVERTOOK", Align::right},
    {"while_down", "PULLED", Align::right},
    {"queued", "QUEUE", Align::right},
    {"most_queued", "MOST", Align::right},
    {"queue_full", "FULL", Align::right},
    {"delay_mean_us", "MEAN", Align::right, milliseconds},
    {"delay_p99_us", "P99", Align::right, milliseconds},
    {"delay_max_us", "MAX", Align::right, milliseconds},
});

const auto kImpairmentCommands = std::to_array<Command>({
    {.words = "show ports impairment",
     .description = "what is wrong with the cables of ports, and what came of it",
     .details =
         "A line for each direction of a port whose cable is not perfect. WAY is in for what the host sends into the switch and "
         "out for "
         "what it gets. SET is what is configured (switch port NAME impairment); the rest is what really happened: how many "
         "PACKETS came "
         "and how many of them were LOST, DAMAGED, doubled (TWICE) or OVERTOOK another; PULLED came while the cable was out. "
         "QUEUE and "
         "MOST are the packets that wait for the rate, now and at most, and FULL those that found no place there. MEAN, P99 and "
         "MAX are the "
         "delays that packets really had. As JSON it has the settings one by one, and what is on its way. `clear counters ports` "
         "begins anew.",
     .example = "show ports impairment",
     .method = control::method::kShowPortsImpairment,
     .schema = "ports-impairment",
     .columns = kImpairmentColumns,
     .nothing = "every port's cable is perfect"},
});

}  // namespace

std::span<const Command> impairment_commands() { return kImpairmentCommands; }

}  // namespace hairpin::cli
