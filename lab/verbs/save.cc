#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "control/protocol.h"
#include "lab/daemon.h"
#include "lab/daemon_config.h"
#include "lab/enclave.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

Result<Json> running_config(const std::string& lab) {
    return ask_daemon(lab, control::method::kConfigGet, Json::object()).map([](const Json& answer) {
        return answer.at("config");
    });
}

// What `config` says, with the keys in the order in which `written` has them, and entries of lists told by their id or name.
OrderedJson in_order_of(const OrderedJson& written, const Json& config) {
    const auto same = [](const OrderedJson& one, const Json& other) {
        for (const char* key : {"id", "name"})
            if (other.contains(key)) return one.contains(key) && Json(one.at(key)) == other.at(key);
        return false;
    };
    if (config.is_array()) {
        OrderedJson list = OrderedJson::array();
        for (const Json& entry : config) {
            const auto old =
                written.is_array() && entry.is_object()
                    ? std::find_if(written.begin(), written.end(), [&](const OrderedJson& each) { return same(each, entry); })
                    : written.end();
            list.push_back(in_order_of(old == written.end() ? OrderedJson{} : *old, entry));
        }
        return list;
    }
    if (!config.is_object()) return OrderedJson::parse(config.dump());
    OrderedJson object = OrderedJson::object();
    if (written.is_object())
        for (const auto& [key, value] : written.items())
            if (config.contains(key)) object[key] = in_order_of(value, config.at(key));
    for (const auto& [key, value] : config.items())
        if (!object.contains(key)) object[key] = in_order_of(OrderedJson{}, value);
    return object;
}

// As a gateway's file of a topology has it: without the switch, which follows from the links.
std::string gateway_file(const Json& config) { return Json{{kGatewayPart, config.at(kGatewayPart)}}.dump(2) + "\n"; }

struct Saved {
    std::string file;
    bool was_so = false;  // it said the same already, and is as somebody wrote it
};

// To the file that the lab came from. What it came up with is noted anew, so that the next `lab up` sees no difference.
Result<Saved> save_to_source(const LabState& lab, const Json& config) {
    const auto topology = topology_of(lab);
    if (!topology) return tl::unexpected(topology.error());
    const std::string file = (std::filesystem::path{topology->folder} / topology->gateway().config_file).lexically_normal();
    const OrderedJson before = OrderedJson::parse(read_file(file).value_or(""), nullptr, false);
    const Json wanted{{kGatewayPart, config.at(kGatewayPart)}};
    if (!before.is_discarded() && Json(before) == wanted) return Saved{.file = file, .was_so = true};
    if (auto written = write_file(file, in_order_of(before, wanted).dump(2) + "\n"); !written)
        return tl::unexpected(written.error());
    if (const auto applied = read_daemon_config(*topology)) {
        if (auto noted = write_file(LabPaths{lab.lab}.daemon_config(), applied->text); !noted)
            return tl::unexpected(noted.error());
    }
    return Saved{.file = file};
}

// A folder with the configurations of any number of labs, each under its lab's name.
Result<Saved> save_copy(const LabState& lab, const Json& config, const std::string& folder) {
    if (auto made = make_folders(folder); !made) return tl::unexpected(made.error());
    const std::string file = fmt::format("{}/{}.{}.json", folder, lab.lab, lab.gateway()->name);
    if (auto written = write_file(file, gateway_file(config)); !written) return tl::unexpected(written.error());
    return Saved{.file = file};
}

struct RunningLab {
    LabState state;
    Json config;
};

Result<RunningLab> running_lab(const std::string& argument) {
    const auto name = find_lab(argument);
    if (!name) return tl::unexpected(name.error());
    const auto state = read_state(*name);
    if (!state || state->gateway() == nullptr) return failure(fmt::format("of the lab \"{}\" only remains are there", *name));
    const auto config = running_config(*name);
    if (!config) return tl::unexpected(config.error());
    return RunningLab{.state = *state, .config = *config};
}

}  // namespace

ExitCode save(const SaveOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto lab = running_lab(options.lab);
    if (!lab) return report(ExitCode::not_found, lab.error().message);
    if (options.output == "-") {
        fmt::print("{}", gateway_file(lab->config));
        return ExitCode::ok;
    }
    std::vector<Result<Saved>> files;
    if (!options.output.empty())
        files.push_back(write_file(options.output, gateway_file(lab->config)).map([&] { return Saved{.file = options.output}; }));
    if (!options.copy.empty()) files.push_back(save_copy(lab->state, lab->config, options.copy));
    if (files.empty()) files.push_back(save_to_source(lab->state, lab->config));
    for (const Result<Saved>& saved : files) {
        if (!saved) return report(ExitCode::failed, saved.error().message);
        fmt::print("The configuration of \"{}\" is in {}{}\n", lab->state.gateway()->name, saved->file,
                   saved->was_so ? ", which said the same before" : "");
    }
    return ExitCode::ok;
}

ExitCode restore(const std::string& argument, const std::string& file) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto text = read_file(file);
    if (!text) return report(ExitCode::not_found, text.error().message);
    const Json saved = Json::parse(*text, nullptr, false);
    if (!saved.is_object() || !saved.contains(kGatewayPart))
        return report(ExitCode::rejected, fmt::format("{} is no JSON with a \"{}\"", file, kGatewayPart));
    auto lab = running_lab(argument);
    if (!lab) return report(ExitCode::not_found, lab.error().message);
    lab->config[kGatewayPart] = saved.at(kGatewayPart);
    const Json commit = {{"config", lab->config}, {"comment", "hairpin lab restore " + file}};
    if (const auto done = ask_daemon(lab->state.lab, control::method::kConfigCommit, commit); !done)
        return report(ExitCode::rejected, fmt::format("{}: {}", file, done.error().message));
    fmt::print("The gateway of \"{}\" has the configuration of {}\n", lab->state.lab, file);
    return ExitCode::ok;
}

}  // namespace hairpin::lab
