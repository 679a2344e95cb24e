#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "lab/did_you_mean.h"
#include "lab/lab_tests.h"

namespace hairpin::lab {
namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// An error where the topology has none of that name.
Result<void> check_nodes(const std::vector<std::string>& names, const Topology& topology) {
    for (const std::string& name : names)
        if (topology.find(name) == nullptr)
            return failure(fmt::format("there is no node \"{}\" in the lab{}", name,
                                       did_you_mean(name, topology.nodes, [](const Node& each) { return each.name; })));
    return {};
}

// Whether something is left to do.
bool keep_nodes_of(LabTest& test, const std::vector<std::string>& nodes) {
    if (auto* command = std::get_if<CommandCheck>(&test.check)) {
        std::erase_if(command->nodes, [&](const std::string& node) { return !is_among(nodes, node); });
        return !command->nodes.empty();
    }
    const std::vector<std::string> at = nodes_of(test);
    return std::any_of(at.begin(), at.end(), [&](const std::string& node) { return is_among(nodes, node); });
}

}  // namespace

std::vector<std::string> nodes_of(const LabTest& test) {
    if (const auto* command = std::get_if<CommandCheck>(&test.check)) return command->nodes;
    if (const auto* trace = std::get_if<TraceCheck>(&test.check)) return {trace->node};
    if (const auto* reach = std::get_if<ReachCheck>(&test.check)) return reach->hosts;
    std::vector<std::string> nodes;
    if (const auto* deed = std::get_if<DeedCheck>(&test.check)) {
        for (const CarrierExpectation& carrier : deed->carriers) nodes.push_back(carrier.node);
        if (deed->stream) nodes.insert(nodes.end(), {deed->stream->from, deed->stream->to});
    }
    return nodes;
}

std::vector<LabTest> what_always_holds() {
    return {{.name = "balance",
             .description = "packets in = packets out + drops",
             .wait = std::chrono::milliseconds{1000},
             .check = BalanceCheck{}},
            {.name = "log", .description = "hairpind's log has no warning and no error", .check = LogCheck{}}};
}

Result<std::vector<LabTest>> choose_tests(std::vector<LabTest> tests, const TestChoice& choice, const Topology& topology) {
    for (const std::string& name : choice.names) {
        if (std::any_of(tests.begin(), tests.end(), [&](const LabTest& each) { return each.name == name; })) continue;
        std::vector<std::string> all;
        for (const LabTest& test : tests) all.push_back(test.name);
        return failure(fmt::format("the lab \"{}\" has no test \"{}\"{} (it has {})", topology.name, name,
                                   did_you_mean(name, all), fmt::join(all, ", ")));
    }
    if (auto known = check_nodes(choice.nodes, topology); !known) return tl::unexpected(known.error());
    std::vector<LabTest> chosen;
    for (LabTest& test : tests)
        if ((choice.names.empty() || is_among(choice.names, test.name)) &&
            (choice.nodes.empty() || keep_nodes_of(test, choice.nodes)))
            chosen.push_back(std::move(test));
    if (chosen.empty()) return failure(fmt::format("none of the tests runs at {}", fmt::join(choice.nodes, ", ")));
    return chosen;
}

}  // namespace hairpin::lab
