#include "switch/ports/vhost_user_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace hairpin::l2 {

namespace {

constexpr time_t kBetweenTriesSeconds = 1;
constexpr int kBacklog = 4;  // one is served, and others are sent away

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return address;
}

FileDescriptor new_socket() { return FileDescriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)}; }

int connect_to(const FileDescriptor& socket, const std::string& path) {
    const sockaddr_un address = address_of(path);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

tl::unexpected<Error> socket_failure(const std::string& path, const std::string& why) {
    return failure(fmt::format("vhost-user socket {}: {}", path, why));
}

// What a daemon that is gone has left there goes.
Result<void> make_way(const std::string& path) {
    std::error_code problem;
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), problem);
    if (problem) return socket_failure(path, "make its folder: " + problem.message());
    struct stat there {};
    if (lstat(path.c_str(), &there) != 0) return {};
    if (!S_ISSOCK(there.st_mode)) return socket_failure(path, "something else than a socket is there: choose another path");
    if (connect_to(new_socket(), path) != ECONNREFUSED)
        return socket_failure(path, "another program listens there: stop it, or choose another path");
    if (::unlink(path.c_str()) != 0)
        return socket_failure(path, std::string{"remove the one left over: "} + std::strerror(errno));
    return {};
}

}  // namespace

VhostUserSocket::VhostUserSocket(VhostUserSocket&& other) noexcept
    : path_(std::move(other.path_)),
      is_server_(std::exchange(other.is_server_, false)),
      waits_(std::move(other.waits_)),
      device_(other.device_),
      inode_(other.inode_) {}

VhostUserSocket::~VhostUserSocket() {
    struct stat there {};
    if (is_server_ && lstat(path_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_)
        ::unlink(path_.c_str());
}

Result<VhostUserSocket> VhostUserSocket::open(const VhostUserSettings& settings) {
    if (settings.socket.empty() || settings.socket.size() >= sizeof(sockaddr_un::sun_path))
        return socket_failure(settings.socket, fmt::format("a path has 1 to {} bytes", sizeof(sockaddr_un::sun_path) - 1));
    VhostUserSocket socket{settings.socket};
    const auto opened = settings.mode == VhostUserSettings::Mode::server ? socket.listen() : socket.watch_the_clock();
    if (!opened) return tl::unexpected(opened.error());
    return socket;
}

Result<void> VhostUserSocket::listen() {
    if (auto way = make_way(path_); !way) return way;
    waits_ = new_socket();
    const sockaddr_un address = address_of(path_);
    const mode_t before = umask(0117);
    const int bound = ::bind(waits_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int problem = errno;
    umask(before);
    if (bound != 0) return socket_failure(path_, std::string{"bind: "} + std::strerror(problem));
    struct stat made {};
    if (lstat(path_.c_str(), &made) == 0) device_ = made.st_dev, inode_ = made.st_ino, is_server_ = true;
    if (::listen(waits_.get(), kBacklog) != 0) return socket_failure(path_, std::string{"listen: "} + std::strerror(errno));
    return {};
}

Result<void> VhostUserSocket::watch_the_clock() {
    waits_ = FileDescriptor{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    if (!waits_) return socket_failure(path_, std::string{"timerfd_create: "} + std::strerror(errno));
    seek();
    return {};
}

void VhostUserSocket::seek() {
    if (is_server_) return;
    const itimerspec soon{.it_interval = {kBetweenTriesSeconds, 0}, .it_value = {0, 1}};
    timerfd_settime(waits_.get(), 0, &soon, nullptr);
}

FileDescriptor VhostUserSocket::meet() {
    if (is_server_) return FileDescriptor{::accept4(waits_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    std::uint64_t ticks = 0;
    if (::read(waits_.get(), &ticks, sizeof ticks) < 0) return {};
    FileDescriptor connection = try_to_connect();
    if (connection) {
        const itimerspec never{};
        timerfd_settime(waits_.get(), 0, &never, nullptr);
    }
    return connection;
}

FileDescriptor VhostUserSocket::try_to_connect() const {
    FileDescriptor socket = new_socket();
    if (connect_to(socket, path_) != 0) return {};
    return socket;
}

}  // namespace hairpin::l2
