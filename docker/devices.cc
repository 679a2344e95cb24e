#include "docker/devices.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "net/file_descriptor.h"
#include "runtime/netlink.h"
#include "runtime/network_namespace.h"

namespace hairpin::docker {

namespace {

Result<void> set_mtu(const std::string& name, unsigned mtu) {
    const FileDescriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request{};
    std::memcpy(request.ifr_name, name.c_str(), std::min<std::size_t>(name.size(), IFNAMSIZ - 1));
    request.ifr_mtu = static_cast<int>(mtu);
    if (ioctl(socket.get(), SIOCSIFMTU, &request) == 0) return {};
    return failure(fmt::format("tap \"{}\": SIOCSIFMTU {}: {}", name, mtu, std::strerror(errno)));
}

// The name here of the interface with this MAC.
std::optional<std::string> name_of(MacAddress mac) {
    const FileDescriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const std::unique_ptr<struct if_nameindex, void (*)(struct if_nameindex*)> all{if_nameindex(), if_freenameindex};
    for (auto* each = all.get(); each != nullptr && each->if_index != 0; ++each) {
        ifreq request{};
        std::strncpy(request.ifr_name, each->if_name, IFNAMSIZ - 1);
        if (ioctl(socket.get(), SIOCGIFHWADDR, &request) != 0) continue;
        if (std::memcmp(request.ifr_hwaddr.sa_data, mac.bytes().data(), mac.bytes().size()) == 0) return each->if_name;
    }
    return std::nullopt;
}

}  // namespace

bool device_is_here(const std::string& name) { return if_nametoindex(name.c_str()) != 0; }

Result<l2::TapDevice> make_device(const std::string& name, unsigned mtu) {
    auto device = l2::open_tap(name, l2::TapIs::either);
    if (!device) return device;
    if (mtu != 0)
        if (const auto done = set_mtu(name, mtu); !done) return tl::unexpected(done.error());
    // Last, so that of what has failed nothing stays.
    if (const auto done = device->keep(); !done) return tl::unexpected(done.error());
    return device;
}

Result<l2::TapDevice> find_device(const std::string& name, MacAddress mac, const std::string& sandbox) {
    if (device_is_here(name)) return l2::open_tap(name, l2::TapIs::there);
    const FileDescriptor target{::open(sandbox.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!target) return failure(fmt::format("open {}: {}", sandbox, std::strerror(errno)));
    const auto visit = runtime::NamespaceVisit::enter(target, sandbox);
    if (!visit) return tl::unexpected(visit.error());
    const auto there = name_of(mac);
    if (!there) return failure(fmt::format("{}: no interface in there has the MAC {}", sandbox, mac.to_string()));
    return l2::open_tap(*there, l2::TapIs::there);
}

Result<void> remove_device(const std::string& name) {
    if (!device_is_here(name)) return {};
    auto netlink = runtime::Netlink::open();
    if (!netlink) return tl::unexpected(netlink.error());
    const auto index = netlink->link_index(name);
    if (!index) return tl::unexpected(index.error());
    return netlink->remove_link(*index);
}

}  // namespace hairpin::docker
