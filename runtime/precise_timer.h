#pragma once
// A timer for what must happen within fractions of a millisecond: a timerfd, which the loop watches like any other descriptor. libuv's own
// timers count in whole milliseconds.

#include <functional>

#include "net/file_descriptor.h"
#include "net/time.h"
#include "runtime/watch.h"

namespace hairpin::runtime {

class PreciseTimer {
public:
    static Result<PreciseTimer> make(EventLoop& loop, std::function<void()> expired);
    PreciseTimer() = default;

    // Expires once, so long from now; in place of what it was armed for before.
    void arm(Duration from_now);

private:
    FileDescriptor descriptor_;
    Poller poller_;  // goes first, since it watches the descriptor
};

}  // namespace hairpin::runtime
