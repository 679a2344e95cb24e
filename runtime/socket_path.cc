#include "runtime/socket_path.h"

#include <fmt/format.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "net/file_descriptor.h"

namespace hairpin::runtime {

namespace {

// Whether connect() reaches somebody. One who is there and of another type than is asked for is somebody, too.
bool answers(const SocketPath& socket) {
    const FileDescriptor probe{::socket(AF_UNIX, socket.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.path.c_str(), socket.path.size());
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    return errno == EAGAIN || errno == EPROTOTYPE;
}

}  // namespace

Result<void> claim(const SocketPath& socket) {
    const auto failed = [&](const std::string& why) { return failure(fmt::format("{} {}: {}", socket.what, socket.path, why)); };
    if (socket.path.size() >= sizeof(sockaddr_un::sun_path))
        return failed(fmt::format("the path is longer than {} characters", sizeof(sockaddr_un::sun_path) - 1));
    std::error_code problem;
    std::filesystem::create_directories(std::filesystem::path{socket.path}.parent_path(), problem);
    if (problem) return failed("make its folder: " + problem.message());
    if (!std::filesystem::exists(socket.path, problem)) return {};
    if (answers(socket))
        return failed(fmt::format("another hairpind answers there (stop it, or choose another path with {})", socket.option));
    if (::unlink(socket.path.c_str()) != 0) return failed(std::string{"remove the one left over: "} + std::strerror(errno));
    return {};
}

}  // namespace hairpin::runtime
