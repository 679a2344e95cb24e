#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lab/bring_up.h"
#include "lab/enclave.h"
#include "lab/files.h"
#include "lab/junit.h"
#include "lab/lab_tests.h"
#include "lab/lookup.h"
#include "lab/table.h"
#include "lab/topology_reader.h"
#include "lab/verbs/verbs.h"
#include "lab/verify.h"

namespace hairpin::lab {
namespace {

// The topology of the lab that is up, as it is named there, else the one that is asked for.
Result<Topology> topology_meant(const std::string& argument) {
    if (const auto lab = find_lab(argument))
        if (const auto state = read_state(*lab)) return topology_of(*state);
    return find_topology(argument).and_then([](const std::string& file) { return read_topology(file); });
}

// The first word is the lab, unless that is named otherwise, where a lab or a topology is called so; or where nothing else could be it, so that what is
// wrong is told of it. The others are tests.
void take_lab_from_words(std::string& lab, std::vector<std::string>& tests) {
    if (!lab.empty() || tests.empty()) return;
    const bool is_lab = is_known_lab(tests[0]) || find_topology(tests[0]) || tests[0].find('/') != std::string::npos;
    if (!is_lab && (find_lab("") || find_topology(""))) return;
    lab = tests[0];
    tests.erase(tests.begin());
}

struct Problem {
    ExitCode code;
    std::string message;
};

// All that there are, before some are chosen.
tl::expected<std::vector<LabTest>, Problem> all_tests(const Topology& topology, const TestOptions& options) {
    std::vector<LabTest> tests;
    const std::string file = options.source.empty() ? tests_file_of(topology) : options.source;
    std::error_code none;
    if (std::filesystem::exists(file, none)) {
        auto read = read_lab_tests(topology, file);
        if (!read) return tl::unexpected(Problem{ExitCode::rejected, read.error().message});
        tests = *std::move(read);
    } else if (!options.source.empty()) {
        return tl::unexpected(Problem{ExitCode::not_found, fmt::format("there is no file of tests {}", file)});
    } else if (!options.pingall) {
        // netlab's codes for a run of tests: 0 all passed, 1 some failed, 2 there are none, 3 only warnings.
        return tl::unexpected(Problem{ExitCode::usage, fmt::format("the lab has no tests: there is no {}", file)});
    }
    if (options.pingall) tests.push_back(pingall_test(topology));
    for (LabTest& each : what_always_holds()) tests.push_back(std::move(each));
    return tests;
}

ExitCode list_tests(const std::vector<LabTest>& tests) {
    std::vector<std::vector<std::string>> rows = {{"test", "shows that"}};
    for (const LabTest& each : tests) rows.push_back({each.name, each.description});
    fmt::print("{}", format_table(rows));
    return ExitCode::ok;
}

ExitCode outcome_of(const std::vector<TestResult>& results) {
    const auto failed_as = [&](Severity severity) {
        return std::any_of(results.begin(), results.end(),
                           [&](const TestResult& each) { return !each.passed() && each.severity == severity; });
    };
    if (failed_as(Severity::error)) return ExitCode::failed;
    return failed_as(Severity::warning) ? ExitCode::warnings : ExitCode::ok;
}

ExitCode run_tests(const LabState& lab, const std::vector<LabTest>& tests, const TestOptions& options) {
    const std::vector<TestResult> results =
        verify(lab, tests, {.wait = options.wait, .tap = options.tap, .failures_only = options.failures_only});
    const auto passed = std::count_if(results.begin(), results.end(), [](const TestResult& each) { return each.passed(); });
    if (!options.tap && !options.failures_only)
        fmt::print("{} passed, {} failed\n", passed, static_cast<std::ptrdiff_t>(results.size()) - passed);
    if (!options.junit_file.empty()) {
        if (const auto written = write_file(options.junit_file, junit_xml(lab.lab, results)); !written) {
            return report(ExitCode::failed, written.error().message);
        }
    }
    return outcome_of(results);
}

}  // namespace

ExitCode test(const TestOptions& options) {
    const auto enclave = Enclave::enter(options.list ? EnclaveEntry::if_there : EnclaveEntry::make);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    std::string named = options.lab;
    TestChoice choice{.names = options.words, .nodes = options.nodes};
    take_lab_from_words(named, choice.names);
    const auto topology = topology_meant(named);
    if (!topology) return report(ExitCode::not_found, topology.error().message);
    auto all = all_tests(*topology, options);
    if (!all) return report(all.error().code, all.error().message);
    if (options.pingall && !choice.names.empty()) choice.names.push_back("pingall");
    const auto tests = choose_tests(*std::move(all), choice, *topology);
    if (!tests) return report(ExitCode::usage, tests.error().message);
    if (options.list) return list_tests(*tests);
    // Before the lab is brought up: where the results cannot be written, nobody wants to wait for them. And what an earlier run left there is not
    // taken for this one's.
    if (!options.junit_file.empty())
        if (const auto begun = write_file(options.junit_file, ""); !begun) return report(ExitCode::failed, begun.error().message);

    const auto lab = bring_up(*topology, WhenUp::keep);
    if (!lab) return report(ExitCode::failed, fmt::format("lab \"{}\": {}", topology->name, lab.error().message));
    const ExitCode outcome = run_tests(lab->state, *tests, options);
    if (lab->was_up) return outcome;
    if (const auto removed = take_down(topology->name); !removed) {
        return report(ExitCode::failed, fmt::format("lab \"{}\": {}", topology->name, removed.error().message));
    }
    return outcome;
}

}  // namespace hairpin::lab
