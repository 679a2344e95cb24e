#include "lab/bring_up.h"

#include <fmt/format.h>

#include "lab/deploy.h"
#include "lab/destroy.h"
#include "lab/lab_lock.h"

namespace hairpin::lab {

Result<BroughtUp> bring_up(const Topology& topology, WhenUp when_up, const std::vector<std::string>& daemon_options) {
    if (auto fit = check_machine(); !fit) return tl::unexpected(fit.error());
    for (;;) {
        const auto lock = LabLock::take(topology.name);
        if (!lock) return tl::unexpected(lock.error());
        const auto before = read_state(topology.name);
        if (!before)
            return deploy(topology, daemon_options).map([](LabState state) { return BroughtUp{.state = std::move(state)}; });
        if (when_up == WhenUp::keep && before->is_running()) return BroughtUp{.state = *before, .was_up = true};
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
