#pragma once
// What each verb of `hairpin lab` does, once its words are understood. Each prints its own answer and errors.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/exit_code.h"
#include "lab/generator.h"
#include "lab/imports/lab_draft.h"
#include "lab/rows.h"
#include "lab/topology.h"
#include "net/result.h"

namespace hairpin::lab {

struct UpOptions {
    std::string topology;                  // what find_topology() takes, or - for standard input
    std::string typed_topology = {};       // what came from there
    std::string name;                      // instead of the file's own; empty: that
    bool reconfigure = false;              // a lab that is up is taken down first
    bool dry_run = false;                  // only says what would change
    Format format = Format::table;         // of what is said
    std::vector<std::string> nodes = {};   // only these hosts; empty: all
    std::optional<unsigned> timeout = {};  // seconds, after which it is given up
    std::optional<unsigned> workers = {};  // has no effect
    std::string restore = {};              // a saved configuration that is put in force when it is up; empty: none
    bool rootless = false;                 // an error where it is not
    bool test = false;                     // ... and its tests are run when it is up
    std::optional<Runtime> runtime = {};   // what nodes with an image are; none: what they are already, or namespaces
    bool test_hooks = false;               // for hairpind, where it is started anew
    std::optional<std::uint64_t> seed = {};
};
ExitCode up(const UpOptions& options);

struct DownOptions {
    std::string lab;  // what find_lab() takes
    bool all = false;
    std::vector<std::string> nodes = {};   // only these hosts; empty: the lab
    bool keep_management_network = false;  // has no effect
};
ExitCode down(const DownOptions& options);

ExitCode list(Format format);
enum class View { lab, nodes, links, interfaces };
struct InspectOptions {
    std::string lab;  // what find_lab() takes
    View view = View::lab;
    Format format = Format::table;
    bool all = false;    // of every lab that is up
    bool watch = false;  // again each second, until it is interrupted
};
ExitCode inspect(const InspectOptions& options);

struct EventsOptions {
    std::string lab;
    Format format = Format::table;  // table: lines for people
    bool initial_state = false;     // begins with what there is
    std::optional<std::chrono::milliseconds> statistics = {};
};
// Until hairpind ends, or it is interrupted.
ExitCode events(const EventsOptions& options);

// What is wrong in a topology's files, without touching anything.
ExitCode check(const std::string& topology);
// The JSON schema of topology files, for editors.
ExitCode schema();
// Of this program; hairpind's own is shown by `show version`.
ExitCode version(Format format);
enum class GraphForm { text, mermaid, dot, svg, drawio, json };
ExitCode graph(const std::string& topology, GraphForm form);
// Both write a new folder, whose default is the lab's name.
ExitCode generate(const GeneratorOptions& options, const std::string& folder);
enum class ImportForm { compose, kathara, gns3 };
// `source` is the other program's file or, of Kathara, folder.
ExitCode import_lab(ImportForm form, const std::string& source, const ImportOptions& options, const std::string& folder);

struct PingallOptions {
    std::string lab;
    std::string wait = "500ms";  // for one answer: the longest way there and back that still counts
};
ExitCode pingall(const PingallOptions& options);

struct SaveOptions {
    std::string lab;
    std::string output;  // a file, or - for standard output
    std::string copy;    // a folder; with neither, the file that the lab came from
};
// The gateway's running configuration.
ExitCode save(const SaveOptions& options);
ExitCode restore(const std::string& lab, const std::string& file);

struct NodeLabel {
    std::string key, value;
};
struct ExecOptions {
    std::string lab;                                 // what find_lab() takes
    std::vector<std::string> words;                  // the lab, unless it is there already, and a node; each may be missing
    std::vector<std::string> nodes;                  // more nodes; without any it is all of them
    std::vector<NodeLabel> labels;                   // all of which a node must have
    std::vector<std::vector<std::string>> commands;  // at least one
    Format format = Format::table;                   // table: for people
};
// A command at one node is what this process becomes: then it returns only when that cannot be started. Otherwise what the commands say is told, headed
// by their nodes, and it failed where one of them did.
ExitCode exec(const ExecOptions& options);
// Without a node, on the gateway. Likewise.
ExitCode shell(const std::string& lab, const std::string& node);

struct CaptureOptions {
    std::string lab;
    std::vector<std::string> places;  // NODE, NODE:INTERFACE, SEGMENT:PORT; none: everything
    std::vector<std::string> words;   // of `hairpin capture`, behind its places
    bool wireshark = false;           // into a Wireshark that is started for it
};
// Returns only when it cannot begin: this process becomes `hairpin capture` at the lab's daemon.
ExitCode capture(const CaptureOptions& options);
// Where an attachment is captured: at its port of the switch, or, of the gateway, at its interface.
std::string capture_place_of(const Topology& topology, const Attachment& attachment);
// What the daemon calls these places. A node is all of its links; a segment all that is on it.
Result<std::vector<std::string>> capture_places(const Topology& topology, const std::vector<std::string>& names);

struct TestOptions {
    std::string lab = {};  // a lab that is up, or what find_topology() takes: then it is brought up and taken down again
    std::vector<std::string> words = {};  // the lab, unless it is there already, and the tests that are wanted; without any, all
    std::vector<std::string> nodes = {};  // only what runs there; empty: everywhere
    std::string source = {};              // another file of tests than the topology's
    bool list = false;
    bool wait = true;
    bool failures_only = false;   // only what failed is told, on standard error
    bool pingall = false;         // that every host reaches every other is a test, too
    std::string junit_file = {};  // empty: none
    bool tap = false;             // the results in the Test Anything Protocol
};
ExitCode test(const TestOptions& options);

// Prints `hairpin: error: ...` on standard error and hands the code on.
ExitCode report(ExitCode code, const std::string& message);
// Whether the labs that are seen can be worked with. Somebody who is not root and has no enclave sees root's, which are root's alone: the error
// says so, with what the user may type.
Result<void> check_reach(const std::string& what);

}  // namespace hairpin::lab
