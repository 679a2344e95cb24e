#include "lab/containers/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "lab/containers/container_namespace.h"
#include "lab/namespaces.h"

namespace hairpin::lab {

namespace {

std::vector<std::string> docker_exec(const std::map<std::string, std::string>& environment) {
    std::vector<std::string> command{"docker", "exec"};
    for (const auto& [name, value] : environment) command.insert(command.end(), {"-e", fmt::format("{}={}", name, value)});
    return command;
}

tl::unexpected<Error> about(const Node& node, const std::string& problem) {
    return failure(fmt::format("node \"{}\": {}", node.name, problem));
}

}  // namespace

Result<void> look_for(const Node& node) {
    const auto there = namespace_file_of(node.container);
    if (!there) return about(node, there.error().message);
    return {};
}

Result<void> take_in(const Topology& topology, const Node& node) {
    const auto named = namespace_file_of(node.container).and_then([&](const std::string& file) {
        return name_namespace(file, topology.namespace_of(node));
    });
    if (!named) return about(node, named.error().message);
    return {};
}

MacAddress mac_in_container(const std::string& lab, const std::string& port) {
    return MacAddress::from_number(0x020000000000 | (MacAddress::from_name(lab + "/" + port).number() & 0xffff'ffff));
}

void add_new_containers(const Topology& topology, LabDifference& difference) {
    for (const Node& node : topology.nodes) {
        if (node.role != NodeRole::container) continue;
        const auto is_listed = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), node.name) != names.end();
        };
        if (is_listed(difference.added) || is_listed(difference.anew)) continue;
        const auto there = namespace_file_of(node.container);
        if (there && namespace_id(*there) == namespace_id(fmt::format("{}/{}", kNamespaceFolder, topology.namespace_of(node))))
            continue;
        difference.anew.push_back(node.name);
        difference.changes.push_back({.kind = ChangeKind::anew,
                                      .what = std::string{to_string(node.role)},
                                      .name = node.name,
                                      .detail = there ? "it has been started anew" : there.error().message});
    }
}

std::vector<std::string> words_in_container(const std::string& container, const std::map<std::string, std::string>& environment,
                                            const std::vector<std::string>& words) {
    std::vector<std::string> command = docker_exec(environment);
    command.push_back(container);
    std::copy(words.begin(), words.end(), std::back_inserter(command));
    return command;
}

std::vector<std::string> shell_in_container(const std::string& container, const std::map<std::string, std::string>& environment) {
    std::vector<std::string> command = docker_exec(environment);
    command.insert(command.end(), {"-it", container, "/bin/sh"});
    return command;
}

}  // namespace hairpin::lab
