// What a daemon may answer its clients: nothing of it brings the command line down, and the terminal is sent no control characters.
// A thread plays the daemon; the client's code is the real one, from the socket to the table.
//
// The first line is what is typed, without terms: a command, in which form its answer is printed, as `show ports | json`; or `configure`.
// The rest is the daemon's script (hostile_daemon.h).

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/shell/command_line.h"
#include "cli/shell/configuration_mode.h"
#include "control/client.h"
#include "tests/fuzz/daemon_answers/hostile_daemon.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/property.h"

namespace hairpin::cli {
namespace {

using fuzz::holds;
using nlohmann::json;

void check_text(const std::string& text) {
    for (const char letter : text)
        holds(static_cast<unsigned char>(letter) >= ' ' || letter == '\n',
              "the terminal is sent a control character: " + json(text).dump());
}

void check_failure(const control::CallError& error) {
    holds(!error.message.empty() && !failure_of(error, "a command").sentence.empty(), "a failure without a sentence");
}

// One-shot: hairpin COMMAND.
void ask_once(const std::string& socket, const Command& command, Form form) {
    auto daemon = control::Client::connect(socket);
    holds(daemon.has_value(), "cannot connect to the daemon of this harness");
    const Style style{.utf8 = true, .width = 80};
    const auto result = daemon->call(std::string{command.method});
    if (!result) return check_failure(result.error());
    if (command.event == nullptr) return check_text(render(command, *result, form, style));
    const auto ended =
        follow(*daemon, [&](const json& event) { return check_text(render_event(command, event, form, style)), true; });
    holds(ended || ended.error().code == ExitCode::failed || !ended.error().sentence.empty(), "an end without a reason");
}

// In the shell: the configuration mode, which talks to the daemon about more than tables.
void ask_in_the_shell(const std::string& socket, Form form) {
    static const std::vector<std::vector<std::string>> commands = {
        {"show"},
        {"set", "gateway", "firewall", "default-action", "accept"},
        {"compare"},
        {"commit", "check"},
        {"commit"},
        {"commit", "confirmed", "60"},
        {"confirm"},
        {"compare", "rollback", "1"},
        {"rollback", "1"},
        {"update"},
        {"trace", "tcp", "192.168.255.2:40000", "203.0.113.80:80", "in", "lan"}};
    Preferences preferences{.paged = false, .form = form};
    DaemonLink link{socket};
    OperationalMode operational{"fuzz", link, preferences, [](const char*) -> const char* { return nullptr; },
                                [](auto) { return 0; }};
    auto mode = ConfigurationMode::enter("fuzz", link, operational);
    if (!mode) return holds(!mode.error().sentence.empty(), "a failure without a sentence");
    for (const auto& words : commands) {
        OutputStream out{*Filters::parse({}), preferences};
        if (const auto done = mode->run(words, out); !done) check_text(done.error().sentence);
        (void)mode->expect(words);
    }
}

}  // namespace
}  // namespace hairpin::cli

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // What the shell prints is nobody's.
    std::cerr.rdbuf(nullptr);
    return std::freopen("/dev/null", "w", stdout) == nullptr ? 1 : 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hairpin::cli;
    using Pace = hairpin::fuzz::HostileDaemon::Pace;
    static hairpin::fuzz::HostileDaemon daemon;
    const std::string_view text = hairpin::fuzz::Input{data, size}.rest();
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view script = text.substr(std::min(end + 1, text.size()));
    const CommandLine line = take_apart(text.substr(0, end));
    const auto filters = Filters::parse(line.filters());
    if (!filters || line.words.empty()) return 0;
    if (line.words.front() == "configure") {
        daemon.play(script, Pace::answer_by_answer);
        ask_in_the_shell(daemon.socket(), filters->form(Form::text));
    } else if (const auto typed = find_command(line.command()); typed && !typed->command->method.empty()) {
        daemon.play(script, Pace::all_at_once);
        ask_once(daemon.socket(), *typed->command, filters->form(Form::text));
    }
    return 0;
}
