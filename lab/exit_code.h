#pragma once
// How a command ends, the same for all of `hairpin`.

namespace hairpin::lab {

enum class ExitCode : int {
    ok = 0,
    failed = 1,
    usage = 2,
    warnings = 3,  // it worked, but not all of it
    not_found = 4,
    unreachable = 5,
    denied = 6,
    timed_out = 7,  // it was not done in the time that was given
    rejected = 8,   // a file that people wrote is wrong
};

}  // namespace hairpin::lab
