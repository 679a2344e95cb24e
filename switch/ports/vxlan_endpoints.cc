#include "switch/ports/vxlan_endpoints.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hairpin::l2 {

VxlanEndpoints::~VxlanEndpoints() {
    for (const Entry& entry : entries_) watcher_.closing(*entry.endpoint);
}

Result<std::shared_ptr<VxlanEndpoint>> VxlanEndpoints::take(Ipv4Address local, L4Port port) {
    struct stat here {};
    if (stat("/proc/thread-self/ns/net", &here) != 0)
        return failure(std::string{"/proc/thread-self/ns/net: "} + std::strerror(errno));
    const auto same = [&](const Entry& entry) {
        return entry.network_namespace == here.st_ino && entry.endpoint->local() == local && entry.endpoint->port() == port;
    };
    if (const auto found = std::find_if(entries_.begin(), entries_.end(), same); found != entries_.end()) return found->endpoint;
    auto opened = VxlanEndpoint::open(local, port, new_key(), ledger_);
    if (!opened) return opened;
    if (const auto watched = watcher_.opened(**opened); !watched) return tl::unexpected(watched.error());
    entries_.push_back({here.st_ino, *opened});
    return opened;
}

void VxlanEndpoints::let_go_of_unused() {
    std::erase_if(entries_, [&](const Entry& entry) {
        if (!entry.endpoint->carries_nothing()) return false;
        watcher_.closing(*entry.endpoint);
        return true;
    });
}

}  // namespace hairpin::l2
