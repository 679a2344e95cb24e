#pragma once
// What no router may forward, whatever its rules say (RFC 1812 §5.3, RFC 7126).

#include <optional>

#include "gateway/routing/local_addresses.h"
#include "gateway/ruleset.h"
#include "net/drop_reason.h"
#include "net/frame_view.h"

namespace hairpin::gateway {

// Why an IPv4 packet that came in by this interface is not taken; nothing where it is.
std::optional<DropReason> objection(const FrameView& frame, const Interface& inbound, const Ruleset& ruleset,
                                    const LocalAddresses& local);

}  // namespace hairpin::gateway
