#include "switch/ports/descriptor_set.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace hairpin::l2 {

Result<DescriptorSet> DescriptorSet::open() {
    DescriptorSet set;
    set.epoll_ = FileDescriptor{epoll_create1(EPOLL_CLOEXEC)};
    if (!set.epoll_) return failure(std::string{"epoll_create1: "} + std::strerror(errno));
    return set;
}

Result<void> DescriptorSet::watch(int descriptor, For what) {
    epoll_event event{};
    event.events = static_cast<std::uint32_t>(what);
    event.data.fd = descriptor;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event) == 0) return {};
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
    return failure(std::string{"epoll_ctl: "} + std::strerror(errno));
}

void DescriptorSet::forget(int descriptor) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr); }

std::span<const int> DescriptorSet::ready() {
    std::array<epoll_event, kMost> events;
    const int count = epoll_wait(epoll_.get(), events.data(), kMost, 0);
    const auto found = static_cast<std::size_t>(std::max(count, 0));
    for (std::size_t i = 0; i < found; ++i) ready_[i] = events[i].data.fd;
    return {ready_.data(), found};
}

}  // namespace hairpin::l2
