#include "lab/lab_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "control/suggest.h"
#include "lab/choice_option.h"
#include "lab/completion.h"
#include "lab/enclave.h"
#include "lab/lab_state.h"
#include "lab/link_options.h"
#include "lab/verbs/more_verbs.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

constexpr const char* kTopologyHelp = "NAME, folder or file of the topology; without one, the *.clab.yml of this folder";
constexpr const char* kTopologyToRead =
    "NAME, folder or file of the topology, or - for standard input; without one, the *.clab.yml of this folder";

// What people may type, and where it is put. One App a verb; the one that was typed sets `run_`.
class CommandLine {
public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.failure_message(CLI::FailureMessage::simple);
        add_up();
        add_down();
        add_list();
        add_exec();
        add_shell();
        add_capture();
        add_test();
        link_options_.add_to(app_, run_);
        describe_more(app_, run_);
    }

    int run(std::vector<std::string> arguments) {
        if (const auto wrong = wrong_verb(arguments)) return static_cast<int>(report(ExitCode::usage, *wrong));
        split_off_command(arguments);
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        try {
            app_.parse(arguments);
        } catch (const CLI::ParseError& end) {
            if (end.get_exit_code() == 0) return app_.exit(end);  // --help
            return static_cast<int>(report(ExitCode::usage, fmt::format("{} ({} --help)", end.what(), typed_verb())));
        }
        return static_cast<int>(run_());
    }

    const CLI::App& description() const { return app_; }

private:
    std::optional<std::string> wrong_verb(const std::vector<std::string>& arguments) const {
        const auto verbs = app_.get_subcommands([](const CLI::App*) { return true; });
        const auto is_named = [&](const CLI::App* verb) { return verb->check_name(arguments[0]); };
        const bool is_option = !arguments.empty() && arguments[0].starts_with("-");
        if (is_option || (!arguments.empty() && std::any_of(verbs.begin(), verbs.end(), is_named))) return std::nullopt;
        std::vector<std::string> names;
        for (const CLI::App* verb : verbs) names.push_back(verb->get_name());
        const std::string known = fmt::format("{} (hairpin lab --help)", fmt::join(names, ", "));
        if (arguments.empty()) return "lab wants a verb: " + known;
        const auto meant = control::nearest_word(arguments[0], names);
        return fmt::format("there is no verb \"{}\"{}: {}", arguments[0], meant ? fmt::format(" (did you mean {}?)", *meant) : "",
                           known);
    }
    // "hairpin lab impair set", as far as it was understood.
    std::string typed_verb() const {
        std::string words = "hairpin lab";
        for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
            app = app->get_subcommands().front();
            words += " " + app->get_name();
        }
        return words;
    }
    // Everything behind the first `--` is the command of `exec`, whatever it looks like.
    void split_off_command(std::vector<std::string>& arguments) {
        const auto separator = std::find(arguments.begin(), arguments.end(), "--");
        if (separator == arguments.end()) return;
        if (separator + 1 != arguments.end()) exec_.commands.emplace_back(separator + 1, arguments.end());
        arguments.erase(separator, arguments.end());
    }

    CLI::App* verb(const char* name, const char* description, const std::vector<const char*>& aliases) {
        CLI::App* app = app_.add_subcommand(name, description);
        for (const char* alias : aliases) app->alias(alias);
        return app;
    }

    static void add_topology(CLI::App* verb, std::string& place, const char* help = kTopologyHelp) {
        auto* positional = verb->add_option("topology", place, help)->type_name("TOPOLOGY");
        verb->add_option("-t,--topo", place, "The same, as an option")->type_name("TOPOLOGY")->excludes(positional);
    }

    void add_up() {
        CLI::App* app = verb("up", "Brings a lab up", {"deploy", "apply"});
        add_topology(app, up_.topology, kTopologyToRead);
        app->add_flag("--rootless", up_.rootless,
                      "Accepted: an ordinary user's labs are rootless in any case; for root it is a mistake");
        app->add_option("--name", up_.name, "The lab's name, instead of the one in its file")->type_name("NAME");
        app->add_flag("-c,--reconfigure", up_.reconfigure, "Takes the lab down first when it is up");
        app->add_flag("--dry-run", up_.dry_run, "Only says what would be made or changed");
        app->add_option("--node-filter", up_.nodes, "Only these hosts, with the gateway and all segments")
            ->type_name("HOST,...")
            ->delimiter(',')
            ->allow_extra_args(false);  // what follows is the topology
        add_format_option(*app, up_.format);
        app->add_option("--timeout", up_.timeout,
                        "Gives up after so many seconds: ends with 7, and nothing is left of what was not there")
            ->type_name("SECONDS")
            ->check(number_from(1, 86400));
        add_choice<std::optional<Runtime>>(*app, "--runtime", up_.runtime,
                                           "What hosts with an image are: netns, namespaces with this machine's programs (the "
                                           "default), or containers that docker or "
                                           "podman starts",
                                           {{"netns", Runtime::netns}, {"docker", Runtime::docker}, {"podman", Runtime::podman}})
            ->type_name("RUNTIME");
        app->add_option("--restore", up_.restore, "Puts this saved configuration in force when it is up")->type_name("FILE");
        app->add_option("--max-workers", up_.workers, "Accepted, and without effect: hosts are made one after the other")
            ->type_name("NUMBER")
            ->check(number_from(0, 0xffff'ffff));
        auto* hooks =
            app->add_flag("--test-hooks", up_.test_hooks, "Starts hairpind with its hooks for tests: `debug` may turn the clock");
        app->add_option("--seed", up_.seed, "With --test-hooks: draws ports and keys from this number, the same each time")
            ->type_name("NUMBER")
            ->check(number_from(0, 0xffff'ffff'ffff'ffff))
            ->needs(hooks);
        app->add_flag("--test", up_.test, "Runs the lab's tests when it is up");
        app->callback([this] { run_ = [this] { return up(up_); }; });
    }

    void add_down() {
        CLI::App* app = verb("down", "Takes a lab down; nothing of it is left", {"destroy"});
        add_topology(app, down_.lab);
        auto* all = app->add_flag("-a,--all", down_.all, "Takes every lab down");
        app->add_option("--node-filter", down_.nodes,
                        "Only these hosts; the lab goes on without them, and up brings them up again")
            ->type_name("HOST,...")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->excludes(all);
        app->add_flag_callback(
            "-c,--cleanup,-y,--yes", [] {},
            "Accepted: logs, captures and all else of a lab go with it in any case, and nobody is asked");
        app->add_flag("--keep-mgmt-net", down_.keep_management_network,
                      "Accepted, and without effect: there is no management network");
        app->callback([this] { run_ = [this] { return down(down_); }; });
    }

    void add_list() {
        CLI::App* app = verb("list", "Lists the labs that are up", {"ls"});
        add_format_option(*app, format_);
        app->callback([this] { run_ = [this] { return list(format_); }; });
    }

    void add_exec() {
        CLI::App* app = verb("exec", "Runs commands on nodes:  hairpin lab exec [LAB] [NODE] -- COMMAND...", {});
        app->add_option("place", exec_.words,
                        "The lab, which may be left out when only one is up, and the node; without one, all nodes")
            ->type_name("NAME")
            ->expected(0, 2);
        app->add_option("-t,--topo", exec_.lab, kTopologyHelp)->type_name("TOPOLOGY");
        app->add_option("-n,--node", exec_.nodes, "The node, as an option; may be said again")
            ->type_name("NODE")
            ->allow_extra_args(false);
        app->add_option("--label", labels_, "Only nodes with this label of the topology file; said again, with all of them")
            ->type_name("KEY=VALUE")
            ->check(CLI::Validator{wrong_label, ""})
            ->allow_extra_args(false);
        app->add_option("--cmd", command_lines_,
                        "The command as one word, for the shell /bin/sh; said again, one after the other")
            ->type_name("LINE")
            ->allow_extra_args(false);
        add_format_option(*app, exec_.format, "plain", "plain, or json: with each command's cmd, return-code, stdout and stderr");
        app->callback([this] {
            run_ = [this] {
                for (const std::string& line : command_lines_) exec_.commands.push_back({"/bin/sh", "-c", line});
                for (const std::string& label : labels_) {
                    const std::size_t end = label.find('=');
                    exec_.labels.push_back({.key = label.substr(0, end), .value = label.substr(end + 1)});
                }
                if (exec_.commands.empty())
                    return report(ExitCode::usage, "exec needs a command:  hairpin lab exec [LAB] NODE -- COMMAND...");
                return exec(exec_);
            };
        });
    }
    static std::string wrong_label(const std::string& typed) {
        return typed.find('=') == std::string::npos || typed.starts_with('=')
                   ? "\"" + typed + "\" is no label, such as role=client"
                   : "";
    }

    void add_shell() {
        CLI::App* app = verb("shell", "Opens a shell on a node, or on the gateway:  hairpin lab shell [LAB] [NODE]", {});
        app->add_option("place", place_, "The lab, which may be left out when only one is up, and the node")
            ->type_name("NAME")
            ->expected(0, 2);
        app->add_option("-t,--topo", lab_, kTopologyHelp)->type_name("TOPOLOGY");
        app->callback([this] {
            run_ = [this] {
                if (place_.empty()) return shell(lab_, "");
                if (place_.size() == 2) return shell(place_[0], place_[1]);
                const auto enclave = Enclave::enter(EnclaveEntry::if_there);  // where this user's labs are known
                if (!enclave) return report(ExitCode::denied, enclave.error().message);
                const bool is_lab = lab_.empty() && is_known_lab(place_[0]);
                return is_lab ? shell(place_[0], "") : shell(lab_, place_[0]);
            };
        });
    }

    void add_capture() {
        CLI::App* app =
            verb("capture", "Captures packets for Wireshark:  hairpin lab capture [LAB] LINK|NODE[:INTERFACE]... -w FILE", {});
        app->add_option("place", place_,
                        "The lab, which may be left out when only one is up, and places: a node, an end of a link, a segment")
            ->type_name("NAME");
        app->add_option("-t,--topo", lab_, kTopologyHelp)->type_name("TOPOLOGY");
        pass_on(app, "-w,--write", "write", "FILE", "The file, in pcapng; - is standard output");
        pass_on(app, "--listen", "listen", "[ADDRESS:]PORT", "Where readers connect by TCP instead");
        pass_on(app, "-f,--filter", "filter", "FILTER", "Which packets, in tcpdump's language");
        pass_on(app, "-n,--count", "count", "NUMBER", "Ends after so many packets");
        pass_on(app, "-a,--duration", "duration", "DURATION", "Ends after this time, as 90s");
        pass_on(app, "-s,--snaplen", "snaplen", "NUMBER", "Keeps so many bytes of a packet");
        pass_on(app, "--ring", "ring", "SIZE", "Keeps what came last, as 100MB: half of it in FILE, half in FILE.1");
        app->add_flag_callback(
            "-q,--quiet", [this] { capture_.words.emplace_back("quiet"); }, "Says nothing of its beginning and its end");
        app->add_flag("--wireshark", capture_.wireshark, "Starts Wireshark, which shows it live");
        app->add_flag_callback(
            "--drops", [this] { capture_.words.emplace_back("drops"); }, "Only packets that are dropped");
        app->callback([this] {
            run_ = [this] {
                const auto enclave = Enclave::enter(EnclaveEntry::if_there);
                if (!enclave) return report(ExitCode::denied, enclave.error().message);
                if (lab_.empty() && !place_.empty() && is_known_lab(place_[0])) {
                    lab_ = place_[0];
                    place_.erase(place_.begin());
                }
                capture_.lab = lab_;
                capture_.places = place_;
                return capture(capture_);
            };
        });
    }
    // An option of `hairpin capture`, which reads its value.
    void pass_on(CLI::App* verb, const char* names, std::string word, const char* type, const char* description) {
        verb->add_option_function<std::string>(
                names,
                [this, word](const std::string& value) {
                    capture_.words.insert(capture_.words.end(), {word, value});
                },
                description)
            ->type_name(type);
    }

    void add_test() {
        CLI::App* app = verb("verify",
                             "Runs a lab's tests, or some of them; a lab that is not up is brought up for them:  hairpin lab "
                             "verify [LAB] [TEST]...",
                             {"test", "validate"});
        app->add_option(
               "words", test_.words,
               "The lab, or its topology, and the tests that are wanted. The first word is the lab where one is called so, "
               "unless -t names it")
            ->type_name("WORD");
        app->add_option("-t,--topo", test_.lab, kTopologyHelp)->type_name("TOPOLOGY");
        app->add_option("--source", test_.source, "Another file of tests than the topology's")->type_name("FILE");
        app->add_option("--node", test_.nodes, "Only what runs at these nodes")
            ->type_name("NODE,...")
            ->delimiter(',')
            ->allow_extra_args(false);
        app->add_flag("--list", test_.list, "Only says which tests there are");
        app->add_flag("--wait,!--no-wait,!--skip-wait", test_.wait,
                      "Tries each test until its time is over (the default), or once");
        auto* failures = app->add_flag("-e,--error-only", test_.failures_only, "Tells only what failed, on standard error");
        app->add_flag("--pingall", test_.pingall, "That every host reaches every other is a test, too, which is called pingall");
        app->add_flag("--tap", test_.tap, "Prints the results in the Test Anything Protocol")->excludes(failures);
        app->add_option("--junit", test_.junit_file, "Writes the results to this file as JUnit XML")->type_name("FILE");
        app->callback([this] { run_ = [this] { return test(test_); }; });
    }

    CLI::App app_{"Labs: hosts in network namespaces around a gateway", "hairpin lab"};
    UpOptions up_;
    DownOptions down_;
    ExecOptions exec_;
    CaptureOptions capture_;
    TestOptions test_;
    LinkOptionSet link_options_;
    Format format_ = Format::table;
    std::string lab_;
    std::vector<std::string> command_lines_, labels_;
    std::vector<std::string> place_;
    std::function<ExitCode()> run_;
};

}  // namespace

int lab_main(std::vector<std::string> arguments) {
    if (arguments.empty() || arguments[0] != kComplete) return CommandLine{}.run(std::move(arguments));
    arguments.erase(arguments.begin());
    for (const std::string& word : completions(CommandLine{}.description(), arguments)) fmt::print("{}\n", word);
    return static_cast<int>(ExitCode::ok);
}

void describe_lab(const std::function<void(const CLI::App&)>& read) { read(CommandLine{}.description()); }

}  // namespace hairpin::lab
