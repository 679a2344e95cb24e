#pragma once
// How QEMU is told to plug a virtual machine's interface into a port of the switch: one row for each kind of port that a machine can have.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/mac_address.h"
#include "net/result.h"

namespace hairpin::lab {

// A QEMU that is installed: what it is and what it can.
struct Qemu {
    std::string program;
    unsigned major = 0, minor = 0;
    std::string version = {};                // "7.2.22"
    std::vector<std::string> backends = {};  // of -netdev
    bool kvm = false;                        // whether it may have the processor; otherwise it emulates one

    bool at_least(unsigned wanted_major, unsigned wanted_minor) const {
        return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
    }
    bool has_backend(std::string_view name) const;
};

inline constexpr std::string_view kUsualQemu = "qemu-system-x86_64";
// Asks the program, looked up in PATH, for its version and its backends, and looks for /dev/kvm. Fails where it cannot be run.
Result<Qemu> find_qemu(const std::string& program);
// What both answers say; nothing where the first is none of QEMU's.
std::optional<Qemu> read_qemu(const std::string& program, std::string_view version_said, std::string_view backends_said);

// The switch's side of a machine's interface.
struct MachinePort {
    std::string name;               // of the port
    std::string kind;               // as `show ports` calls it
    std::string place;              // our socket, folder or device; of vhost-user QEMU's, where it is the one who listens
    std::string remote;             // of dgram: the machine's own socket
    std::string network_namespace;  // of netdev: where the device is; empty: the daemon's own
    MacAddress mac;                 // the machine's
    unsigned mtu = 1500;
    bool qemu_listens = false;  // of vhost-user: the port is the one who connects
};

struct QemuArguments {
    std::vector<std::string> words;    // "-netdev", "dgram,...", "-device", "virtio-net-pci,..."
    std::vector<std::string> remarks;  // sentences about what to mind
    bool shares_memory = false;        // the machine wants shared_memory() besides, once
};
// An error where the port is of a kind that no machine can have, or where this QEMU has no backend for it.
Result<QemuArguments> arguments_for(const MachinePort& port, const Qemu& qemu);
// What the machine of a vhost-user port is told once, however many such ports it has: all its memory is a file, of which hairpind gets a
// descriptor. Its size is the machine's (-m).
std::vector<std::string> shared_memory(unsigned mebibytes);

// How -netdev calls the backend of a port, by which the monitor knows it, too.
std::string netdev_id(std::string_view port);

// A value among QEMU's options: a comma in it stands twice.
std::string qemu_value(std::string_view value);

// Whether a port of this kind can be a virtual machine's, and how all of those are called, for a sentence.
bool is_machine_kind(std::string_view kind);
std::string machine_kinds();

// The MAC of a machine's interface that nobody has chosen: always the same for a port's name, of QEMU's range 52:54:00.
MacAddress usual_mac(std::string_view port);

}  // namespace hairpin::lab
