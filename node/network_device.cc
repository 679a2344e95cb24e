#include "node/network_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

#include "net/big_endian.h"
#include "net/file_descriptor.h"

namespace hairpin::node {

namespace {

constexpr auto kMadeByTheKernel = std::to_array<std::string_view>({"gretap0", "erspan0"});
constexpr int kMostAddresses = 64;  // of a device; a container has one or two

FileDescriptor any_socket() { return FileDescriptor{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)}; }

ifreq request_of(const std::string& device) {
    ifreq request{};
    std::memcpy(request.ifr_name, device.c_str(), std::min(device.size(), std::size_t{IFNAMSIZ - 1}));
    return request;
}

tl::unexpected<Error> device_failure(const std::string& device, const char* tried) {
    const std::string advice = errno == EPERM ? " (needs CAP_NET_ADMIN)" : "";
    return failure(fmt::format("network device \"{}\": {}: {}{}", device, tried, std::strerror(errno), advice));
}

// "eth10" is ("eth", 10).
std::pair<std::string, unsigned long> natural_order(const std::string& name) {
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    const std::string number = name.substr(digits, 9);
    return {name.substr(0, digits), number.empty() ? 0 : std::stoul(number)};
}

struct FreeNames {
    void operator()(struct if_nameindex* list) const { ::if_freenameindex(list); }
};
struct FreeAddresses {
    void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};

// Where /proc/sys cannot be written, as in most containers, the kernel goes on looking for routers there, which harms nothing.
void quieten_ipv6(const std::string& device) {
    const FileDescriptor setting{
        ::open(fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", device).c_str(), O_WRONLY | O_CLOEXEC)};
    std::ignore = ::write(setting.get(), "1", 1);
}

}  // namespace

std::vector<NetworkDevice> network_devices() {
    std::vector<NetworkDevice> devices;
    const FileDescriptor socket = any_socket();
    const std::unique_ptr<struct if_nameindex, FreeNames> list{::if_nameindex()};
    for (const struct if_nameindex* each = list.get(); each != nullptr && each->if_index != 0; ++each) {
        const std::string name = each->if_name;
        ifreq request = request_of(name);
        if (::ioctl(socket.get(), SIOCGIFHWADDR, &request) != 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER) continue;
        if (std::find(kMadeByTheKernel.begin(), kMadeByTheKernel.end(), name) != kMadeByTheKernel.end()) continue;
        if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) continue;  // it has gone again
        devices.push_back({.name = name, .up = (request.ifr_flags & IFF_UP) != 0});
    }
    std::sort(devices.begin(), devices.end(), [](const NetworkDevice& one, const NetworkDevice& other) {
        return natural_order(one.name) < natural_order(other.name);
    });
    return devices;
}

std::vector<Ipv4InterfaceAddress> addresses_of(const std::string& device) {
    std::vector<Ipv4InterfaceAddress> addresses;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return addresses;
    const std::unique_ptr<ifaddrs, FreeAddresses> list{first};
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        if (device != each->ifa_name || each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
        sockaddr_in address{}, mask{};
        std::memcpy(&address, each->ifa_addr, sizeof address);
        if (each->ifa_netmask != nullptr) std::memcpy(&mask, each->ifa_netmask, sizeof mask);
        const auto number = std::bit_cast<Be32>(address.sin_addr.s_addr).value();
        const int length = std::popcount(mask.sin_addr.s_addr);
        if (const auto read = Ipv4InterfaceAddress::parse(fmt::format("{}/{}", Ipv4Address{number}.to_string(), length)))
            addresses.push_back(*read);
    }
    return addresses;
}

Result<void> take_from_kernel(const std::string& device) {
    const FileDescriptor socket = any_socket();
    // 0.0.0.0 removes the device's first address.
    for (int i = 0; !addresses_of(device).empty(); ++i) {
        ifreq request = request_of(device);
        request.ifr_addr.sa_family = AF_INET;
        if (i == kMostAddresses || ::ioctl(socket.get(), SIOCSIFADDR, &request) != 0)
            return device_failure(device, "remove its address");
    }
    quieten_ipv6(device);
    ifreq request = request_of(device);
    if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return device_failure(device, "ask for its flags");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_NOARP);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return device_failure(device, "set it up, without ARP");
    return {};
}

}  // namespace hairpin::node
