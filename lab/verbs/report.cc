#include <fmt/format.h>
#include <unistd.h>

#include "lab/lab_state.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {

ExitCode report(ExitCode code, const std::string& message) {
    std::fflush(stdout);
    fmt::print(stderr, "hairpin: error: {}\n", message);
    return code;
}

Result<void> check_reach(const std::string& what) {
    if (::geteuid() == 0 || known_labs().empty()) return {};
    return failure(fmt::format("{} needs root, since the labs that are up are root's: run it with sudo", what));
}

}  // namespace hairpin::lab
