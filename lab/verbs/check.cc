#include <fmt/format.h>

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
    if (const auto config = read_daemon_config(*topology); !config) return report(ExitCode::rejected, config.error().message);
    const auto tests = read_lab_tests(*topology);
    if (!tests) return report(ExitCode::rejected, tests.error().message);
    for (const std::string& warning : topology->warnings) fmt::print(stderr, "hairpin: warning: {}\n", warning);
    fmt::print("{}: lab \"{}\", {} nodes, {} links, {} tests: nothing is wrong\n", *file, topology->name, topology->nodes.size(),
               topology->attachments.size() + topology->tunnels.size(), tests->size());
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
        case GraphForm::json: fmt::print("{}", graph_json(*topology)); break;
    }
    return ExitCode::ok;
}

ExitCode schema() {
    fmt::print("{}", topology_schema());
    return ExitCode::ok;
}

}  // namespace hairpin::lab
