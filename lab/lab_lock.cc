#include "lab/lab_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lab/files.h"
#include "lab/lab_paths.h"

namespace hairpin::lab {
namespace {

Result<void> lock(const FileDescriptor& folder, const std::string& lab) {
    if (::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) return {};
    if (errno == EWOULDBLOCK) fmt::print(stderr, "waiting for another command that changes the lab \"{}\" ...\n", lab);
    while (::flock(folder.get(), LOCK_EX) != 0)
        if (errno != EINTR) return failure(fmt::format("cannot lock the lab \"{}\": {}", lab, system_error()));
    return {};
}

// Who held the lock before us may have been `lab down`, which removed the folder that we have locked.
bool is_still_there(const FileDescriptor& folder, const std::string& path) {
    struct stat held {};
    struct stat there {};
    return ::fstat(folder.get(), &held) == 0 && ::stat(path.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
           held.st_ino == there.st_ino;
}

}  // namespace

Result<LabLock> LabLock::take(const std::string& lab) {
    const std::string path = LabPaths{lab}.folder;
    for (;;) {
        if (auto made = make_folders(path); !made) return tl::unexpected(made.error());
        FileDescriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!folder) {
            if (errno == ENOENT) continue;
            return failure(fmt::format("cannot lock the lab \"{}\": {}: {}", lab, path, system_error()));
        }
        if (auto locked = lock(folder, lab); !locked) return tl::unexpected(locked.error());
        if (is_still_there(folder, path)) return LabLock{path, std::move(folder)};
    }
}

LabLock::~LabLock() {
    if (folder_) ::rmdir(path_.c_str());  // fails when something is in it, which is as it should be
}

}  // namespace hairpin::lab
