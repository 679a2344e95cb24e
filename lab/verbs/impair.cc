#include "lab/verbs/impair.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/protocol.h"
#include "lab/daemon.h"
#include "lab/did_you_mean.h"
#include "lab/enclave.h"
#include "lab/impairment_keys.h"
#include "lab/impairment_profiles.h"
#include "lab/port_settings.h"
#include "lab/table.h"
#include "lab/verbs/link_place.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

bool is_digits_and_point(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

// containerlab's rate is a number of kbit/s.
std::string value_of(const ImpairmentKey& key, const std::string& typed) {
    return key.form == ImpairmentForm::rate && is_digits_and_point(typed) ? typed + "kbit" : typed;
}

Json json_of(const ImpairmentKey& key, const std::string& value) {
    if (key.form != ImpairmentForm::packets) return value;
    return parse_number(value, 0xffff'ffff).value_or(0);
}

std::vector<std::string> directions_of(const std::string& direction) {
    if (direction == "both") return {"in", "out"};
    return {direction};
}

// What is empty is not there: the configuration reads as if nothing had been set.
void tidy(Json& port) {
    Json& impairment = port["impairment"];
    for (const char* direction : {"in", "out"})
        if (impairment.contains(direction) && impairment[direction].empty()) impairment.erase(direction);
    if (!impairment.contains("in") && !impairment.contains("out")) port.erase("impairment");
}

ExitCode change(const LinkChoice& link, const std::string& what, const std::function<void(Json& port)>& edit) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto place = find_link(link);
    if (!place) return report(ExitCode::not_found, place.error().message);
    if (place->port.empty()) return report(ExitCode::usage, kWhichLink);
    const auto changed =
        change_port(place->lab, place->port, fmt::format("hairpin lab impair {} {}", what, place->link), [&](Json& port) {
            edit(port);
            tidy(port);
            return Result<void>{};
        });
    if (!changed) return report(ExitCode::failed, fmt::format("impair {} {}: {}", what, place->link, changed.error().message));
    return impair_show({.place = {place->lab, place->link}}, Format::table);
}

std::string text_at(const Json& row, const char* key) {
    const auto found = row.find(key);
    if (found == row.end() || found->is_null()) return "-";
    return found->is_string() ? found->get<std::string>() : found->dump();
}
std::string milliseconds_at(const Json& row, const char* key) {
    const auto found = row.find(key);
    return found == row.end() || !found->is_number() ? "-" : fmt::format("{:.2f} ms", found->get<double>() / 1000);
}

}  // namespace

ExitCode impair_set(const ImpairOptions& options) {
    Json values = Json::object();
    for (const ImpairmentKey& key : impairment_keys()) {
        const auto typed = options.values.find(std::string{key.name});
        if (typed == options.values.end()) continue;
        const std::string value = value_of(key, typed->second);
        if (const auto wrong = wrong_value(key, value)) return report(ExitCode::usage, fmt::format("--{}: {}", key.name, *wrong));
        values[std::string{key.name}] = json_of(key, value);
    }
    if (values.empty() && options.seed.empty() && !options.replace)
        return report(ExitCode::usage, "impair set wants something to set, such as --delay 20ms (hairpin lab impair set --help)");
    const auto seed = parse_number(options.seed.empty() ? "0" : options.seed, 0xffff'ffff);
    if (!seed) return report(ExitCode::usage, fmt::format("--seed: \"{}\" is not a number up to 4294967295", options.seed));
    return change(options.link, "set", [&](Json& port) {
        Json& impairment = port["impairment"];
        if (!options.seed.empty()) impairment["seed"] = *seed;
        for (const std::string& direction : directions_of(options.direction)) {
            if (options.replace) impairment[direction] = Json::object();
            impairment[direction].update(values);
        }
    });
}

ExitCode impair_reset(const LinkChoice& link, const std::string& direction) {
    return change(link, "reset", [&](Json& port) {
        if (!port.contains("impairment")) return;
        for (const std::string& each : directions_of(direction)) port["impairment"].erase(each);
    });
}

ExitCode impair_profile(const std::string& name, const LinkChoice& link) {
    const auto profile = std::find_if(kImpairmentProfiles.begin(), kImpairmentProfiles.end(),
                                      [&](const ImpairmentProfile& each) { return each.name == name; });
    if (profile == kImpairmentProfiles.end())
        return report(ExitCode::usage, fmt::format("there is no profile \"{}\"{} (hairpin lab impair profile list)", name,
                                                   did_you_mean(name, kImpairmentProfiles,
                                                                [](const ImpairmentProfile& each) { return each.name; })));
    return change(link, "profile apply " + name, [&](Json& port) {
        for (const auto& [direction, values] : {std::pair{"in", profile->up}, std::pair{"out", profile->down}}) {
            Json set = Json::object();
            for (const auto& [key, value] : values)
                set[std::string{key}] = json_of(*find_impairment_key(key), std::string{value});
            port["impairment"][direction] = set;
        }
    });
}

ExitCode list_profiles(Format format) {
    nlohmann::ordered_json all = {{"schema", "hairpin.impairment-profiles/1"}, {"profiles", Json::array()}};
    std::vector<std::vector<std::string>> rows = {{"profile", "what it is"}};
    for (const ImpairmentProfile& profile : kImpairmentProfiles) {
        nlohmann::ordered_json row = {{"name", profile.name}, {"description", profile.description}};
        for (const auto& [direction, values] : {std::pair{"in", profile.up}, std::pair{"out", profile.down}})
            for (const auto& [key, value] : values) row[direction][std::string{key}] = value;
        all["profiles"].push_back(row);
        rows.push_back({std::string{profile.name}, std::string{profile.description}});
    }
    fmt::print("{}", format == Format::json ? all.dump(2) + "\n" : format_table(rows));
    return ExitCode::ok;
}

ExitCode impair_show(const LinkChoice& link, Format format) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto place = find_link(link);
    if (!place) return report(ExitCode::not_found, place.error().message);
    auto answer = ask_daemon(place->lab, control::method::kShowPortsImpairment, Json::object());
    if (!answer) return report(ExitCode::unreachable, answer.error().message);
    Json& all = (*answer)["rows"];
    Json rows = Json::array();
    for (const Json& row : all)
        if (place->port.empty() || row["port"] == place->port) rows.push_back(row);
    if (format == Format::json) {
        fmt::print("{}\n", Json{{"schema", "hairpin.ports-impairment/1"}, {"rows", rows}}.dump(2));
        return ExitCode::ok;
    }
    if (rows.empty()) {
        fmt::print("{}\n", place->port.empty() ? "Every link of the lab \"" + place->lab + "\" is perfect."
                                               : "The link " + place->link + " is perfect.");
        return ExitCode::ok;
    }
    std::vector<std::vector<std::string>> table = {
        {"port", "way", "state", "set", "packets", "lost", "damaged", "twice", "overtook", "queue full", "mean", "p99", "max"}};
    for (const Json& row : rows)
        table.push_back({text_at(row, "port"), text_at(row, "direction"), text_at(row, "state"), text_at(row, "settings_text"),
                         text_at(row, "packets"), text_at(row, "lost"), text_at(row, "corrupted"), text_at(row, "duplicated"),
                         text_at(row, "reordered"), text_at(row, "queue_full"), milliseconds_at(row, "delay_mean_us"),
                         milliseconds_at(row, "delay_p99_us"), milliseconds_at(row, "delay_max_us")});
    fmt::print("{}", format_table(table));
    return ExitCode::ok;
}

}  // namespace hairpin::lab
