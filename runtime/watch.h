#pragma once
// Four things that a loop can wait for: a descriptor that becomes readable, time that passes, a signal, and the end of its own turn. Each calls
// back on the loop's thread until its owner lets go of it.

#include <chrono>
#include <functional>

#include "runtime/uv_handle.h"

namespace hairpin::runtime {

class Poller {
public:
    // Called again and again for as long as there is something to read. A device that has gone away counts as readable: reading it
    // tells which of the two it is.
    static Result<Poller> watch(EventLoop& loop, int descriptor, std::function<void()> readable) {
        auto handle = Handle::make("watch a descriptor", std::move(readable),
                                   [&](uv_poll_t* poll) { return uv_poll_init(loop.get(), poll, descriptor); });
        if (!handle) return tl::unexpected(handle.error());
        uv_poll_start(handle->get(), UV_READABLE | UV_DISCONNECT, [](uv_poll_t* poll, int, int) { Handle::on_event(poll); });
        return Poller{std::move(*handle)};
    }
    Poller() = default;

private:
    using Handle = UvHandle<uv_poll_t>;
    explicit Poller(Handle handle) : handle_(std::move(handle)) {}
    Handle handle_;
};

class Ticker {
public:
    static Result<Ticker> start(EventLoop& loop, std::chrono::milliseconds interval, std::function<void()> tick) {
        auto handle =
            Handle::make("start a timer", std::move(tick), [&](uv_timer_t* timer) { return uv_timer_init(loop.get(), timer); });
        if (!handle) return tl::unexpected(handle.error());
        const auto milliseconds = static_cast<std::uint64_t>(interval.count());
        uv_timer_start(handle->get(), Handle::on_event, milliseconds, milliseconds);
        return Ticker{std::move(*handle)};
    }
    Ticker() = default;

private:
    using Handle = UvHandle<uv_timer_t>;
    explicit Ticker(Handle handle) : handle_(std::move(handle)) {}
    Handle handle_;
};

// The end of each turn of the loop: when everything has been read that there was to read.
class TurnWatch {
public:
    static Result<TurnWatch> start(EventLoop& loop, std::function<void()> ended) {
        auto handle =
            Handle::make("watch the loop", std::move(ended), [&](uv_check_t* check) { return uv_check_init(loop.get(), check); });
        if (!handle) return tl::unexpected(handle.error());
        uv_check_start(handle->get(), Handle::on_event);
        return TurnWatch{std::move(*handle)};
    }
    TurnWatch() = default;

private:
    using Handle = UvHandle<uv_check_t>;
    explicit TurnWatch(Handle handle) : handle_(std::move(handle)) {}
    Handle handle_;
};

class SignalWatch {
public:
    static Result<SignalWatch> on(EventLoop& loop, int signal, std::function<void()> caught) {
        auto handle = Handle::make("watch a signal", std::move(caught),
                                   [&](uv_signal_t* watch) { return uv_signal_init(loop.get(), watch); });
        if (!handle) return tl::unexpected(handle.error());
        uv_signal_start(
            handle->get(), [](uv_signal_t* watch, int) { Handle::on_event(watch); }, signal);
        return SignalWatch{std::move(*handle)};
    }
    SignalWatch() = default;

private:
    using Handle = UvHandle<uv_signal_t>;
    explicit SignalWatch(Handle handle) : handle_(std::move(handle)) {}
    Handle handle_;
};

}  // namespace hairpin::runtime
