#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <string>

#include "lab/enclave.h"
#include "lab/files.h"
#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/link_end.h"
#include "lab/lookup.h"
#include "lab/verbs/verbs.h"
#include "net/file_descriptor.h"

namespace hairpin::lab {
namespace {

LinkEnd end_of(const Attachment& attachment) {
    return {.node = attachment.node, .interface = attachment.interface, .segment = attachment.segment, .port = attachment.port};
}

std::string ends_of(const Topology& topology) {
    std::set<std::string> names;
    for (const Attachment& attachment : topology.attachments) names.insert(attachment.node + ":" + attachment.interface);
    for (const Node& node : topology.nodes) names.insert(node.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

// Wireshark, with our standard output as its input from now on. When it is closed, writing there ends.
Result<void> start_wireshark() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return failure("pipe: " + system_error());
    const FileDescriptor read_end{ends[0]}, write_end{ends[1]};
    std::array<std::string, 4> words{"wireshark", "-k", "-i", "-"};
    std::array<char*, 5> pointers{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, read_end.get(), STDIN_FILENO);
    const int problem = ::posix_spawnp(nullptr, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem == ENOENT)
        return failure(
            "there is no program `wireshark` in PATH: install it, or write the capture to a file (--write FILE), or let a "
            "Wireshark elsewhere read it (--listen PORT)");
    if (problem != 0) return failure(fmt::format("wireshark: {}", std::strerror(problem)));
    if (::dup2(write_end.get(), STDOUT_FILENO) < 0) return failure("dup2: " + system_error());
    return {};
}

}  // namespace

std::string capture_place_of(const Topology& topology, const Attachment& attachment) {
    const bool at_gateway = topology.find(attachment.node)->role == NodeRole::gateway;
    return at_gateway ? "gateway:" + attachment.interface : "port:" + attachment.port;
}

Result<std::vector<std::string>> capture_places(const Topology& topology, const std::vector<std::string>& names) {
    std::vector<std::string> places;
    for (const std::string& name : names) {
        const std::size_t before = places.size();
        const Node* node = topology.find(name);
        if (node != nullptr && node->role == NodeRole::segment)
            places.push_back("segment:" + name);
        else
            for (const Attachment& attachment : topology.attachments)
                if (node != nullptr ? attachment.node == name : end_of(attachment).is_called(name))
                    places.push_back(capture_place_of(topology, attachment));
        if (places.size() == before)
            return failure(fmt::format("the lab \"{}\" has no node and no end of a link \"{}\" (it has {})", topology.name, name,
                                       ends_of(topology)));
    }
    return places;
}

ExitCode capture(const CaptureOptions& options) {
    const auto enclave = Enclave::enter(EnclaveEntry::if_there);
    if (!enclave) return report(ExitCode::denied, enclave.error().message);
    const auto name = find_lab(options.lab);
    if (!name) return report(ExitCode::not_found, name.error().message);
    const auto lab = read_state(*name);
    if (!lab || !lab->is_running())
        return report(ExitCode::unreachable, fmt::format("the lab \"{}\" does not run (hairpin lab up {})", *name, *name));
    const auto topology = topology_of(*lab);
    if (!topology) return report(ExitCode::failed, topology.error().message);
    const auto places = capture_places(*topology, options.places);
    if (!places) return report(ExitCode::not_found, places.error().message);

    if (options.wireshark) {
        if (std::find(options.words.begin(), options.words.end(), "write") != options.words.end() ||
            std::find(options.words.begin(), options.words.end(), "listen") != options.words.end())
            return report(ExitCode::usage, "--wireshark is where the capture goes: --write and --listen are others");
        if (const auto started = start_wireshark(); !started) return report(ExitCode::failed, started.error().message);
    }
    // The rest is the command of the same name, which this process becomes.
    std::vector<std::string> words{"hairpin", "--socket", LabPaths{*name}.control_socket(), "capture"};
    words.insert(words.end(), places->begin(), places->end());
    words.insert(words.end(), options.words.begin(), options.words.end());
    if (options.wireshark) words.insert(words.end(), {"write", "-"});
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv("/proc/self/exe", pointers.data());
    return report(ExitCode::failed, fmt::format("cannot start hairpin capture: {}", std::strerror(errno)));
}

}  // namespace hairpin::lab
