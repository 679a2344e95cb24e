#include "switch/port_catalog.h"

#include <array>

#include "switch/ports/dgram_port.h"
#include "switch/ports/memory_port.h"
#include "switch/ports/netdev_port.h"
#include "switch/ports/pcap_port.h"
#include "switch/ports/stream_port.h"
#include "switch/ports/tap_port.h"
#include "switch/ports/udp_port.h"
#include "switch/ports/vde_port.h"
#include "switch/ports/vhost_user_port.h"
#include "switch/ports/vxlan_port.h"

namespace hairpin::l2 {

namespace {

Result<std::unique_ptr<Port>> open_memory(const PortSettings& settings, PacketPool& pool, Ledger& ledger, VxlanEndpoints&) {
    const auto& memory = std::get<MemorySettings>(settings.device);
    return std::make_unique<MemoryPort>(pool, ledger, MemoryPort::Options{.mtu = memory.mtu});
}

Result<std::unique_ptr<Port>> open_tap_port(const PortSettings& settings, PacketPool& pool, Ledger& ledger, VxlanEndpoints&) {
    const auto& tap = std::get<TapSettings>(settings.device);
    if (tap.origin == TapSettings::Origin::passed) return std::make_unique<TapPort>(TapDevice{}, pool, ledger, tap.mtu);
    const bool is_kept = tap.origin == TapSettings::Origin::kept;
    const TapIs found = is_kept ? TapIs::either : tap.origin == TapSettings::Origin::made ? TapIs::made : TapIs::there;
    auto device = open_tap(tap.device, found);
    if (!device) return tl::unexpected(device.error());
    if (is_kept)
        if (const auto kept = device->keep(); !kept) return tl::unexpected(kept.error());
    return std::make_unique<TapPort>(std::move(*device), pool, ledger, tap.mtu);
}

Result<std::unique_ptr<Port>> open_pcap(const PortSettings& settings, PacketPool& pool, Ledger& ledger, VxlanEndpoints&) {
    return PcapPort::open(std::get<PcapSettings>(settings.device), pool, ledger);
}

Result<std::unique_ptr<Port>> open_vxlan(const PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                         VxlanEndpoints& endpoints) {
    const auto& vxlan = std::get<VxlanSettings>(settings.device);
    auto endpoint = endpoints.take(vxlan.local, vxlan.udp_port);
    if (!endpoint) return tl::unexpected(endpoint.error());
    return VxlanPort::open(std::move(*endpoint), settings, endpoints.new_key(), pool, ledger);
}

// Kinds that need nothing but their settings.
template <class AnyPort, class Settings>
Result<std::unique_ptr<Port>> open_alone(const PortSettings& settings, PacketPool& pool, Ledger& ledger, VxlanEndpoints&) {
    return AnyPort::open(std::get<Settings>(settings.device), pool, ledger);
}

constexpr auto kPortKinds = std::to_array<PortKind>({
    {"memory", "two queues in memory, for tests and benches", open_memory},
    {"tap", "a TAP network device, as a host's interface", open_tap_port},
    {"pcap", "capture files: one is played, one records", open_pcap},
    {"vxlan", "a VXLAN tunnel to other switches", open_vxlan},
    {"dgram", "a virtual machine, by datagrams of Unix sockets", open_alone<DgramPort, DgramSettings>},
    {"stream", "a virtual machine, by a connection to a Unix socket", open_alone<StreamPort, StreamSettings>},
    {"vde", "a VDE plug, such as a virtual machine's", open_alone<VdePort, VdeSettings>},
    {"netdev", "a network device that somebody else has, such as a virtual machine's TAP",
     open_alone<NetdevPort, NetdevSettings>},
    {"vhost-user", "a virtual machine's network card, by memory that is shared with it",
     open_alone<VhostUserPort, VhostUserSettings>},
    {"udp", "another switch, an emulator or a virtual machine, by UDP datagrams", open_alone<UdpPort, UdpSettings>},
});
static_assert(kPortKinds.size() == std::variant_size_v<decltype(PortSettings::device)>, "each alternative has exactly one row");

}  // namespace

std::span<const PortKind> port_kinds() { return kPortKinds; }

const PortKind& kind_of(const PortSettings& settings) { return kPortKinds[settings.device.index()]; }

Result<std::unique_ptr<Port>> open_port(const PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                        VxlanEndpoints& endpoints) {
    return kind_of(settings).open(settings, pool, ledger, endpoints);
}

}  // namespace hairpin::l2
