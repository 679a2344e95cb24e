#include "lab/machines/qemu.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>

namespace hairpin::lab {

namespace {

// What a row has to say: the options behind the backend's name and behind the device's, and what else is wanted.
struct Told {
    std::string backend, device;
    std::vector<std::string> before;  // words in front of -netdev
    std::vector<std::string> remarks;
    bool shares_memory = false;
};

void dgram(const MachinePort& port, const Qemu&, Told& told) {
    told.backend = fmt::format(",local.type=unix,local.path={},remote.type=unix,remote.path={}", qemu_value(port.remote),
                               qemu_value(port.place));
}

void stream(const MachinePort& port, const Qemu& qemu, Told& told) {
    told.backend = fmt::format(",server=off,addr.type=unix,addr.path={}", qemu_value(port.place));
    if (qemu.at_least(9, 2))
        told.backend += ",reconnect-ms=500";
    else if (qemu.at_least(8, 0))
        told.backend += ",reconnect=1";
    else
        told.remarks.push_back(
            fmt::format("QEMU {} connects once: when hairpind has ended, the machine is cut off until it is started "
                        "again (dgram, netdev and vhost-user survive, and so does stream with QEMU 8.0)",
                        qemu.version));
}

void vde(const MachinePort& port, const Qemu&, Told& told) {
    told.backend = fmt::format(",sock={}", qemu_value(port.place));
    told.remarks.emplace_back(
        "VDE does not connect again: when hairpind has ended, the machine is cut off until it is started again");
}

void netdev(const MachinePort& port, const Qemu&, Told& told) {
    told.backend = fmt::format(",ifname={},script=no,downscript=no,vnet_hdr=on", qemu_value(port.place));
    told.remarks.push_back(
        fmt::format("QEMU makes the device {} where it runs{}, which wants CAP_NET_ADMIN; or make it before: ip tuntap "
                    "add {} mode tap vnet_hdr user USER",
                    port.place,
                    port.network_namespace.empty() ? std::string{", which must be hairpind's network namespace"}
                                                   : fmt::format(", so begin with: ip netns exec {}", port.network_namespace),
                    port.place));
}

void vhost_user(const MachinePort& port, const Qemu& qemu, Told& told) {
    const std::string channel = fmt::format("channel-{}", port.name);
    const std::string_view how = port.qemu_listens     ? "server=on,wait=off"
                                 : qemu.at_least(9, 2) ? "reconnect-ms=500"
                                                       : "reconnect=1";
    told.before = {"-chardev", fmt::format("socket,id={},path={},{}", channel, qemu_value(port.place), how)};
    told.backend = fmt::format(",chardev={}", channel);
    // Between the switch and the guest there is no queue but the guest's own buffers.
    told.device = ",rx_queue_size=1024";
    // Debian 12's QEMU 7.2 ends by itself, with a fault, when a guest's driver begins with MSI-X interrupts of a vhost device and there is no
    // KVM to take them over. Without vectors there is one interrupt of the old kind, which is slower, and that works everywhere.
    if (!qemu.kvm) {
        told.device += ",vectors=0";
        told.remarks.emplace_back(
            "vectors=0 is there because KVM is not: QEMU 7.2 ends by itself where it emulates the processor and a vhost device "
            "has MSI-X");
    }
    told.shares_memory = true;
}

struct MachineKindRow {
    std::string_view kind;     // of the port
    std::string_view backend;  // of -netdev
    void (*tell)(const MachinePort& port, const Qemu& qemu, Told& told);
};
constexpr auto kMachineKinds = std::to_array<MachineKindRow>({
    {"dgram", "dgram", dgram},
    {"stream", "stream", stream},
    {"vde", "vde", vde},
    {"netdev", "tap", netdev},
    {"vhost-user", "vhost-user", vhost_user},
});

const MachineKindRow* row_of(std::string_view kind) {
    const auto found =
        std::find_if(kMachineKinds.begin(), kMachineKinds.end(), [&](const auto& row) { return row.kind == kind; });
    return found == kMachineKinds.end() ? nullptr : &*found;
}

constexpr unsigned kUsualMtu = 1500;

}  // namespace

bool Qemu::has_backend(std::string_view name) const {
    return std::find(backends.begin(), backends.end(), name) != backends.end();
}

std::optional<Qemu> read_qemu(const std::string& program, std::string_view version_said, std::string_view backends_said) {
    constexpr std::string_view kBefore = "version ";
    const std::size_t at = version_said.find(kBefore);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = version_said.substr(at + kBefore.size());
    Qemu qemu{.program = program};
    qemu.version = rest.substr(0, rest.find_first_not_of("0123456789."));
    const char* end = rest.data() + rest.size();
    const auto major = std::from_chars(rest.data(), end, qemu.major);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
    if (std::from_chars(major.ptr + 1, end, qemu.minor).ec != std::errc{}) return std::nullopt;

    // "Available netdev backend types:", then one a line.
    std::istringstream lines{std::string{backends_said}};
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && line.find_first_of(" :") == std::string::npos) qemu.backends.push_back(line);
    return qemu;
}

Result<QemuArguments> arguments_for(const MachinePort& port, const Qemu& qemu) {
    const MachineKindRow* row = row_of(port.kind);
    if (row == nullptr)
        return failure(
            fmt::format("port \"{}\" is of kind {}: a virtual machine wants one of {}", port.name, port.kind, machine_kinds()));
    if (!qemu.has_backend(row->backend))
        return failure(fmt::format("{} {} has no backend {} for a port of kind {} (it has {})", qemu.program, qemu.version,
                                   row->backend, port.kind, fmt::join(qemu.backends, ", ")));
    Told told;
    row->tell(port, qemu, told);
    QemuArguments arguments{
        .words = std::move(told.before), .remarks = std::move(told.remarks), .shares_memory = told.shares_memory};
    const std::string id = netdev_id(port.name);
    const std::string mtu = port.mtu == kUsualMtu ? "" : fmt::format(",host_mtu={}", port.mtu);
    arguments.words.insert(arguments.words.end(),
                           {"-netdev", fmt::format("{},id={}{}", row->backend, id, told.backend), "-device",
                            fmt::format("virtio-net-pci,netdev={},mac={}{}{}", id, port.mac.to_string(), mtu, told.device)});
    return arguments;
}

std::vector<std::string> shared_memory(unsigned mebibytes) {
    return {"-object", fmt::format("memory-backend-memfd,id=memory,size={}M,share=on", mebibytes), "-numa", "node,memdev=memory"};
}

// QEMU's names of things begin with a letter.
std::string netdev_id(std::string_view port) { return fmt::format("net-{}", port); }

std::string qemu_value(std::string_view value) {
    std::string result;
    for (const char letter : value) result += letter == ',' ? ",," : std::string(1, letter);
    return result;
}

bool is_machine_kind(std::string_view kind) { return row_of(kind) != nullptr; }

std::string machine_kinds() {
    std::string text;
    for (const MachineKindRow& row : kMachineKinds)
        text += fmt::format("{}{}",
                            &row == kMachineKinds.begin()     ? ""
                            : &row == kMachineKinds.end() - 1 ? " and "
                                                              : ", ",
                            row.kind);
    return text;
}

MacAddress usual_mac(std::string_view port) {
    std::uint32_t hash = 2166136261;  // FNV-1a
    for (const char letter : port) hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619;
    return MacAddress::from_number(0x525400000000 | (hash ^ hash >> 24) % 0x1000000);
}

}  // namespace hairpin::lab
