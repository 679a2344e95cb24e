#include "lab/topology_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <string>

#include "lab/imports/compose_import.h"
#include "lab/lab_paths.h"
#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

TEST(TopologyReader, ReadsNodesAndLinks) {
    const auto topology = read_sample(kSample);
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_EQ(topology->name, "sample");
    EXPECT_EQ(topology->gateway().name, "edge");
    EXPECT_EQ(topology->gateway().config_file, "configs/edge.json");
    EXPECT_EQ(topology->find("lan")->role, NodeRole::segment);
    EXPECT_EQ(topology->find("host")->role, NodeRole::host);
    EXPECT_THAT(topology->warnings, IsEmpty());

    const Attachment* host = topology->attachment_of("host");
    ASSERT_NE(host, nullptr);
    EXPECT_EQ(host->interface, "eth1");
    EXPECT_EQ(host->segment, "lan");
    EXPECT_EQ(host->port, "host");
    EXPECT_EQ(host->address->to_string(), "192.0.2.2/24");
    EXPECT_EQ(host->default_gateway->to_string(), "192.0.2.1");
    EXPECT_EQ(host->mac->to_string(), "02:00:00:00:00:02");
    EXPECT_EQ(host->mtu, 1400);
    EXPECT_EQ(host->vlans.access, VlanId{10});
}

TEST(TopologyReader, ReadsWhatIsWrongWithALink) {
    const auto cable_of = [](const std::string& vars) {
        const auto topology = read_sample(sample_with("vlan: 10", vars));
        EXPECT_TRUE(topology) << topology.error().message;
        return topology ? topology->attachment_of("host")->cable : LinkCable{};
    };
    EXPECT_TRUE(cable_of("state: up").perfect());
    EXPECT_TRUE(cable_of("state: down").down);
    const auto both = cable_of("impair: {delay: 2ms, loss: 1%, corruption: 0.1, seed: 9}");
    EXPECT_THAT(both.in, UnorderedElementsAre(Pair("delay", "2ms"), Pair("loss", "1%"), Pair("corrupt", "0.1")));
    EXPECT_EQ(both.out, both.in) << "without a direction it is both";
    EXPECT_EQ(both.seed, 9U);
    // The link is [lan:host, host:eth1]: a is the switch, and what it sends goes out.
    const auto apart = cable_of("impair: {a-to-b: {rate: 100mbit}, b-to-a: {loss-burst: 3, loss: 2%}}");
    EXPECT_THAT(apart.out, UnorderedElementsAre(Pair("rate", "100mbit")));
    EXPECT_THAT(apart.in, UnorderedElementsAre(Pair("loss", "2%"), Pair("loss-burst", "3")));
    const auto flap = cable_of("state: {flap: {up: 10s, down: 2s}}").flap;
    ASSERT_TRUE(flap);
    EXPECT_EQ(flap->up + " " + flap->down + flap->jitter, "10s 2s");
}

TEST(TopologyReader, RefusesWhatALinkCannotHave) {
    const auto complaint = [](const std::string& vars) { return complaint_with("vlan: 10", vars); };
    EXPECT_THAT(complaint("impair: {delay: 20}"), HasSubstr("delay: \"20\" is not a time with its unit"));
    EXPECT_THAT(complaint("impair: {dealy: 20ms}"), HasSubstr("dealy"));
    EXPECT_THAT(complaint("impair: {a-to-b: {loss: 2}, delay: 1ms}"), HasSubstr("delay"));
    EXPECT_THAT(complaint("impair: {b-to-a: {rate: fast}}"), HasSubstr("\"fast\" is not a rate"));
    EXPECT_THAT(complaint("state: sideways"), HasSubstr("state is up, down or"));
    EXPECT_THAT(complaint("state: {flap: {up: 10s}}"), HasSubstr("needs both"));
    EXPECT_THAT(complaint("state: {flap: {up: 10s, down: 2}}"), StartsWith("sample.clab.yml:"));
    EXPECT_THAT(complaint_with("[\"edge:lan\", \"lan:edge\"]", "[\"edge:lan\", \"lan:edge\"]\n      vars: {impair: {loss: 1%}}"),
                HasSubstr("a link of the gateway has no cable"));
}

TEST(TopologyReader, InheritsFromDefaultsKindAndGroup) {
    const auto topology =
        read_sample(sample_with("  nodes:\n", "  groups:\n    g: {env: {SHAPE: square}, exec: [echo group]}\n  nodes:\n"));
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_THAT(topology->find("host")->environment, UnorderedElementsAre(Pair("COLOUR", "blue"), Pair("SHAPE", "round")));
    EXPECT_THAT(topology->find("host")->commands, ElementsAre("echo kind", "echo host"));

    const auto grouped = read_sample(sample_with(
        "  nodes:\n", "  groups:\n    g: {env: {SHAPE: square}, exec: [echo group]}\n  nodes:\n    other: {group: g}\n"));
    ASSERT_TRUE(grouped) << grouped.error().message;
    EXPECT_THAT(grouped->find("other")->environment, UnorderedElementsAre(Pair("COLOUR", "red"), Pair("SHAPE", "square")));
    EXPECT_THAT(grouped->find("other")->commands, ElementsAre("echo kind", "echo group"));
}

TEST(TopologyReader, InheritsLabelsOneByOne) {
    const auto topology =
        read_sample(sample_with("linux: {exec: [\"echo kind\"]}", "linux: {labels: {team: a, at: __clabNodeName__}}"));
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_THAT(topology->find("host")->labels, UnorderedElementsAre(Pair("team", "a"), Pair("at", "host")));
    EXPECT_THAT(topology->gateway().labels,
                UnorderedElementsAre(Pair("team", "a"), Pair("at", "edge"), Pair("hairpin.role", "gateway")));
    EXPECT_THAT(topology->find("lan")->labels, IsEmpty());
}

TEST(TopologyReader, TakesTheConfigurationFromTheBind) {
    const auto topology = read_sample(
        sample_with("hairpin.role: gateway}",
                    "hairpin.role: gateway}, binds: [\"configs/__clabNodeName__-two.json:/etc/hairpin/startup.json:ro\"]"));
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_EQ(topology->gateway().config_file, "configs/edge-two.json");
    EXPECT_THAT(topology->warnings, IsEmpty());
}

TEST(TopologyReader, ExpandsVariables) {
    const Environment environment = [](const std::string& name) -> std::optional<std::string> {
        if (name == "ADDRESS") return "192.0.2.7";
        if (name == "EMPTY") return "";
        return std::nullopt;
    };
    const auto parse = [&](const std::string& place, const std::string& instead) {
        return parse_topology(sample_with(place, instead), "sample.clab.yml", environment);
    };
    EXPECT_EQ(parse("192.0.2.2/24", "${ADDRESS}/24")->attachment_of("host")->address->to_string(), "192.0.2.7/24");
    EXPECT_EQ(parse("192.0.2.2/24", "${OTHER:=192.0.2.8}/24")->attachment_of("host")->address->to_string(), "192.0.2.8/24");
    EXPECT_EQ(parse("192.0.2.2/24", "${EMPTY:-192.0.2.9}/24")->attachment_of("host")->address->to_string(), "192.0.2.9/24");
    // A plain $NAME belongs to the shell that runs the command.
    EXPECT_THAT(parse("echo __clabNodeName__", "echo $HOME")->find("host")->commands, ElementsAre("echo kind", "echo $HOME"));

    EXPECT_THAT(parse("192.0.2.2/24", "${OTHER}/24").error().message,
                StartsWith("sample.clab.yml:17:18: the environment variable OTHER is not set"));
    EXPECT_THAT(parse("192.0.2.2/24", "${OTHER").error().message, HasSubstr("\"${\" without its \"}\""));
    EXPECT_THAT(parse("192.0.2.2/24", "${OTHER:+x}").error().message, HasSubstr("\"${OTHER:+x}\" is not understood"));
}

TEST(TopologyReader, RefusesUnknownKeysWithTheirPlace) {
    EXPECT_EQ(complaint_with("exec: [\"echo __clab", "exce: [\"echo __clab"),
              "sample.clab.yml:12:7: unknown key \"exce\", did you mean \"exec\"? (expected one of kind, group, labels, env, "
              "exec, binds, image, "
              "image-pull-policy, "
              "network-mode, cap-add, devices, privileged)");
    EXPECT_EQ(
        complaint_with("      mtu: 1400", "      mtv: 1400"),
        "sample.clab.yml:18:7: unknown key \"mtv\", did you mean \"mtu\"? (expected one of endpoints, ipv4, mtu, vars, labels)");
    EXPECT_EQ(complaint_with("gateway: 192", "gatewai: 192"),
              "sample.clab.yml:19:14: unknown key \"gatewai\", did you mean \"gateway\"? (expected one of gateway, mac, vlan, "
              "trunk, native, impair, state, capture)");
    EXPECT_THAT(complaint_with("name: sample", "name: sample\nnames: x"),
                StartsWith("sample.clab.yml:2:1: unknown key \"names\", did you mean \"name\"?"));
    EXPECT_THAT(complaint_with("hairpin.role: gateway", "hairpin.roll: gateway"),
                StartsWith("sample.clab.yml:7:35: unknown label \"hairpin.roll\", did you mean \"hairpin.role\"?"));
    EXPECT_THAT(complaint_with("      mtu: 1400", "      whatever: 1400"),
                HasSubstr("unknown key \"whatever\" (expected one of endpoints, ipv4, mtu, vars, labels)"))
        << "nothing is near";
}

TEST(TopologyReader, ReadsWhichLinksAreCaptured) {
    EXPECT_FALSE(read_sample(kSample)->attachment_of("host")->captured);
    EXPECT_TRUE(read_sample(sample_with("vlan: 10}", "vlan: 10, capture: true}"))->attachment_of("host")->captured);
    EXPECT_THAT(complaint_with("vlan: 10}", "vlan: 10, capture: always}"), HasSubstr("capture is true or false"));
}

TEST(TopologyReader, RefusesUnknownKinds) {
    EXPECT_THAT(complaint_with("wan: {kind: bridge}", "wan: {kind: nokia_srlinux}"),
                StartsWith("sample.clab.yml:9:17: kind \"nokia_srlinux\" is not supported (linux is "));
    EXPECT_THAT(complaint_with("wan: {kind: bridge}", "wan: {kind: brigde}"),
                StartsWith("sample.clab.yml:9:17: kind \"brigde\" is not supported, did you mean \"bridge\"? (linux is "));
    EXPECT_THAT(complaint_with("defaults: {kind: linux, ", "defaults: {"),
                HasSubstr("node \"edge\" has no kind (linux, bridge, generic_vm or ext-container)"));
}

TEST(TopologyReader, WarnsAboutWhatItDoesNotDo) {
    const auto topology = read_sample(sample_with("      env: {COLOUR: blue}", "      memory: 1Gb\n      image: nginx"));
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_THAT(topology->warnings,
                ElementsAre("sample.clab.yml:11:7: \"memory\" has no effect on a host in a namespace (`hairpin lab up --runtime "
                            "docker` starts containers)"));
    EXPECT_THAT(read_sample(sample_with("      env: {COLOUR: blue}", "      license: x"))->warnings,
                ElementsAre("sample.clab.yml:11:7: \"license\" has no effect here"));
}

TEST(TopologyReader, ChecksEndpoints) {
    EXPECT_EQ(complaint_with("\"host:eth1\"", "\"edge:lan\""),
              "sample.clab.yml:16:31: endpoint \"edge:lan\" is already used in line 14");
    EXPECT_EQ(complaint_with("\"host:eth1\"", "\"hots:eth1\""),
              "sample.clab.yml:16:31: endpoint \"hots:eth1\": there is no node \"hots\", did you mean \"host\"?");
    EXPECT_THAT(complaint_with("\"host:eth1\"", "\"host:ethernet-port-10\""),
                HasSubstr("an interface's name has 1 to 15 characters"));
    EXPECT_THAT(complaint_with("\"host:eth1\"", "\"host:lo\""), HasSubstr("loopback"));
    EXPECT_THAT(complaint_with("\"host:eth1\"", "\"host\""), HasSubstr("not of the form node:interface"));
    EXPECT_THAT(complaint_with("\"host:eth1\"", "\"wan:x\""), HasSubstr("\"lan\" and \"wan\" are both bridges"));
    EXPECT_THAT(complaint_with("\"lan:host\"", "\"edge:x\""), HasSubstr("\"edge\" and \"host\" are both no bridges"));
    EXPECT_THAT(complaint_with("\"wan:edge-up\"", "\"wan:edge\""), HasSubstr("a port \"edge\" is already in line 14"));
    EXPECT_THAT(complaint_with(", \"host:eth1\"]", "]"), StartsWith("sample.clab.yml:16:18: a link needs two endpoints"));
}

TEST(TopologyReader, ChecksAddresses) {
    EXPECT_EQ(complaint_with("192.0.2.2/24", "192.0.2.256/24"),
              "sample.clab.yml:17:18: \"192.0.2.256/24\" is no IPv4 address with a prefix length, such as 192.0.2.1/24");
    EXPECT_THAT(complaint_with("[\"\", \"192.0.2.2/24\"]", "[\"192.0.2.2/24\"]"), HasSubstr("is for the endpoint in the bridge"));
    EXPECT_THAT(complaint_with("gateway: 192.0.2.1", "gateway: 192.0.3.1"),
                HasSubstr("192.0.3.1 is not in the network of host:eth1"));
    EXPECT_THAT(complaint_with("gateway: 192.0.2.1", "gateway: router"), HasSubstr("\"router\" is no IPv4 address"));
    EXPECT_THAT(complaint_with("02:00:00:00:00:02", "03:00:00:00:00:02"), HasSubstr("no unicast Ethernet address"));
    EXPECT_THAT(complaint_with("mtu: 1400", "mtu: 100"), HasSubstr("mtu must be a number from 576 to 9216"));
    EXPECT_THAT(complaint_with("vlan: 10", "vlan: 4095"), HasSubstr("vlan must be a number from 1 to 4094"));
    EXPECT_THAT(complaint_with("vlan: 10", "vlan: 10, trunk: [20]"), HasSubstr("either in one VLAN (vlan) or a trunk"));
    EXPECT_THAT(complaint_with("vlan: 10", "native: 1"), HasSubstr("native belongs to a trunk"));
}

TEST(TopologyReader, ChecksTunnels) {
    const auto complaint = [](const std::string& tunnel) {
        return complaint_with("  links:\n", "  links:\n    - {" + tunnel + "}\n");
    };
    const std::string end = "endpoint: {node: lan, interface: there}, ", local = ", vars: {local: 192.0.2.8}";
    EXPECT_EQ(complaint("type: vxlan, " + end + "remote: 192.0.2.9, vni: 7, dst-port: 14789" + local), "");
    EXPECT_THAT(complaint("type: host, " + end), HasSubstr("links of type \"host\" are not supported"));
    EXPECT_THAT(complaint("type: vxlan, " + end + "vni: 7" + local), HasSubstr("a link of type vxlan needs `remote`"));
    EXPECT_THAT(complaint("type: vxlan, " + end + "remote: 192.0.2.9, vni: 7"), HasSubstr("needs `vars`"));
    EXPECT_THAT(complaint("type: vxlan, " + end + "remote: there, vni: 7" + local), HasSubstr("\"there\" is no IPv4 address"));
    EXPECT_THAT(complaint("type: vxlan, " + end + "remote: 192.0.2.9, vni: 16777216" + local), HasSubstr("0 to 16777215"));
    EXPECT_THAT(complaint("type: vxlan, endpoint: {node: host, interface: x}, remote: 192.0.2.9, vni: 7" + local),
                HasSubstr("\"host\" is no bridge"));
}

TEST(TopologyReader, WantsExactlyOneGateway) {
    EXPECT_THAT(complaint_with("{labels: {hairpin.role: gateway}}", "{}"), HasSubstr("no node is the gateway"));
    EXPECT_EQ(complaint_with("    host:\n", "    second: {labels: {hairpin.role: gateway}}\n    host:\n"),
              "sample.clab.yml:10:5: \"second\" would be a second gateway beside \"edge\" in line 7; a lab has one");
    EXPECT_THAT(complaint_with("lan: {kind: bridge}", "lan: {kind: bridge, labels: {hairpin.role: gateway}}"),
                HasSubstr("a bridge cannot be the gateway"));
    EXPECT_THAT(complaint_with("hairpin.role: gateway", "hairpin.role: client"),
                HasSubstr("hairpin.role is \"client\" (expected gateway)"));
}

TEST(TopologyReader, ChecksNames) {
    EXPECT_THAT(complaint_with("name: sample", "name: Sample Lab"),
                StartsWith("sample.clab.yml:1:7: a lab's name has 1 to 32 lower-case"));
    EXPECT_THAT(complaint_with("name: sample", "name: sample-"), HasSubstr("neither begins nor ends with '-'"));
    EXPECT_THAT(complaint_with("    host:\n", "    host-:\n"), StartsWith("sample.clab.yml:10:5: a node's name has"));
    EXPECT_THAT(complaint_with("    host:\n", "    a host:\n"), StartsWith("sample.clab.yml:10:5: a node's name has"));
    EXPECT_EQ(complaint_with("    wan: {kind: bridge}", "    wan: {kind: bridge}\n    my-host: {}"), "");
}

// The name of a namespace says whose it is, also of labs and nodes with a '-' in their names.
TEST(Namespaces, BelongToOneLabAlone) {
    EXPECT_EQ(namespace_name("a", "b"), "hp-a-b");
    EXPECT_EQ(namespace_name("a", "b-c"), "hp-a-b--c");
    EXPECT_EQ(namespace_name("a-b", "c"), "hp-a-b-c");
    for (const std::string lab : {"a", "a-b", "a--b", "a---b", "a-b-c"})
        for (const std::string node : {"b", "c", "b-c", "b--c", "b-c-d", "b---c"})
            for (const std::string other : {"a", "a-b", "a--b", "a---b", "a-b-c"}) {
                const auto found = node_of_namespace(namespace_name(other, ""), namespace_name(lab, node));
                EXPECT_EQ(found, other == lab ? std::optional{node} : std::nullopt) << lab << " " << node << " " << other;
            }
    EXPECT_EQ(node_of_namespace("hp-a-", "hp-a-"), std::nullopt);
    EXPECT_EQ(node_of_namespace("hp-a-", "other"), std::nullopt);
}

TEST(TopologyReader, RefusesWhatIsNoTopology) {
    EXPECT_THAT(read_sample("name: x\n y: }\n").error().message, StartsWith("sample.clab.yml:2:3: not valid YAML"));
    EXPECT_THAT(read_sample("name: [").error().message, StartsWith("sample.clab.yml:1:1: not valid YAML"));
    EXPECT_THAT(read_sample("").error().message, HasSubstr("needs a `name`"));
    EXPECT_THAT(read_sample("just text").error().message, HasSubstr("must be a map"));
    EXPECT_THAT(read_sample("name: x\n").error().message, HasSubstr("needs a `topology`"));
    EXPECT_THAT(read_sample("name: x\nname: y\n").error().message,
                StartsWith("sample.clab.yml:2:1: key \"name\" stands here twice"));
    EXPECT_THAT(read_sample("name: x\ntopology: {}\n").error().message, HasSubstr("needs `nodes`"));
    EXPECT_THAT(read_topology("/nowhere/x.clab.yml").error().message, HasSubstr("cannot read /nowhere/x.clab.yml: No such file"));
}

TEST(TopologyReader, AnAliasInsideOfItsOwnAnchorIsRefused) {
    for (const char* text : {"a: &a [*a]\nname: x\n", "a: &a {b: *a}\nname: x\n", "a: &a [*a, *a, *a]\nname: x\n"}) {
        const auto topology = read_sample(text);
        ASSERT_FALSE(topology);
        EXPECT_THAT(topology.error().message, StartsWith("sample.clab.yml:1:")) << text;
        EXPECT_THAT(topology.error().message, HasSubstr("nested more than 64 deep")) << text;
    }
}

TEST(TopologyReader, AliasesOfAliasesTakeNoTimeWithoutBound) {
    std::string bomb = "name: x\na0: &a0 x\n";
    for (int level = 1; level <= 10; ++level) {
        std::string nine;
        for (int each = 0; each < 9; ++each) nine += fmt::format("{}*a{}", each == 0 ? "" : ", ", level - 1);
        bomb += fmt::format("a{0}: &a{0} [{1}]\n", level, nine);
    }
    const auto topology = read_sample(bomb);
    ASSERT_FALSE(topology);
    EXPECT_THAT(topology.error().message, StartsWith("sample.clab.yml:"));
    EXPECT_THAT(topology.error().message, HasSubstr("more than 250000 values"));
    const auto imported = lab_from_compose(bomb, "c.yml", "");
    ASSERT_FALSE(imported);
    EXPECT_THAT(imported.error().message, StartsWith("c.yml:"));
}

TEST(TopologyReader, AnAliasWorksWhereItEnds) {
    const auto topology = read_sample(
        sample_with("    lan: {kind: bridge}\n    wan: {kind: bridge}\n", "    lan: &bridge {kind: bridge}\n    wan: *bridge\n"));
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_EQ(topology->find("wan")->role, NodeRole::segment);
}

TEST(TopologyReader, WarnsOfAddressesThatHostsHaveTwice) {
    const auto warnings_with = [](const std::string& link) {
        const auto topology = read_sample(kSample + link);
        EXPECT_TRUE(topology) << topology.error().message;
        return topology ? topology->warnings : std::vector<std::string>{};
    };
    const std::string second = "    - endpoints: [\"lan:b\", \"host:eth2\"]\n";
    EXPECT_THAT(warnings_with(second), IsEmpty());
    EXPECT_THAT(warnings_with(second + "      ipv4: [\"\", \"192.0.2.3/24\"]\n      vars: {vlan: 10}\n"), IsEmpty());
    EXPECT_THAT(warnings_with(second + "      ipv4: [\"\", \"192.0.2.2/24\"]\n      vars: {vlan: 10}\n"),
                ElementsAre(HasSubstr("host:eth1 in line 16 has the address 192.0.2.2, too, in the same segment")));
    EXPECT_THAT(warnings_with(second + "      ipv4: [\"\", \"192.0.2.2/24\"]\n      vars: {vlan: 20}\n"), IsEmpty())
        << "in another VLAN nobody meets it";
    EXPECT_THAT(warnings_with(second + "      vars: {vlan: 10, mac: \"02:00:00:00:00:02\"}\n"),
                ElementsAre(HasSubstr("host:eth1 in line 16 has the MAC address 02:00:00:00:00:02, too")));
    EXPECT_THAT(warnings_with(second + "      ipv4: [\"\", \"192.0.2.0/24\"]\n"),
                ElementsAre(HasSubstr("192.0.2.0 is the address of the network 192.0.2.0/24 itself")));
    EXPECT_THAT(warnings_with(second + "      ipv4: [\"\", \"192.0.2.255/24\"]\n"),
                ElementsAre(HasSubstr("192.0.2.255 is the broadcast address of the network 192.0.2.0/24")));
    EXPECT_THAT(warnings_with(second + "      ipv4: [\"\", \"192.0.2.4/31\"]\n"), IsEmpty()) << "RFC 3021: a /31 has two hosts";
    EXPECT_THAT(warnings_with(second + "      vars: {trunk: []}\n"), ElementsAre(HasSubstr("trunk is empty")));
}

TEST(TopologyReader, SaysTheRangeOfWhatHasItsUnit) {
    const auto complaint = [](const std::string& vars) { return complaint_with("vlan: 10", vars); };
    EXPECT_THAT(complaint("impair: {rate: 0mbit}"), HasSubstr("\"0mbit\" is out of range: a rate is from 1bit to 1tbit"));
    EXPECT_THAT(complaint("impair: {delay: -5ms}"), HasSubstr("\"-5ms\" is out of range: a time is from 0s to 10000s"));
    EXPECT_THAT(complaint("impair: {delay: 99999999999s}"), HasSubstr("out of range"));
    EXPECT_THAT(complaint("impair: {loss: 101%}"), HasSubstr("\"101%\" is out of range: a percentage is from 0% to 100%"));
    EXPECT_THAT(complaint("impair: {delay: 5 apples}"), HasSubstr("is not a time with its unit"));
    EXPECT_THAT(complaint("impair: {rate: fast}"), HasSubstr("is not a rate with its unit"));
}

}  // namespace
}  // namespace hairpin::lab
