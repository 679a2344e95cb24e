#pragma once
// On which core the Worker's thread runs. Left to itself the scheduler pulls the thread towards whoever it wakes and is woken by, and
// sender and gateway end up taking turns on one core: pinned, TAP to TAP, TCP is a quarter faster.

#include <string>

#include "net/result.h"

namespace hairpin::runtime {

// "auto": the last core that this process may use, the first being where devices' interrupts tend to be; "any": wherever the
// scheduler likes; or a core's number.
Result<void> pin_thread(const std::string& core);

}  // namespace hairpin::runtime
