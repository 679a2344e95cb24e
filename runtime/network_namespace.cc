#include "runtime/network_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace hairpin::runtime {

namespace {
const char* hint_for(int error) {
    if (error == ENOENT) return " (make it with: ip netns add)";
    if (error == EPERM || error == EACCES) return " (needs CAP_SYS_ADMIN: run as root)";
    return "";
}
}  // namespace

Result<FileDescriptor> open_network_namespace(const std::string& name) {
    const std::string path = name.empty() ? "/proc/thread-self/ns/net" : "/run/netns/" + name;
    FileDescriptor descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!descriptor)
        return failure(fmt::format("network namespace \"{}\": open {}: {}{}", name, path, std::strerror(errno), hint_for(errno)));
    return descriptor;
}

std::string name_of_this_network_namespace() {
    struct stat ours {};
    if (::stat("/proc/thread-self/ns/net", &ours) != 0) return {};
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{"/run/netns", none}) {
        struct stat theirs {};
        if (::stat(entry.path().c_str(), &theirs) == 0 && theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev)
            return entry.path().filename();
    }
    return {};
}

Result<NamespaceVisit> NamespaceVisit::enter(const FileDescriptor& target, const std::string& name) {
    auto home = open_network_namespace("");
    if (!home) return tl::unexpected(home.error());
    if (setns(target.get(), CLONE_NEWNET) != 0)
        return failure(fmt::format("network namespace \"{}\": setns: {}{}", name, std::strerror(errno), hint_for(errno)));
    return NamespaceVisit{std::move(*home)};
}

NamespaceVisit::~NamespaceVisit() {
    if (home_) ensure(setns(home_.get(), CLONE_NEWNET) == 0);
}

}  // namespace hairpin::runtime
