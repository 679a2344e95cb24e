#include "lab/bring_up.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "lab/adapt.h"
#include "lab/containers/container.h"
#include "lab/daemon.h"
#include "lab/daemon_check.h"
#include "lab/daemon_config.h"
#include "lab/deploy.h"
#include "lab/destroy.h"
#include "lab/files.h"
#include "lab/lab_lock.h"
#include "lab/lab_paths.h"
#include "lab/processes.h"

namespace hairpin::lab {

namespace {

constexpr std::chrono::milliseconds kPatienceWithDead{2000};

// One that was killed a moment ago has a process still, which nobody can speak to any more.
bool goes_on(const LabState& lab) {
    return lab.is_running() && (daemon_answers(lab.lab) || !ends_within(lab.daemon, kPatienceWithDead));
}

// Against the files as they are now.
Result<LabDifference> difference_of(const Topology& topology, const LabState& before, const DaemonConfig& wanted) {
    if (before.topology_file != topology.file) {
        return failure(
            fmt::format("it is up from another file, {}; take it down first, or bring this one up beside it with --name",
                        before.topology_file));
    }
    return read_file(LabPaths{topology.name}.daemon_config()).and_then([&](const std::string& applied) {
        auto difference = find_difference(before, applied, topology, wanted);
        if (difference) add_new_containers(topology, *difference);
        return difference;
    });
}

Result<BroughtUp> adapt_running(const Topology& topology, const LabState& before) {
    const auto wanted = read_daemon_config(topology);
    if (!wanted) return tl::unexpected(wanted.error());
    const auto difference = difference_of(topology, before, *wanted);
    if (!difference) return tl::unexpected(difference.error());
    BroughtUp result{.state = before, .was_up = true, .difference = *difference};
    if (difference->empty()) return result;
    const auto adapted = adapt(topology, before, *wanted, *difference);
    if (!adapted) return tl::unexpected(adapted.error());
    result.state = *adapted;
    return result;
}

// Before anything is made, or taken down to be made anew.
Result<void> judge(const Topology& topology) {
    return read_daemon_config(topology).and_then([&](const DaemonConfig& wanted) { return check_by_daemon(topology, wanted); });
}

}  // namespace

Result<Plan> plan(const Topology& topology) {
    const auto wanted = read_daemon_config(topology);
    if (!wanted) return tl::unexpected(wanted.error());
    const auto before = read_state(topology.name);
    if (!before || !before->is_running()) {
        if (auto good = check_by_daemon(topology, *wanted); !good) return tl::unexpected(good.error());
        return Plan{.is_up = false, .again = before && before->complete, .difference = everything(topology)};
    }
    return difference_of(topology, *before, *wanted).map([](LabDifference difference) {
        return Plan{.is_up = true, .difference = std::move(difference)};
    });
}

Result<BroughtUp> bring_up(const Topology& topology, WhenUp when_up, const std::vector<std::string>& daemon_options) {
    if (auto fit = check_machine(); !fit) return tl::unexpected(fit.error());
    for (;;) {
        const auto lock = LabLock::take(topology.name);
        if (!lock) return tl::unexpected(lock.error());
        const auto before = read_state(topology.name);
        const bool stays = before && when_up != WhenUp::replace && goes_on(*before);
        if (!stays)
            if (auto good = judge(topology); !good) return tl::unexpected(good.error());
        if (!before)
            return deploy(topology, daemon_options).map([](LabState state) { return BroughtUp{.state = std::move(state)}; });
        if (stays)
            return when_up == WhenUp::adapt ? adapt_running(topology, *before) : BroughtUp{.state = *before, .was_up = true};
        if (when_up != WhenUp::replace && before->complete)
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
