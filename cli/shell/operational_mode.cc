#include "cli/shell/operational_mode.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/completion.h"
#include "cli/follow.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/shell/child.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr auto kOnOffWords = std::to_array<Choice>({{"on", ""}, {"off", ""}});
constexpr auto kFormatWords = std::to_array<Choice>({{"text", "for people"}, {"json", "for programs, with exact numbers"}});
const ValueType kOnOff{.shape = "ON|OFF", .description = "on or off", .choices = kOnOffWords};
const ValueType kFormat{.shape = "FORMAT", .description = "a format", .choices = kFormatWords};
const auto kPreferenceTerms = std::to_array<Term>({
    {"pager", &kOnOff, "pager", Term::How::optional, "stop after each page: on or off"},
    {"format", &kFormat, "format", Term::How::optional, "how answers are printed: text or json"},
});

// What only a shell can do.
const Command kConfigure{
    .words = "configure",
    .description = "edit the configuration",
    .details =
        "The prompt becomes #. All changes are made to a candidate of one's own; nothing happens in the daemon before "
        "`commit`. `exit` comes back.",
    .example = "configure\nexit"};
const Command kPrefer{
    .words = "set cli",
    .description = "preferences of this shell",
    .details =
        "They last as long as the shell. Without a terminal there is no pager anyway. `| no-more` and `| json` choose the "
        "same for one command.",
    .example = "set cli pager off format json",
    .terms = kPreferenceTerms};
const Command kExit{
    .words = "exit", .description = "leave the shell", .details = "Ctrl-D on an empty line does the same.", .example = "exit"};
const Command kQuit{.words = "quit", .description = "leave the shell", .details = "The same as `exit`.", .example = "quit"};

}  // namespace

const CommandTable& shell_table() {
    static const CommandTable table = [] {
        CommandTable all = command_table();
        all.insert(all.end(), {&kConfigure, &kPrefer, &kExit, &kQuit});
        return all;
    }();
    return table;
}

OperationalMode::OperationalMode(std::string name, DaemonLink& daemon, Preferences& preferences, Environment environment,
                                 std::function<int(std::vector<std::string>)> lab)
    : name_(std::move(name)),
      daemon_(daemon),
      preferences_(preferences),
      environment_(std::move(environment)),
      lab_(std::move(lab)) {}

KnownValues OperationalMode::known_values() const {
    return [this](std::string_view method, std::string_view column) { return daemon_.column(method, column); };
}

Expectations OperationalMode::expect_command(Words words) { return expected_after(words, known_values()); }
Expectations OperationalMode::expect(Words words) { return expected_after(words, known_values(), shell_table()); }

bool OperationalMode::may_end(Words words) {
    const auto typed = find_command(words, shell_table());
    return typed && read_terms(typed->arguments, typed->command->terms);
}

std::optional<Failure> OperationalMode::mistake(Words words) const { return mistake_in(words, shell_table()); }

Outcome<Next> OperationalMode::run(Words words, OutputStream& out) {
    const auto typed = find_command(words, shell_table());
    if (!typed) return tl::unexpected(typed.error());
    const Command* command = typed->command;
    if (command != &kConfigure && command != &kPrefer && command != &kExit && command != &kQuit)
        return run_typed(*typed, words, out, json::object());

    const std::size_t before = words.size() - typed->arguments.size();
    const auto terms = read_terms(typed->arguments, command->terms);
    if (!terms) return wrong_at(before + terms.error().word.value_or(0), terms.error());
    if (command == &kConfigure) return Next::configure;
    if (command != &kPrefer) return Next::back;
    if (terms->empty()) return wrong_at(words.size(), "expected " + usage_of(kPreferenceTerms));
    if (terms->contains("pager")) preferences_.paged = (*terms)["pager"] == "on";
    if (terms->contains("format")) preferences_.form = (*terms)["format"] == "json" ? Form::json_document : Form::text;
    return Next::here;
}

Outcome<Next> OperationalMode::run_command(Words words, OutputStream& out) { return run_command(words, out, json::object()); }

Outcome<Next> OperationalMode::run_command(Words words, OutputStream& out, const json& more) {
    const auto typed = find_command(words);
    if (!typed) return tl::unexpected(typed.error());
    return run_typed(*typed, words, out, more);
}

Outcome<Next> OperationalMode::run_typed(const Typed& typed, Words words, OutputStream& out, const json& more) {
    const std::size_t before = words.size() - typed.arguments.size();
    if (typed.command->words == "lab") {
        const int status = in_child([&] { return lab_({typed.arguments.begin(), typed.arguments.end()}); });
        if (status != 0) return tl::unexpected(Failure{static_cast<ExitCode>(status), ""});
        return Next::here;
    }
    if (typed.command->words == "help") {
        const auto text = help_about(typed.arguments, shell_table(), "", style());
        if (!text) return wrong_at(before + text.error().word.value_or(0), text.error());
        out.put(*text);
        return Next::here;
    }
    if (const auto script = completion_script(typed.command->words)) {
        out.put(*script);
        return Next::here;
    }
    return ask(typed, before, more, out);
}

Outcome<Next> OperationalMode::ask(const Typed& typed, std::size_t words_of_command, const json& more, OutputStream& out) {
    const Command& command = *typed.command;
    auto parameters = parameters_of(command, typed.arguments);
    if (!parameters) return wrong_at(words_of_command + parameters.error().word.value_or(0), parameters.error());
    parameters->update(more);

    if (command.carry != nullptr) return carry(command, *parameters);
    // What goes on has a connection of its own, which ends with it.
    auto own = command.event != nullptr ? std::optional{daemon_.connect()} : std::nullopt;
    if (own && !*own) return tl::unexpected(failure_of(own->error(), ""));
    const auto ask_daemon = [&](std::string_view method, const json& question) -> Outcome<json> {
        auto answer = own ? (*own)->call(std::string{method}, question) : daemon_.call(method, question);
        return answer ? Outcome<json>{std::move(*answer)} : complaint(answer.error(), typed);
    };
    const auto result =
        command.converse != nullptr ? command.converse(*parameters, ask_daemon) : ask_daemon(command.method, *parameters);
    if (!result) {
        Failure failure = result.error();
        if (failure.word) *failure.word += words_of_command;
        return tl::unexpected(std::move(failure));
    }
    if (own) return follow(command, **own, out);
    out.put(render(command, *result, out.form(), out.style(style())));
    const auto verdict = verdict_on(command, *result);
    return verdict ? Outcome<Next>{Next::here} : tl::unexpected(verdict.error());
}

// What the daemon complains of, and the word behind the command's own that it is about.
tl::unexpected<Failure> OperationalMode::complaint(const control::CallError& error, const Typed& typed) {
    Failure failure = failure_of(error, "");
    if (error.failure == control::CallFailure::refused && !error.path.empty())
        if (const std::size_t word = word_of(error.path, typed.arguments, typed.command->terms); word < typed.arguments.size())
            failure.word = word;
    return tl::unexpected(std::move(failure));
}

// Takes a file from the daemon until it ends, or Ctrl-C ends it.
Outcome<Next> OperationalMode::carry(const Command& command, const json& parameters) {
    const int status = in_child([&] {
        const auto ended = command.carry(parameters, daemon_.socket(), "");
        if (ended) return 0;
        if (!ended.error().sentence.empty()) std::fputs((ended.error().sentence + "\n").c_str(), stderr);
        return static_cast<int>(ended.error().code);
    });
    if (status != 0) return tl::unexpected(Failure{static_cast<ExitCode>(status), ""});
    return Next::here;
}

// Prints what happens until the last event or Ctrl-C.
Outcome<Next> OperationalMode::follow(const Command& command, control::Client& daemon, OutputStream& out) {
    const int status = in_child([&] {
        out.remark("Ctrl-C ends this.\n");
        const auto ended = cli::follow(daemon, [&](const json& event) {
            const std::string text = render_event(command, event, out.form(), out.style(style()));
            return all_of_lines(text, [&](std::string_view line) { return out.put_line(line); });
        });
        if (ended) return 0;
        if (!ended.error().sentence.empty()) std::fputs((ended.error().sentence + "\n").c_str(), stderr);
        return static_cast<int>(ended.error().code);
    });
    if (status != 0) return tl::unexpected(Failure{static_cast<ExitCode>(status), ""});
    return Next::here;
}

}  // namespace hairpin::cli
