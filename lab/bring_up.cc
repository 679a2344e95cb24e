#include "lab/bring_up.h"

#include <chrono>

#include "lab/daemon.h"
#include "lab/deploy.h"
#include "lab/destroy.h"
#include "lab/lab_lock.h"
#include "lab/processes.h"

namespace hairpin::lab {

namespace {

constexpr std::chrono::milliseconds kPatienceWithDead{2000};

// One that was killed a moment ago has a process still, which nobody can speak to any more.
bool goes_on(const LabState& lab) {
    return lab.is_running() && (daemon_answers(lab.lab) || !ends_within(lab.daemon, kPatienceWithDead));
}

}  // namespace

Result<BroughtUp> bring_up(const Topology& topology, WhenUp when_up, const std::vector<std::string>& daemon_options) {
    if (auto fit = check_machine(); !fit) return tl::unexpected(fit.error());
    for (;;) {
        const auto lock = LabLock::take(topology.name);
        if (!lock) return tl::unexpected(lock.error());
        const auto before = read_state(topology.name);
        if (!before)
            return deploy(topology, daemon_options).map([](LabState state) { return BroughtUp{.state = std::move(state)}; });
        if (when_up == WhenUp::keep && goes_on(*before)) return BroughtUp{.state = *before, .was_up = true};
        if (when_up == WhenUp::keep && before->complete)
            return deploy_again(topology, *before, daemon_options).map([](LabState state) {
                return BroughtUp{.state = std::move(state), .again = true};
            });
        // Once around again: what is removed includes the folder that is locked.
        if (const auto removed = destroy(topology.name); !removed) return tl::unexpected(removed.error());
    }
}

Result<bool> take_down(const std::string& lab) {
    const auto lock = LabLock::take(lab);
    if (!lock) return tl::unexpected(lock.error());
    return destroy(lab);
}

}  // namespace hairpin::lab
