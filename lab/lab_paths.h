#pragma once
// Where a running lab keeps its things, and what its namespaces are called. All of it goes with `lab down`.
//
//   /run/hairpin/labs/<lab>/           state.json  edge.json (the whole configuration of hairpind)  control.sock  ports.sock
//                           log/       hairpind.log, and <node>.log with what the node's `exec` commands said
//                           files/     a folder for each host, where its commands run
//   /run/netns/hp-<lab>-<node>         a namespace for each host and for the gateway

#include <string>
#include <string_view>

namespace hairpin::lab {

inline constexpr std::string_view kLabsFolder = "/run/hairpin/labs";

struct LabPaths {
    explicit LabPaths(std::string_view lab) : folder(std::string{kLabsFolder} + "/" + std::string{lab}) {}

    std::string state() const { return folder + "/state.json"; }
    std::string daemon_config() const { return folder + "/edge.json"; }
    std::string control_socket() const { return folder + "/control.sock"; }
    std::string port_socket() const { return folder + "/ports.sock"; }
    std::string commits() const { return folder + "/commits"; }  // the daemon's history
    std::string log_folder() const { return folder + "/log"; }
    std::string daemon_log() const { return log_folder() + "/hairpind.log"; }
    std::string node_log(std::string_view node) const { return log_folder() + "/" + std::string{node} + ".log"; }
    std::string node_folder(std::string_view node) const { return folder + "/files/" + std::string{node}; }

    std::string folder;
};

inline std::string namespace_name(std::string_view lab, std::string_view node) {
    return "hp-" + std::string{lab} + "-" + std::string{node};
}

}  // namespace hairpin::lab
