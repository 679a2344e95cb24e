#include "runtime/running_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/scheduled.h"
#include "net/json_text.h"
#include "runtime/carried_devices.h"
#include "runtime/tunnel_remarks.h"
#include "runtime/worker.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

constexpr const char* kSwitch = "hairpin:switch";

const l2::PortSettings* find_port(const l2::SwitchSettings& settings, const std::string& name) {
    const auto found =
        std::find_if(settings.ports.begin(), settings.ports.end(), [&](const auto& port) { return port.name == name; });
    return found == settings.ports.end() ? nullptr : &*found;
}

// A port whose device differs is another port. Its old device must go before the new one can take the name, and so must that of a
// port whose device gets another.
struct PortDifference {
    std::vector<const l2::PortSettings*> added;
    std::vector<const l2::PortSettings*> to_go_first, to_go;
    std::vector<std::pair<const l2::PortSettings*, const l2::PortSettings*>> moved, recabled;  // the same port, before and after
    std::size_t opened_anew = 0;
};
PortDifference difference(const l2::SwitchSettings& before, const l2::SwitchSettings& after) {
    PortDifference result;
    for (const auto& port : after.ports) {
        const auto* old = find_port(before, port.name);
        if (old != nullptr && old->same_device(port)) {
            if (!old->same_membership(port)) result.moved.emplace_back(old, &port);
            if (old->cable != port.cable) result.recabled.emplace_back(old, &port);
            continue;
        }
        result.added.push_back(&port);
        if (old != nullptr) ++result.opened_anew;
    }
    for (const auto& old : before.ports) {
        const auto* port = find_port(after, old.name);
        if (port != nullptr && port->same_device(old)) continue;
        const bool in_the_way = port != nullptr || std::any_of(result.added.begin(), result.added.end(), [&](const auto* added) {
                                    return exclude_each_other(old, *added);
                                });
        (in_the_way ? result.to_go_first : result.to_go).push_back(&old);
    }
    return result;
}

// Stations of `these` that `others` does not have.
std::vector<l2::StaticStationSettings> stations_without(const l2::SwitchSettings& these, const l2::SwitchSettings& others) {
    std::vector<l2::StaticStationSettings> result;
    for (const auto& station : these.static_stations)
        if (std::find(others.static_stations.begin(), others.static_stations.end(), station) == others.static_stations.end())
            result.push_back(station);
    return result;
}

// Asked before `next` is adopted: what becomes of the sessions is told by those that live now.
RunningConfiguration::Change change_to(const config::Configuration& next, const PortDifference& ports, Worker& worker,
                                       gateway::Thoroughness thoroughness) {
    const gateway::Ruleset& ruleset = *next.ruleset;
    RunningConfiguration::Change change{ruleset.generation,
                                        {},
                                        next.warnings,
                                        gateway::analyse(ruleset, thoroughness),
                                        worker.gateway().foresee(ruleset, gateway::RouteTable{ruleset}, thoroughness)};
    for (std::string& remark : tunnel_remarks(next)) change.warnings.push_back(std::move(remark));
    const auto interfaces = std::count_if(ruleset.interfaces.begin(), ruleset.interfaces.end(),
                                          [](const auto& interface) { return interface.present(); });
    change.summary.push_back(fmt::format("{} firewall and {} NAT rules, {} interface{}", ruleset.firewall.size(),
                                         ruleset.nat.size(), interfaces, interfaces == 1 ? "" : "s"));
    const std::size_t gone = ports.to_go_first.size() + ports.to_go.size();
    if (!ports.added.empty() || !ports.moved.empty() || gone > 0)
        change.summary.push_back(fmt::format("ports: {} added, {} changed, {} removed", ports.added.size() - ports.opened_anew,
                                             ports.opened_anew + ports.moved.size(), gone - ports.opened_anew));
    if (!ports.recabled.empty()) change.summary.push_back(fmt::format("cables: {} changed", ports.recabled.size()));
    return change;
}

// `"LAN to Internet": answers ...` of `NAT rule 196609 "LAN to Internet": answers ...`, for where the place names the rule already.
std::string without_rule(const gateway::Finding& finding) {
    const std::string rule = fmt::format("NAT rule {}", finding.rule);
    if (!finding.text.starts_with(rule)) return finding.text;
    const std::size_t rest = finding.text.find_first_not_of(": ", rule.size());
    return rest == std::string::npos ? finding.text : finding.text.substr(rest);
}

// An address that NAT uses and that is not the gateway's, unless the rules in force have it already.
std::optional<Error> new_doubt(const std::vector<gateway::Finding>& findings, const gateway::Ruleset& in_force) {
    std::optional<std::vector<gateway::Finding>> known;  // asked for where there is something to find
    for (const gateway::Finding& finding : findings) {
        if (finding.kind != gateway::kAddressNotOwned.name) continue;
        if (!known) known = gateway::analyse(in_force, gateway::Thoroughness::brief);
        const bool is_known = std::any_of(known->begin(), known->end(), [&](const gateway::Finding& one) {
            return one.kind == finding.kind && one.rule == finding.rule && one.text == finding.text;
        });
        if (!is_known)
            return Error{without_rule(finding) + "; with `force` it is put in force all the same",
                         fmt::format("/hairpin:gateway/nat/rule[id='{}']", finding.rule)};
    }
    return std::nullopt;
}

// The member of this name at the top of a document; nothing where the text is no object.
struct TopMember {
    std::string_view value = {};  // empty: there is none
    std::size_t begin = 0;        // where the object's first member would stand
    bool alone = true;            // there is no member at all
};
std::optional<TopMember> find_top(std::string_view text, std::string_view name) {
    TopMember found;
    JsonCursor cursor{text};
    if (!cursor.enter_object()) return std::nullopt;
    found.begin = cursor.position();
    while (const auto member = cursor.next_member()) {
        const std::string_view value = cursor.skip_value();
        found.alone = false;
        if (*member == name) found.value = value;
    }
    return cursor.at_end() ? std::optional{found} : std::nullopt;
}

// Its last day is past, and it is not the night that began on it.
bool is_over(const gateway::Schedule& schedule, const gateway::Clocks& now) {
    if (!schedule.until || schedule.in_force(now)) return false;
    return (schedule.clock == gateway::ClockKind::utc ? now.utc : now.local) >=
           schedule.until->time_since_epoch() + std::chrono::days{1};
}

// A document that says nothing of the switch leaves it as it is. What is no JSON object stays what it is, for the parser to refuse.
std::string with_switch_of(std::string_view running, const std::string& text) {
    const auto document = find_top(text, kSwitch);
    if (!document || !document->value.empty()) return text;
    const auto before = find_top(running, kSwitch);
    if (!before || before->value.empty()) return text;
    return fmt::format("{}\"{}\":{}{}{}", std::string_view{text}.substr(0, document->begin), kSwitch, before->value,
                       document->alone ? "" : ",", std::string_view{text}.substr(document->begin));
}

}  // namespace

Result<RunningConfiguration> RunningConfiguration::read(const std::string& text, TellTime tell_time) {
    auto compiled = config::compile(text, nullptr);
    if (!compiled) return tl::unexpected(compiled.error());
    return RunningConfiguration{std::move(*compiled), std::move(tell_time)};
}

RunningConfiguration::RunningConfiguration(config::Configuration compiled, TellTime tell_time)
    : compiled_(std::move(compiled)),
      begun_with_(sizes_of(compiled_)),
      tell_time_(std::move(tell_time)),
      followed_(tell_time_()) {
    compiled_.ruleset = gateway::scheduled(compiled_.ruleset, followed_);
}

nlohmann::json RunningConfiguration::document() const { return json::parse(text()); }

Result<void> RunningConfiguration::apply_to(Worker& worker) {
    for (const auto& segment : compiled_.switching.segments) worker.add_segment(segment.name);
    worker.set_features(compiled_.switching.features);
    for (const auto& port : compiled_.switching.ports)
        if (auto added = worker.add_port(port); !added) return added;
    for (const auto& station : compiled_.switching.static_stations)
        if (auto added = worker.add_static_station(station); !added) return added;
    return worker.adopt(compiled_.ruleset);
}

Result<config::Configuration> RunningConfiguration::compile_onto(const std::string& text) const {
    auto next = config::compile(with_switch_of(this->text(), text), &compiled_);
    if (next) next->ruleset = gateway::scheduled(next->ruleset, tell_time_());
    return next;
}

RunningConfiguration::Sizes RunningConfiguration::sizes_of(const config::Configuration& configuration) {
    const l2::SwitchSettings& switching = configuration.switching;
    return {switching.mac_age, switching.mac_capacity, switching.mac_port_limit, configuration.ruleset->session_capacity};
}

void RunningConfiguration::warn_of_what_does_nothing_yet(const config::Configuration& next, Change& change) const {
    const auto compare = [&](std::string_view leaf, std::size_t wanted, std::size_t now) {
        if (wanted != now)
            change.warnings.push_back(
                fmt::format("/hairpin:{}: {} takes effect when the daemon starts; until then it is {}", leaf, wanted, now));
    };
    const auto seconds = [](Duration age) {
        return static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count());
    };
    const Sizes wanted = sizes_of(next);
    compare("switch/mac-table/age-seconds", seconds(wanted.mac_age), seconds(begun_with_.mac_age));
    compare("switch/mac-table/capacity", wanted.mac_capacity, begun_with_.mac_capacity);
    compare("switch/mac-table/port-limit", wanted.mac_port_limit, begun_with_.mac_port_limit);
    compare("gateway/sessions/capacity", wanted.session_capacity, begun_with_.session_capacity);
    const gateway::Clocks now = tell_time_();
    for (const gateway::Schedule& schedule : next.ruleset->schedules)
        if (is_over(schedule, now))
            change.warnings.push_back(fmt::format(
                "/hairpin:gateway/schedule[name='{}']/until: that day is past, so no rule with this schedule is ever asked again",
                schedule.name));
}

Result<RunningConfiguration::Change> RunningConfiguration::check(const std::string& text, Worker& worker) const {
    const auto next = compile_onto(text);
    if (!next) return tl::unexpected(next.error());
    Change change = change_to(*next, difference(compiled_.switching, next->switching), worker, gateway::Thoroughness::full);
    warn_of_what_does_nothing_yet(*next, change);
    return change;
}

Result<gateway::RulesetPtr> RunningConfiguration::rules_of(const std::string& text) const {
    const auto next = compile_onto(text);
    if (!next) return tl::unexpected(next.error());
    return next->ruleset;
}

Result<RunningConfiguration::Change> RunningConfiguration::replace(const std::string& text, Worker& worker, Consent consent) {
    const gateway::Clocks now = tell_time_();
    auto next = compile_onto(text);
    if (!next) return tl::unexpected(next.error());
    const PortDifference ports = difference(compiled_.switching, next->switching);
    Change change = change_to(*next, ports, worker, gateway::Thoroughness::brief);
    warn_of_what_does_nothing_yet(*next, change);
    if (consent == Consent::asked)
        if (const auto doubt = new_doubt(change.findings, *compiled_.ruleset)) return tl::unexpected(*doubt);
    for (const auto& segment : next->switching.segments) worker.add_segment(segment.name);
    std::vector<std::string> opened;
    CarriedDevices carried{worker};
    const auto undo = [&](const Error& error) -> Result<Change> {
        worker.set_features(compiled_.switching.features);
        for (const auto& name : opened) carried.take_from(name), worker.remove_port(name);
        for (const auto& station : stations_without(next->switching, compiled_.switching)) worker.remove_static_station(station);
        for (const auto* port : ports.to_go_first) worker.add_port(*port), carried.give_to(port->name);
        for (const auto& [before, after] : ports.moved) worker.move_port(*before);
        for (const auto& [before, after] : ports.recabled) worker.set_cable(before->name, before->cable);
        for (const auto& station : compiled_.switching.static_stations) worker.add_static_station(station);
        return tl::unexpected(error);
    };
    for (const auto* port : ports.to_go_first) carried.take_from(port->name), worker.remove_port(port->name);
    worker.set_features(next->switching.features);
    for (const auto* port : ports.added) {
        if (const auto added = worker.add_port(*port); !added) return undo(added.error());
        opened.push_back(port->name);
        carried.give_to(port->name);
    }
    for (const auto& [before, after] : ports.moved)
        if (const auto moved = worker.move_port(*after); !moved) return undo(moved.error());
    for (const auto& [before, after] : ports.recabled)
        if (const auto set = worker.set_cable(after->name, after->cable); !set) return undo(set.error());
    for (const auto& station : stations_without(compiled_.switching, next->switching)) worker.remove_static_station(station);
    // All of them: those of a port that was opened anew have gone with its old one.
    for (const auto& station : next->switching.static_stations)
        if (const auto added = worker.add_static_station(station); !added) return undo(added.error());
    if (const auto adopted = worker.adopt(next->ruleset); !adopted) return undo(adopted.error());
    for (const auto* port : ports.to_go) worker.remove_port(port->name);

    compiled_ = std::move(*next);
    followed_ = now;
    return change;
}

std::vector<RunningConfiguration::Turn> RunningConfiguration::follow_schedules(Worker& worker) {
    const auto& schedules = compiled_.ruleset->schedules;
    const gateway::Clocks now = schedules.empty() ? followed_ : tell_time_();
    if (now == followed_) return {};
    std::vector<Turn> turns;
    for (const gateway::Schedule& schedule : schedules)
        if (schedule.in_force(now) != schedule.in_force(followed_)) turns.push_back({schedule.name, schedule.in_force(now)});
    followed_ = now;
    auto turned = gateway::scheduled(compiled_.ruleset, now);
    if (turned == compiled_.ruleset) return turns;
    // The interfaces are what they were, so there is nothing that could be refused.
    ensure(worker.adopt(turned).has_value());
    compiled_.ruleset = std::move(turned);
    return turns;
}

Result<void> RunningConfiguration::add_port(const json& port, Worker& worker) {
    json document = this->document();
    document[kSwitch]["port"].push_back(port);
    const auto changed = replace(document.dump(), worker, Consent::given);
    if (!changed) return tl::unexpected(changed.error());
    return {};
}

Result<void> RunningConfiguration::remove_port(const std::string& name, Worker& worker) {
    json document = this->document();
    if (document.contains(kSwitch) && document[kSwitch].contains("port")) {
        json& ports = document[kSwitch]["port"];
        const auto found =
            std::find_if(ports.begin(), ports.end(), [&](const json& port) { return port.value("name", "") == name; });
        if (found != ports.end()) {
            ports.erase(found);
            const auto changed = replace(document.dump(), worker, Consent::given);
            if (!changed) return tl::unexpected(changed.error());
            return {};
        }
    }
    return failure(fmt::format("there is no port \"{}\"", name), "name");
}

}  // namespace hairpin::runtime
