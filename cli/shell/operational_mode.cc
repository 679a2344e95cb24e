#include "cli/shell/operational_mode.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/choice.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/shell/child.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

// Words that only the shell knows, beside the command table's.
constexpr auto kShellWords = std::to_array<Choice>({
    {"configure", "edit the configuration"},
    {"set", "how this shell behaves"},
    {"exit", "leave the shell"},
    {"quit", "leave the shell"},
});
constexpr auto kPreferences = std::to_array<Choice>({
    {"pager", "stop after each page: on or off"},
    {"format", "how answers are printed: text or json"},
});
constexpr auto kOnOff = std::to_array<Choice>({{"on", ""}, {"off", ""}});
constexpr auto kFormats = std::to_array<Choice>({{"text", "for people"}, {"json", "for programs, with exact numbers"}});

Expectations expected_of(std::span<const Choice> choices) {
    Expectations expected;
    for (const Choice& choice : choices) expected.push_back({std::string{choice.word}, std::string{choice.description}});
    return expected;
}
std::vector<std::string> words_of(const Expectations& expected) {
    std::vector<std::string> words;
    for (const Expected& one : expected) words.push_back(one.word);
    return words;
}

tl::unexpected<Failure> wrong_at(std::size_t word, Failure failure) {
    failure.word = word;
    return tl::unexpected(std::move(failure));
}

}  // namespace

OperationalMode::OperationalMode(std::string name, DaemonLink& daemon, Preferences& preferences, Environment environment,
                                 std::function<int(std::vector<std::string>)> lab)
    : name_(std::move(name)),
      daemon_(daemon),
      preferences_(preferences),
      environment_(std::move(environment)),
      lab_(std::move(lab)) {}

Expectations OperationalMode::expect_command(Words words) {
    return expected_after(words,
                          [this](std::string_view method, std::string_view column) { return daemon_.column(method, column); });
}

Expectations OperationalMode::expect(Words words) {
    if (words.empty()) {
        Expectations all = expect_command(words);
        for (Expected& own : expected_of(kShellWords)) all.push_back(std::move(own));
        return all;
    }
    const auto first = choose(words[0], words_of(expect({})), "");
    if (!first || *first != "set")
        return first && (*first == "configure" || *first == "exit" || *first == "quit") ? Expectations{} : expect_command(words);
    if (words.size() == 1) return {{"cli", "preferences of this shell"}};
    if (words.size() == 2) return expected_of(kPreferences);
    if (words.size() > 3) return {};
    const auto preference = choose(words[2], words_of(expected_of(kPreferences)), "");
    if (!preference) return {};
    return *preference == "pager" ? expected_of(kOnOff) : expected_of(kFormats);
}

bool OperationalMode::may_end(Words words) {
    const auto typed = find_command(words);
    return typed && read_terms(typed->arguments, typed->command->terms);
}

Outcome<Next> OperationalMode::run(Words words, OutputStream& out) {
    const auto first = choose(words[0], words_of(expect({})), "");
    if (!first) return wrong_at(0, first.error());
    const bool alone = *first == "configure" || *first == "exit" || *first == "quit";
    if (alone && words.size() > 1) return wrong_at(1, {ExitCode::usage, "\"" + words[1] + "\" is too much after " + *first});
    if (*first == "configure") return Next::configure;
    if (alone) return Next::back;
    if (*first == "set") return prefer(words, out);
    return run_command(words, out);
}

// set cli pager on|off, set cli format text|json
Outcome<Next> OperationalMode::prefer(Words words, OutputStream&) {
    std::vector<std::string> chosen;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const Expectations expected = expect(words.first(i));
        if (expected.empty()) return wrong_at(i, {ExitCode::usage, "\"" + words[i] + "\" is too much"});
        const auto word = choose(words[i], words_of(expected), "");
        if (!word) return wrong_at(i, word.error());
        chosen.push_back(*word);
    }
    if (chosen.size() < 3) return wrong_at(words.size(), {ExitCode::usage, "expected " + listed(words_of(expect(words)))});
    if (chosen[1] == "pager")
        preferences_.paged = chosen[2] == "on";
    else
        preferences_.form = chosen[2] == "json" ? Form::json : Form::text;
    return Next::here;
}

Outcome<Next> OperationalMode::run_command(Words words, OutputStream& out) { return run_command(words, out, json::object()); }

Outcome<Next> OperationalMode::run_command(Words words, OutputStream& out, const json& more) {
    const auto typed = find_command(words);
    if (!typed) return tl::unexpected(typed.error());
    const std::size_t before = words.size() - typed->arguments.size();
    if (typed->command->words == "lab") {
        const int status = in_child([&] { return lab_({typed->arguments.begin(), typed->arguments.end()}); });
        if (status != 0) return tl::unexpected(Failure{static_cast<ExitCode>(status), ""});
        return Next::here;
    }
    if (typed->command->words == "help") {
        if (typed->arguments.empty()) {
            out.put(full_help(style()));
            return Next::here;
        }
        const auto about = find_command(typed->arguments);
        if (!about) return wrong_at(before + about.error().word.value_or(0), about.error());
        out.put(help_of(*about->command));
        return Next::here;
    }
    if (typed->command->method.empty())
        return tl::unexpected(
            Failure{ExitCode::usage, std::string{typed->command->words} + " is for the shell of the system", 0});
    return ask(*typed, before, more, out);
}

Outcome<Next> OperationalMode::ask(const Typed& typed, std::size_t words_of_command, const json& more, OutputStream& out) {
    const Command& command = *typed.command;
    auto parameters = parameters_of(command, typed.arguments);
    if (!parameters) return wrong_at(words_of_command + parameters.error().word.value_or(0), parameters.error());
    parameters->update(more);
    if (command.event != nullptr) return follow(command, *parameters, out);

    const auto result = daemon_.call(command.method, *parameters);
    if (result) {
        out.put(render(command, *result, out.form(), style()));
        return Next::here;
    }
    Failure failure = failure_of(result.error(), "");
    if (result.error().failure == control::CallFailure::refused && !result.error().path.empty())
        if (const std::size_t word = word_of(result.error().path, typed.arguments, command.terms); word < typed.arguments.size())
            failure.word = words_of_command + word;
    return tl::unexpected(std::move(failure));
}

// Prints what happens until Ctrl-C.
Outcome<Next> OperationalMode::follow(const Command& command, const json& parameters, OutputStream& out) {
    const int status = in_child([&] {
        auto daemon = daemon_.connect();
        const auto told = [](const control::CallError& error) {
            std::fputs((error.sentence() + "\n").c_str(), stderr);
            return static_cast<int>(ExitCode::unreachable);
        };
        if (!daemon) return told(daemon.error());
        if (const auto begun = daemon->call(std::string{command.method}, parameters); !begun) return told(begun.error());
        out.remark("Ctrl-C ends this.\n");
        const auto ended =
            daemon->listen([&](const json& event) { return out.put_line(render_event(command, event, out.form(), style())); });
        return ended ? 0 : told(ended.error());
    });
    if (status != 0) return tl::unexpected(Failure{static_cast<ExitCode>(status), ""});
    return Next::here;
}

}  // namespace hairpin::cli
