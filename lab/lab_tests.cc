#include "lab/lab_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "lab/deed_reader.h"
#include "lab/did_you_mean.h"
#include "lab/file_keys.h"
#include "lab/files.h"
#include "lab/yaml_tree.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

constexpr auto kTestsFileKeys = std::to_array<KeyRow>({{"tests", KeyUse::used, "each test by its name"}});
constexpr auto kTestKeys = std::to_array<KeyRow>({
    {"description", KeyUse::used, "what it shows, in words"},
    {"level", KeyUse::used, "error, or warning for what need not hold"},
    {"wait", KeyUse::used, "seconds, at most 300, in which it may still become true; 0 otherwise"},
    {"nodes", KeyUse::used, "the hosts on which exec runs, all of which must pass"},
    {"exec", KeyUse::used, "a shell command line"},
    {"trace", KeyUse::used, "instead of exec and nodes: a packet that the gateway is asked about"},
    {"reach", KeyUse::used, "or: hosts that ping each other"},
    {"do", KeyUse::used, "or: what is done to the lab, and undone at the end"},
    {"during", KeyUse::used, "of do: a connection that goes on meanwhile"},
    {"within", KeyUse::used, "of do: a time, as 1s, in which what is expected must have come; 10s otherwise"},
    {"expect", KeyUse::used, "what must come of it"},
});
constexpr auto kCommandExpectKeys = std::to_array<KeyRow>({
    {"rc", KeyUse::used, "the exit status; 0 otherwise"},
    {"stdout", KeyUse::used, "a text, or a list of texts, that standard output must contain"},
    {"stderr", KeyUse::used, "the same of standard error"},
});
constexpr auto kTraceKeys = std::to_array<KeyRow>({
    {"from", KeyUse::used, "the host that would send it"},
    {"tcp", KeyUse::used, "a TCP connection's first packet, to this ADDRESS:PORT"},
    {"udp", KeyUse::used, "a UDP datagram, to this ADDRESS:PORT"},
    {"icmp", KeyUse::used, "a ping, to this ADDRESS"},
    {"source", KeyUse::used, "another source than the address of the host's first link"},
    {"interface", KeyUse::used, "another interface of the gateway than the one on the host's segment"},
});
constexpr auto kTraceExpectKeys = std::to_array<KeyRow>({
    {"verdict", KeyUse::used, "forwarded, dropped, local or rejected"},
    {"firewall", KeyUse::used, "the id of the rule that decided, or default"},
    {"rules", KeyUse::used, "a list of the NAT rules that acted, destination before source; [] is none"},
    {"dnat", KeyUse::used, "the destination as it would go out, with or without its port"},
    {"snat", KeyUse::used, "the source as it would go out, with or without its port"},
    {"out", KeyUse::used, "the port of the switch where it leaves"},
    {"drop_reason", KeyUse::used, "why it would be dropped, as `show drops` calls it"},
});
constexpr auto kVerdicts = std::to_array<std::string_view>({"forwarded", "dropped", "local", "rejected"});

constexpr unsigned kLongestWait = 300;  // seconds
constexpr unsigned kLargestRuleId = 0x7fff'ffff;
constexpr unsigned kSourcePort = 40'000;  // of a traced packet that does not say

bool is_endpoint(const std::string& text) {
    const std::size_t colon = text.find(':');
    return colon != std::string::npos && Ipv4Address::parse(text.substr(0, colon)) &&
           parse_number(std::string_view{text}.substr(colon + 1), 0xffff);
}

class TestReader {
public:
    TestReader(const Topology& topology, Complaints& complaints) : topology_(topology), complaints_(complaints) {}

    LabTest read(const YamlEntry& entry) {
        const YamlNode& node = entry.value;
        check_keys(node, "a test", kTestKeys, complaints_);
        LabTest test{.name = entry.key, .description = text_at(node, "description").value_or(""), .check = {}};
        if (const YamlNode* wait = node.find("wait")) {
            test.wait = std::chrono::seconds{read_number(*wait, "wait", 0, kLongestWait, complaints_)};
        }
        if (const YamlNode* level = node.find("level")) test.severity = read_severity(*level);

        const auto has = [&](std::string_view key) { return node.find(key) != nullptr; };
        if (has("exec") + has("trace") + has("reach") + has("do") != 1)
            complaints_.error(entry.at, fmt::format("test \"{}\" needs one of exec, with nodes, trace, reach and do", entry.key));
        else if (has("trace"))
            test.check = read_trace(*node.find("trace"), node.find("expect"));
        else if (has("reach"))
            test.check = read_reach(*node.find("reach"), topology_, complaints_);
        else if (has("do"))
            test.check = read_deed(node, topology_, complaints_);
        else
            test.check = read_command(node);
        if (!has("do"))
            for (const char* key : {"during", "within"})
                if (has(key)) complaints_.error(node.find(key)->at, fmt::format("`{}` belongs to a test with `do`", key));
        if (has("reach") && has("expect")) complaints_.error(node.find("expect")->at, "what reach expects is in its `except`");
        return test;
    }

private:
    std::optional<std::string> text_at(const YamlNode& map, std::string_view key) {
        const YamlNode* value = map.find(key);
        return value == nullptr ? std::nullopt : std::optional{read_text(*value, key, complaints_)};
    }

    Severity read_severity(const YamlNode& from) {
        if (from.text != "error" && from.text != "warning")
            complaints_.error(from.at, fmt::format("level is error or warning, and not \"{}\"{}", from.text,
                                                   did_you_mean(from.text, {"error", "warning"})));
        return from.text == "warning" ? Severity::warning : Severity::error;
    }

    CommandCheck read_command(const YamlNode& test) {
        CommandCheck check;
        check.command = text_at(test, "exec").value_or("");
        const YamlNode* nodes = test.find("nodes");
        if (nodes == nullptr || !nodes->is_list() || nodes->items.empty()) {
            complaints_.error(nodes == nullptr ? test.at : nodes->at, "exec needs a list of nodes to run on");
        } else {
            check.nodes = read_texts(*nodes, "nodes", complaints_);
            for (std::size_t i = 0; i < check.nodes.size(); ++i) find_member(check.nodes[i], nodes->items[i].at);
            check.is_of_several = check.nodes.size() > 1;
        }
        if (const YamlNode* expect = test.find("expect")) {
            check_keys(*expect, "expect", kCommandExpectKeys, complaints_);
            const auto texts = [&](std::string_view key) {
                const YamlNode* value = expect->find(key);
                return value == nullptr ? std::vector<std::string>{} : read_text_or_texts(*value, key, complaints_);
            };
            check.expect.output = texts("stdout");
            check.expect.error_output = texts("stderr");
            if (const YamlNode* status = expect->find("rc")) {
                check.expect.status = static_cast<int>(read_number(*status, "rc", 0, 255, complaints_));
            }
        }
        return check;
    }

    const Node* find_member(const std::string& name, Position at) {
        const Node* node = topology_.find(name);
        if (node == nullptr || node->role == NodeRole::segment) {
            complaints_.error(at, fmt::format("there is no host \"{}\" in the lab{}", name,
                                              did_you_mean(name, topology_.nodes, [](const Node& each) {
                                                  return each.role == NodeRole::segment ? "" : each.name;
                                              })));
            return nullptr;
        }
        return node;
    }

    TraceCheck read_trace(const YamlNode& trace, const YamlNode* expect) {
        check_keys(trace, "trace", kTraceKeys, complaints_);
        TraceCheck check;
        read_destination(trace, check);
        read_sender(trace, check);
        if (expect != nullptr) check.expect = read_trace_expectation(*expect);
        return check;
    }

    void read_destination(const YamlNode& trace, TraceCheck& check) {
        for (const char* protocol : {"tcp", "udp", "icmp"}) {
            const YamlNode* value = trace.find(protocol);
            if (value == nullptr) continue;
            if (!check.protocol.empty()) complaints_.error(value->at, "a trace has one of tcp, udp and icmp");
            check.protocol = protocol;
            check.destination = read_text(*value, protocol, complaints_);
            const bool icmp = check.protocol == "icmp";
            if (icmp ? !Ipv4Address::parse(check.destination) : !is_endpoint(check.destination)) {
                complaints_.error(value->at,
                                  fmt::format("\"{}\" is no {}", check.destination, icmp ? "address" : "address:port"));
            }
        }
        if (check.protocol.empty()) complaints_.error(trace.at, "a trace needs one of tcp, udp and icmp, with its destination");
    }

    // The packet comes from the address of the node's first link and enters the gateway where it is on the same segment.
    void read_sender(const YamlNode& trace, TraceCheck& check) {
        const YamlNode* from = trace.find("from");
        if (from == nullptr) return complaints_.error(trace.at, "a trace needs the node that it is from");
        const Node* node = find_member(read_text(*from, "from", complaints_), from->at);
        if (node == nullptr) return;
        check.node = node->name;
        const Attachment* attachment = topology_.attachment_of(node->name);
        const Attachment* gateway = attachment == nullptr ? nullptr : topology_.gateway_beside(*attachment);

        const auto interface = text_at(trace, "interface");
        if (interface)
            check.interface = *interface;
        else if (gateway != nullptr)
            check.interface = gateway->interface;
        else
            complaints_.error(from->at,
                              fmt::format("\"{}\" and the gateway share no segment; the trace needs an interface", node->name));

        const auto source = text_at(trace, "source");
        std::string address;
        if (source)
            address = *source;
        else if (attachment != nullptr && attachment->address)
            address = attachment->address->address.to_string();
        else
            complaints_.error(from->at,
                              fmt::format("\"{}\" has no address in the topology; the trace needs a source", node->name));
        if (check.protocol != "icmp" && address.find(':') == std::string::npos) address += fmt::format(":{}", kSourcePort);
        if (source && (check.protocol == "icmp" ? !Ipv4Address::parse(address) : !is_endpoint(address))) {
            complaints_.error(trace.find("source")->at, fmt::format("\"{}\" is no address", *source));
        }
        check.source = address;
    }

    TraceExpectation read_trace_expectation(const YamlNode& from) {
        check_keys(from, "expect", kTraceExpectKeys, complaints_);
        TraceExpectation expect;
        expect.verdict = text_at(from, "verdict");
        if (expect.verdict && std::find(kVerdicts.begin(), kVerdicts.end(), *expect.verdict) == kVerdicts.end()) {
            complaints_.error(from.find("verdict")->at,
                              fmt::format("verdict is forwarded, dropped, local or rejected, and not \"{}\"{}", *expect.verdict,
                                          did_you_mean(*expect.verdict, kVerdicts, [](std::string_view each) { return each; })));
        }
        if (const YamlNode* firewall = from.find("firewall")) {
            expect.firewall = firewall->text == "default" ? kDefaultFirewallRule : read_rule(*firewall, "firewall");
        }
        if (const YamlNode* rules = from.find("rules")) {
            if (!rules->is_list()) complaints_.error(rules->at, "rules must be a list of NAT rule ids");
            expect.nat.emplace();
            for (const YamlNode& rule : rules->items) expect.nat->push_back(read_rule(rule, "each of rules"));
        }
        expect.translated_destination = text_at(from, "dnat");
        expect.translated_source = text_at(from, "snat");
        expect.out = text_at(from, "out");
        expect.drop_reason = text_at(from, "drop_reason");
        return expect;
    }

    unsigned read_rule(const YamlNode& from, std::string_view what) {
        return read_number(from, what, 1, kLargestRuleId, complaints_);
    }

    const Topology& topology_;
    Complaints& complaints_;
};

}  // namespace

std::span<const KeyRow> lab_test_keys() { return kTestKeys; }
std::span<const KeyRow> command_expectation_keys() { return kCommandExpectKeys; }
std::span<const KeyRow> trace_keys() { return kTraceKeys; }
std::span<const KeyRow> trace_expectation_keys() { return kTraceExpectKeys; }

Result<std::vector<LabTest>> parse_lab_tests(const std::string& text, const std::string& file, const Topology& topology) {
    Complaints complaints{file};
    const YamlNode root = parse_yaml(text, complaints);
    check_keys(root, "a tests file", kTestsFileKeys, complaints);
    std::vector<LabTest> tests;
    TestReader reader{topology, complaints};
    if (const YamlNode* section = root.find("tests")) {
        for (const YamlEntry& entry : read_entries(*section, "tests", complaints)) tests.push_back(reader.read(entry));
    }
    const YamlNode* listed = root.find("tests");
    if (listed == nullptr) complaints.error(root.at, "a tests file needs `tests`");
    if (listed != nullptr && tests.empty())
        complaints.error(listed->at, "`tests` names no test; a lab that is to have none has no tests file");
    if (complaints.first_error()) return tl::unexpected(*complaints.first_error());
    return tests;
}

Result<std::vector<LabTest>> read_lab_tests(const Topology& topology) {
    return read_lab_tests(topology, tests_file_of(topology));
}

Result<std::vector<LabTest>> read_lab_tests(const Topology& topology, const std::string& file) {
    return read_file(file).and_then([&](const std::string& text) { return parse_lab_tests(text, file, topology); });
}

std::string tests_file_of(const Topology& topology) {
    std::string file = topology.file;
    // Of a topology that came from standard input they lie where it was typed.
    if (std::filesystem::path{file}.parent_path() != topology.folder)
        return (std::filesystem::path{topology.folder} / (topology.name + ".tests.yml")).string();
    for (const std::string_view ending : {".clab.yml", ".clab.yaml", ".yml", ".yaml"})
        if (file.ends_with(ending)) return file.substr(0, file.size() - ending.size()) + ".tests.yml";
    return file + ".tests.yml";
}

bool has_tests_file(const Topology& topology) {
    std::error_code none;
    return std::filesystem::exists(tests_file_of(topology), none);
}

}  // namespace hairpin::lab
