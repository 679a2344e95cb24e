// Virtual machines as hosts of the switch.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command_table.h"
#include "control/protocol.h"
#include "lab/machines/qemu.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr std::uint64_t kUsualMebibytes = 256, kMostMebibytes = 1048576;

const auto kQemuTerms = std::to_array<Term>({
    {"", &value::kPort, "port", Term::How::required},
    {"program", &value::kText, "program", Term::How::optional, "which QEMU; qemu-system-x86_64 otherwise"},
    {"memory", &value::kNumber, "memory", Term::How::optional, "MiB of the machine, which vhost-user shares; 256 otherwise"},
});

// A QEMU that nobody has here: what is said to it is what any of that age understands.
lab::Qemu assumed_qemu() {
    return {.program = std::string{lab::kUsualQemu},
            .major = 9,
            .minor = 2,
            .version = "9.2",
            .backends = {"dgram", "stream", "vde", "tap", "vhost-user"},
            .kvm = true};
}

std::string text_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

// The station that is configured behind the port, or else the usual MAC.
MacAddress mac_behind(const std::string& port, const json& stations) {
    for (const json& row : stations)
        if (text_in(row, "port") == port && text_in(row, "type") == "static")
            if (const auto mac = MacAddress::parse(text_in(row, "mac"))) return *mac;
    return lab::usual_mac(port);
}

// Of a vhost-user port, whose rows do not say it: whether the daemon connects to a QEMU that listens.
Outcome<bool> qemu_listens(const std::string& port, const Ask& ask) {
    const auto running = ask(control::method::kConfigGet, json::object());
    if (!running) return tl::unexpected(running.error());
    const json& entries = running->at("config").at("hairpin:switch").at("port");
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const json& each) { return text_in(each, "name") == port; });
    return entry != entries.end() && text_in(entry->value("vhost-user", json::object()), "mode") == "client";
}

Outcome<json> ask_for_qemu(const json& parameters, const Ask& ask) {
    const std::string name = parameters.at("port");
    const auto ports = ask(control::method::kShowPorts, json::object());
    if (!ports) return ports;
    const auto row = std::find_if(ports->at("rows").begin(), ports->at("rows").end(),
                                  [&](const json& each) { return text_in(each, "name") == name; });
    if (row == ports->at("rows").end())
        return wrong_at(0, Failure{ExitCode::not_found, fmt::format("there is no port \"{}\" (show ports lists them)", name)});
    const auto stations = ask(control::method::kShowMacTable, json::object());
    if (!stations) return stations;
    lab::MachinePort port{.name = name,
                          .kind = text_in(*row, "kind"),
                          .place = text_in(*row, "device"),
                          .remote = text_in(*row, "remote"),
                          .network_namespace = text_in(*row, "namespace"),
                          .mac = mac_behind(name, stations->at("rows")),
                          .mtu = row->value("mtu", 1500U)};

    if (port.kind == "vhost-user") {
        const auto listens = qemu_listens(name, ask);
        if (!listens) return tl::unexpected(listens.error());
        port.qemu_listens = *listens;
    }

    const bool chosen = parameters.contains("program");
    const auto found = lab::find_qemu(chosen ? parameters["program"].get<std::string>() : std::string{lab::kUsualQemu});
    if (!found && chosen) return wrong_at(2, Failure{ExitCode::failed, found.error().message});
    const lab::Qemu qemu = found.value_or(assumed_qemu());
    auto arguments = lab::arguments_for(port, qemu);
    if (!arguments) return failed_with(ExitCode::failed, arguments.error().message);
    if (arguments->shares_memory) {
        const std::uint64_t mebibytes = parameters.value("memory", kUsualMebibytes);
        if (mebibytes < 1 || mebibytes > kMostMebibytes)
            return misused(fmt::format("memory {}: a machine has 1 to {} MiB", mebibytes, kMostMebibytes));
        std::vector<std::string> memory{"-m", fmt::format("{}M", mebibytes)};
        const std::vector<std::string> shared = lab::shared_memory(static_cast<unsigned>(mebibytes));
        memory.insert(memory.end(), shared.begin(), shared.end());
        arguments->words.insert(arguments->words.begin(), memory.begin(), memory.end());
        arguments->remarks.push_back(
            fmt::format("the machine's memory, {} MiB, is shared with hairpind (`memory NUMBER` says another size); of a machine "
                        "with several ports of this "
                        "kind -m, -object and -numa stand once",
                        mebibytes));
    }
    if (!found)
        arguments->remarks.push_back(fmt::format("{}: so this is for QEMU {} or later", found.error().message, qemu.version));
    return json{{"port", name},
                {"kind", port.kind},
                {"mac", port.mac.to_string()},
                {"qemu", {{"program", qemu.program}, {"version", found ? json(qemu.version) : json(nullptr)}}},
                {"arguments", arguments->words},
                {"remarks", arguments->remarks}};
}

// As a shell reads it: what has nothing that it minds stands as it is.
std::string for_shell(const std::string& word) {
    constexpr std::string_view kHarmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,=:+@%";
    if (word.find_first_not_of(kHarmless) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char letter : word) quoted += letter == '\'' ? std::string{"'\\''"} : std::string(1, letter);
    return quoted + "'";
}

std::string qemu_text(const json& result, const Style&) {
    std::string text;
    for (const json& word : result.value("arguments", json::array()))
        text += (text.empty() ? "" : " ") + for_shell(word.is_string() ? word.get<std::string>() : word.dump());
    for (const json& remark : result.value("remarks", json::array()))
        if (remark.is_string()) text += "\n# " + remark.get<std::string>();
    return text;
}

const auto kMachineCommands = std::to_array<Command>({
    {.words = "port qemu-args",
     .description = "what QEMU must be told to plug a virtual machine into a port",
     .details =
         "The port is of kind dgram, stream, vde, netdev or vhost-user. The words are for the QEMU that is installed, which is "
         "asked what it "
         "understands; the MAC is that of a static station behind the port, or else always the same for the port's name. Lines "
         "that begin with # say what to mind.",
     .example = "port load docs/examples/guest.json\nport qemu-args guest",
     .needs_hosts = true,
     .terms = kQemuTerms,
     .method = control::method::kShowPorts,
     .schema = "qemu-args",
     .converse = ask_for_qemu,
     .text = qemu_text},
});

}  // namespace

std::span<const Command> machine_commands() { return kMachineCommands; }

}  // namespace hairpin::cli
