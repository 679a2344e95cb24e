#include "switch/ports/local_socket.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace hairpin::l2 {

namespace {

constexpr mode_t kGroupMayPlugIn = 0660;
constexpr int kWaitingConnections = 16;
constexpr int kSocketBuffer = 4 << 20;

tl::unexpected<Error> refused_at(const std::string& path, const std::string& why) {
    return failure("socket " + path + ": " + why);
}
tl::unexpected<Error> refused_at(const std::string& path, const char* tried, int problem) {
    return refused_at(path, std::string{tried} + ": " + std::strerror(problem));
}

// Whether somebody has the socket at the path. One who is there with a socket of another type is somebody, too.
bool has_an_owner(const sockaddr_un& address, LocalSocket::Kind kind) {
    const FileDescriptor probe{::socket(AF_UNIX, static_cast<int>(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    return errno == EAGAIN || errno == EPROTOTYPE;
}

// Makes the path free, or says why it is not.
Result<void> clear_the_way(const std::string& path, LocalSocket::Kind kind) {
    if (path.size() > kLongestSocketPath)
        return refused_at(path, "the path is longer than " + std::to_string(kLongestSocketPath) + " characters");
    std::error_code problem;
    const std::filesystem::path folder = std::filesystem::path{path}.parent_path();
    std::filesystem::create_directories(folder, problem);
    if (problem) return refused_at(path, "make its folder: " + problem.message());
    struct stat there {};
    if (lstat(path.c_str(), &there) != 0) return errno == ENOENT ? Result<void>{} : refused_at(path, "lstat", errno);
    if (!S_ISSOCK(there.st_mode)) return refused_at(path, "something is there that is no socket");
    if (has_an_owner(local_address(path), kind))
        return refused_at(path, "somebody has it already (another port, another hairpind, or another program)");
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return refused_at(path, "remove the one left over", errno);
    return {};
}

}  // namespace

sockaddr_un local_address(const std::string& path) {
    ensure(path.size() <= kLongestSocketPath);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return address;
}

LocalSocket::File LocalSocket::file_at(const std::string& path) {
    struct stat there {};
    return lstat(path.c_str(), &there) == 0 ? File{there.st_dev, there.st_ino} : File{};
}

Result<LocalSocket> LocalSocket::bind(const std::string& path, Kind kind) {
    if (auto free = clear_the_way(path, kind); !free) return tl::unexpected(free.error());
    LocalSocket bound;
    bound.socket_ = FileDescriptor{::socket(AF_UNIX, static_cast<int>(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!bound.socket_) return refused_at(path, "socket", errno);
    const sockaddr_un address = local_address(path);
    if (::bind(bound.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return refused_at(path, "bind", errno);
    bound.path_ = path;
    bound.file_ = file_at(path);
    if (chmod(path.c_str(), kGroupMayPlugIn) != 0) return refused_at(path, "chmod", errno);
    if (kind == Kind::stream && listen(bound.descriptor(), kWaitingConnections) != 0) return refused_at(path, "listen", errno);
    set_socket_buffers(bound.descriptor());
    return bound;
}

LocalSocket::~LocalSocket() {
    if (!path_.empty() && file_at(path_) == file_) unlink(path_.c_str());
}

void set_socket_buffers(int descriptor) {
    for (const auto& [forced, usual] : {std::pair{SO_SNDBUFFORCE, SO_SNDBUF}, std::pair{SO_RCVBUFFORCE, SO_RCVBUF}})
        if (setsockopt(descriptor, SOL_SOCKET, forced, &kSocketBuffer, sizeof kSocketBuffer) != 0)
            setsockopt(descriptor, SOL_SOCKET, usual, &kSocketBuffer, sizeof kSocketBuffer);
}

}  // namespace hairpin::l2
