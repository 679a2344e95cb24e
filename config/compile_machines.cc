// Ports of the switch behind which virtual machines are, and other programs that speak as they do.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

void read_dgram(const NodeReader& node, l2::PortSettings& port) {
    const l2::DgramSettings dgram{node.text_or("socket", ""), node.text_or("remote", ""), node.number<unsigned>("mtu")};
    if (!dgram.socket.empty() && dgram.socket == dgram.remote)
        node.refuse("remote", fmt::format("{} is our own socket: the machine's is another", dgram.remote));
    port.device = dgram;
}

void read_stream(const NodeReader& node, l2::PortSettings& port) {
    port.device = l2::StreamSettings{node.text_or("socket", ""), node.number<unsigned>("mtu")};
}

void read_vde(const NodeReader& node, l2::PortSettings& port) {
    port.device = l2::VdeSettings{node.text_or("folder", ""), node.number<unsigned>("mtu")};
}

void read_netdev(const NodeReader& node, l2::PortSettings& port) {
    port.device = l2::NetdevSettings{node.text_or("device", ""), node.text_or("namespace", ""), node.number<unsigned>("mtu")};
}

using SocketMode = l2::VhostUserSettings::Mode;
constexpr auto kSocketModes =
    std::to_array<std::pair<std::string_view, SocketMode>>({{"server", SocketMode::server}, {"client", SocketMode::client}});

void read_vhost_user(const NodeReader& node, l2::PortSettings& port) {
    port.device =
        l2::VhostUserSettings{node.text_or("socket", ""), node.one_of("mode", kSocketModes), node.number<unsigned>("mtu")};
}

void read_udp(const NodeReader& node, l2::PortSettings& port) {
    const l2::UdpSettings udp{node.address("local"), L4Port{node.number<std::uint16_t>("local-port")}, node.address("remote"),
                              L4Port{node.number<std::uint16_t>("remote-port")}, node.number<unsigned>("mtu")};
    if (udp.local_text() == udp.remote_text()) node.refuse("remote-port", fmt::format("{} is our own socket", udp.remote_text()));
    port.device = udp;
}

constexpr std::size_t kLongestPath = 107;   // bytes of a Unix socket's address, which a schema cannot count
constexpr std::size_t kLongestFolder = 96;  // with the names of its sockets behind it

void check_length(const NodeReader& node, std::string_view leaf, std::size_t longest) {
    const std::string path = node.text_or(leaf, "");
    if (path.size() > longest)
        node.refuse(leaf, fmt::format("{} bytes are more than the {} of a Unix socket's path", path.size(), longest));
}

struct MachineKind {
    std::string_view name;
    void (*read)(const NodeReader& node, l2::PortSettings& port);
    std::string_view what_is_taken;  // the leaf that two ports cannot have alike
};
constexpr auto kMachineKinds = std::to_array<MachineKind>({
    {"dgram", read_dgram, "socket"},
    {"stream", read_stream, "socket"},
    {"vde", read_vde, "folder"},
    {"netdev", read_netdev, "device"},
    {"vhost-user", read_vhost_user, "socket"},
    {"udp", read_udp, "local-port"},
});

}  // namespace

void compile_machine(const NodeReader& port, l2::PortSettings& settings) {
    for (const MachineKind& kind : kMachineKinds)
        if (const NodeReader node = port.child(kind.name)) {
            check_length(node, "socket", kLongestPath);
            check_length(node, "remote", kLongestPath);
            check_length(node, "folder", kLongestFolder);
            kind.read(node, settings);
        }
}

void check_machine(const NodeReader& port, const l2::PortSettings& settings, const std::vector<l2::PortSettings>& others) {
    const auto kind = std::find_if(kMachineKinds.begin(), kMachineKinds.end(),
                                   [&](const MachineKind& each) { return static_cast<bool>(port.child(each.name)); });
    if (kind == kMachineKinds.end()) return;
    const NodeReader node = port.child(kind->name);
    for (const l2::PortSettings& other : others)
        if (exclude_each_other(settings, other))
            node.refuse(kind->what_is_taken,
                        fmt::format("port \"{}\" has {} already", other.name, node.text_or(kind->what_is_taken, "")));
}

}  // namespace hairpin::config
