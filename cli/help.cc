#include "cli/help.h"

#include "cli/command_table.h"
#include "cli/options.h"

namespace hairpin::cli {

namespace {

constexpr std::string_view kUsage = "Usage: hairpin [--socket PATH | --lab NAME] [--json] COMMAND...\n";

}  // namespace

std::string short_help() {
    return "hairpin " HAIRPIN_VERSION ": drives a software router on a virtual switch, and labs around it.\n\n" +
           std::string{kUsage} +
           "\n"
           "  hairpin lab up hairpin           bring a lab up\n"
           "  hairpin show sessions            look at what runs\n"
           "  hairpin trace tcp 192.168.255.2:40000 203.0.113.80:80 in lan\n"
           "                                   ask what would happen to a packet, and why\n"
           "  hairpin help                     all commands\n";
}

std::string full_help(const Style& style) {
    constexpr std::size_t kUsageAt = 2, kDescriptionAt = 28;
    std::string text{kUsage};
    text += "\nWords may be abbreviated: `hairpin sh int` is `hairpin show interfaces`.\n\nCommands:\n";
    for (const Command* command : command_table()) {
        const std::string usage = usage_of(*command);
        const std::size_t room = style.width > kDescriptionAt ? style.width - kUsageAt : 0;
        const std::string shown = std::string(kUsageAt, ' ') + wrapped(usage, room, 3 * kUsageAt);
        const bool beside = columns_of(shown) + 2 <= kDescriptionAt;
        text += (beside ? padded(shown, kDescriptionAt) : shown + "\n" + std::string(kDescriptionAt, ' ')) +
                std::string{command->description} + "\n";
    }
    return text + options_help();
}

std::string help_of(const Command& command) {
    return "Usage: hairpin " + usage_of(command) + "\n\n" + std::string{command.description} + "\n" + options_help();
}

}  // namespace hairpin::cli
