#include "cli/shell/shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <istream>

namespace hairpin::cli {

namespace {

// "lab> show sesions" is wrong at its second word: a `^` under it, when it can be pointed at.
std::string pointer(const CommandLine& line, const Failure& failure, std::size_t indent) {
    if (!failure.word || line.words.empty()) return {};
    const std::size_t word = std::min(*failure.word, line.columns.size() - 1);
    const std::size_t column = word < line.words.size() ? line.columns[word] : line.columns.back() + (line.complete ? 0 : 1);
    return std::string(indent + column, ' ') + "^\n";
}

std::string history_file(const Environment& environment) {
    const char* home = environment("HOME");
    return home == nullptr || *home == '\0' ? "" : std::string{home} + "/.hairpin_history";
}

// Columns of the prompt's last line.
std::size_t width_of_last_line(const std::string& prompt) {
    const auto newline = prompt.rfind('\n');
    return columns_of(newline == std::string::npos ? prompt : prompt.substr(newline + 1));
}

}  // namespace

Shell::Shell(std::string name, std::string socket, Form form, const Surroundings& around)
    : name_(std::move(name)),
      environment_(around.environment),
      daemon_(std::move(socket)),
      preferences_{.form = form},
      operational_(name_, daemon_, preferences_, around.environment, around.lab) {}

LineEditor::Proposal Shell::propose(std::string_view text) {
    CommandLine line = take_apart(text);
    LineEditor::Proposal proposal;
    proposal.quoted = line.open_quote || line.comment;
    if (!line.complete) {
        proposal.begun = line.words.back();
        line.words.pop_back();
    }
    const std::size_t end = line.command_end();
    if (end < line.words.size()) {
        proposal.expected = Filters::expected_after(Words{line.words}.subspan(end + 1));
    } else {
        proposal.expected = mode().expect(line.words);
        if (!line.words.empty() && mode().may_end(line.words)) {
            if (line.complete) proposal.expected.insert(proposal.expected.begin(), {"<Enter>", "run it as it stands", true});
            proposal.expected.push_back({"|", "filter the answer"});
        }
    }
    std::erase_if(proposal.expected, [&](const Expected& one) { return !one.is_value && !one.word.starts_with(proposal.begun); });
    if (proposal.expected.empty()) {
        const CommandLine whole = take_apart(text);
        if (const auto mistake = mistake_in(whole)) proposal.mistake = said_at_terminal(whole, *mistake);
    }
    return proposal;
}

std::optional<Failure> Shell::mistake_in(const CommandLine& line) {
    if (!line.command().empty())
        if (auto wrong = mode().mistake(line.command())) return wrong;
    auto mistake = Filters::mistake_in(line.filters());
    if (mistake) *mistake->word += line.command_end() + 1;
    return mistake;
}

// A `^` under the word of the line that the prompt stands before, and the sentence.
std::string Shell::said_at_terminal(const CommandLine& line, const Failure& failure) {
    return pointer(line, failure, width_of_last_line(mode().prompt())) +
           wrapped(failure.sentence, Style::of_terminal(environment_).width, 0) + "\n";
}

Outcome<void> Shell::execute(const CommandLine& line) {
    if (line.words.empty()) return {};
    if (line.open_quote) return tl::unexpected(Failure{ExitCode::usage, "the quotes are not closed", line.words.size() - 1});
    const std::size_t behind_pipe = line.command_end() + 1;
    if (line.command().empty()) return tl::unexpected(Failure{ExitCode::usage, "a command is missing before |", 0});
    Filters filters;
    if (behind_pipe <= line.words.size()) {
        auto parsed = Filters::parse(line.filters());
        if (!parsed) {
            parsed.error().word = behind_pipe + parsed.error().word.value_or(0);
            return tl::unexpected(parsed.error());
        }
        filters = std::move(*parsed);
    }
    OutputStream out{std::move(filters), preferences_};
    const auto next = mode().run(line.command(), out);
    if (!next) return tl::unexpected(next.error());
    return go(*next);
}

Outcome<void> Shell::go(Next next) {
    switch (next) {
        case Next::here: return {};
        case Next::configure: {
            auto mode = ConfigurationMode::enter(name_, daemon_, operational_);
            if (!mode) return tl::unexpected(mode.error());
            configuration_ = std::make_unique<ConfigurationMode>(std::move(*mode));
            return {};
        }
        case Next::back:
            if (configuration_)
                configuration_.reset();
            else
                ended_ = true;
            return {};
    }
    return {};
}

ExitCode Shell::run_at_terminal() {
    // Ctrl-C is for the line that is typed, or for the child that runs; it never ends the shell.
    std::signal(SIGINT, SIG_IGN);
    LineEditor editor{history_file(environment_), [this](std::string_view line) { return propose(line); }};
    while (!ended_) {
        const std::string prompt = mode().prompt();
        const auto newline = prompt.rfind('\n');
        if (newline != std::string::npos) std::cout << prompt.substr(0, newline + 1) << std::flush;
        const std::string last_line = newline == std::string::npos ? prompt : prompt.substr(newline + 1);
        const LineEditor::Read read = editor.read(last_line);
        if (read.end == LineEditor::End::interrupted) continue;
        if (read.end == LineEditor::End::closed) {
            std::cout << std::endl;
            if (!configuration_) break;
            if (const auto left = execute(take_apart("exit")); !left) std::cout << left.error().sentence << std::endl;
            continue;
        }
        editor.remember(read.line);
        const CommandLine line = take_apart(read.line);
        if (const auto done = execute(line); !done && !done.error().sentence.empty())
            std::cout << said_at_terminal(line, done.error()) << std::flush;
    }
    return ExitCode::ok;
}

ExitCode Shell::run_script(std::istream& script, std::string_view where) {
    std::string text;
    for (std::size_t number = 1; !ended_ && std::getline(script, text); ++number) {
        const CommandLine line = take_apart(text);
        const auto done = execute(line);
        if (done) continue;
        const Failure& failure = done.error();
        if (!failure.sentence.empty()) {
            constexpr std::size_t kIndent = 4;
            std::cerr << fmt::format("hairpin: error: {} line {}: {}\n{}{}\n{}", where, number, failure.sentence,
                                     std::string(kIndent, ' '), text, pointer(line, failure, kIndent))
                      << std::flush;
        }
        return failure.code;
    }
    if (configuration_) {
        if (const auto left = execute(take_apart("top")); left && !execute(take_apart("exit"))) {
            std::cerr << "hairpin: error: " << where << " ends with changes that are not committed" << std::endl;
            return ExitCode::rejected;
        }
    }
    return ExitCode::ok;
}

}  // namespace hairpin::cli
