#include "lab/verify.h"

#include <fmt/color.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "lab/daemon.h"
#include "lab/expectations.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/machines/boot.h"
#include "lab/processes.h"
#include "lab/tap.h"

namespace hairpin::lab {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kCommandLimit{60'000};  // of one command of a test
constexpr milliseconds kBetweenTries{100};

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

std::optional<std::string> try_trace(const LabState& lab, const TraceCheck& check) {
    const nlohmann::json question = {{"protocol", check.protocol},
                                     {"source", check.source},
                                     {"destination", check.destination},
                                     {"interface", check.interface}};
    const auto came = ask_daemon(lab.lab, "trace", question);
    return came ? difference(check.expect, *came) : came.error().message;
}

std::optional<std::string> try_balance(const LabState& lab) {
    const auto counters = ask_daemon(lab.lab, "show.counters", nlohmann::json::object());
    return counters ? imbalance(*counters) : counters.error().message;
}

std::optional<std::string> try_log(const LabState& lab) {
    const auto log = read_file(LabPaths{lab.lab}.daemon_log());
    return log ? first_complaint(*log) : log.error().message;
}

void print(const TestResult& result) {
    std::string_view word = "PASS";
    fmt::color color = fmt::color::green;
    if (!result.passed()) {
        word = result.severity == Severity::warning ? "WARN" : "FAIL";
        color = result.severity == Severity::warning ? fmt::color::orange : fmt::color::red;
    }
    if (::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr)
        fmt::print(fmt::fg(color), "{}", word);
    else
        fmt::print("{}", word);
    fmt::print(" {}{}{}{}\n", result.name, result.description.empty() ? "" : "  ", result.description,
               result.passed() ? "" : ": " + result.problem);
    std::fflush(stdout);
}

void print_tap(std::size_t number, const TestResult& result) {
    fmt::print("{}", tap_lines(number, result));
    std::fflush(stdout);
}

class Verification {
public:
    Verification(const LabState& lab, const VerifyOptions& options) : lab_(lab), options_(options) {}

    void run(const LabTest& test) {
        if (const auto* trace = std::get_if<TraceCheck>(&test.check)) {
            note(test, test.name, [&] { return try_trace(lab_, *trace); });
            return;
        }
        const auto& command = std::get<CommandCheck>(test.check);
        for (const std::string& name : command.nodes) {
            const NodeState* node = lab_.find(name);
            const std::string label = command.nodes.size() == 1 ? test.name : fmt::format("{} ({})", test.name, name);
            note(test, label, [&]() -> std::optional<std::string> {
                if (node == nullptr) return fmt::format("the lab that is up has no node \"{}\"", name);
                return try_command(lab_, *node, command);
            });
        }
    }

    void run_what_always_holds() {
        const LabTest balance{
            .name = "balance", .description = "packets in = packets out + drops", .wait = milliseconds{1000}, .check = {}};
        note(balance, balance.name, [&] { return try_balance(lab_); });
        const LabTest log{.name = "log", .description = "hairpind's log has no warning and no error", .check = {}};
        note(log, log.name, [&] { return try_log(lab_); });
    }

    std::vector<TestResult> results() && { return std::move(results_); }

private:
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
        if (options_.tap)
            print_tap(results_.size(), results_.back());
        else
            print(results_.back());
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
    verification.run_what_always_holds();
    std::vector<TestResult> results = std::move(verification).results();
    if (options.tap) fmt::print("{}", tap_plan(results.size()));
    return results;
}

}  // namespace hairpin::lab
