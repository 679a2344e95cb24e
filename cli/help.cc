#include "cli/help.h"

#include <algorithm>

#include "cli/options.h"
#include "cli/shell/configuration_mode.h"

namespace hairpin::cli {

namespace {

constexpr std::string_view kUsage = "Usage: hairpin [--socket PATH | --lab NAME] [--json] COMMAND...\n";
constexpr std::size_t kHelpIndent = 2;
constexpr std::size_t kNarrowest = 40, kWidestProse = 100;  // columns; longer lines are hard to read

std::size_t width_of(const Style& style) {
    return style.width == 0 ? kWidestProse : std::clamp(style.width, kNarrowest, kWidestProse);
}

// A usage line broken between terms, and not within [brackets].
std::string wrapped_usage(std::string usage, std::size_t columns, std::size_t indent) {
    constexpr char kNoBreak = '\x01';
    int depth = 0;
    for (char& c : usage) {
        depth += c == '[' ? 1 : c == ']' ? -1 : 0;
        if (c == ' ' && depth > 0) c = kNoBreak;
    }
    std::string lines = wrapped(usage, columns, indent);
    std::replace(lines.begin(), lines.end(), kNoBreak, ' ');
    return lines;
}

// A paragraph for each line of `text`.
std::string paragraphs(std::string_view text, const Style& style) {
    std::string result;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        result += "\n" + wrapped(text.substr(0, end), width_of(style), 0) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string indented(std::string_view text) {
    std::string result(kHelpIndent, ' ');
    for (const char c : text) (result += c) += c == '\n' ? std::string(kHelpIndent, ' ') : "";
    return result + "\n";
}

// `left` in a column of its own, or on a line of its own where it is too wide.
std::string beside(const std::string& left, std::string_view right, std::size_t column, const Style& style) {
    const bool fits = columns_of(left) + 2 <= column;
    const std::size_t room = style.width > column + 20 ? style.width - column : 0;
    return (fits ? padded(left, column) : left + "\n" + std::string(column, ' ')) + wrapped(right, room, column) + "\n";
}

// Each term, and below it the words that its value is one of where they need an explanation.
std::string terms_text(std::span<const Term> terms, const Style& style) {
    constexpr std::size_t kDescriptionAt = 28;
    std::string text = terms.empty() ? "" : "\n";
    for (const Term& term : terms) {
        text += beside(std::string(kHelpIndent, ' ') + usage_of(term), description_of(term), kDescriptionAt, style);
        if (term.value == nullptr) continue;
        for (const Choice& choice : term.value->choices)
            if (!choice.description.empty())
                text += beside(std::string(2 * kHelpIndent, ' ') + std::string{choice.word}, choice.description, kDescriptionAt,
                               style);
    }
    return text;
}

std::string all_commands(const CommandTable& table, std::string_view program, const Style& style) {
    std::vector<Described> commands;
    for (const Command* command : table) commands.push_back(described(*command));
    if (program.empty()) return "Commands:\n" + list_of(commands, style) + std::string{kHelpInShell};
    return std::string{kUsage} + "\nWords may be abbreviated: `hairpin sh int` is `hairpin show interfaces`.\n\nCommands:\n" +
           list_of(commands, style) + options_help();
}

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

std::string list_of(std::span<const Described> commands, const Style& style) {
    constexpr std::size_t kDescriptionAt = 28;
    std::string text;
    for (const Described& command : commands) {
        const std::size_t room = width_of(style) - kHelpIndent;
        const std::string usage =
            std::string(kHelpIndent, ' ') + wrapped_usage(brief_usage(command, room), room, 3 * kHelpIndent);
        text += beside(usage, command.description, kDescriptionAt, style);
    }
    return text;
}

std::string help_of(const Described& command, std::string_view program, const Style& style) {
    const std::string begin = "Usage: " + std::string{program};
    std::string text = begin + wrapped_usage(command.usage, width_of(style) - columns_of(begin), columns_of(begin)) + "\n";
    text += paragraphs(as_sentence(command.description), style) + paragraphs(command.details, style);
    text += terms_text(command.terms, style);
    if (!command.example.empty()) text += "\nExample:\n" + indented(command.example);
    return text;
}

Outcome<std::string> help_about(Words words, const CommandTable& table, std::string_view program, const Style& style) {
    if (words.empty()) return all_commands(table, program, style);
    const std::string options = program.empty() ? "" : options_help();
    const auto typed = find_command(words, table);
    if (typed) return help_of(described(*typed->command), program, style) + options;

    std::string text;
    if (const CommandTable several = commands_beginning(words, table); !several.empty()) {
        std::vector<Described> commands;
        for (const Command* command : several) commands.push_back(described(*command));
        text = list_of(commands, style);
    }
    if (words.size() == 1) {
        const auto row = ConfigurationMode::row_of(words[0]);
        if (row && (text.empty() || (*row)->word == words[0]))
            text += (text.empty() ? "" : "\n") + std::string{"In the configuration mode:\n\n"} +
                    help_of(ConfigurationMode::described(**row), "", style);
    }
    if (text.empty()) return tl::unexpected(typed.error());
    return text;
}

}  // namespace hairpin::cli
