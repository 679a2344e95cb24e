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
    EXPECT_THAT(complaint("{nodes: [host]}"),
                StartsWith("sample.tests.yml:2:3: test \"t\" needs one of exec, with nodes, trace, reach and do"));
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

// A second host beside the sample's, so that there is somebody to reach.
Topology two_hosts() {
    Topology two = topology();
    Node other = *two.find("host");
    Attachment link = *two.attachment_of("host");
    other.name = link.node = link.port = "other";
    two.nodes.push_back(other);
    two.attachments.push_back(link);
    return two;
}
Result<std::vector<LabTest>> parse_of_two(const std::string& test) {
    return parse_lab_tests("tests:\n  t: " + test + "\n", "sample.tests.yml", two_hosts());
}
std::string complaint_of_two(const std::string& test) {
    const auto tests = parse_of_two(test);
    return tests ? "" : tests.error().message;
}

TEST(LabTests, ReadWhoReachesWhom) {
    const auto all = parse_of_two("{reach: {icmp: all, except: [[other, host], [host, all]]}, wait: 5}");
    ASSERT_TRUE(all) << all.error().message;
    const auto& reach = std::get<ReachCheck>(all->front().check);
    EXPECT_THAT(reach.hosts, ElementsAre("host", "other"));
    EXPECT_THAT(reach.except, ElementsAre(std::pair{"other", "host"}, std::pair{"host", "other"}));
    const auto one = parse_of_two("{reach: {icmp: [other]}}");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_THAT(std::get<ReachCheck>(one->front().check).hosts, ElementsAre("other"));

    EXPECT_THAT(complaint_of_two("{reach: {icmp: [othre]}}"), StartsWith("sample.tests.yml:2:22: there is no host \"othre\""));
    EXPECT_THAT(complaint_of_two("{reach: {icmp: [othre]}}"), HasSubstr("did you mean \"other\"?"));
    EXPECT_THAT(complaint_of_two("{reach: {icmp: all, except: [[host]]}}"), HasSubstr("each of except is a pair"));
    EXPECT_THAT(complaint_of_two("{reach: {icmp: all, except: [[edge, host]]}}"), HasSubstr("no host \"edge\" with an address"));
    EXPECT_THAT(complaint_of_two("{reach: {}}"), HasSubstr("reach needs `icmp`"));
    EXPECT_THAT(complaint_of_two("{reach: {icmp: all}, expect: {rc: 0}}"), HasSubstr("is in its `except`"));
    EXPECT_THAT(complaint_of_two("{reach: {icmp: all}, within: 1s}"), HasSubstr("`within` belongs to a test with `do`"));
}

TEST(LabTests, ReadWhatIsDoneToALab) {
    const auto tests = parse_of_two(
        "{do: {link: \"host:eth1\", state: down, for: 300ms}, during: {tcp-stream: [host, \"other:7000\"]}, within: 1s, "
        "expect: {carrier: {\"host:eth1\": down}, resets: 0, gap: \"<1.5s\"}}");
    ASSERT_TRUE(tests) << tests.error().message;
    const auto& deed = std::get<DeedCheck>(tests->front().check);
    const auto& cable = std::get<CableDeed>(deed.deed);
    EXPECT_EQ(cable.port, "host");
    EXPECT_EQ(cable.plug, Plug::out);
    EXPECT_EQ(cable.lasting, std::chrono::milliseconds{300});
    EXPECT_EQ(deed.within, std::chrono::seconds{1});
    EXPECT_EQ(deed.stream->from, "host");
    EXPECT_EQ(deed.stream->to, "other");
    EXPECT_EQ(deed.stream->port, 7000);
    ASSERT_EQ(deed.carriers.size(), 1);
    EXPECT_EQ(deed.carriers.front().interface, "eth1");
    EXPECT_FALSE(deed.carriers.front().is_up);
    EXPECT_EQ(deed.resets, 0U);
    EXPECT_EQ(deed.gap, std::chrono::milliseconds{1500});
    EXPECT_THAT(nodes_of(tests->front()), ElementsAre("host", "host", "other"));

    const auto wrong = [](const std::string& deed_of_link, const std::string& rest) {
        return complaint_of_two("{do: " + deed_of_link + ", " + rest + "}");
    };
    const std::string pull = "{link: \"host:eth1\", state: down}", carrier = "expect: {carrier: {\"host:eth1\": down}}";
    EXPECT_EQ(wrong(pull, carrier), "");
    EXPECT_THAT(wrong("{link: \"hots:eth1\", state: down}", carrier),
                HasSubstr("no link \"hots:eth1\" in the lab, did you mean \"host:eth1\"?"));
    EXPECT_THAT(wrong("{link: \"edge:lan\", state: down}", carrier), HasSubstr("it is no host's"));
    EXPECT_THAT(wrong("{link: \"host:eth1\", state: of}", carrier), HasSubstr("state is up or down, and not \"of\""));
    EXPECT_THAT(wrong("{link: \"host:eth1\"}", carrier), HasSubstr("do needs a `link` and its `state`"));
    EXPECT_THAT(wrong("{link: \"host:eth1\", state: down, for: 5}", carrier), HasSubstr("for: \"5\" is not a time"));
    EXPECT_THAT(wrong(pull, carrier + ", wait: 3"), HasSubstr("what is done is done once"));
    EXPECT_THAT(wrong(pull, "within: 1s"), HasSubstr("a test with `do` needs `expect`"));
    EXPECT_THAT(wrong(pull, "expect: {}"), HasSubstr("one of carrier, resets and gap"));
    EXPECT_THAT(wrong(pull, "expect: {resets: 0}"), HasSubstr("resets is of a connection"));
    EXPECT_THAT(wrong(pull, "during: {tcp-stream: [host, other]}, expect: {gap: 500ms}"), HasSubstr("gap is less than a time"));
    EXPECT_THAT(wrong(pull, "during: {tcp-stream: [host]}, expect: {resets: 0}"), HasSubstr("`tcp-stream` with two hosts"));
    EXPECT_THAT(wrong(pull, "during: {tcp-stream: [host, \"other:0\"]}, expect: {resets: 0}"),
                HasSubstr("\"other:0\" is no HOST:PORT"));
}

TEST(LabTests, ReadThatHairpindIsRestarted) {
    const std::string rest = "during: {tcp-stream: [host, other]}, expect: {resets: 0}";
    const auto tests = parse_of_two("{do: {restart: hairpind}, " + rest + "}");
    ASSERT_TRUE(tests) << tests.error().message;
    EXPECT_TRUE(std::holds_alternative<RestartDeed>(std::get<DeedCheck>(tests->front().check).deed));

    EXPECT_THAT(complaint_of_two("{do: {restart: host}, " + rest + "}"),
                HasSubstr("what can be restarted is hairpind, and not \"host\""));
    EXPECT_THAT(complaint_of_two("{do: {restart: hairpind, link: \"host:eth1\", state: down}, " + rest + "}"),
                HasSubstr("a restart or something of a link, and not both"));
    EXPECT_THAT(complaint_of_two("{do: {}, " + rest + "}"), HasSubstr("or `restart: hairpind`"));
}

TEST(LabTests, SomeAreChosenByNameAndByNode) {
    const auto tests = parse_lab_tests(R"(tests:
  both: {nodes: [host, other], exec: "true"}
  one: {nodes: [host], exec: "true"}
  why: {trace: {from: host, icmp: 203.0.113.80}}
)",
                                       "sample.tests.yml", two_hosts());
    ASSERT_TRUE(tests) << tests.error().message;
    const auto names = [&](const TestChoice& choice) {
        std::vector<std::string> chosen;
        const auto left = choose_tests(*tests, choice, two_hosts());
        if (!left) return std::vector<std::string>{left.error().message};
        for (const LabTest& test : *left) chosen.push_back(test.name);
        return chosen;
    };
    EXPECT_THAT(names({}), ElementsAre("both", "one", "why"));
    EXPECT_THAT(names({.names = {"why", "both"}, .nodes = {}}), ElementsAre("both", "why"));
    EXPECT_THAT(names({.names = {}, .nodes = {"other"}}), ElementsAre("both"));
    EXPECT_THAT(names({.names = {}, .nodes = {"host"}}), ElementsAre("both", "one", "why"));
    EXPECT_THAT(names({.names = {"oen"}, .nodes = {}}), ElementsAre(HasSubstr("has no test \"oen\", did you mean \"one\"?")));
    EXPECT_THAT(names({.names = {}, .nodes = {"othre"}}),
                ElementsAre("there is no node \"othre\" in the lab, did you mean \"other\"?"));
    EXPECT_THAT(names({.names = {"one"}, .nodes = {"other"}}), ElementsAre("none of the tests runs at other"));
    const auto at_other = choose_tests(*tests, {.names = {}, .nodes = {"other"}}, two_hosts());
    const auto& both = std::get<CommandCheck>(at_other->front().check);
    EXPECT_THAT(both.nodes, ElementsAre("other"));
    EXPECT_TRUE(both.is_of_several);
}

TEST(LabTests, OfATopologyThatWasTypedLieWhereThatWas) {
    Topology typed;
    typed.name = "x";
    typed.file = "/run/hairpin/labs/x/topology.clab.yml";
    typed.folder = "/labs/typed";
    EXPECT_EQ(tests_file_of(typed), "/labs/typed/x.tests.yml");
}

TEST(LabTests, LieBesideTheTopology) {
    Topology topology;
    topology.file = "/labs/x/x.clab.yml";
    topology.folder = "/labs/x";
    EXPECT_EQ(tests_file_of(topology), "/labs/x/x.tests.yml");
    topology.file = "/labs/x/y.yaml";
    EXPECT_EQ(tests_file_of(topology), "/labs/x/y.tests.yml");
}

}  // namespace
}  // namespace hairpin::lab
