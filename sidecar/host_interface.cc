#include "sidecar/host_interface.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/file_descriptor.h"
#include "runtime/netlink.h"

namespace hairpin::sidecar {

using runtime::Netlink;

namespace {

Result<void> set_up(Netlink& netlink, int index, const std::vector<Ipv4InterfaceAddress>& addresses,
                    const std::vector<Route>& routes) {
    if (const auto loopback = netlink.link_index("lo"); loopback)
        if (const auto up = netlink.change_link(*loopback, {.mac = {}, .mtu = {}, .up = true}); !up) return up;
    for (const Ipv4InterfaceAddress& address : addresses)
        if (const auto added = netlink.add_address(index, address, Netlink::IfThere::replace); !added) return added;
    if (const auto up = netlink.change_link(index, {.mac = {}, .mtu = {}, .up = true}); !up) return up;
    for (const Route& route : routes)
        if (const auto added = netlink.add_route(index, route.prefix, route.via, Netlink::IfThere::replace); !added) return added;
    return {};
}

}  // namespace

Result<HostInterface> HostInterface::open(const std::string& device, const std::vector<Ipv4InterfaceAddress>& addresses,
                                          const std::vector<Route>& routes) {
    auto tap = l2::open_tap(device);
    if (!tap) return tl::unexpected(tap.error());
    auto netlink = Netlink::open();
    if (!netlink) return tl::unexpected(netlink.error());
    const auto index = netlink->link_index(device);
    if (!index) return tl::unexpected(index.error());
    HostInterface interface { std::move(*tap), *index };
    interface.set_carrier(false);
    if (const auto done = set_up(*netlink, *index, addresses, routes); !done)
        return failure(device + ": " + done.error().message);
    return interface;
}

// A kernel before 4.20 leaves the carrier on: the interface works all the same.
void HostInterface::set_carrier(bool on) {
    const int carrier = on ? 1 : 0;
    ioctl(descriptor(), TUNSETCARRIER, &carrier);
}

Result<void> HostInterface::set_mtu(unsigned mtu) {
    auto netlink = Netlink::open();
    if (!netlink) return tl::unexpected(netlink.error());
    return netlink->change_link(index_, {.mac = {}, .mtu = mtu, .up = false});
}

Result<bool> has_carrier(const std::string& device) {
    const std::string file = "/sys/class/net/" + device + "/carrier";
    const FileDescriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    char answer = 0;
    if (!opened || ::read(opened.get(), &answer, 1) != 1) return failure(fmt::format("read {}: {}", file, std::strerror(errno)));
    return answer == '1';
}

}  // namespace hairpin::sidecar
