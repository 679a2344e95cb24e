#include "lab/machines/qemu.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace hairpin::lab {

namespace {

// QEMU's names of things begin with a letter.
std::string id_of(const MachinePort& port) { return "net-" + port.name; }

void dgram(const MachinePort& port, const Qemu&, QemuArguments& into) {
    into.words[1] += fmt::format(",local.type=unix,local.path={},remote.type=unix,remote.path={}", qemu_value(port.remote),
                                 qemu_value(port.place));
}

void stream(const MachinePort& port, const Qemu& qemu, QemuArguments& into) {
    into.words[1] += fmt::format(",server=off,addr.type=unix,addr.path={}", qemu_value(port.place));
    if (qemu.at_least(9, 2))
        into.words[1] += ",reconnect-ms=500";
    else if (qemu.at_least(8, 0))
        into.words[1] += ",reconnect=1";
    else
        into.remarks.push_back(
            fmt::format("QEMU {} connects once: when hairpind has ended, the machine is cut off until it is started "
                        "again (dgram and netdev survive, and so does stream with QEMU 8.0)",
                        qemu.version));
}

void vde(const MachinePort& port, const Qemu&, QemuArguments& into) {
    into.words[1] += fmt::format(",sock={}", qemu_value(port.place));
    into.remarks.emplace_back(
        "VDE does not connect again: when hairpind has ended, the machine is cut off until it is started again");
}

void netdev(const MachinePort& port, const Qemu&, QemuArguments& into) {
    into.words[1] += fmt::format(",ifname={},script=no,downscript=no,vnet_hdr=on", qemu_value(port.place));
    into.remarks.push_back(
        fmt::format("QEMU makes the device {} where it runs{}, which wants CAP_NET_ADMIN; or make it before: ip tuntap "
                    "add {} mode tap vnet_hdr user USER",
                    port.place,
                    port.network_namespace.empty() ? std::string{", which must be hairpind's network namespace"}
                                                   : fmt::format(", so begin with: ip netns exec {}", port.network_namespace),
                    port.place));
}

struct MachineKindRow {
    std::string_view kind;     // of the port
    std::string_view backend;  // of -netdev
    // Goes on with the backend's options, and remarks on them.
    void (*tell)(const MachinePort& port, const Qemu& qemu, QemuArguments& into);
};
constexpr auto kMachineKinds = std::to_array<MachineKindRow>({
    {"dgram", "dgram", dgram},
    {"stream", "stream", stream},
    {"vde", "vde", vde},
    {"netdev", "tap", netdev},
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
    QemuArguments arguments{.words = {"-netdev", fmt::format("{},id={}", row->backend, id_of(port))}, .remarks = {}};
    row->tell(port, qemu, arguments);
    arguments.words.emplace_back("-device");
    arguments.words.push_back(fmt::format("virtio-net-pci,netdev={},mac={}{}", id_of(port), port.mac.to_string(),
                                          port.mtu == kUsualMtu ? "" : fmt::format(",host_mtu={}", port.mtu)));
    return arguments;
}

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
