#include "lab/verify.h"

#include <fmt/color.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "control/protocol.h"
#include "lab/daemon.h"
#include "lab/deed.h"
#include "lab/expectations.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/machines/boot.h"
#include "lab/processes.h"
#include "lab/reachability.h"
#include "lab/tap.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kCommandLimit{60'000};  // of one command of a test
constexpr milliseconds kBetweenTries{100};
constexpr milliseconds kPingPatience{500};  // as `lab pingall` has it

// Nothing when it holds, else what came instead.
using Attempt = std::function<std::optional<std::string>()>;

std::optional<std::string> try_command(const LabState& lab, const NodeState& node, const CommandCheck& check) {
    if (node.role == NodeRole::machine) {
        const auto came = run_in_machine(lab, node, check.command, std::chrono::ceil<std::chrono::seconds>(kCommandLimit));
        return came ? difference(check.expect, *came) : came.error().message;
    }
    Command command = command_at(lab, node, {"/bin/sh", "-c", check.command});
    const auto came = run_in_namespace(lab.namespace_of(node), std::move(command), kCommandLimit);
    return came ? difference(check.expect, *came) : came.error().message;
}

std::string not_there(const std::string& node) { return fmt::format("the lab that is up has no node \"{}\"", node); }

std::optional<std::string> try_trace(const LabState& lab, const TraceCheck& check) {
    const nlohmann::json question = {{"protocol", check.protocol},
                                     {"source", check.source},
                                     {"destination", check.destination},
                                     {"interface", check.interface}};
    const auto came = ask_daemon(lab.lab, control::method::kTrace, question);
    return came ? difference(check.expect, *came) : came.error().message;
}

std::optional<std::string> try_reach(const LabState& lab, const ReachCheck& check) {
    LabState some = lab;
    std::erase_if(some.nodes, [&](const NodeState& node) {
        return std::find(check.hosts.begin(), check.hosts.end(), node.name) == check.hosts.end();
    });
    for (const std::string& host : check.hosts)
        if (some.find(host) == nullptr) return not_there(host);
    return difference(check, ping_all(some, kPingPatience));
}

std::optional<std::string> try_balance(const LabState& lab) {
    const auto counters = ask_daemon(lab.lab, control::method::kShowCounters, nlohmann::json::object());
    return counters ? imbalance(*counters) : counters.error().message;
}

std::optional<std::string> try_log(const LabState& lab) {
    const auto log = read_file(LabPaths{lab.lab}.daemon_log());
    return log ? first_complaint(*log) : log.error().message;
}

void print(const TestResult& result, std::FILE* to) {
    std::string_view word = "PASS";
    fmt::color color = fmt::color::green;
    if (!result.passed()) {
        word = result.severity == Severity::warning ? "WARN" : "FAIL";
        color = result.severity == Severity::warning ? fmt::color::orange : fmt::color::red;
    }
    if (::isatty(::fileno(to)) != 0 && std::getenv("NO_COLOR") == nullptr)
        fmt::print(to, fmt::fg(color), "{}", word);
    else
        fmt::print(to, "{}", word);
    fmt::print(to, " {}{}{}{}\n", result.name, result.description.empty() ? "" : "  ", result.description,
               result.passed() ? "" : ": " + result.problem);
    std::fflush(to);
}

void print_tap(std::size_t number, const TestResult& result) {
    fmt::print("{}", tap_lines(number, result));
    std::fflush(stdout);
}

class Verification {
public:
    Verification(const LabState& lab, const VerifyOptions& options) : lab_(lab), options_(options) {}

    void run(const LabTest& test) {
        if (const auto* command = std::get_if<CommandCheck>(&test.check)) return run_commands(test, *command);
        note(test, test.name, [&]() -> std::optional<std::string> {
            if (const auto* trace = std::get_if<TraceCheck>(&test.check)) return try_trace(lab_, *trace);
            if (const auto* reach = std::get_if<ReachCheck>(&test.check)) return try_reach(lab_, *reach);
            if (const auto* deed = std::get_if<DeedCheck>(&test.check)) return try_deed(lab_, test.name, *deed);
            if (std::holds_alternative<BalanceCheck>(test.check)) return try_balance(lab_);
            return try_log(lab_);
        });
    }

    std::vector<TestResult> results() && { return std::move(results_); }

private:
    void run_commands(const LabTest& test, const CommandCheck& command) {
        for (const std::string& name : command.nodes) {
            const NodeState* node = lab_.find(name);
            const std::string label = command.is_of_several ? fmt::format("{} ({})", test.name, name) : test.name;
            note(test, label, [&]() -> std::optional<std::string> {
                return node == nullptr ? not_there(name) : try_command(lab_, *node, command);
            });
        }
    }

    // Tries until it holds or the test's time is over.
    void note(const LabTest& test, const std::string& label, const Attempt& attempt) {
        const auto started = Clock::now();
        const auto deadline = started + (options_.wait ? test.wait : milliseconds{0});
        auto problem = attempt();
        while (problem && Clock::now() < deadline) {
            std::this_thread::sleep_for(kBetweenTries);
            problem = attempt();
        }
        results_.push_back({.name = label,
                            .description = test.description,
                            .severity = test.severity,
                            .problem = problem.value_or(""),
                            .duration = std::chrono::duration_cast<milliseconds>(Clock::now() - started)});
        const TestResult& result = results_.back();
        if (options_.tap)
            print_tap(results_.size(), result);
        else if (!options_.failures_only)
            print(result, stdout);
        else if (!result.passed())
            print(result, stderr);
    }

    const LabState& lab_;
    const VerifyOptions& options_;
    std::vector<TestResult> results_;
};

}  // namespace

std::vector<TestResult> verify(const LabState& lab, const std::vector<LabTest>& tests, const VerifyOptions& options) {
    if (options.tap) fmt::print("{}", kTapHeader);
    Verification verification{lab, options};
    for (const LabTest& test : tests) verification.run(test);
    std::vector<TestResult> results = std::move(verification).results();
    if (options.tap) fmt::print("{}", tap_plan(results.size()));
    return results;
}

}  // namespace hairpin::lab
