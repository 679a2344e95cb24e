#include "lab/lab_tests.h"

#include <gmock/gmock.h>

#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The sample, with the host and the gateway's interface in one VLAN.
Topology topology() { return *read_sample(sample_with(", vlan: 10", "")); }

Result<std::vector<LabTest>> parse(const std::string& text) { return parse_lab_tests(text, "sample.tests.yml", topology()); }

std::string complaint(const std::string& test) {
    const auto tests = parse("tests:\n  t: " + test + "\n");
    return tests ? "" : tests.error().message;
}

TEST(LabTests, ReadsCommands) {
    const auto tests = parse(R"(tests:
  web: {description: it works, nodes: [host, edge], exec: curl x, wait: 3, level: warning, expect: {rc: 7, stdout: [a, b], stderr: c}}
  plain: {nodes: [host], exec: "true"}
)");
    ASSERT_TRUE(tests) << tests.error().message;
    ASSERT_EQ(tests->size(), 2);
    const LabTest& web = tests->front();
    EXPECT_EQ(web.name, "web");
    EXPECT_EQ(web.description, "it works");
    EXPECT_EQ(web.severity, Severity::warning);
    EXPECT_EQ(web.wait, std::chrono::seconds{3});
    const auto& check = std::get<CommandCheck>(web.check);
    EXPECT_THAT(check.nodes, ElementsAre("host", "edge"));
    EXPECT_EQ(check.command, "curl x");
    EXPECT_EQ(check.expect.status, 7);
    EXPECT_THAT(check.expect.output, ElementsAre("a", "b"));
    EXPECT_THAT(check.expect.error_output, ElementsAre("c"));
    EXPECT_EQ(std::get<CommandCheck>(tests->back().check).expect.status, 0);
}

TEST(LabTests, ReadsTracesFromTheNodesAddressAndSegment) {
    const auto tests = parse(R"(tests:
  tcp: {trace: {from: host, tcp: "203.0.113.80:80"}, expect: {verdict: dropped, firewall: default, rules: [], drop_reason: x}}
  icmp: {trace: {from: host, icmp: 203.0.113.80}, expect: {firewall: 3, rules: [5, 6], dnat: "192.0.2.2:80", snat: 192.0.2.1, out: host}}
  other: {trace: {from: host, udp: "203.0.113.80:53", source: 198.51.100.1, interface: uplink}}
)");
    ASSERT_TRUE(tests) << tests.error().message;
    const auto& tcp = std::get<TraceCheck>((*tests)[0].check);
    EXPECT_EQ(tcp.protocol, "tcp");
    EXPECT_EQ(tcp.source, "192.0.2.2:40000");
    EXPECT_EQ(tcp.destination, "203.0.113.80:80");
    EXPECT_EQ(tcp.interface, "lan");
    EXPECT_EQ(tcp.expect.verdict, "dropped");
    EXPECT_EQ(tcp.expect.firewall, kDefaultFirewallRule);
    EXPECT_EQ(tcp.expect.nat, std::vector<unsigned>{});
    EXPECT_EQ(tcp.expect.drop_reason, "x");

    const auto& icmp = std::get<TraceCheck>((*tests)[1].check);
    EXPECT_EQ(icmp.source, "192.0.2.2");
    EXPECT_EQ(icmp.destination, "203.0.113.80");
    EXPECT_EQ(icmp.expect.firewall, 3);
    EXPECT_EQ(icmp.expect.nat, (std::vector<unsigned>{5, 6}));
    EXPECT_EQ(icmp.expect.translated_destination, "192.0.2.2:80");
    EXPECT_EQ(icmp.expect.translated_source, "192.0.2.1");
    EXPECT_EQ(icmp.expect.out, "host");
    EXPECT_FALSE(icmp.expect.verdict);

    const auto& other = std::get<TraceCheck>((*tests)[2].check);
    EXPECT_EQ(other.source, "198.51.100.1:40000");
    EXPECT_EQ(other.interface, "uplink");
}

TEST(LabTests, RefusesMistakesWithTheirPlace) {
    EXPECT_THAT(complaint("{nodes: [hots], exec: x}"), StartsWith("sample.tests.yml:2:15: there is no host \"hots\" in the lab"));
    EXPECT_THAT(complaint("{nodes: [lan], exec: x}"), HasSubstr("there is no host \"lan\""));
    EXPECT_THAT(complaint("{exec: x}"), HasSubstr("exec needs a list of nodes"));
    EXPECT_THAT(complaint("{nodes: [host]}"), StartsWith("sample.tests.yml:2:3: test \"t\" needs either exec"));
    EXPECT_THAT(complaint("{nodes: [host], exec: x, expekt: {}}"), HasSubstr("unknown key \"expekt\", did you mean \"expect\"?"));
    EXPECT_THAT(complaint("{nodes: [hosd], exec: x}"), HasSubstr("there is no host \"hosd\" in the lab, did you mean \"host\"?"));
    EXPECT_THAT(complaint("{nodes: [host], exec: x, level: warnin}"), HasSubstr("not \"warnin\", did you mean \"warning\"?"));
    EXPECT_THAT(complaint("{nodes: [host], exec: x, expect: {verdict: dropped}}"), HasSubstr("unknown key \"verdict\""));
    EXPECT_THAT(complaint("{nodes: [host], exec: x, expect: {rc: many}}"), HasSubstr("rc must be a number from 0 to 255"));
    EXPECT_THAT(complaint("{nodes: [host], exec: x, level: loud}"), HasSubstr("level is error or warning"));
    EXPECT_THAT(complaint("{trace: {from: host}}"), HasSubstr("one of tcp, udp and icmp"));
    EXPECT_THAT(complaint("{trace: {from: host, tcp: \"1.2.3.4:5\", udp: \"1.2.3.4:5\"}}"),
                HasSubstr("one of tcp, udp and icmp"));
    EXPECT_THAT(complaint("{trace: {from: host, tcp: 1.2.3.4}}"), HasSubstr("\"1.2.3.4\" is no address:port"));
    EXPECT_THAT(complaint("{trace: {from: host, tcp: \"1.2.3.4:5\"}, expect: {verdict: accept}}"),
                HasSubstr("verdict is forwarded, dropped"));
    EXPECT_THAT(complaint("{trace: {from: host, tcp: \"1.2.3.4:5\"}, expect: {verdict: droped}}"),
                HasSubstr("not \"droped\", did you mean \"dropped\"?"));
    EXPECT_THAT(complaint("{trace: {from: edge, tcp: \"1.2.3.4:5\"}}"), HasSubstr("\"edge\" has no address in the topology"));
    EXPECT_THAT(parse("").error().message, HasSubstr("needs `tests`"));
    EXPECT_THAT(parse("tests: {}").error().message, HasSubstr("`tests` names no test"));
    EXPECT_THAT(parse("tests:\n").error().message, HasSubstr("`tests` names no test"));
}

TEST(LabTests, LieBesideTheTopology) {
    Topology topology;
    topology.file = "/labs/x/x.clab.yml";
    EXPECT_EQ(tests_file_of(topology), "/labs/x/x.tests.yml");
    topology.file = "/labs/x/y.yaml";
    EXPECT_EQ(tests_file_of(topology), "/labs/x/y.tests.yml");
}

}  // namespace
}  // namespace hairpin::lab
