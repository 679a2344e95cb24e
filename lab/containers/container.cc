#include "lab/containers/container.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <optional>
#include <sstream>
#include <tuple>

#include "lab/containers/container_namespace.h"
#include "lab/files.h"
#include "lab/namespaces.h"
#include "lab/processes.h"

namespace hairpin::lab {

namespace {

constexpr std::string_view kLabLabel = "hairpin.lab", kNodeLabel = "hairpin.node";
constexpr std::chrono::minutes kPatienceToStart{10};  // it may have to fetch the image
constexpr std::chrono::minutes kPatience{1};

using Words = std::vector<std::string>;
void append(Words& words, const Words& more) { words.insert(words.end(), more.begin(), more.end()); }

// Containers of others are Docker's in a lab that starts none itself.
std::string program_of(Runtime runtime) { return std::string{to_string(runtime == Runtime::podman ? runtime : Runtime::docker)}; }

void append_environment(Words& words, const std::map<std::string, std::string>& environment) {
    for (const auto& [name, value] : environment) append(words, {"-e", fmt::format("{}={}", name, value)});
}

Words exec_with(Runtime runtime, const std::map<std::string, std::string>& environment) {
    Words command{program_of(runtime), "exec"};
    append_environment(command, environment);
    return command;
}

// Without the line in which Docker says where help is, and the returns of a terminal.
std::string last_word(const std::string& said) {
    std::istringstream lines{said};
    std::string word;
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty() && !line.starts_with("See '")) word = line;
    }
    return word;
}

Result<std::string> said_by_engine(Words words, std::chrono::milliseconds patience) {
    const std::string asked = fmt::format("{} {}", words[0], words[1]);
    const auto done = run_here({.words = std::move(words)}, patience);
    if (!done) return failure(fmt::format("{}: {}", asked, done.error().message));
    if (done->status != 0) return failure(fmt::format("{}: {}", asked, last_word(done->error_output)));
    return done->output;
}

ContainerResult<std::string> namespace_file_of(const Topology& topology, const Node& node) {
    return namespace_file_of(topology.container_of(node), topology.runtime);
}

tl::unexpected<Error> about(const Node& node, const std::string& problem) {
    return failure(fmt::format("node \"{}\": {}", node.name, problem));
}

// One that is left from before goes first.
Result<void> start(const Topology& topology, const Node& node) {
    if (auto removed = remove_containers(topology.runtime, topology.name, node.name); !removed) return removed;
    const auto started = said_by_engine(words_to_start(topology, node), kPatienceToStart);
    if (!started) return tl::unexpected(started.error());
    return {};
}

// What a container of the lab's said before it ended, for an error.
std::string last_word_of(const Topology& topology, const Node& node) {
    if (node.image.empty()) return "";
    const auto log =
        said_by_engine({program_of(topology.runtime), "logs", "--tail", "5", topology.container_of(node)}, kPatience);
    const std::string word = log ? last_word(*log) : "";
    return word.empty() ? "" : fmt::format("; the last that it said is: {}", word);
}

}  // namespace

Words words_to_start(const Topology& topology, const Node& node) {
    Words words{program_of(topology.runtime), "run", "--detach", "--interactive", "--tty", "--network", "none"};
    append(words, {"--name", topology.container_of(node)});
    append(words, {"--label", fmt::format("{}={}", kLabLabel, topology.name)});
    append(words, {"--label", fmt::format("{}={}", kNodeLabel, node.name)});
    append_environment(words, node.environment);
    append(words, node.image.options);
    for (const std::string& bind : node.image.binds)
        append(words, {"--volume", bind.starts_with('/') ? bind : fmt::format("{}/{}", topology.folder, bind)});
    words.push_back(node.image.name);
    append(words, node.image.words);
    return words;
}

Result<void> look_for(const Topology& topology, const Node& node) {
    if (!node.image.empty()) return {};
    const auto there = namespace_file_of(topology, node);
    if (!there) return about(node, there.error().message);
    return {};
}

Result<void> take_in(const Topology& topology, const Node& node) {
    if (!node.image.empty())
        if (const auto started = start(topology, node); !started) return about(node, started.error().message);
    const auto named = namespace_file_of(topology, node).and_then([&](const std::string& file) {
        return name_namespace(file, topology.namespace_of(node));
    });
    if (!named) return about(node, named.error().message + last_word_of(topology, node));
    return {};
}

Result<void> remove_containers(Runtime runtime, const std::string& lab, const std::string& node) {
    if (runtime == Runtime::netns) return {};
    Words asked{program_of(runtime), "ps", "--all", "--quiet", "--filter", fmt::format("label={}={}", kLabLabel, lab)};
    if (!node.empty()) append(asked, {"--filter", fmt::format("label={}={}", kNodeLabel, node)});
    const auto listed = said_by_engine(asked, kPatience);
    if (!listed) return tl::unexpected(listed.error());
    std::istringstream ids{*listed};
    Words words{program_of(runtime), "rm", "--force", "--volumes"};
    const std::size_t none = words.size();
    words.insert(words.end(), std::istream_iterator<std::string>{ids}, {});
    if (words.size() == none) return {};
    const auto removed = said_by_engine(words, kPatience);
    if (!removed) return tl::unexpected(removed.error());
    return {};
}

void remove_forgotten_containers(const std::string& lab) {
    for (const Runtime runtime : {Runtime::docker, Runtime::podman}) std::ignore = remove_containers(runtime, lab);
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
        const auto there = namespace_file_of(topology, node);
        if (there && namespace_id(*there) == namespace_id(fmt::format("{}/{}", kNamespaceFolder, topology.namespace_of(node))))
            continue;
        difference.anew.push_back(node.name);
        difference.changes.push_back({.kind = ChangeKind::anew,
                                      .what = std::string{to_string(node.role)},
                                      .name = node.name,
                                      .detail = there ? "it has been started anew" : there.error().message});
    }
}

std::vector<std::string> words_in_container(Runtime runtime, const std::string& container,
                                            const std::map<std::string, std::string>& environment,
                                            const std::vector<std::string>& words) {
    Words command = exec_with(runtime, environment);
    command.push_back(container);
    append(command, words);
    return command;
}

std::vector<std::string> shell_in_container(Runtime runtime, const std::string& container,
                                            const std::map<std::string, std::string>& environment) {
    Words command = exec_with(runtime, environment);
    append(command, {"-it", container, "/bin/sh"});
    return command;
}

}  // namespace hairpin::lab
