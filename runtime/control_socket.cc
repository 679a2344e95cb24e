#include "runtime/control_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <utility>
#include <vector>

#include "control/line_splitter.h"
#include "runtime/log.h"
#include "runtime/socket_path.h"

namespace hairpin::runtime {

Result<void> claim_socket_path(const std::string& path) { return claim({"control socket", SOCK_STREAM, "--socket", path}); }

// One client. Lives until libuv has closed its pipe.
class ControlSocket::Connection {
public:
    explicit Connection(ControlSocket& owner) : owner_(owner) {
        ensure(uv_pipe_init(owner.loop_.get(), &pipe_, 0) == 0);
        pipe_.data = this;
        caller_.notify = [this](std::string_view line) { send(line); };
        caller_.on_close = [this](std::function<void()> farewell) { farewells_.push_back(std::move(farewell)); };
        caller_.become_stream = [this](std::function<void()> asked_to_end) { return become_stream(std::move(asked_to_end)); };
        owner.connections_.insert(this);
    }

    void start(uv_stream_t* listener) {
        if (uv_accept(listener, stream()) != 0) return close();
        int descriptor = -1;
        ucred peer{};
        socklen_t size = sizeof peer;
        if (uv_fileno(reinterpret_cast<uv_handle_t*>(&pipe_), &descriptor) != 0 ||
            getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
            return close();
        caller_.uid = peer.uid;
        caller_.gid = peer.gid;
        caller_.pid = peer.pid;
        uv_read_start(
            stream(), [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) { *buffer = self(handle).space(); },
            [](uv_stream_t* handle, ssize_t count, const uv_buf_t* buffer) { self(handle).received(count, buffer->base); });
    }

    void close() {
        if (closing_) return;
        closing_ = true;
        for (const auto& farewell : farewells_) farewell();
        owner_.connections_.erase(this);
        uv_close(reinterpret_cast<uv_handle_t*>(&pipe_),
                 [](uv_handle_t* handle) { delete static_cast<Connection*>(handle->data); });
    }

private:
    // Bytes on their way out; libuv wants the memory until they are written.
    struct Outgoing {
        uv_write_t request{};
        std::string bytes;
        Connection* connection = nullptr;
        std::function<void()> taken = {};
    };

    template <class Handle>
    static Connection& self(Handle* handle) {
        return *static_cast<Connection*>(handle->data);
    }
    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&pipe_); }
    uv_buf_t space() { return uv_buf_init(buffer_, sizeof buffer_); }

    void received(ssize_t count, const char* bytes) {
        if (count == 0) return;
        if (count == UV_EOF && asked_to_end_ != nullptr) return std::exchange(asked_to_end_, nullptr)();
        if (count < 0) return close();
        if (is_stream_) return;
        splitter_.feed({bytes, static_cast<std::size_t>(count)});
        while (const auto line = splitter_.next()) {
            const std::string answer = owner_.dispatcher_.handle(*line, caller_);
            if (!answer.empty()) send(answer);
            if (closing_ || is_stream_) return;
        }
        if (!splitter_.overflowed()) return;
        log::warn(fmt::format("event=control_line_too_long pid={} uid={}", caller_.pid, caller_.uid));
        close();
    }

    void send(std::string_view line) {
        if (closing_) return;
        if (uv_stream_get_write_queue_size(stream()) > kMostUnsent) {
            close();  // first, or it would be told of the warning
            return log::warn(fmt::format("event=control_client_too_slow pid={} uid={}", caller_.pid, caller_.uid));
        }
        write(std::string{line} + "\n", {});
    }

    void write(std::string bytes, std::function<void()> taken) {
        auto outgoing = std::make_unique<Outgoing>(Outgoing{{}, std::move(bytes), this, std::move(taken)});
        outgoing->request.data = outgoing.get();
        const uv_buf_t buffer = uv_buf_init(outgoing->bytes.data(), static_cast<unsigned>(outgoing->bytes.size()));
        const int error = uv_write(&outgoing->request, stream(), &buffer, 1, [](uv_write_t* request, int status) {
            const std::unique_ptr<Outgoing> written{static_cast<Outgoing*>(request->data)};
            Connection& connection = *written->connection;  // whose pipe is closed only when all have called back
            if (status == 0 && written->taken && !connection.closing_) written->taken();
            if (status < 0 && connection.is_stream_) connection.close();
        });
        if (error != 0) return close();
        outgoing.release();
    }

    control::ByteStream become_stream(std::function<void()> asked_to_end) {
        is_stream_ = true;
        asked_to_end_ = std::move(asked_to_end);
        return {[this](std::string bytes, std::function<void()> taken) {
                    if (!closing_) write(std::move(bytes), std::move(taken));
                },
                [this] { close(); }};
    }

    ControlSocket& owner_;
    uv_pipe_t pipe_{};
    char buffer_[65536];
    control::LineSplitter splitter_;
    control::Caller caller_;
    std::vector<std::function<void()>> farewells_;
    bool is_stream_ = false;
    std::function<void()> asked_to_end_;
    bool closing_ = false;
};

ControlSocket::ControlSocket(EventLoop& loop, std::string path, const control::Dispatcher& dispatcher)
    : loop_(loop), path_(std::move(path)), dispatcher_(dispatcher) {}

Result<std::unique_ptr<ControlSocket>> ControlSocket::listen(EventLoop& loop, const std::string& path,
                                                             const control::Dispatcher& dispatcher) {
    std::unique_ptr<ControlSocket> socket{new ControlSocket(loop, path, dispatcher)};
    auto listener = UvHandle<uv_pipe_t>::make(
        "make the control socket", [raw = socket.get()] { raw->accept(); },
        [&](uv_pipe_t* pipe) { return uv_pipe_init(loop.get(), pipe, 0); });
    if (!listener) return tl::unexpected(listener.error());
    socket->listener_ = std::move(*listener);
    // Nobody but owner and group may connect, from the first moment on.
    const mode_t before = umask(0117);
    int error = uv_pipe_bind(socket->listener_.get(), path.c_str());
    umask(before);
    if (error == 0)
        error = uv_listen(reinterpret_cast<uv_stream_t*>(socket->listener_.get()), 128,
                          [](uv_stream_t* stream, int) { UvHandle<uv_pipe_t>::on_event(reinterpret_cast<uv_pipe_t*>(stream)); });
    if (error != 0) return failure(fmt::format("control socket {}: listen: {}", path, uv_strerror(error)));
    return socket;
}

ControlSocket::~ControlSocket() {
    while (!connections_.empty()) (*connections_.begin())->close();
    listener_.close();
    ::unlink(path_.c_str());
}

void ControlSocket::accept() {
    auto* connection = new Connection{*this};  // deletes itself when closed
    connection->start(reinterpret_cast<uv_stream_t*>(listener_.get()));
    if (connections_.size() > kMostClients) {
        log::warn("event=control_too_many_clients");
        connection->close();
    }
}

}  // namespace hairpin::runtime
