#include "lab/live_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lab/lab_state.h"
#include "lab/live_view.h"
#include "lab/lookup.h"
#include "lab/topology_reader.h"

namespace hairpin::lab {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::chrono::seconds kBetweenQuestions{1};

std::string end_name(const OrderedJson& row) {
    const auto& node = row.at("node").get_ref<const std::string&>();
    return fmt::format("{}:{}", node, row.at(node.empty() ? "port" : "interface").get<std::string>());
}

std::optional<double> bits_per_second(const OrderedJson& row, const OrderedJson& before, const char* key,
                                      std::chrono::duration<double> interval) {
    const double bytes = row.at(key).get<double>() - before.at(key).get<double>();
    if (bytes < 0 || interval.count() <= 0) return std::nullopt;
    return bytes * 8 / interval.count();
}

}  // namespace

std::map<std::string, LinkNow> links_now(const Rows& interfaces, const Rows* before, std::chrono::duration<double> interval) {
    std::map<std::string, LinkNow> links;
    for (const OrderedJson& row : interfaces.rows) {
        LinkNow& link = links[end_name(row)];
        link.state = row.at("state").get<std::string>();
        if (before == nullptr) continue;
        const auto old = std::find_if(before->rows.begin(), before->rows.end(), [&](const OrderedJson& each) {
            return each.at("port") == row.at("port") && each.at("segment") == row.at("segment");
        });
        if (old == before->rows.end()) continue;
        link.in = bits_per_second(row, *old, "in_bytes", interval);
        link.out = bits_per_second(row, *old, "out_bytes", interval);
    }
    return links;
}

Result<LiveGraph> LiveGraph::of(const std::string& argument) {
    const auto lab = find_lab(argument);
    const auto state = lab ? read_state(*lab) : std::nullopt;
    auto topology = state ? topology_of(*state)
                          : find_topology(argument).and_then([](const std::string& file) { return read_topology(file); });
    if (!topology) return tl::unexpected(topology.error());
    const std::string name = topology->name;
    return LiveGraph{name, std::move(*topology)};
}

std::string LiveGraph::svg() {
    const auto now = Clock::now();
    if (!drawn_.empty() && now - asked_ < kBetweenQuestions) return drawn_;
    const LabNow lab = ask(now);
    asked_ = now;
    drawn_ = graph_svg(topology_, &lab);
    return drawn_;
}

LabNow LiveGraph::ask(Clock::time_point now) {
    const auto state = read_state(lab_);
    const auto rows = state && state->is_running() ? interfaces_of(*state) : Result<Rows>{failure("the lab is not up")};
    if (!rows) {
        before_.reset();
        return {};
    }
    LabNow lab{.is_up = true, .links = links_now(*rows, before_.get(), now - asked_)};
    before_ = std::make_shared<const Rows>(*rows);
    return lab;
}

}  // namespace hairpin::lab
