#include "manual/commands.h"

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/shell/configuration_mode.h"
#include "cli/shell/filters.h"
#include "cli/shell/operational_mode.h"

namespace hairpin::manual {

using cli::ConfigurationMode;
using cli::Described;
using nlohmann::json;

namespace {

constexpr std::size_t kDepth = 3;          // of a command's heading
constexpr std::size_t kWidestUsage = 100;  // columns; a longer one leaves to the table what may be left out

std::vector<Described> operational() {
    std::vector<Described> commands;
    for (const cli::Command* command : cli::shell_table()) commands.push_back(described(*command));
    return commands;
}

std::vector<Described> configuration() {
    std::vector<Described> commands;
    for (const ConfigurationMode::Row& row : ConfigurationMode::rows()) commands.push_back(ConfigurationMode::described(row));
    return commands;
}

// "only in this state: `opening` (TCP before the handshake is done), ...": its words where they need an explanation.
std::string meaning_of(const cli::Term& term) {
    std::string text{description_of(term)};
    if (term.value == nullptr) return text;
    const char* before = ": ";
    for (const cli::Choice& choice : term.value->choices) {
        if (choice.description.empty()) continue;
        text += before + ("`" + std::string{choice.word} + "` (") + std::string{choice.description} + ")";
        before = ", ";
    }
    return text;
}

void details(Markup& page, std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        page.paragraph(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// The command before it whose terms are the same table, or whose table goes on where that of `command` ends.
const Described* with_the_same_terms(const Described& command, std::span<const Described> all) {
    for (const Described& other : all) {
        if (other.words == command.words) break;
        if (other.terms.data() == command.terms.data() && other.terms.size() >= command.terms.size()) return &other;
    }
    return nullptr;
}

void terms(Markup& page, const Described& command, std::span<const Described> all) {
    if (command.terms.empty()) return;
    if (const Described* other = with_the_same_terms(command, all)) {
        std::string text = "Its words are those of `" + std::string{other->words} + "`";
        for (const cli::Term& without : other->terms.subspan(command.terms.size()))
            text += ", without `" + usage_of(without) + "`";
        return page.paragraph(text + ".");
    }
    std::vector<Entry> entries;
    for (const cli::Term& term : command.terms) entries.push_back({usage_of(term), {}, meaning_of(term)});
    static const auto kTitles = std::to_array<std::string>({"word", "meaning"});
    page.entries(kTitles, entries);
}

void one(Markup& page, const Described& command, std::span<const Described> all) {
    page.heading(kDepth, command.words);
    if (command.usage != command.words) page.usage(brief_usage(command, kWidestUsage));
    page.paragraph(cli::as_sentence(command.description));
    details(page, command.details);
    terms(page, command, all);
    if (command.example == command.words || command.example.empty()) return;  // the heading has said it
    page.paragraph("Example:");
    page.literal(command.example);
}

void list_of(Markup& page, std::span<const Described> commands) {
    std::vector<Entry> rows;
    for (const Described& command : commands) rows.push_back({std::string{command.words}, {}, std::string{command.description}});
    static const auto kTitles = std::to_array<std::string>({"command", "does"});
    page.entries(kTitles, rows);
}

void each_of(Markup& page, std::span<const Described> commands) {
    for (const Described& command : commands) one(page, command, commands);
}

json example(const char* mode, const Described& command) {
    json lines = json::array();
    for (std::string_view rest = command.example; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {{"mode", mode}, {"command", command.words}, {"lines", lines}, {"needs_hosts", false}, {"goes_on", false}};
}

}  // namespace

void list_of_operational_commands(Markup& page) { list_of(page, operational()); }
void operational_commands(Markup& page) { each_of(page, operational()); }

void list_of_configuration_commands(Markup& page) { list_of(page, configuration()); }
void configuration_commands(Markup& page) { each_of(page, configuration()); }

void filters(Markup& page) {
    std::vector<Entry> rows;
    for (const cli::FilterRow& row : cli::filter_rows()) {
        const std::string term = std::string{row.word} + (row.value.empty() ? "" : " " + std::string{row.value});
        rows.push_back({term, {}, std::string{row.description} + ": `" + std::string{row.example} + "`"});
    }
    static const auto kTitles = std::to_array<std::string>({"filter", "meaning"});
    page.entries(kTitles, rows);
}

void values_of_commands(Markup& page) {
    std::vector<Entry> rows;
    std::set<std::string_view> seen;
    for (const auto& commands : {operational(), configuration()})
        for (const Described& command : commands)
            for (const cli::Term& term : command.terms)
                if (term.value != nullptr && term.value->choices.empty() && seen.insert(term.value->shape).second)
                    rows.push_back({std::string{term.value->shape}, {}, std::string{term.value->description}});
    static const auto kTitles = std::to_array<std::string>({"value", "meaning"});
    page.entries(kTitles, rows);
}

std::string examples_as_json() {
    json examples = json::array();
    for (const cli::Command* command : cli::shell_table()) {
        examples.push_back(example("operational", described(*command)));
        examples.back()["needs_hosts"] = command->needs_hosts;
        examples.back()["goes_on"] = command->event != nullptr;
    }
    for (const Described& command : configuration()) examples.push_back(example("configuration", command));
    for (const cli::FilterRow& row : cli::filter_rows())
        examples.push_back(example(
            "filter", {.words = row.word, .usage = {}, .description = {}, .details = {}, .example = row.example, .terms = {}}));
    return examples.dump(2) + "\n";
}

}  // namespace hairpin::manual
