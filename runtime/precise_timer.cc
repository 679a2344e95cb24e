#include "runtime/precise_timer.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace hairpin::runtime {

Result<PreciseTimer> PreciseTimer::make(EventLoop& loop, std::function<void()> expired) {
    PreciseTimer timer;
    timer.descriptor_ = FileDescriptor{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    if (!timer.descriptor_) return failure(std::string{"timerfd_create: "} + std::strerror(errno));
    auto poller = Poller::watch(loop, timer.descriptor_.get(), [descriptor = timer.descriptor_.get(), call = std::move(expired)] {
        std::uint64_t expirations = 0;
        if (::read(descriptor, &expirations, sizeof expirations) == sizeof expirations) call();
    });
    if (!poller) return tl::unexpected(poller.error());
    timer.poller_ = std::move(*poller);
    return timer;
}

void PreciseTimer::arm(Duration from_now) {
    constexpr Duration::rep kSecond = 1'000'000'000;
    const Duration::rep nanoseconds = std::max<Duration::rep>(1, from_now.count());  // 0 would disarm it
    itimerspec when{};
    when.it_value.tv_sec = nanoseconds / kSecond;
    when.it_value.tv_nsec = nanoseconds % kSecond;
    ensure(timerfd_settime(descriptor_.get(), 0, &when, nullptr) == 0);
}

}  // namespace hairpin::runtime
