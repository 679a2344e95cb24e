#include "lab/machines/boot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/machines/agent.h"
#include "lab/machines/monitor.h"
#include "lab/shell_words.h"

namespace hairpin::lab {

namespace {

using namespace std::chrono_literals;

constexpr auto kQemuStarts = 20s;   // until its sockets are there
constexpr auto kGuestBoots = 300s;  // an emulated one, on a machine that has other things to do
constexpr auto kLookAgain = 200ms;  // whether QEMU has ended meanwhile
constexpr unsigned kQueuedDatagrams = 512;

std::string in_folder_of(const Topology& topology, const std::string& file) {
    return (std::filesystem::path{topology.folder} / file).lexically_normal();
}

// QEMU guesses a disk's format otherwise, and warns of it.
std::string_view format_of(const std::string& disk) {
    std::string begin(4, '\0');
    std::ifstream{disk}.read(begin.data(), 4);
    return begin == "QFI\xfb" ? "qcow2" : "raw";
}

// What scripts/guest-init understands; another guest may leave it alone.
std::string kernel_line(const Topology& topology, const Node& node, const std::vector<MachinePort>& ports) {
    std::string line = fmt::format("console=ttyS0 panic=-1 quiet hairpin.name={}", node.name);
    std::size_t number = 0;
    for (const Attachment& attachment : topology.attachments) {
        if (attachment.node != node.name) continue;
        const MachinePort& port = ports[number++];
        line += fmt::format(" hairpin.if={},{},{},{},{}", attachment.interface, port.mac.to_string(),
                            attachment.address ? attachment.address->to_string() : "",
                            attachment.default_gateway ? attachment.default_gateway->to_string() : "", port.mtu);
    }
    return node.machine.append.empty() ? line : line + " " + node.machine.append;
}

void add(std::vector<std::string>& words, std::initializer_list<std::string> more) { words.insert(words.end(), more); }

}  // namespace

std::vector<MachinePort> ports_of(const Topology& topology, const Node& node) {
    const LabPaths paths{topology.name};
    std::vector<MachinePort> ports;
    for (const Attachment& attachment : topology.attachments) {
        if (attachment.node != node.name) continue;
        MachinePort port{.name = attachment.port,
                         .kind = std::string{port_kind_of(node.machine)},
                         .place = paths.machine_file(attachment.port, "sock"),
                         .remote = "",
                         .network_namespace = "",
                         .mac = attachment.mac.value_or(usual_mac(attachment.port)),
                         .mtu = attachment.mtu.value_or(1500)};
        if (port.kind == "dgram") port.remote = paths.machine_file(attachment.port, "qemu");
        if (port.kind == "netdev") {
            port.place = attachment.interface;
            port.network_namespace = namespace_name(topology.name, node.name);
        }
        ports.push_back(std::move(port));
    }
    return ports;
}

std::string monitor_of(const Topology& topology, const Node& node) {
    return node.machine.qmp.empty() ? LabPaths{topology.name}.machine_file(node.name, "qmp") : node.machine.qmp;
}

Result<std::vector<std::string>> qemu_words(const Topology& topology, const Node& node, const Qemu& qemu) {
    const LabPaths paths{topology.name};
    const Machine& machine = node.machine;
    const std::vector<MachinePort> ports = ports_of(topology, node);
    std::vector<std::string> words{qemu.program, "-name", node.name, "-nodefaults", "-no-user-config", "-display", "none"};
    add(words, {"-accel", qemu.kvm ? "kvm" : "tcg", "-m", std::to_string(machine.memory_mebibytes), "-smp",
                std::to_string(machine.cpus)});
    if (qemu.kvm) add(words, {"-cpu", "host"});
    if (!machine.kernel.empty()) {
        add(words, {"-kernel", in_folder_of(topology, machine.kernel), "-append", kernel_line(topology, node, ports)});
        if (!machine.initrd.empty()) add(words, {"-initrd", in_folder_of(topology, machine.initrd)});
    }
    if (!machine.disk.empty()) {
        const std::string disk = in_folder_of(topology, machine.disk);
        // Each start of the lab begins with the disk as it is: what the machine writes goes when it ends.
        add(words, {"-drive", fmt::format("if=virtio,snapshot=on,format={},file={}", format_of(disk), qemu_value(disk))});
    }
    add(words, {"-chardev", fmt::format("file,id=console,append=on,path={}", qemu_value(paths.console_log(node.name))), "-serial",
                "chardev:console"});
    add(words, {"-chardev",
                fmt::format("socket,id=agent,server=on,wait=off,path={}", qemu_value(paths.machine_file(node.name, "agent"))),
                "-serial", "chardev:agent"});
    add(words, {"-qmp", fmt::format("unix:{},server=on,wait=off", qemu_value(monitor_of(topology, node)))});
    bool shares_memory = false;
    for (const MachinePort& port : ports) {
        const auto arguments = arguments_for(port, qemu);
        if (!arguments) return tl::unexpected(arguments.error());
        words.insert(words.end(), arguments->words.begin(), arguments->words.end());
        shares_memory = shares_memory || arguments->shares_memory;
    }
    if (shares_memory) {
        const std::vector<std::string> memory = shared_memory(machine.memory_mebibytes);
        words.insert(words.end(), memory.begin(), memory.end());
    }
    return words;
}

Result<pid_t> start_machine(const Topology& topology, const Node& node) {
    for (const std::string& file : {node.machine.kernel, node.machine.initrd, node.machine.disk})
        if (!file.empty() && ::access(in_folder_of(topology, file).c_str(), R_OK) != 0)
            return failure(fmt::format("{}: {} (scripts/guest-image makes a small kernel and initrd in build/guest)",
                                       in_folder_of(topology, file), system_error()));
    const auto qemu = find_qemu(std::string{kUsualQemu});
    if (!qemu) return failure(qemu.error().message + " (scripts/install vms installs it)");
    const auto words = qemu_words(topology, node, *qemu);
    if (!words) return tl::unexpected(words.error());

    const LabPaths paths{topology.name};
    const FileDescriptor log{::open(paths.node_log(node.name).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
    if (!log) return failure(fmt::format("cannot write {}: {}", paths.node_log(node.name), system_error()));
    // How many frames wait for a machine is what its namespace says when it makes its socket; a new one says ten.
    Command command{.words = {"/bin/sh", "-c",
                              fmt::format("echo {} >/proc/sys/net/unix/max_dgram_qlen; exec \"$@\"", kQueuedDatagrams), "sh"},
                    .folder = paths.node_folder(node.name),
                    .output = log.get(),
                    .error_output = log.get()};
    command.words.insert(command.words.end(), words->begin(), words->end());
    const auto started = start_in_namespace(namespace_name(topology.name, node.name), command);
    if (!started) return started;
    for (const Attachment& attachment : topology.attachments) {
        if (attachment.node != node.name || !attachment.cable.down) continue;
        const auto pulled = set_link(monitor_of(topology, node), netdev_id(attachment.port), false);
        if (!pulled) return tl::unexpected(pulled.error());
    }
    return started;
}

Result<void> wait_for_machine(const Topology& topology, const Node& node, const ProcessId& qemu) {
    if (!node.machine.has_agent) return {};
    const LabPaths paths{topology.name};
    const auto deadline = std::chrono::steady_clock::now() + kQemuStarts;
    auto agent = Agent::connect(paths.machine_file(node.name, "agent"), kLookAgain);
    while (!agent && qemu.is_running() && std::chrono::steady_clock::now() < deadline)
        agent = Agent::connect(paths.machine_file(node.name, "agent"), kLookAgain);
    const auto ready = agent ? agent->wait_until_ready(kGuestBoots) : Result<void>{tl::unexpected(agent.error())};
    if (ready) return {};
    const std::string said = last_lines(read_file(paths.node_log(node.name)).value_or(""), 1);
    const std::string console = last_lines(read_file(paths.console_log(node.name)).value_or(""), 1);
    return failure(fmt::format("the virtual machine \"{}\" did not boot: {}{}{}", node.name, ready.error().message,
                               said.empty() ? "" : "; QEMU says: " + said,
                               console.empty() || !qemu.is_running() ? "" : "; its console: " + console));
}

Result<Finished> run_in_machine(const LabState& lab, const NodeState& node, const std::string& script,
                                std::chrono::seconds limit) {
    const LabPaths paths{lab.lab};
    auto agent = Agent::connect(paths.machine_file(node.name, "agent"), 0ms);
    if (!agent) return failure(fmt::format("the virtual machine \"{}\" cannot be asked: {}", node.name, agent.error().message));
    std::string all = fmt::format("export HAIRPIN_LAB={} HAIRPIN_NODE={}\n", shell_quoted(lab.lab), shell_quoted(node.name));
    for (const auto& [name, value] : node.environment) all += fmt::format("export {}={}\n", name, shell_quoted(value));
    auto done = agent->run(all + script + "\n", limit);
    if (!done) return failure(fmt::format("the virtual machine \"{}\": {}", node.name, done.error().message));
    return done;
}

}  // namespace hairpin::lab
