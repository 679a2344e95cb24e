#include "sidecar/place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace hairpin::sidecar {

Result<Place> take_place(const std::string& folder, const std::vector<std::string>& ports) {
    if (ports.size() == 1) return Place{};
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::string file = folder + "/" + ports[i] + ".lock";
        FileDescriptor lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!lock)
            return failure(fmt::format(
                "open {}: {} (replicas share out their ports in the folder of the gateway's socket: mount it writable)", file,
                std::strerror(errno)));
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return Place{i, std::move(lock)};
        if (errno != EWOULDBLOCK) return failure(fmt::format("lock {}: {}", file, std::strerror(errno)));
    }
    return failure(
        fmt::format("all {} ports are taken by others, {} to {} (give --port and --address more, or run fewer replicas)",
                    ports.size(), ports.front(), ports.back()));
}

}  // namespace hairpin::sidecar
