#include "runtime/port_opener.h"

#include <fmt/format.h>

#include "runtime/netlink.h"
#include "runtime/network_namespace.h"
#include "switch/port_catalog.h"

namespace hairpin::runtime {

namespace {

// The TAP as its host sees it: an interface with address and routes, up.
Result<void> configure(const l2::TapSettings& tap) {
    auto netlink = Netlink::open();
    if (!netlink) return tl::unexpected(netlink.error());
    const auto index = netlink->link_index(tap.device);
    if (!index) return tl::unexpected(index.error());
    if (auto changed = netlink->change_link(*index, {.mac = tap.mac, .mtu = tap.mtu, .up = true}); !changed) return changed;
    // A device that was there may have been set up by the daemon before.
    const auto if_there = tap.origin == l2::TapSettings::Origin::made ? Netlink::IfThere::refuse : Netlink::IfThere::replace;
    for (const auto& address : tap.addresses)
        if (auto added = netlink->add_address(*index, address, if_there); !added) return added;
    for (const auto& route : tap.routes)
        if (auto added = netlink->add_route(*index, route.prefix, route.via, if_there); !added) return added;
    return {};
}

// Where its device or its sockets are; empty: at home.
std::string namespace_of(const l2::PortSettings& settings) {
    if (const auto* tap = std::get_if<l2::TapSettings>(&settings.device)) return tap->network_namespace;
    if (const auto* vxlan = std::get_if<l2::VxlanSettings>(&settings.device)) return vxlan->network_namespace;
    if (const auto* netdev = std::get_if<l2::NetdevSettings>(&settings.device)) return netdev->network_namespace;
    return "";
}

}  // namespace

Result<std::unique_ptr<l2::Port>> open_configured_port(const l2::PortSettings& settings, PacketPool& pool, Ledger& ledger,
                                                       l2::VxlanEndpoints& endpoints) {
    const auto* tap = std::get_if<l2::TapSettings>(&settings.device);
    // In a lab the daemon's own namespace is none that somebody who types `ip link` stands in.
    const auto explained = [&](const Error& error) {
        const bool is_of_place = error.message.find("this network namespace") != std::string::npos;
        const std::string place = is_of_place ? name_of_this_network_namespace() : "";
        return failure(fmt::format("port \"{}\": {}{}", settings.name, error.message,
                                   place.empty() ? "" : "; this network namespace is " + place));
    };

    std::optional<NamespaceVisit> visit;
    if (const std::string there = namespace_of(settings); !there.empty()) {
        const auto target = open_network_namespace(there);
        if (!target) return explained(target.error());
        auto entered = NamespaceVisit::enter(*target, there);
        if (!entered) return explained(entered.error());
        visit.emplace(std::move(*entered));
    }
    auto port = l2::open_port(settings, pool, ledger, endpoints);
    if (!port) return explained(port.error());
    if (tap != nullptr && tap->origin != l2::TapSettings::Origin::passed) {
        if (const auto configured = configure(*tap); !configured) {
            (*port)->discard();
            return explained(Error{fmt::format("tap \"{}\": {}", tap->device, configured.error().message)});
        }
    }
    return port;
}

}  // namespace hairpin::runtime
