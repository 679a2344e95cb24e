#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "lab/enclave.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/live_view.h"
#include "lab/lookup.h"
#include "lab/rows.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

constexpr std::chrono::seconds kBetweenViews{1};

std::string state_of(const std::optional<LabState>& lab) {
    if (!lab || !lab->complete) return "incomplete";
    return lab->is_running() ? "up" : "hairpind ended";
}

// The nodes with the lab around them, as this has always been.
std::string overview(const LabState& lab, Format format) {
    const Rows nodes = nodes_of(lab);
    if (format == Format::json) {
        const nlohmann::ordered_json json = {{"schema", "hairpin.lab/1"},
                                             {"lab", lab.lab},
                                             {"state", state_of(lab)},
                                             {"topology", lab.topology_file},
                                             {"control_socket", LabPaths{lab.lab}.control_socket()},
                                             {"daemon_pid", lab.daemon.pid},
                                             {"nodes", nodes.rows}};
        return json.dump(2) + "\n";
    }
    if (format != Format::table) return render(nodes, format);
    return fmt::format("lab {} ({}), {}\n\n{}", lab.lab, state_of(lab), lab.topology_file, render(nodes, format));
}

Result<Rows> rows_of(const LabState& lab, View what) {
    if (what == View::links) return links_of(lab);
    return what == View::interfaces ? interfaces_of(lab) : Result<Rows>{nodes_of(lab)};
}

// The rows of every lab that is up, each with its lab.
Result<std::string> view_of_all(View what, Format format) {
    std::optional<Rows> all;
    for (const std::string& name : known_labs()) {
        const auto lab = read_state(name);
        if (!lab || (what != View::lab && what != View::nodes && !lab->is_running())) continue;
        auto rows = rows_of(*lab, what);
        if (!rows) return tl::unexpected(rows.error());
        if (!all) {
            all =
                Rows{.schema = "hairpin.labs-" + rows->list + "/1", .lab = "", .list = rows->list, .titles = {"lab"}, .rows = {}};
            all->titles.insert(all->titles.end(), rows->titles.begin(), rows->titles.end());
        }
        for (const nlohmann::ordered_json& row : rows->rows) {
            nlohmann::ordered_json& with_lab = all->rows.emplace_back(nlohmann::ordered_json{{"lab", name}});
            with_lab.update(row);
        }
    }
    if (!all) return failure("no lab is up; `hairpin lab up NAME` brings one up");
    return render(*all, format);
}

Result<std::string> view(const LabState& lab, View what, Format format) {
    if (what == View::lab) return overview(lab, format);
    return rows_of(lab, what).map([&](const Rows& rows) { return render(rows, format); });
}

}  // namespace

ExitCode list(Format format) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    Rows labs{.schema = "hairpin.labs/1", .lab = "", .list = "labs", .titles = {"lab", "state", "nodes", "topology"}, .rows = {}};
    for (const std::string& name : known_labs()) {
        const auto lab = read_state(name);
        labs.rows.push_back({{"lab", name},
                             {"state", state_of(lab)},
                             {"nodes", lab ? lab->nodes.size() : 0},
                             {"topology", lab ? lab->topology_file : ""}});
    }
    if (labs.rows.empty() && format == Format::table)
        fmt::print("No lab is up.\n");
    else
        fmt::print("{}", render(labs, format));
    return ExitCode::ok;
}

ExitCode inspect(const InspectOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto name = options.all ? Result<std::string>{""} : find_lab(options.lab);
    if (!name) return report(ExitCode::not_found, name.error().message);
    for (;;) {
        const auto lab = options.all ? std::optional<LabState>{LabState{}} : read_state(*name);
        if (!lab)
            return report(
                ExitCode::failed,
                fmt::format("of the lab \"{}\" only remains are there; `hairpin lab down {}` removes them", *name, *name));
        const auto text = options.all ? view_of_all(options.view, options.format) : view(*lab, options.view, options.format);
        if (!text)
            return report(options.all && known_labs().empty() ? ExitCode::not_found : ExitCode::unreachable,
                          text.error().message);
        // On a terminal each view stands where the last one was.
        if (options.watch && ::isatty(STDOUT_FILENO) != 0) fmt::print("\033[H\033[J");
        fmt::print("{}", *text);
        std::fflush(stdout);
        if (!options.watch) return ExitCode::ok;
        std::this_thread::sleep_for(kBetweenViews);
    }
}

}  // namespace hairpin::lab
