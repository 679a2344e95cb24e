#include "runtime/port_cable.h"

#include <algorithm>
#include <utility>

#include "runtime/clock.h"

namespace hairpin::runtime {

PortCable::PortCable(const l2::CableSettings& settings, PacketPool& waiting, Ledger& ledger)
    : cable(settings, random_key(), waiting, ledger, monotonic_now()) {}

Result<std::unique_ptr<PortCable>> PortCable::make(EventLoop& loop, const l2::CableSettings& settings, PacketPool& waiting,
                                                   Ledger& ledger, std::function<void()> wake) {
    std::unique_ptr<PortCable> made{new PortCable{settings, waiting, ledger}};
    auto timer = PreciseTimer::make(loop, [cable = made.get(), call = std::move(wake)] {
        cable->armed_for_.reset();
        call();
    });
    if (!timer) return tl::unexpected(timer.error());
    made->timer_ = std::move(*timer);
    return made;
}

void PortCable::arm() {
    const auto next = cable.next_event();
    if (!next) return;
    const Timestamp now = monotonic_now();
    const Timestamp when = std::max(*next, now + kGrain);
    if (armed_for_ && *armed_for_ <= when) return;
    timer_.arm(when - now);
    armed_for_ = when;
}

}  // namespace hairpin::runtime
