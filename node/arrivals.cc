#include "node/arrivals.h"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "net/file_descriptor.h"
#include "node/network_device.h"

namespace hairpin::node {

namespace {

// What is told does not matter, and neither does what is lost: each time the devices are looked at.
Result<FileDescriptor> hear_of_links() {
    FileDescriptor links{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)};
    sockaddr_nl told{};
    told.nl_family = AF_NETLINK;
    told.nl_groups = RTMGRP_LINK;
    if (!links || ::bind(links.get(), reinterpret_cast<const sockaddr*>(&told), sizeof told) != 0)
        return failure(fmt::format("rtnetlink: {}", std::strerror(errno)));
    return links;
}

void wait_for_news(const FileDescriptor& links) {
    pollfd waiting{.fd = links.get(), .events = POLLIN, .revents = 0};
    ::poll(&waiting, 1, -1);
    std::array<char, 8192> told;
    while (::recv(links.get(), told.data(), told.size(), 0) > 0) {
    }
}

std::vector<std::string> names_besides(const std::string& management, bool only_up) {
    std::vector<std::string> names;
    for (const NetworkDevice& device : network_devices())
        if (device.name != management && (device.up || !only_up)) names.push_back(device.name);
    return names;
}

}  // namespace

Result<std::vector<std::string>> wait_for_devices(std::optional<unsigned> number, const std::string& management) {
    if (!number) return names_besides(management, false);
    const auto links = hear_of_links();
    if (!links) return tl::unexpected(links.error());
    std::optional<std::size_t> told;
    for (;;) {
        std::vector<std::string> names = names_besides(management, true);
        if (names.size() >= *number) return names;
        if (told != names.size())
            fmt::print(stderr, "hairpin-node: waiting for interfaces: {} of {} are up\n", names.size(), *number);
        told = names.size();
        wait_for_news(*links);
    }
}

}  // namespace hairpin::node
