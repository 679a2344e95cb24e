#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lab/bring_up.h"
#include "lab/destroy.h"
#include "lab/enclave.h"
#include "lab/lab_lock.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/topology.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

ExitCode take_down_and_say(const std::string& lab) {
    const auto removed = take_down(lab);
    if (!removed) return report(ExitCode::failed, fmt::format("lab \"{}\": {}", lab, removed.error().message));
    if (*removed)
        fmt::print("The lab \"{}\" is down; nothing of it is left.\n", lab);
    else
        fmt::print("The lab \"{}\" is not up.\n", lab);
    return ExitCode::ok;
}

ExitCode take_hosts_down(const std::string& lab, const std::vector<std::string>& hosts) {
    const auto lock = LabLock::take(lab);
    if (!lock) return report(ExitCode::failed, lock.error().message);
    if (const auto removed = destroy_hosts(lab, hosts); !removed)
        return report(ExitCode::failed, fmt::format("lab \"{}\": {}", lab, removed.error().message));
    fmt::print("Of the lab \"{}\" {} {} down; all else goes on, and `hairpin lab up` brings {} up again.\n", lab,
               fmt::join(hosts, ", "), hosts.size() == 1 ? "is" : "are", hosts.size() == 1 ? "it" : "them");
    return ExitCode::ok;
}

ExitCode take_all_down() {
    const std::vector<std::string> labs = known_labs();
    if (labs.empty()) fmt::print("No lab is up.\n");
    ExitCode worst = ExitCode::ok;
    for (const std::string& lab : labs)
        if (const ExitCode code = take_down_and_say(lab); code != ExitCode::ok) worst = code;
    return worst;
}

}  // namespace

ExitCode down(const DownOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    if (const auto able = check_reach("hairpin lab down"); !able) return report(ExitCode::denied, able.error().message);
    if (options.keep_management_network)
        fmt::print(stderr, "hairpin: warning: --keep-mgmt-net has no effect: a lab has no management network\n");
    if (options.all) return take_all_down();
    // What is taken down is named, by its name or by the folder where somebody stands; that it is the only one that is up names nothing.
    if (const auto labs = known_labs(); options.lab.empty() && !labs.empty() && !find_topology(""))
        return report(ExitCode::usage,
                      fmt::format("which lab? `hairpin lab down NAME` (up: {}), or --all", fmt::join(labs, ", ")));
    if (const auto lab = find_lab(options.lab))
        return options.nodes.empty() ? take_down_and_say(*lab) : take_hosts_down(*lab, options.nodes);
    else if (options.lab.empty() || !options.nodes.empty())
        return report(ExitCode::not_found, lab.error().message);
    else
        fmt::print("Nothing to take down: {}.\n", lab.error().message);  // asked for twice is no mistake
    return ExitCode::ok;
}

}  // namespace hairpin::lab
