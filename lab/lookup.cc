#include "lab/lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "lab/lab_state.h"
#include "lab/namespaces.h"
#include "lab/topology_reader.h"

namespace hairpin::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".clab.yml";

bool is_topology_file(const fs::path& path) {
    std::error_code none;
    return (path.extension() == ".yml" || path.extension() == ".yaml") && fs::is_regular_file(path, none);
}

std::vector<fs::path> topologies_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator{folder, none})
        if (entry.path().string().ends_with(kEnding) && is_topology_file(entry.path())) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

// Nullopt when the folder has none.
std::optional<Result<std::string>> topology_in(const fs::path& folder) {
    const std::vector<fs::path> found = topologies_in(folder);
    if (found.empty()) return std::nullopt;
    if (found.size() == 1) return found.front().string();
    return Result<std::string>{failure(
        fmt::format("{} has several topologies; say which: {} or {}", folder.string(), found[0].string(), found[1].string()))};
}

std::vector<std::string> library_folders() {
    std::vector<std::string> folders;
    if (const char* own = std::getenv("HAIRPIN_TOPOLOGIES"); own != nullptr && *own != '\0') folders.emplace_back(own);
    folders.emplace_back("topologies");
    folders.push_back((fs::path{program_folder()} / "../../topologies").lexically_normal());
    return folders;
}

fs::path topology_called(const std::string& name, const fs::path& library) {
    return library / name / (name + std::string{kEnding});
}

bool is_on_machine(const std::string& lab) {
    return is_known_lab(lab) || !namespaces_of_lab(lab).empty() || !container_namespaces_of_lab(lab).empty();
}

}  // namespace

Result<std::string> find_topology(const std::string& argument) {
    if (argument.empty()) {
        if (const auto here = topology_in(".")) return *here;
        return failure(fmt::format("there is no *{} in this folder; name a topology, its folder or its file", kEnding));
    }
    if (is_topology_file(argument)) return argument;
    if (const auto inside = topology_in(argument)) return *inside;

    const std::vector<std::string> folders = library_folders();
    for (const std::string& folder : folders) {
        const fs::path file = topology_called(argument, folder);
        if (is_topology_file(file)) return file.string();
    }
    return failure(fmt::format("there is no topology \"{}\": neither a file, nor a folder with a *{}, nor a folder in {}",
                               argument, kEnding, fmt::join(folders, ", ")));
}

std::vector<std::string> known_topologies() {
    std::vector<std::string> names;
    std::error_code none;
    for (const std::string& library : library_folders())
        for (const auto& entry : fs::directory_iterator{library, none})
            if (const std::string name = entry.path().filename(); is_topology_file(topology_called(name, library)))
                names.push_back(name);
    return names;
}

Result<std::string> find_lab(const std::string& argument) {
    if (!wrong_lab_name(argument) && is_on_machine(argument)) return argument;
    if (const auto file = find_topology(argument)) {
        const auto topology = read_topology(*file);
        if (!topology) return tl::unexpected(topology.error());
        if (is_on_machine(topology->name)) return topology->name;
        return failure(fmt::format("the lab \"{}\" is not up; `hairpin lab up {}` brings it up", topology->name,
                                   argument.empty() ? topology->name : argument));
    }
    if (!argument.empty()) return failure(fmt::format("no lab \"{}\" is up, and there is no topology of that name", argument));
    const std::vector<std::string> labs = known_labs();
    if (labs.size() == 1) return labs.front();
    if (labs.empty()) return failure("no lab is up; `hairpin lab up NAME` brings one up");
    return failure(fmt::format("several labs are up; say which: {}", fmt::join(labs, ", ")));
}

Result<Topology> topology_of(const LabState& lab) {
    return read_topology(lab.topology_file, lab.runtime).map([&](Topology topology) {
        topology.name = lab.lab;
        topology.folder = lab.topology_folder;
        return topology;
    });
}

std::string program_folder() {
    std::error_code none;
    return fs::read_symlink("/proc/self/exe", none).parent_path();
}

}  // namespace hairpin::lab
