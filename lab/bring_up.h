#pragma once
// A topology to a running lab and back, whatever is on the machine before: what `lab up` and `lab test` share.

#include <string>
#include <vector>

#include "lab/difference.h"
#include "lab/lab_state.h"
#include "lab/topology.h"

namespace hairpin::lab {

// What becomes of a lab that is up already: it is made what its files say now, stays as it is, or is taken down first.
enum class WhenUp { adapt, keep, replace };

struct BroughtUp {
    LabState state;
    bool was_up = false;            // it was up before and was kept
    LabDifference difference = {};  // what was changed of one that was up
    bool again = false;  // its hairpind had ended: it goes on with its commits and counters, among hosts that have begun anew
};

// What bring_up() would change of a lab that is up, or all of one that is not. Nothing is touched.
struct Plan {
    bool is_up = false;
    bool again = false;  // not up, because its hairpind has ended: it goes on with its commits, among hosts that begin anew
    LabDifference difference;
};
Result<Plan> plan(const Topology& topology);

// Takes the lab's lock meanwhile. Remains of a bring-up that was interrupted are removed first. A lab that is kept keeps its hairpind;
// `daemon_options` are words for a new one.
Result<BroughtUp> bring_up(const Topology& topology, WhenUp when_up, const std::vector<std::string>& daemon_options = {});

// Whether there was anything to take down. Takes the lab's lock meanwhile.
Result<bool> take_down(const std::string& lab);

}  // namespace hairpin::lab
