#include "lab/namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <net/if.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <tuple>

#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/namespace_limits.h"
#include "lab/topology.h"

namespace hairpin::lab {
namespace {

std::string file_of(const std::string& name) { return fmt::format("{}/{}", kNamespaceFolder, name); }

Result<void> bring_loopback_up() {
    const FileDescriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return failure("loopback interface: " + system_error());
    return {};
}

// The gateway speaks IPv4 so far, and hosts that look for IPv6 routers all the time would fill its counters with what it drops.
// Where /proc/sys cannot be written they do, which harms nothing.
void quieten_ipv6() {
    for (const char* which : {"all", "default"}) {
        const FileDescriptor setting{
            ::open(fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", which).c_str(), O_WRONLY | O_CLOEXEC)};
        std::ignore = ::write(setting.get(), "1", 1);
    }
}

// The folder as `ip netns` makes it: a mount of its own, which other mount namespaces share. Were it none, the first `ip netns add` would bind
// it onto itself with all that is mounted there, and each of our namespaces would be mounted twice, once where nobody could reach it.
Result<void> share_folder() {
    const std::string folder{kNamespaceFolder};
    if (auto made = make_folders(folder); !made) return made;
    const FileDescriptor lock{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return failure(fmt::format("cannot lock {}: {}", folder, system_error()));
    const auto share = [&] { return ::mount("", folder.c_str(), "none", MS_SHARED | MS_REC, nullptr) == 0; };
    if (share()) return {};
    // EINVAL: it is no mount yet.
    if (errno != EINVAL || ::mount(folder.c_str(), folder.c_str(), "none", MS_BIND | MS_REC, nullptr) != 0 || !share())
        return failure(fmt::format("cannot make {} a mount that is shared: {}", folder, system_error()));
    return {};
}

// Runs in a thread of its own, which leaves this process's namespace for the new one.
Result<void> unshare_and_mount(const std::string& file) {
    if (::unshare(CLONE_NEWNET) != 0) {
        const bool none_left = errno == ENOSPC;
        const std::string said = "unshare: " + system_error();
        return failure(none_left ? fmt::format("{} ({})", said, what_limits_network_namespaces()) : said);
    }
    if (::mount("/proc/thread-self/ns/net", file.c_str(), "none", MS_BIND, nullptr) != 0)
        return failure("mount: " + system_error());
    quieten_ipv6();
    return bring_loopback_up();
}

}  // namespace

Result<void> create_namespace(const std::string& name) {
    const std::string file = file_of(name);
    if (auto folder = share_folder(); !folder) return folder;
    const FileDescriptor place{::open(file.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)};
    if (!place) return failure(fmt::format("cannot make the namespace {}: {}: {}", name, file, system_error()));

    Result<void> made;
    std::thread{[&] { made = unshare_and_mount(file); }}.join();
    if (!made) {
        const std::string reason = made.error().message;
        std::ignore = remove_namespace(name);  // what failed first is what is told
        return failure(fmt::format("cannot make the namespace {}: {}", name, reason));
    }
    return {};
}

Result<void> remove_namespace(const std::string& name) {
    const std::string file = file_of(name);
    // EINVAL: nothing is mounted there.
    if (::umount2(file.c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT) {
        return failure(fmt::format("cannot remove the namespace {}: umount: {}", name, system_error()));
    }
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
        return failure(fmt::format("cannot remove the namespace {}: unlink: {}", name, system_error()));
    }
    return {};
}

Result<FileDescriptor> open_namespace(const std::string& name) {
    FileDescriptor file{::open(file_of(name).c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return failure(fmt::format("cannot open the namespace {}: {}", name, system_error()));
    return file;
}

bool namespace_exists(const std::string& name) { return ::access(file_of(name).c_str(), F_OK) == 0; }

std::optional<NamespaceId> namespace_id(const std::string& file) {
    struct statfs kind {};
    struct stat status {};
    if (::statfs(file.c_str(), &kind) != 0 || kind.f_type != NSFS_MAGIC || ::stat(file.c_str(), &status) != 0)
        return std::nullopt;
    return NamespaceId{.device = status.st_dev, .inode = status.st_ino};
}

namespace {

// Those that begin so and go on as a node's name does.
std::vector<std::string> namespaces_beginning_with(const std::string& start) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{kNamespaceFolder, none}) {
        std::string name = entry.path().filename();
        if (node_of_namespace(start, name)) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

std::vector<std::string> namespaces_of_lab(std::string_view lab) { return namespaces_beginning_with(namespace_name(lab, "")); }

std::vector<std::string> container_namespaces_of_lab(std::string_view lab) {
    return namespaces_beginning_with(container_namespace_name(lab, ""));
}

}  // namespace hairpin::lab
