#pragma once
// A node of kind generic_vm: a virtual machine that QEMU runs. How it boots, and by what its interfaces are plugged in.

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "lab/complaints.h"

namespace hairpin::lab {

struct Machine {
    // Files: absolute, or relative to the topology's folder. It boots the kernel where there is one, and the disk otherwise.
    std::string disk = {};
    std::string kernel = {}, initrd = {};
    std::string append = {};       // to what we say on the kernel's command line
    std::string netdev = "dgram";  // a row of kNetdevs
    unsigned memory_mebibytes = 256;
    unsigned cpus = 1;
    std::string qmp = {};   // where QEMU's monitor listens; empty: in the lab's folder
    bool has_agent = true;  // does what scripts/guest-init does at its second serial port, and says when it is ready

    // All of it in a line, to see whether two are the same.
    std::string in_words() const;
};

// What a label calls a backend, and the kind of port that it makes.
struct NetdevRow {
    std::string_view label, port_kind;
};
inline constexpr auto kNetdevs = std::to_array<NetdevRow>({
    {"dgram", "dgram"},
    {"stream", "stream"},
    {"vde", "vde"},
    {"tap", "netdev"},
    {"vhost-user", "vhost-user"},
});
std::string_view port_kind_of(const Machine& machine);

// By its labels, of which those that are no machine's are left alone. `node`: whose they are, and where.
Machine read_machine(const std::string& node, Position at, const std::map<std::string, PlacedText>& labels,
                     Complaints& complaints);
bool is_machine_label(std::string_view key);
// All of them, for an error.
std::string machine_labels();

}  // namespace hairpin::lab
