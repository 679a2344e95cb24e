#pragma once
// Starting programs inside namespaces, waiting for them, and ending everything that lives in one.
//
// A program is born in its namespace: a helper thread enters it and starts the program from there. So a lab that was killed at
// any moment leaves no process that is not found by its namespace.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lab/namespaces.h"
#include "net/file_descriptor.h"
#include "net/result.h"

namespace hairpin::lab {

struct Command {
    std::vector<std::string> words;                       // the program (looked up in PATH) and its arguments
    std::map<std::string, std::string> environment = {};  // on top of our own
    std::string folder = "/";                             // where it runs
    int output = -1;                                      // its standard output and error; -1: our own
    int error_output = -1;
    int passed = -1;  // a descriptor that it finds as kPassedDescriptor; -1: none
};
inline constexpr int kPassedDescriptor = 3;

// A running process, named so that a later one with the same number is not taken for it.
struct ProcessId {
    pid_t pid = 0;
    std::uint64_t start_ticks = 0;  // since boot, as /proc/<pid>/stat tells

    // Of a process that runs now; start_ticks is 0 when there is none.
    static ProcessId of(pid_t pid);
    bool is_running() const { return start_ticks != 0 && of(pid).start_ticks == start_ticks; }
};

// Whether a process that may be ending has done so before `limit` has passed.
bool ends_within(const ProcessId& process, std::chrono::milliseconds limit);

// The words that a process which runs was started with.
Result<std::vector<std::string>> words_of(const ProcessId& process);

// Ends it by SIGKILL, without a chance to do anything about it. An error when it has not ended before `limit` has passed.
Result<void> kill_process(const ProcessId& process, std::chrono::milliseconds limit);

// Starts the command in the namespace, in a session of its own with nothing on its standard input. It outlives this process.
Result<pid_t> start_in_namespace(const std::string& namespace_name, const Command& command);

// Waits for a child; its exit status as a shell tells it (128 + signal). When `limit` passes first, its whole session is killed
// and the answer is an error that says so.
Result<int> wait_for(pid_t child, std::chrono::milliseconds limit);

struct Finished {
    int status = 0;
    std::string output = {};
    std::string error_output = {};
};
// Runs the command to its end and returns what it said.
Result<Finished> run_in_namespace(const std::string& namespace_name, Command command, std::chrono::milliseconds limit);

// Likewise, where this process is.
Result<Finished> run_here(Command command, std::chrono::milliseconds limit);

// Why a process did not become another program, and the exit status by which shells tell it: 127 there is none, 126 it cannot be run.
struct NotBecome {
    std::string message;
    int status = 1;
};
// Turns this process into the command, in the namespace, on the terminal as it is. /sys is the namespace's own there, as `ip netns exec` has it,
// so that /sys/class/net has its interfaces; where the system forbids that, as it may to somebody who is not root, it remains the machine's.
// Returns only when it fails.
NotBecome become_in_namespace(const std::string& namespace_name, const Command& command);

// Ends every process in these namespaces and those named besides: SIGTERM, after two seconds SIGKILL, until none is left. It is an
// error when our own namespace is among them.
Result<void> end_processes(std::span<const NamespaceId> namespaces, std::span<const ProcessId> besides);

}  // namespace hairpin::lab
