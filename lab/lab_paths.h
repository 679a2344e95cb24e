#pragma once
// Where a running lab keeps its things, and what its namespaces are called. All of it goes with `lab down`.
//
//   /run/hairpin/labs/<lab>/           state.json  edge.json (the whole configuration of hairpind)  control.sock  ports.sock
//                           log/       hairpind.log, and <node>.log with what the node's `exec` commands said
//                                      of a virtual machine <node>.console.log, what its guest said there
//                           vm/        sockets of virtual machines: <port>.sock and <port>.qemu, <node>.agent, <node>.qmp
//                           capture.pcapng, capture.pcapng.1   of links with `capture: true`
//                           files/     a folder for each host, where its commands run
//   /run/netns/hp-<lab>-<node>         a namespace for each host and for the gateway, a `-` of the node's name twice
//   /run/netns/hc-<lab>-<node>         a name for that of a container that somebody else has started

#include <optional>
#include <string>
#include <string_view>

#include "lab/topology.h"

namespace hairpin::lab {

inline constexpr const char* kRunFolder = "/run/hairpin";
inline constexpr std::string_view kLabsFolder = "/run/hairpin/labs";

struct LabPaths {
    explicit LabPaths(std::string_view lab) : folder(std::string{kLabsFolder} + "/" + std::string{lab}) {}

    std::string state() const { return folder + "/state.json"; }
    std::string daemon_config() const { return folder + "/edge.json"; }
    std::string typed_topology() const { return folder + "/topology.clab.yml"; }  // of a lab whose came from standard input
    std::string control_socket() const { return folder + "/control.sock"; }
    std::string port_socket() const { return folder + "/ports.sock"; }
    std::string commits() const { return folder + "/commits"; }  // the daemon's history
    std::string log_folder() const { return folder + "/log"; }
    std::string daemon_log() const { return log_folder() + "/hairpind.log"; }
    std::string recording() const { return folder + "/capture.pcapng"; }
    std::string node_log(std::string_view node) const { return log_folder() + "/" + std::string{node} + ".log"; }
    std::string console_log(std::string_view node) const { return log_folder() + "/" + std::string{node} + ".console.log"; }
    std::string machine_folder() const { return folder + "/vm"; }
    // A socket of a virtual machine, by the name of the node or of its port.
    std::string machine_file(std::string_view name, std::string_view what) const {
        return machine_folder() + "/" + std::string{name} + "." + std::string{what};
    }
    std::string node_folder(std::string_view node) const { return folder + "/files/" + std::string{node}; }

    std::string folder;
};

// A `-` of the node's name is written twice, and no name begins or ends with one. So the node is what stands behind the last `-` that is not
// one of a pair, and the name of a namespace says which lab it belongs to even when nothing else is left of it: hp-a-b-c is c of the lab a-b,
// hp-a-b--c is b-c of the lab a, and hp-a--b-c is c of the lab a--b.
inline std::string with_dashes_twice(std::string_view node) {
    std::string name;
    for (const char c : node) name.append(c == '-' ? 2 : 1, c);
    return name;
}
inline std::string namespace_name(std::string_view lab, std::string_view node) {
    return "hp-" + std::string{lab} + "-" + with_dashes_twice(node);
}

inline std::string container_namespace_name(std::string_view lab, std::string_view node) {
    return "hc-" + std::string{lab} + "-" + with_dashes_twice(node);
}

// The node whose namespace has this name; none where it does not begin with `start`, one of the above of no node, or is another lab's.
inline std::optional<std::string> node_of_namespace(std::string_view start, std::string_view name) {
    if (!name.starts_with(start)) return std::nullopt;
    std::string node;
    for (name.remove_prefix(start.size()); !name.empty(); name.remove_prefix(1)) {
        node += name.front();
        if (name.front() != '-') continue;
        if (!name.starts_with("--")) return std::nullopt;
        name.remove_prefix(1);
    }
    if (wrong_node_name(node)) return std::nullopt;
    return node;
}

}  // namespace hairpin::lab
