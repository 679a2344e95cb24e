#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string>

#include "lab/lab_paths.h"
#include "lab/lab_state.h"
#include "lab/lookup.h"
#include "lab/topology_reader.h"
#include "lab/verbs/verbs.h"

namespace hairpin::lab {
namespace {

// Where the attachment is captured: at its port of the switch, or, of the gateway, at its interface.
std::string place_of(const Topology& topology, const Attachment& attachment) {
    const bool at_gateway = topology.find(attachment.node)->role == NodeRole::gateway;
    return at_gateway ? "gateway:" + attachment.interface : "port:" + attachment.port;
}

bool is_meant(const Attachment& attachment, const std::string& name) {
    return name == attachment.node || name == attachment.node + ":" + attachment.interface ||
           name == attachment.segment + ":" + attachment.port;
}

std::string ends_of(const Topology& topology) {
    std::set<std::string> names;
    for (const Attachment& attachment : topology.attachments) names.insert(attachment.node + ":" + attachment.interface);
    for (const Node& node : topology.nodes) names.insert(node.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Result<std::vector<std::string>> capture_places(const Topology& topology, const std::vector<std::string>& names) {
    std::vector<std::string> places;
    for (const std::string& name : names) {
        const std::size_t before = places.size();
        const Node* node = topology.find(name);
        if (node != nullptr && node->role == NodeRole::segment)
            places.push_back("segment:" + name);
        else
            for (const Attachment& attachment : topology.attachments)
                if (is_meant(attachment, name)) places.push_back(place_of(topology, attachment));
        if (places.size() == before)
            return failure(fmt::format("the lab \"{}\" has no node and no end of a link \"{}\" (it has {})", topology.name, name,
                                       ends_of(topology)));
    }
    return places;
}

ExitCode capture(const CaptureOptions& options) {
    const auto name = find_lab(options.lab);
    if (!name) return report(ExitCode::not_found, name.error().message);
    const auto lab = read_state(*name);
    if (!lab || !lab->is_running())
        return report(ExitCode::unreachable, fmt::format("the lab \"{}\" does not run (hairpin lab up {})", *name, *name));
    const auto topology = read_topology(lab->topology_file);
    if (!topology) return report(ExitCode::failed, topology.error().message);
    const auto places = capture_places(*topology, options.places);
    if (!places) return report(ExitCode::not_found, places.error().message);

    // The rest is the command of the same name, which this process becomes.
    std::vector<std::string> words{"hairpin", "--socket", LabPaths{*name}.control_socket(), "capture"};
    words.insert(words.end(), places->begin(), places->end());
    words.insert(words.end(), options.words.begin(), options.words.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv("/proc/self/exe", pointers.data());
    return report(ExitCode::failed, fmt::format("cannot start hairpin capture: {}", std::strerror(errno)));
}

}  // namespace hairpin::lab
