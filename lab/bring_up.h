#pragma once
// A topology to a running lab and back, whatever is on the machine before: what `lab up` and `lab test` share.

#include "lab/lab_state.h"
#include "lab/topology.h"

namespace hairpin::lab {

enum class WhenUp { keep, replace };

struct BroughtUp {
    LabState state;
    bool was_up = false;  // it was up before and was kept
};

// Takes the lab's lock meanwhile. Remains of a bring-up that was interrupted are removed first.
Result<BroughtUp> bring_up(const Topology& topology, WhenUp when_up);

// Whether there was anything to take down. Takes the lab's lock meanwhile.
Result<bool> take_down(const std::string& lab);

}  // namespace hairpin::lab
