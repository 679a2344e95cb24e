#include "runtime/cpu_affinity.h"

#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <cstring>

#include "net/numbers.h"

namespace hairpin::runtime {

Result<void> pin_thread(const std::string& core) {
    if (core == "any") return {};
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return failure(fmt::format("core {}: sched_getaffinity: {}", core, std::strerror(errno)));
    std::size_t wanted = 0;
    if (core == "auto") {
        for (std::size_t i = 0; i < CPU_SETSIZE; ++i)
            if (CPU_ISSET(i, &allowed)) wanted = i;
    } else {
        const auto number = parse_number(core, CPU_SETSIZE - 1);
        if (!number || !CPU_ISSET(*number, &allowed))
            return failure(fmt::format("core \"{}\" is none that this process may use: auto, any, or a core's number", core));
        wanted = *number;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(wanted, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
        return failure(fmt::format("core {}: sched_setaffinity: {}", core, std::strerror(errno)));
    return {};
}

}  // namespace hairpin::runtime
