#include "lab/destroy.h"

#include <fmt/format.h>

#include <filesystem>

#include "lab/containers/container.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/namespaces.h"
#include "lab/processes.h"

namespace hairpin::lab {

Result<bool> destroy_all_but_files(const std::string& lab) {
    const auto state = read_state(lab);
    const std::vector<std::string> namespaces = namespaces_of_lab(lab);

    std::vector<NamespaceId> ids;
    for (const std::string& name : namespaces)
        if (const auto id = namespace_id(fmt::format("{}/{}", kNamespaceFolder, name))) ids.push_back(*id);
    std::vector<ProcessId> besides;  // hairpind lives in one of them, unless somebody has removed its name
    if (state) besides.push_back(state->daemon);

    if (auto ended = end_processes(ids, besides); !ended) return tl::unexpected(ended.error());
    for (const std::string& name : namespaces)
        if (auto removed = remove_namespace(name); !removed) return tl::unexpected(removed.error());
    // What lives in somebody else's container goes on without us.
    if (!state)
        remove_forgotten_containers(lab);
    else if (auto removed = remove_containers(state->runtime, lab); !removed)
        return tl::unexpected(removed.error());
    const std::vector<std::string> containers = container_namespaces_of_lab(lab);
    for (const std::string& name : containers)
        if (auto removed = remove_namespace(name); !removed) return tl::unexpected(removed.error());
    return !namespaces.empty() || !containers.empty();
}

Result<bool> destroy(const std::string& lab) {
    const auto had_hosts = destroy_all_but_files(lab);
    if (!had_hosts) return had_hosts;
    const LabPaths paths{lab};
    std::error_code problem;
    const bool had_files = !std::filesystem::is_empty(paths.folder, problem);
    std::filesystem::remove_all(paths.folder, problem);
    if (problem) return failure(fmt::format("cannot remove {}: {}", paths.folder, problem.message()));
    return *had_hosts || had_files;
}

}  // namespace hairpin::lab
