#pragma once
// What is known about a lab that is up, in /run/hairpin/labs/<lab>/state.json. It is written before anything is made, so that a
// lab whose bring-up was killed is known, and is the last thing that `lab down` removes.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/processes.h"
#include "lab/topology.h"

namespace hairpin::lab {

struct NodeState {
    std::string name;
    NodeRole role = NodeRole::host;
    std::vector<std::string> interfaces;             // "eth1", in the order of the links; empty for a segment
    std::vector<std::string> ports;                  // the switch's end of each; empty for a segment and the gateway
    std::vector<std::string> addresses;              // "192.168.255.2/24"
    std::map<std::string, std::string> environment;  // for commands that run there
    std::map<std::string, std::string> labels = {};
    std::vector<std::string> commands = {};  // its `exec`, all of which ran
    std::string machine = {};                // Machine::in_words of a virtual machine
    std::string monitor = {};                // of a virtual machine: where QEMU's listens
    std::string container = {};              // what the engine calls it
    std::string image = {};                  // ContainerImage::in_words of one that the lab has started
};

// What is at the other end of a port.
struct PortEnd {
    const NodeState* node = nullptr;
    std::string interface = {};
};

struct LabState {
    std::string lab;
    std::string topology_file;
    std::string topology_folder;       // where the file lies, or where it was typed when it came from standard input
    Runtime runtime = Runtime::netns;  // what its nodes with an image are
    bool complete = false;             // everything was made and every command ran
    ProcessId daemon;                  // hairpind; pid 0 before it was started
    std::vector<NodeState> nodes;

    static LabState of(const Topology& topology);
    const NodeState* find(std::string_view node) const;
    NodeState* find(std::string_view node);
    const NodeState* gateway() const;
    // By the lab's own links; nothing of a port that came later.
    std::optional<PortEnd> end_of(std::string_view port) const;
    std::string namespace_of(const NodeState& node) const { return lab::namespace_of(lab, node.role, node.name); }
    bool has_namespace(const NodeState& node) const { return node.role != NodeRole::segment; }
    // Complete, and its hairpind lives.
    bool is_running() const { return complete && daemon.is_running(); }
};

Result<void> write_state(const LabState& state);
// Nullopt when the lab has no state, or one that cannot be read: what is left of it is then found by name.
std::optional<LabState> read_state(const std::string& lab);
// The names of all labs that have a folder, sorted.
std::vector<std::string> known_labs();
bool is_known_lab(const std::string& name);

// The variables that commands have at every node: none is a path of this machine, of which a container knows nothing.
std::map<std::string, std::string> environment_of(const LabState& state, const NodeState& node);

// The command, with the environment and the folder that commands have at this node; in a container its engine is asked to run it.
Command command_at(const LabState& state, const NodeState& node, std::vector<std::string> words);

}  // namespace hairpin::lab
