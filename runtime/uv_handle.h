#pragma once
// A libuv handle with what it calls, letting go by itself. The memory of both must live until libuv has called back that the
// handle is closed, some turns of the loop after uv_close: UvHandle leaves it to that callback, so nobody else has to know, and
// a callback may close the handle that called it.

#include <uv.h>

#include <functional>
#include <memory>
#include <utility>

#include "net/result.h"

namespace hairpin::runtime {

template <class Handle>
class UvHandle {
public:
    UvHandle() = default;
    UvHandle(UvHandle&& other) noexcept : owned_(std::exchange(other.owned_, nullptr)) {}
    UvHandle& operator=(UvHandle&& other) noexcept {
        if (this != &other) close(), owned_ = std::exchange(other.owned_, nullptr);
        return *this;
    }
    ~UvHandle() { close(); }

    // Makes the handle; `initialize(Handle*)` calls uv_..._init and returns its result. `callback` is what on_event() runs.
    template <class Initialize>
    static Result<UvHandle> make(const char* what, std::function<void()> callback, Initialize&& initialize) {
        auto owned = std::make_unique<Owned>();
        if (const int error = initialize(&owned->handle); error != 0)
            return failure(std::string{what} + ": " + uv_strerror(error));
        owned->callback = std::move(callback);
        owned->handle.data = owned.get();
        UvHandle result;
        result.owned_ = owned.release();
        return result;
    }
    // For the C callbacks that libuv takes: runs the callback of the handle that it passes.
    static void on_event(Handle* handle) { static_cast<Owned*>(handle->data)->callback(); }

    Handle* get() const { return &owned_->handle; }
    explicit operator bool() const { return owned_ != nullptr; }

    void close() {
        if (owned_ == nullptr) return;
        uv_close(reinterpret_cast<uv_handle_t*>(&owned_->handle),
                 [](uv_handle_t* handle) { delete static_cast<Owned*>(handle->data); });
        owned_ = nullptr;
    }

private:
    struct Owned {
        Handle handle{};
        std::function<void()> callback;
    };
    Owned* owned_ = nullptr;
};

// The loop of one thread. Destroying it lets the close callbacks of its handles run first.
class EventLoop {
public:
    EventLoop() { ensure(uv_loop_init(&loop_) == 0); }
    ~EventLoop() {
        uv_run(&loop_, UV_RUN_DEFAULT);
        ensure(uv_loop_close(&loop_) == 0);
    }
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    uv_loop_t* get() { return &loop_; }
    // Until stop(), or until nothing is left to wait for.
    void run() { uv_run(&loop_, UV_RUN_DEFAULT); }
    void stop() { uv_stop(&loop_); }

private:
    uv_loop_t loop_;
};

}  // namespace hairpin::runtime
