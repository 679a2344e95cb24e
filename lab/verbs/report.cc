#include <fmt/format.h>
#include <unistd.h>

#include "lab/verbs/verbs.h"

namespace hairpin::lab {

ExitCode report(ExitCode code, const std::string& message) {
    std::fflush(stdout);
    fmt::print(stderr, "hairpin: error: {}\n", message);
    return code;
}

Result<void> check_root(const std::string& what) {
    if (::geteuid() == 0) return {};
    return failure(fmt::format("{} needs root, to work with network namespaces: run it with sudo", what));
}

}  // namespace hairpin::lab
