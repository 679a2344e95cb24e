#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lab/daemon_check.h"
#include "lab/daemon_config.h"
#include "lab/graph.h"
#include "lab/lab_tests.h"
#include "lab/lookup.h"
#include "lab/schema.h"
#include "lab/topology_reader.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {

ExitCode check(const std::string& argument) {
    const auto file = find_topology(argument);
    if (!file) return report(ExitCode::not_found, file.error().message);
    const auto topology = read_topology(*file);
    if (!topology) return report(ExitCode::rejected, topology.error().message);
    const auto good =
        read_daemon_config(*topology).and_then([&](const DaemonConfig& config) { return check_by_daemon(*topology, config); });
    if (!good) return report(ExitCode::rejected, good.error().message);
    const auto tests = has_tests_file(*topology) ? read_lab_tests(*topology) : std::vector<LabTest>{};
    if (!tests) return report(ExitCode::rejected, tests.error().message);
    for (const std::string& warning : topology->warnings) fmt::print(stderr, "hairpin: warning: {}\n", warning);
    const std::string how_many = tests->empty() ? "no tests" : fmt::format("{} tests", tests->size());
    fmt::print("{}: lab \"{}\", {} nodes, {} links, {}: {}\n", *file, topology->name, topology->nodes.size(),
               topology->attachments.size() + topology->tunnels.size(), how_many,
               topology->warnings.empty() ? "nothing is wrong" : "nothing is wrong but for the warnings");
    return ExitCode::ok;
}

ExitCode graph(const std::string& argument, GraphForm form) {
    const auto file = find_topology(argument);
    if (!file) return report(ExitCode::not_found, file.error().message);
    const auto topology = read_topology(*file);
    if (!topology) return report(ExitCode::rejected, topology.error().message);
    switch (form) {
        case GraphForm::text: fmt::print("{}", graph_text(*topology)); break;
        case GraphForm::mermaid: fmt::print("{}", graph_mermaid(*topology)); break;
        case GraphForm::dot: fmt::print("{}", graph_dot(*topology)); break;
        case GraphForm::svg: fmt::print("{}", graph_svg(*topology)); break;
        case GraphForm::drawio: fmt::print("{}", graph_drawio(*topology)); break;
        case GraphForm::json: fmt::print("{}", graph_json(*topology)); break;
    }
    return ExitCode::ok;
}

ExitCode schema() {
    fmt::print("{}", topology_schema());
    return ExitCode::ok;
}

ExitCode version(Format format) {
    if (format == Format::json)
        fmt::print("{}\n", nlohmann::ordered_json{{"schema", "hairpin.lab-version/1"}, {"version", HAIRPIN_VERSION}}.dump(2));
    else
        fmt::print("hairpin {}\n", HAIRPIN_VERSION);
    return ExitCode::ok;
}

}  // namespace hairpin::lab
