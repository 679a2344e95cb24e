#pragma once
// QEMU's monitor (QMP): one JSON message a line, over a Unix socket at which QEMU lets one connect at a time.

#include <string>

#include "net/result.h"

namespace hairpin::lab {

// Plugs the cable of a machine's interface, or pulls it: the guest sees its carrier come or go. `netdev` is what netdev_id() calls it.
// Of a QEMU that has just been started the socket is waited for.
Result<void> set_link(const std::string& monitor, const std::string& netdev, bool is_up);

}  // namespace hairpin::lab
