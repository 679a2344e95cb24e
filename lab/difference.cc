#include "lab/difference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostDetails = 8;  // of the gateway's settings in one line

// The entries of a list of the document by their names.
std::map<std::string, Json> by_name(const Json& document, const char* list) {
    std::map<std::string, Json> entries;
    const Json part = document.value(kSwitchPart, Json::object());
    for (const Json& entry : part.value(list, Json::array())) entries.emplace(entry.value("name", ""), entry);
    return entries;
}

// "/nat/rule/3/action" for each setting that differs.
std::vector<std::string> differing_settings(const Json& before, const Json& now) {
    std::vector<std::string> paths;
    for (const Json& step : Json::diff(before, now)) paths.push_back(step.at("path"));
    return paths;
}

std::string in_words(const std::vector<std::string>& paths) {
    const std::size_t shown = std::min(paths.size(), kMostDetails);
    const std::string list =
        fmt::format("{}", fmt::join(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    return paths.size() > shown ? fmt::format("{} and {} more", list, paths.size() - shown) : list;
}

std::string of_port(const Json& port) {
    const Json tap = port.value("tap", Json::object());
    std::vector<std::string> words = {"in " + port.value("segment", "")};
    for (const Json& address : tap.value("address", Json::array())) words.push_back(address);
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string changed_port(const Json& before, const Json& now) {
    std::vector<std::string> words;
    for (const Json& step : Json::diff(before, now)) {
        const Json::json_pointer at{step.at("path").get<std::string>()};
        const auto value = [&](const Json& document) { return document.contains(at) ? document.at(at).dump() : "nothing"; };
        words.push_back(fmt::format("{} {} instead of {}", at.to_string().substr(1), value(now), value(before)));
    }
    return fmt::format("{}", fmt::join(words, ", "));
}

class Comparison {
public:
    Comparison(const LabState& before, const Topology& topology, const Json& applied, const Json& wanted)
        : before_(before), topology_(topology), applied_(applied), wanted_(wanted) {}

    LabDifference run() && {
        find_changed_ports();
        for (const Node& node : topology_.nodes) compare(node);
        for (const NodeState& node : before_.nodes) {
            if (topology_.find(node.name) != nullptr) continue;
            if (has_taps(node.role)) found_.removed.push_back(node.name);
            if (node.role == NodeRole::machine) found_.other_machines.push_back(node.name);
            note(ChangeKind::removed, std::string{to_string(node.role)}, node.name, "");
        }
        compare_ports();
        compare_gateway();
        found_.switch_changed = applied_.value(kSwitchPart, Json{}) != wanted_.value(kSwitchPart, Json{});
        return std::move(found_);
    }

private:
    void note(ChangeKind kind, std::string what, std::string name, std::string detail) {
        found_.changes.push_back({.kind = kind, .what = std::move(what), .name = std::move(name), .detail = std::move(detail)});
    }

    void find_changed_ports() {
        const auto before = by_name(applied_, "port");
        const auto now = by_name(wanted_, "port");
        for (const Attachment& attachment : topology_.attachments) {
            const auto old = before.find(attachment.port);
            const auto fresh = now.find(attachment.port);
            if (old != before.end() && fresh != now.end() && old->second != fresh->second)
                at_changed_port_.insert(attachment.node);
        }
    }

    void compare(const Node& node) {
        const NodeState* old = before_.find(node.name);
        const std::string what{to_string(node.role)};
        if (node.role == NodeRole::machine && (old == nullptr || old->machine != node.machine.in_words() ||
                                               old->commands != node.commands || at_changed_port_.contains(node.name)))
            found_.other_machines.push_back(node.name);
        if (old == nullptr) {
            if (has_taps(node.role)) found_.added.push_back(node.name);
            note(ChangeKind::added, what, node.name, "");
            return;
        }
        if (old->labels != node.labels) note(ChangeKind::changed, what, node.name, "its labels");
        if (!has_taps(node.role)) return;
        std::string why;
        if (old->container != topology_.container_of(node))
            why = "it is another container";
        else if (old->image != node.image.in_words())
            why = "it is made of something else";
        else if (old->environment != node.environment && !node.image.empty())
            why = "its environment has changed";
        else if (old->commands != node.commands)
            why = "its commands have changed";
        else if (old->environment != node.environment && !node.commands.empty())
            why = "the environment of its commands has changed";
        else if (at_changed_port_.contains(node.name) && !node.commands.empty())
            why = "its interface has changed, and its commands may have built on it";
        if (!why.empty()) {
            found_.anew.push_back(node.name);
            note(ChangeKind::anew, what, node.name, why);
        } else if (old->environment != node.environment) {
            note(ChangeKind::changed, what, node.name, "its environment");
        }
    }

    void compare_ports() {
        const auto before = by_name(applied_, "port");
        const auto now = by_name(wanted_, "port");
        for (const auto& [name, port] : now) {
            const auto old = before.find(name);
            if (old == before.end())
                note(ChangeKind::added, "port", name, of_port(port));
            else if (old->second != port)
                note(ChangeKind::changed, "port", name, changed_port(old->second, port));
        }
        for (const auto& [name, port] : before)
            if (!now.contains(name)) note(ChangeKind::removed, "port", name, "");
    }

    void compare_gateway() {
        const auto paths =
            differing_settings(applied_.value(kGatewayPart, Json::object()), wanted_.value(kGatewayPart, Json::object()));
        found_.gateway_changed = !paths.empty();
        if (found_.gateway_changed) note(ChangeKind::changed, "gateway", topology_.gateway().name, in_words(paths));
    }

    const LabState& before_;
    const Topology& topology_;
    const Json& applied_;
    const Json& wanted_;
    std::set<std::string> at_changed_port_;
    LabDifference found_;
};

}  // namespace

std::string_view to_string(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::added: return "added";
        case ChangeKind::removed: return "removed";
        case ChangeKind::changed: return "changed";
        case ChangeKind::anew: return "begins anew";
    }
    return "";
}

Result<LabDifference> find_difference(const LabState& before, const std::string& applied, const Topology& topology,
                                      const DaemonConfig& wanted) {
    const NodeState* gateway = before.gateway();
    if (gateway == nullptr || gateway->name != topology.gateway().name)
        return failure(fmt::format("the gateway was \"{}\" and is \"{}\" now, which only `hairpin lab up --reconfigure` does",
                                   gateway == nullptr ? "" : gateway->name, topology.gateway().name));
    for (const Node& node : topology.nodes) {
        const NodeState* old = before.find(node.name);
        if (old != nullptr && old->role != node.role)
            return failure(fmt::format("\"{}\" was a {} and is a {} now, which only `hairpin lab up --reconfigure` does",
                                       node.name, to_string(old->role), to_string(node.role)));
    }
    const Json then = Json::parse(applied, nullptr, false);
    if (then.is_discarded())
        return failure("what the lab came up with cannot be read; `hairpin lab up --reconfigure` begins anew");
    LabDifference found = Comparison{before, topology, then, Json::parse(wanted.text)}.run();
    if (!found.other_machines.empty())
        return failure(fmt::format("virtual machines come, go and change ({}), which only `hairpin lab up --reconfigure` does",
                                   fmt::join(found.other_machines, ", ")));
    return found;
}

LabDifference everything(const Topology& topology) {
    LabDifference all;
    for (const Node& node : topology.nodes) {
        std::vector<std::string> addresses;
        for (const Attachment& each : topology.attachments)
            if (each.node == node.name && each.address) addresses.push_back(each.address->to_string());
        all.changes.push_back({.kind = ChangeKind::added,
                               .what = std::string{to_string(node.role)},
                               .name = node.name,
                               .detail = fmt::format("{}", fmt::join(addresses, ", "))});
        if (has_taps(node.role)) all.added.push_back(node.name);
    }
    for (const Attachment& each : topology.attachments)
        if (each.node != topology.gateway().name)
            all.changes.push_back({.kind = ChangeKind::added, .what = "port", .name = each.port, .detail = "in " + each.segment});
    all.switch_changed = all.gateway_changed = true;
    return all;
}

}  // namespace hairpin::lab
