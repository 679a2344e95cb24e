#include <fmt/format.h>

#include <chrono>

#include "lab/enclave.h"
#include "lab/impairment_keys.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/progress.h"
#include "lab/reachability.h"
#include "lab/table.h"
#include "lab/verbs/verbs.h"
#include "net/quantity.h"

namespace hairpin::lab {
namespace {

constexpr std::size_t kWidestMatrix = 24;  // beyond that a table of all pairs is for nobody

void print_matrix(const Reachability& answers) {
    std::vector<std::vector<std::string>> rows = {{"from \\ to"}};
    rows[0].insert(rows[0].end(), answers.hosts.begin(), answers.hosts.end());
    for (std::size_t from = 0; from < answers.hosts.size(); ++from) {
        auto& row = rows.emplace_back(std::vector<std::string>{answers.hosts[from]});
        for (std::size_t to = 0; to < answers.hosts.size(); ++to)
            row.emplace_back(from == to ? "-" : answers.reached[from][to] ? "yes" : "no");
    }
    fmt::print("{}", format_table(rows));
}

void print_failures(const Reachability& answers) {
    for (std::size_t from = 0; from < answers.hosts.size(); ++from)
        for (std::size_t to = 0; to < answers.hosts.size(); ++to)
            if (!answers.reached[from][to]) fmt::print("{} does not reach {}\n", answers.hosts[from], answers.hosts[to]);
}

}  // namespace

ExitCode pingall(const PingallOptions& options) {
    if (const auto wrong = wrong_time(options.wait)) return report(ExitCode::usage, "--wait: " + *wrong);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*parse_duration(options.wait));
    if (wait.count() == 0) return report(ExitCode::usage, "--wait: an answer takes longer than no time at all");
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (const auto able = check_reach("hairpin lab pingall"); !able) return report(ExitCode::denied, able.error().message);
    const auto name = find_lab(options.lab);
    if (!name) return report(ExitCode::not_found, name.error().message);
    const auto lab = read_state(*name);
    if (!lab || !lab->is_running())
        return report(ExitCode::failed,
                      fmt::format("the lab \"{}\" does not run; `hairpin lab up {}` brings it up", *name, *name));
    const Reachability pairs = pairs_of(*lab);
    if (pairs.pairs() >= Progress::kWorthALine)
        fmt::print(stderr, "{} hosts are {} pairs: {} pings at a time, and {} for each answer\n", pairs.hosts.size(),
                   pairs.pairs(), kPingsAtOnce, options.wait);
    const Reachability answers = ping_all(*lab, wait);
    if (answers.hosts.size() <= kWidestMatrix)
        print_matrix(answers);
    else
        print_failures(answers);
    fmt::print("{} of {} pairs\n", answers.reached_pairs(), answers.pairs());
    return answers.reached_pairs() == answers.pairs() ? ExitCode::ok : ExitCode::warnings;
}

}  // namespace hairpin::lab
