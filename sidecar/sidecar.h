#pragma once
// What hairpin-port does: takes a place, opens the interface, passes it to the gateway, and passes it again to whatever gateway comes after,
// until it is told to end or the application beside it has ended.
//
// It waits for the gateway for ever: containers start in any order. While it waits it says once why, and again when the reason changes.

#include "net/result.h"
#include "sidecar/options.h"

namespace hairpin::sidecar {

// The status to end with. An Error where the interface could not be made: then there is nothing to wait for.
Result<int> run(const Plan& plan);

}  // namespace hairpin::sidecar
