#pragma once
// A lab that is being made of another program's file, and how it is written down: the topology, the gateway's configuration and the tests.
// Those who read such files fill it in, and know nothing of how ours look.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lab/complaints.h"
#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/result.h"

namespace hairpin::lab {

struct ImportedLab {
    std::string name;
    std::map<std::string, std::string> files;  // by their paths in the lab's folder
    std::vector<std::string> remarks;          // what has no counterpart: `docker-compose.yml:7:5: ...`
};

// What whoever imports may say besides. Empty: the source decides.
struct ImportOptions {
    std::string name = {};     // the lab's
    std::string gateway = {};  // the node, by its name in the source, that becomes the gateway
};

struct DraftHost {
    std::string name;
    std::string image = {};
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::vector<std::string> commands = {};
};

struct DraftLink {
    std::string host, interface, segment;
    std::optional<Ipv4InterfaceAddress> address = {};
    std::optional<Ipv4Address> gateway = {};  // of the host's default route
    std::optional<MacAddress> mac = {};
    std::vector<std::string> vars = {};  // what else the link says, in YAML, as "vlan: 7"
};

struct DraftInterface {
    std::string name, segment;
    bool is_uplink = false;
    std::vector<Ipv4InterfaceAddress> addresses = {};
    std::optional<MacAddress> mac = {};
    std::optional<unsigned> vlan = {};
};

struct DraftRoute {
    std::string prefix, next_hop;
};

// What it says nothing about, empty, is any.
struct DraftFirewallRule {
    std::string name;
    std::vector<std::string> source_interfaces = {}, destination_interfaces = {};
    std::string destination_address = {};
    std::string protocol = {}, port = {};
};

struct DraftNatRule {
    std::string description, action, applied_on;
    std::string original_address = {}, original_port = {};
    std::string translated_address = {}, translated_port = {};
    std::string protocol = "any";
};

struct DraftGateway {
    std::string name = "edge";
    std::vector<DraftInterface> interfaces = {};
    std::vector<DraftRoute> routes = {};
    std::string default_action = "drop";
    std::vector<DraftFirewallRule> firewall_rules = {};
    std::vector<DraftNatRule> nat_rules = {};
};

struct DraftTest {
    std::string name, description, node, command;
    bool waits = false;  // until it works: what the lab needs a moment for
};

// Where a lab has no Internet of its own: the gateway's address there, and the host that stands for everybody.
inline constexpr const char* kImportedUplinkAddress = "203.0.113.80";
inline constexpr const char* kImportedUplinkNeighbor = "203.0.113.1";
inline constexpr unsigned kImportedUplinkLength = 24;

class LabDraft {
public:
    std::string name;
    std::vector<std::string> heading = {};  // lines of comment at the top of the topology
    std::vector<std::string> segments = {};
    std::vector<DraftHost> hosts = {};
    std::vector<DraftLink> links = {};
    DraftGateway gateway = {};
    std::vector<DraftTest> tests = {};

    // The host `internet` behind the segment `outside`, and the gateway's interface and default route there.
    void add_internet(const std::string& host, const std::string& segment, const std::string& interface);
    // Whoever is in this network leaves by the uplink with its address.
    void translate(const std::string& what, const std::string& uplink, const std::string& address,
                   std::optional<Ipv4Prefix> network = {});

    // Give an interface of the gateway, or the host of a link, an address. One that no host may have is a remark, as is one of a network that
    // another interface of the gateway has an address of: nobody could say then where a neighbour is.
    void take_gateway_address(const std::string& file, Position at, const Ipv4InterfaceAddress& address,
                              DraftInterface& interface);
    void take_host_address(const std::string& file, Position at, const Ipv4InterfaceAddress& address, DraftLink& link);

    // A test that the host of a link reaches the gateway by it.
    void add_gateway_test(const DraftLink& link, Ipv4Address gateway);

    // That a host has its image's programs only in a lab of containers.
    void remark_image(const std::string& file, Position at, const std::string& host);
    // Gives the host a command to run, where it is of the host's own network; any other is a remark.
    void take_command(const std::string& file, const PlacedText& command, DraftHost& host);
    void remark(const std::string& file, Position at, const std::string& text);
    ImportedLab finish() &&;

private:
    std::string topology() const;
    std::string config() const;
    std::string tests_file() const;

    std::vector<std::string> remarks_;
};

// Names of nodes, segments among them, that differ from each other, made of such as other programs have.
class NodeNames {
public:
    explicit NodeNames(std::set<std::string> taken = {}) : taken_(std::move(taken)) {}
    // `name` as it is, where a node may be called that and none is yet.
    std::string give(const std::string& name);

private:
    std::set<std::string> taken_;
};

std::string lab_name_of(const std::string& name);
// `wanted` where it is a lab's name, or else one made of `own`.
Result<std::string> imported_name(const std::string& wanted, const std::string& own);
// Who becomes the gateway: `wanted` where it is one of `nodes`, or else the only one of `candidates`. `kind` says what a candidate is.
Result<std::string> choose_gateway(const std::string& wanted, const std::vector<std::string>& nodes,
                                   const std::vector<std::string>& candidates, const std::string& kind);
// 24 of 255.255.255.0; none where ones and zeros are mixed.
std::optional<unsigned> netmask_length(const std::string& netmask);
// 10.0.0.1/24 of "10.0.0.1" and 24.
std::optional<Ipv4InterfaceAddress> with_length(const std::string& address, unsigned length);

}  // namespace hairpin::lab
