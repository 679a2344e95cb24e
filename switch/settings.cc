#include "switch/settings.h"

#include <string>

namespace hairpin::l2 {

namespace {

// The socket that a port binds, or meets somebody at; empty where there is none.
std::string bound_socket(const PortSettings& port) {
    if (const auto* dgram = std::get_if<DgramSettings>(&port.device)) return dgram->socket;
    if (const auto* stream = std::get_if<StreamSettings>(&port.device)) return stream->socket;
    if (const auto* guest = std::get_if<VhostUserSettings>(&port.device)) return guest->socket;
    if (const auto* vde = std::get_if<VdeSettings>(&port.device)) return vde->folder.empty() ? "" : vde->folder + "/ctl";
    if (const auto* udp = std::get_if<UdpSettings>(&port.device)) return udp->local_text();
    return "";
}

struct NamedDevice {
    std::string name, network_namespace;
    friend bool operator==(const NamedDevice&, const NamedDevice&) = default;
};
// The network device that it opens; one without a name where it opens none.
NamedDevice opened_device(const PortSettings& port) {
    if (const auto* tap = std::get_if<TapSettings>(&port.device)) return {tap->device, tap->network_namespace};
    if (const auto* netdev = std::get_if<NetdevSettings>(&port.device)) return {netdev->device, netdev->network_namespace};
    return {};
}

}  // namespace

std::string UdpSettings::local_text() const { return local.to_string() + ":" + std::to_string(local_port.number()); }
std::string UdpSettings::remote_text() const { return remote.to_string() + ":" + std::to_string(remote_port.number()); }

bool exclude_each_other(const PortSettings& one, const PortSettings& other) {
    const std::string socket = bound_socket(one);
    if (!socket.empty()) return socket == bound_socket(other);
    const NamedDevice device = opened_device(one);
    if (!device.name.empty()) return device == opened_device(other);
    const auto* vxlan = std::get_if<VxlanSettings>(&one.device);
    const auto* other_vxlan = std::get_if<VxlanSettings>(&other.device);
    return vxlan != nullptr && other_vxlan != nullptr && vxlan->same_device(*other_vxlan);
}

}  // namespace hairpin::l2
