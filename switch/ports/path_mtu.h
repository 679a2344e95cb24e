#pragma once
// How long an IP packet may be on its way to an address, as the kernel knows it: by the MTU of the interface, and by what routers
// further on have said (RFC 1191). One socket asks, which sends nothing.

#include <optional>

#include "net/file_descriptor.h"
#include "net/ipv4_address.h"
#include "net/result.h"

namespace hairpin::l2 {

class PathMtu {
public:
    // In the calling thread's network namespace, and from then on in that. The address need not be there yet.
    static Result<PathMtu> open(Ipv4Address local);
    PathMtu() = default;

    // Nothing where there is no way there, or no interface has the local address.
    std::optional<unsigned> ask(Ipv4Address remote) const;

private:
    FileDescriptor socket_;
};

}  // namespace hairpin::l2
