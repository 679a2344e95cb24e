#include "lab/enclave_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "lab/files.h"

namespace hairpin::lab {
namespace {

bool is_folder_of(const std::string& path, uid_t user) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == user;
}

}  // namespace

std::string enclave_folder(uid_t user) {
    if (const char* given = std::getenv("XDG_RUNTIME_DIR"); given != nullptr && given[0] == '/' && is_folder_of(given, user))
        return std::string{given} + "/hairpin";
    if (const std::string usual = fmt::format("/run/user/{}", user); is_folder_of(usual, user)) return usual + "/hairpin";
    return fmt::format("/tmp/hairpin-{}", user);
}

Result<void> make_enclave_folder(const std::string& folder, uid_t user) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return failure(fmt::format("cannot make the folder {}: {}", folder, system_error()));
    if (!is_folder_of(folder, user))
        return failure(fmt::format("the folder {}, which labs need, belongs to somebody else", folder));
    return {};
}

}  // namespace hairpin::lab
