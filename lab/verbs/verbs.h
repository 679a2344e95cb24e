#pragma once
// What each verb of `hairpin lab` does, once its words are understood. Each prints its own answer and errors.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/exit_code.h"
#include "lab/topology.h"
#include "net/result.h"

namespace hairpin::lab {

enum class Format { table, json };

struct UpOptions {
    std::string topology;      // what find_topology() takes
    std::string name;          // instead of the file's own; empty: that
    bool reconfigure = false;  // a lab that is up is taken down first
    bool test = false;         // ... and its tests are run when it is up
    bool test_hooks = false;   // for hairpind, where it is started anew
    std::optional<std::uint64_t> seed = {};
};
ExitCode up(const UpOptions& options);

struct DownOptions {
    std::string lab;  // what find_lab() takes
    bool all = false;
};
ExitCode down(const DownOptions& options);

ExitCode list(Format format);
ExitCode inspect(const std::string& lab, Format format);

struct ExecOptions {
    std::string lab;
    std::string node;
    std::vector<std::string> words;
};
// Returns only when the command cannot be started: this process becomes the command.
ExitCode exec(const ExecOptions& options);
// Without a node, on the gateway. Likewise.
ExitCode shell(const std::string& lab, const std::string& node);

struct CaptureOptions {
    std::string lab;
    std::vector<std::string> places;  // NODE, NODE:INTERFACE, SEGMENT:PORT; none: everything
    std::vector<std::string> words;   // of `hairpin capture`, behind its places
};
// Returns only when it cannot begin: this process becomes `hairpin capture` at the lab's daemon.
ExitCode capture(const CaptureOptions& options);
// What the daemon calls these places. A node is all of its links; a segment all that is on it.
Result<std::vector<std::string>> capture_places(const Topology& topology, const std::vector<std::string>& names);

struct TestOptions {
    std::string lab;  // a lab that is up, or what find_topology() takes: then it is brought up and taken down again
    bool list = false;
    bool wait = true;
    std::string junit_file;  // empty: none
};
ExitCode test(const TestOptions& options);

// Prints `hairpin: error: ...` on standard error and hands the code on.
ExitCode report(ExitCode code, const std::string& message);
// Labs are made and entered by root alone. Says so, with what the user may type, when we are somebody else.
Result<void> check_root(const std::string& what);

}  // namespace hairpin::lab
