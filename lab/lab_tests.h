#pragma once
// What a lab must show: the tests of <lab>.tests.yml, beside its topology file.
//
//   tests:
//     hairpin-http:                                     # a command in one or more nodes, and what must come of it
//       description: the workstation reaches the web server by the external address
//       nodes: [workstation]
//       exec: curl -s http://203.0.113.80/
//       wait: 5                                         # seconds in which it may still become true; 0 when left out
//       expect: {rc: 0, stdout: "web server"}           # stdout, stderr: a text, or a list of texts, that it must contain
//     hairpin-why:                                      # a packet that the gateway is asked about, and what it must say
//       trace: {from: workstation, tcp: "203.0.113.80:80"}      # tcp, udp: address:port; icmp: address
//       expect: {verdict: forwarded, firewall: 3, rules: [196613, 196612], dnat: "192.168.255.10:80", out: webserver}
//     matrix:                                           # every host pings every other; the exceptions must not come through
//       reach: {icmp: all, except: [[internet, workstation]]}
//     unplugged:                                        # something is done to the lab, and undone; meanwhile, and of a connection, this must hold
//       do: {link: "workstation:eth1", state: down, for: 300ms}
//       during: {tcp-stream: [workstation, webserver]}
//       expect: {carrier: {"workstation:eth1": down}, resets: 0, gap: "<3s"}
//     survive:                                          # hairpind is killed, and started again
//       do: {restart: hairpind}
//       during: {tcp-stream: [workstation, webserver]}
//       expect: {resets: 0, gap: "<3s"}

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lab/topology.h"

namespace hairpin::lab {

struct CommandExpectation {
    int status = 0;
    std::vector<std::string> output = {};
    std::vector<std::string> error_output = {};
};

struct CommandCheck {
    std::vector<std::string> nodes;
    bool is_of_several = false;  // before some were chosen: then a result is named with its node
    std::string command;
    CommandExpectation expect;
};

// What is not set is not looked at.
struct TraceExpectation {
    std::optional<std::string> verdict;  // forwarded, dropped, local or rejected
    std::optional<unsigned> firewall;    // the id of the rule that decided; "default" in the file is kDefaultFirewallRule
    std::optional<std::vector<unsigned>>
        nat;  // `rules`: the ids of the NAT rules that acted, destination before source; [] is none
    std::optional<std::string> translated_destination;  // `dnat`: "192.168.255.10:80", or only the address
    std::optional<std::string> translated_source;       // `snat`: "203.0.113.80", or with a port
    std::optional<std::string> out;                     // the port of the switch where the packet leaves
    std::optional<std::string> drop_reason;
};
// The id of the last firewall rule, which nobody writes: the last id below those of NAT rules.
inline constexpr unsigned kDefaultFirewallRule = 196'608;

struct TraceCheck {
    std::string node;      // that would send it
    std::string protocol;  // tcp, udp or icmp
    std::string source;    // "192.168.255.2:40000"; of icmp the address alone
    std::string destination;
    std::string interface;  // of the gateway, where the packet enters
    TraceExpectation expect;
};

struct ReachCheck {
    std::vector<std::string> hosts;                           // each of them to each other one
    std::vector<std::pair<std::string, std::string>> except;  // the first must not reach the second
};

enum class Plug { out, in };

struct CarrierExpectation {
    std::string node, interface;
    bool is_up = false;
};

// A cable is pulled or plugged in, and is as it was before the test ends.
struct CableDeed {
    std::string port;  // whose cable
    Plug plug = Plug::out;
    std::chrono::milliseconds lasting{0};  // `for`: how long it stays so at least
};
// hairpind is killed, and started again under hosts that run on.
struct RestartDeed {};

// Something is done to the lab.
struct DeedCheck {
    std::variant<CableDeed, RestartDeed> deed = {};
    std::chrono::milliseconds within{10'000};  // in which what is expected must have come
    struct Stream {
        std::string from, to;    // hosts
        std::uint16_t port = 0;  // at which `to` listens; 0: one that is free
    };
    std::optional<Stream> stream;  // `during`: a TCP connection that was there before
    std::vector<CarrierExpectation> carriers;
    std::optional<unsigned> resets;                // of the stream
    std::optional<std::chrono::milliseconds> gap;  // nothing comes for less than this
};

// What holds in every lab: no packet is lost uncounted, and hairpind's log is clean.
struct BalanceCheck {};
struct LogCheck {};

enum class Severity { error, warning };

struct LabTest {
    std::string name;
    std::string description;
    Severity severity = Severity::error;  // `level`
    std::chrono::milliseconds wait{0};
    std::variant<CommandCheck, TraceCheck, ReachCheck, DeedCheck, BalanceCheck, LogCheck> check;
};
// Where a test runs: the nodes of its commands, those that send what it asks about, and those whose link or connection it is about.
std::vector<std::string> nodes_of(const LabTest& test);

// Mistakes are told as those of a topology file are, with file:line:column; nodes and addresses are looked up in `topology`.
Result<std::vector<LabTest>> parse_lab_tests(const std::string& text, const std::string& file, const Topology& topology);

// Those of a topology, from its tests file or from another one.
Result<std::vector<LabTest>> read_lab_tests(const Topology& topology);
Result<std::vector<LabTest>> read_lab_tests(const Topology& topology, const std::string& file);

// Every host of the topology that has an address reaches every other: `lab pingall` as a test, which is called so.
LabTest pingall_test(const Topology& topology);
// "balance" and "log", which every lab must pass.
std::vector<LabTest> what_always_holds();

// What narrows a run of tests. Empty: all of them.
struct TestChoice {
    std::vector<std::string> names, nodes;
};
// Those that are chosen, with commands at chosen nodes alone. An error names what there is not.
Result<std::vector<LabTest>> choose_tests(std::vector<LabTest> tests, const TestChoice& choice, const Topology& topology);

// The tests file of a topology file: x.tests.yml beside x.clab.yml.
std::string tests_file_of(const Topology& topology);
// A lab need not have one.
bool has_tests_file(const Topology& topology);

}  // namespace hairpin::lab
