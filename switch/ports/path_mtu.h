#pragma once
// How long an IP packet may be on its way to an address, as the kernel knows it: by the MTU of the interface, and by what routers
// further on have said (RFC 1191). One socket asks, which sends nothing.

#include <optional>

#include "net/ipv4_address.h"
#include "net/result.h"

namespace hairpin::l2 {

class PathMtu {
public:
    // In the calling thread's network namespace, and from then on in that. The address need not be there yet.
    static Result<PathMtu> open(Ipv4Address local);
    PathMtu() = default;
    PathMtu(PathMtu&& other) noexcept;
    PathMtu& operator=(PathMtu&& other) noexcept;
    ~PathMtu();

    // Nothing where there is no way there, or no interface has the local address.
    std::optional<unsigned> ask(Ipv4Address remote) const;

private:
    int socket_ = -1;
};

}  // namespace hairpin::l2
