#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "lab/daemon.h"
#include "lab/daemon_config.h"
#include "lab/enclave.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/topology_reader.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

using Json = nlohmann::json;

Result<Json> running_config(const std::string& lab) {
    return ask_daemon(lab, "config.get", Json::object()).map([](const Json& answer) { return answer.at("config"); });
}

// As a gateway's file of a topology has it: without the switch, which follows from the links.
std::string gateway_file(const Json& config) { return Json{{kGatewayPart, config.at(kGatewayPart)}}.dump(2) + "\n"; }

// To the file that the lab came from. What it came up with is noted anew, so that the next `lab up` sees no difference.
Result<std::string> save_to_source(const LabState& lab, const Json& config) {
    const auto topology = read_topology(lab.topology_file);
    if (!topology) return tl::unexpected(topology.error());
    const std::string file = (std::filesystem::path{topology->folder} / topology->gateway().config_file).lexically_normal();
    if (auto written = write_file(file, gateway_file(config)); !written) return tl::unexpected(written.error());
    Topology named = *topology;
    named.name = lab.lab;
    if (const auto applied = read_daemon_config(named)) {
        if (auto noted = write_file(LabPaths{lab.lab}.daemon_config(), applied->text); !noted)
            return tl::unexpected(noted.error());
    }
    return file;
}

// A folder with the configurations of any number of labs, each under its lab's name.
Result<std::string> save_copy(const LabState& lab, const Json& config, const std::string& folder) {
    if (auto made = make_folders(folder); !made) return tl::unexpected(made.error());
    const std::string file = fmt::format("{}/{}.{}.json", folder, lab.lab, lab.gateway()->name);
    if (auto written = write_file(file, gateway_file(config)); !written) return tl::unexpected(written.error());
    return file;
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
    std::vector<Result<std::string>> files;
    if (!options.output.empty())
        files.push_back(write_file(options.output, gateway_file(lab->config)).map([&] { return options.output; }));
    if (!options.copy.empty()) files.push_back(save_copy(lab->state, lab->config, options.copy));
    if (files.empty()) files.push_back(save_to_source(lab->state, lab->config));
    for (const Result<std::string>& file : files) {
        if (!file) return report(ExitCode::failed, file.error().message);
        fmt::print("The configuration of \"{}\" is in {}\n", lab->state.gateway()->name, *file);
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
    if (const auto done = ask_daemon(lab->state.lab, "config.commit", commit); !done)
        return report(ExitCode::rejected, fmt::format("{}: {}", file, done.error().message));
    fmt::print("The gateway of \"{}\" has the configuration of {}\n", lab->state.lab, file);
    return ExitCode::ok;
}

}  // namespace hairpin::lab
