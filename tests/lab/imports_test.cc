// Kathara's labs and GNS3's projects made labs of ours, and what becomes of files that are neither.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "lab/daemon_config.h"
#include "lab/imports/gns3_import.h"
#include "lab/imports/kathara_import.h"
#include "lab/imports/startup_script.h"
#include "lab/lab_tests.h"
#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// What is imported must be what our readers take.
Topology topology_of(const ImportedLab& lab) {
    const auto topology = parse_topology(lab.files.at(lab.name + ".clab.yml"), lab.name + ".clab.yml", no_variables());
    if (!topology) {
        ADD_FAILURE() << topology.error().message << "\n" << lab.files.at(lab.name + ".clab.yml");
        return {};
    }
    EXPECT_THAT(topology->warnings, IsEmpty());
    const auto config = daemon_config(*topology, lab.files.at(topology->gateway().config_file));
    EXPECT_TRUE(config) << config.error().message;
    const auto tests = lab.files.find(lab.name + ".tests.yml");
    if (tests != lab.files.end()) {
        const auto read = parse_lab_tests(tests->second, tests->first, *topology);
        EXPECT_TRUE(read) << read.error().message;
    }
    return *topology;
}

nlohmann::json gateway_config(const ImportedLab& lab) {
    return nlohmann::json::parse(lab.files.at(topology_of(lab).gateway().config_file)).at("hairpin:gateway");
}

// -- startup scripts

TEST(StartupScript, AnAddressThatSaysMoreStaysACommand) {
    const StartupScript script = read_startup_script(
        "ip address add 10.0.0.1/24 brd 10.0.0.255 dev eth0\nip a add 10.0.0.2/24 dev eth0 label eth0:1\nip a add 10.0.0.3/24 "
        "dev eth0 "
        "nodad\n");
    ASSERT_EQ(script.addresses.size(), 1U);
    EXPECT_EQ(script.addresses[0].interface, "eth0");
    ASSERT_EQ(script.rest.size(), 2U);
    EXPECT_EQ(script.rest[0].text, "ip a add 10.0.0.2/24 dev eth0 label eth0:1");
    EXPECT_EQ(script.rest[1].text, "ip a add 10.0.0.3/24 dev eth0 nodad");
}

TEST(StartupScript, TakesAddressesAndRoutesOut) {
    const StartupScript script = read_startup_script(
        "#!/bin/sh\nip addr add 10.0.0.1/24 dev eth0\n/sbin/ifconfig eth1 10.1.0.1 netmask 255.255.0.0 up\n"
        "ip link set dev eth0 up\nroute add default gw 10.0.0.254 dev eth0\nip r add 10.9.0.0/16 via 10.0.0.3\n"
        "  route add -net 10.8.0.0 netmask 255.255.0.0 gw 10.0.0.3\niptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE\n");
    ASSERT_EQ(script.addresses.size(), 2U);
    EXPECT_EQ(script.addresses[0].address.to_string(), "10.0.0.1/24");
    EXPECT_EQ(script.addresses[1].address.to_string(), "10.1.0.1/16");
    ASSERT_EQ(script.routes.size(), 3U);
    EXPECT_EQ(script.routes[0].prefix.to_string(), "0.0.0.0/0");
    EXPECT_EQ(script.routes[2].prefix.to_string(), "10.8.0.0/16");
    EXPECT_EQ(script.routes[2].at, (Position{.line = 7, .column = 3}));
    ASSERT_EQ(script.masquerades.size(), 1U);
    EXPECT_EQ(script.masquerades[0].text, "eth1");
    EXPECT_THAT(script.rest, IsEmpty());
}

TEST(StartupScript, LeavesWholeWhatBelongsTogether) {
    const StartupScript script = read_startup_script(
        "if true; then\n    ip addr add 10.0.0.1/24 dev eth0\nfi\ncat > f <<EOF\nip addr add 10.0.0.2/24 dev eth0\nEOF\n"
        "echo a \\\n  b\nip addr add 10.0.0.3/24 dev $DEV\nwhile sleep 1\ndo\n  true\ndone &\n");
    EXPECT_THAT(script.addresses, IsEmpty());
    std::vector<std::string> rest;
    for (const PlacedText& each : script.rest) rest.push_back(each.text);
    EXPECT_THAT(rest, ElementsAre("if true; then\n    ip addr add 10.0.0.1/24 dev eth0\nfi",
                                  "cat > f <<EOF\nip addr add 10.0.0.2/24 dev eth0\nEOF", "echo a \\\n  b",
                                  "ip addr add 10.0.0.3/24 dev $DEV", "while sleep 1\ndo\n  true\ndone &"));
    EXPECT_EQ(read_startup_script("for i in 1\ndo\n").rest.size(), 1U) << "what does not end is not lost";
}

TEST(StartupScript, OnlyWhatIsOfTheNetworkMayRunInAHost) {
    for (const char* command :
         {"ip route add 10.0.0.0/8 dev eth0", "/sbin/sysctl -w net.ipv4.ip_forward=1", "iptables -P FORWARD DROP",
          "tc qdisc add dev eth0 root netem delay 10ms", "ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0"})
        EXPECT_TRUE(is_of_own_network(command)) << command;
    for (const char* command :
         {"systemctl start apache2", "/etc/init.d/ssh start", "echo nameserver 192.0.2.1 > /etc/resolv.conf",
          "ip link set eth0 netns 1", "ip netns exec x reboot", "ip -n x link", "ip -batch f", "sysctl -w kernel.panic=1",
          "sysctl -p", "sysctl --system", "iptables -A INPUT -j DROP; reboot", "iptables --modprobe=/x -L", "ip vrf exec x y",
          "reboot", "", "ip 'a"})
        EXPECT_FALSE(is_of_own_network(command)) << command;
}

// -- Kathara

const KatharaFiles kKathara = {
    {"lab.conf",
     "LAB_NAME=\"Two Nets\"\n# a comment\npc1[0]=\"A/02:00:00:00:00:11\"\npc1[image]='kathara/base'\npc2[0]=A # "
     "too\npc2[mem]=64m\n"
     "r1[0]=\"A\"\nr1[1]=\"B\"\nsrv[0]=\"B\"\n"},
    {"pc1.startup",
     "ip address add 10.0.0.1/24 dev eth0\nip route add default via 10.0.0.254\necho hello > greeting\nip neigh flush dev "
     "eth0\n"},
    {"pc2.startup", "ifconfig eth0 10.0.0.2/24 up\nroute add default gw 10.0.0.254\nX=1\necho ${X} > one\n"},
    {"r1.startup",
     "ip addr add 10.0.0.254/24 dev eth0\nip addr add 192.0.2.1/24 dev eth1\nip route add default via 192.0.2.10\n"
     "iptables -t nat -A POSTROUTING -o eth1 -j MASQUERADE\nsystemctl start frr\nip addr add 10.7.0.1/24 dev eth7\n"
     "ip route add 10.6.0.0/16 via 10.5.0.1\n"},
    {"srv.startup", "ip address add 192.0.2.10/24 dev eth0\nip address add 192.0.2.11/24 dev eth0\n"},
    {"pc1/", ""},
    {"nobody.startup", "true\n"},
};

KatharaFiles kathara_with(const std::string& lab_conf) {
    KatharaFiles files = kKathara;
    files["lab.conf"] = lab_conf;
    return files;
}

TEST(KatharaImport, MakesHostsSegmentsAndTheGateway) {
    const auto lab = lab_from_kathara(kKathara, "k", {});
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_EQ(lab->name, "two-nets");
    const Topology topology = topology_of(*lab);
    EXPECT_EQ(topology.gateway().name, "r1");
    const Attachment* pc1 = topology.attachment_of("pc1");
    ASSERT_NE(pc1, nullptr);
    EXPECT_EQ(pc1->segment, "A");
    EXPECT_EQ(pc1->address->to_string(), "10.0.0.1/24");
    EXPECT_EQ(pc1->default_gateway->to_string(), "10.0.0.254");
    EXPECT_EQ(pc1->mac->to_string(), "02:00:00:00:00:11");
    EXPECT_THAT(topology.find("pc1")->commands, ElementsAre("ip neigh flush dev eth0"));
    EXPECT_THAT(topology.find("srv")->commands, ElementsAre("ip address add 192.0.2.11/24 dev 'eth0'"));
    EXPECT_THAT(topology.find("pc2")->commands, IsEmpty());

    const auto gateway = gateway_config(*lab);
    EXPECT_EQ(gateway.at("interface")[0].at("address")[0], "10.0.0.254/24");
    EXPECT_EQ(gateway.at("interface")[1].at("role"), "uplink");
    EXPECT_EQ(gateway.at("route").dump(), R"([{"next-hop":"192.0.2.10","prefix":"0.0.0.0/0"}])");
    EXPECT_EQ(gateway.at("nat").at("rule")[0].at("translated-address"), "192.0.2.1");
}

TEST(KatharaImport, SaysLineByLineWhatItLeaves) {
    const auto lab = lab_from_kathara(kKathara, "k", {});
    ASSERT_TRUE(lab);
    EXPECT_THAT(lab->remarks, Contains("k/lab.conf:6:1: pc2[mem] is not taken over"));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/lab.conf:4:1: the host pc1 has the programs of this machine")));
    EXPECT_THAT(
        lab->remarks,
        Contains(StartsWith("k/pc1.startup:3:1: `echo hello > greeting` is not taken over: a host has this machine's files")));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/r1.startup:5:1: `systemctl start frr` is not taken over")));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/r1.startup:6:1: the gateway has no interface eth7")));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/r1.startup:7:1: the next hop 10.5.0.1 is on no network")));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/pc1/:1:1: what is in this folder is not copied")));
    EXPECT_THAT(lab->remarks, Contains("k/nobody.startup:1:1: is not taken over: lab.conf has no device nobody"));
}

TEST(KatharaImport, TheGatewayIsNamedWhereSeveralCanBe) {
    const auto files = kathara_with("r1[0]=A\nr1[1]=B\nr2[0]=B\nr2[1]=C\npc1[0]=A\n");
    const auto unsaid = lab_from_kathara(files, "k", {});
    ASSERT_FALSE(unsaid);
    EXPECT_THAT(unsaid.error().message, HasSubstr("--gateway NODE (r1, r2)"));
    const auto said = lab_from_kathara(files, "k", {.name = "x", .gateway = "r2"});
    ASSERT_TRUE(said) << said.error().message;
    const Topology topology = topology_of(*said);
    EXPECT_EQ(topology.gateway().name, "r2");
    EXPECT_EQ(topology.find("r1")->commands.front(), "sysctl -qw net.ipv4.ip_forward=1");
    const auto wrong = lab_from_kathara(files, "k", {.gateway = "r3"});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("there is no such node"));
    const auto none = lab_from_kathara(kathara_with("pc1[0]=A\npc2[0]=A\n"), "k", {});
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("--gateway NODE (pc1, pc2)"));
}

TEST(KatharaImport, ADeviceAndADomainMayHaveOneName) {
    const auto lab = lab_from_kathara(kathara_with("r[0]=r\nr[1]=b.c\npc1[0]=r\n"), "k", {.name = "x"});
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_EQ(topology_of(*lab).attachment_of("pc1")->segment, "r_2");
    EXPECT_THAT(lab->remarks, Contains("k/lab.conf:1:1: the collision domain r is called r_2 here"));
}

TEST(KatharaImport, AnAddressThatNothingCanHaveIsARemark) {
    auto files = kathara_with("r[0]=A\nr[1]=B\npc1[0]=A\npc1[1]=B\n");
    files["r.startup"] =
        "ip address add 10.0.0.1/24 dev eth0\nip address add 10.0.0.2/16 dev eth1\nip address add 224.0.0.1/24 dev eth1\nip "
        "address add 10.0.0.1/16 dev eth0\n";
    files["pc1.startup"] =
        "ip address add 127.0.0.1/8 dev eth0\nip address add 10.0.0.255/24 dev eth0\nip address add 10.0.0.3/24 dev eth0\n";
    const auto lab = lab_from_kathara(files, "k", {.name = "x", .gateway = "r"});
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_EQ(topology_of(*lab).attachment_of("pc1")->address->to_string(), "10.0.0.3/24");
    EXPECT_THAT(lab->remarks,
                Contains("k/r.startup:2:1: 10.0.0.2/16 of the gateway's eth1 is not taken over: 10.0.0.1/24 of its eth0 "
                         "is in the same network"));
    EXPECT_THAT(lab->remarks, Contains("k/r.startup:3:1: no host may have the address 224.0.0.1/24, which is not taken over"));
    EXPECT_THAT(lab->remarks,
                Contains("k/r.startup:4:1: 10.0.0.1/16 of the gateway's eth0 is not taken over: it has 10.0.0.1/24 already"));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/pc1.startup:1:1: no host may have the address 127.0.0.1/8")));
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/pc1.startup:2:1: no host may have the address 10.0.0.255/24")));
}

TEST(KatharaImport, TheGatewayHasNobodysMac) {
    const auto lab = lab_from_kathara(
        kathara_with("r[0]=A/02:00:00:00:00:01\nr[1]=B/02:00:00:00:00:02\npc[0]=A/02:00:00:00:00:01\n"), "k", {.name = "x"});
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_EQ(topology_of(*lab).attachment_of("pc")->mac->to_string(), "02:00:00:00:00:01");
    const auto interfaces = gateway_config(*lab).at("interface");
    EXPECT_FALSE(interfaces.at(0).contains("mac"));
    EXPECT_EQ(interfaces.at(1).at("mac"), "02:00:00:00:00:02");
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("the MAC 02:00:00:00:00:01 of the gateway's eth0 is not taken over")));
}

TEST(KatharaImport, TheGatewayIsNoRoutersNextHop) {
    auto files = kathara_with("r[0]=A\nr[1]=B\npc[0]=A\n");
    files["r.startup"] = "ip address add 10.0.0.1/24 dev eth0\nip route add default via 10.0.0.1\n";
    const auto lab = lab_from_kathara(files, "k", {.name = "x"});
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_TRUE(gateway_config(*lab).at("route").empty());
    EXPECT_THAT(lab->remarks, Contains(StartsWith("k/r.startup:2:1: the next hop 10.0.0.1 is the gateway itself")));
}

TEST(KatharaImport, RefusesWhatIsNoLab) {
    const auto error_of = [](const std::string& conf) {
        const auto lab = lab_from_kathara({{"lab.conf", conf}}, "k", {});
        return lab ? std::string{"taken"} : lab.error().message;
    };
    EXPECT_THAT(error_of(""), StartsWith("k/lab.conf:1:1: no device"));
    EXPECT_THAT(error_of("pc1[0]=A\nnonsense\n"), StartsWith("k/lab.conf:2:1: this is neither"));
    EXPECT_THAT(error_of("  pc1[0=A\n"), StartsWith("k/lab.conf:1:3: \"pc1[0\" is not of the form"));
    EXPECT_THAT(error_of("pc1[]=A\n"), StartsWith("k/lab.conf:1:1: \"pc1[]\""));
    EXPECT_THAT(error_of("pc1[0]=\"A\n"), StartsWith("k/lab.conf:1:8: the quotation mark"));
    EXPECT_THAT(error_of("pc1[0]=\"A\" B\n"), StartsWith("k/lab.conf:1:12: \"B\" behind the value"));
    EXPECT_THAT(error_of("pc1[0]=\n"), HasSubstr("is no name of a collision domain"));
    EXPECT_THAT(error_of("pc1[0]=A/xx\n"), StartsWith("k/lab.conf:1:8: \"xx\" is no unicast Ethernet address"));
    EXPECT_THAT(error_of("pc1[0]=A/ff:ff:ff:ff:ff:ff\n"), HasSubstr("is no unicast Ethernet address"));
    EXPECT_THAT(error_of("pc1[1234567]=A\n"), HasSubstr("is no number of an interface"));
    EXPECT_THAT(error_of("pc1[0]=A\npc1[0]=B\n"), StartsWith("k/lab.conf:2:1: pc1[0] is attached to A already in line 1"));
    EXPECT_THAT(error_of("COLOUR=red\n"), HasSubstr("\"COLOUR\" is unknown"));
    EXPECT_THAT(error_of(std::string("\0\xff[", 3)), StartsWith("k/lab.conf:1:1: "));
    const auto none = lab_from_kathara({}, "k", {});
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("there is no lab.conf"));
}

// -- GNS3

nlohmann::json gns3_node(const std::string& name, const std::string& type, nlohmann::json properties = nlohmann::json::object()) {
    return {{"node_id", name + "-id"}, {"name", name}, {"node_type", type}, {"properties", std::move(properties)}};
}

nlohmann::json gns3_end(const std::string& name, unsigned adapter, unsigned port) {
    return {{"node_id", name + "-id"}, {"adapter_number", adapter}, {"port_number", port}};
}

nlohmann::json gns3_link(nlohmann::json first, nlohmann::json second, nlohmann::json filters = nlohmann::json::object()) {
    return {{"nodes", {std::move(first), std::move(second)}}, {"filters", std::move(filters)}, {"suspend", false}};
}

nlohmann::json gns3_port(unsigned number, const std::string& type, unsigned vlan) {
    return {{"name", "Ethernet" + std::to_string(number)}, {"port_number", number}, {"type", type}, {"vlan", vlan}};
}

nlohmann::json gns3_project() {
    nlohmann::json ports = {gns3_port(0, "access", 10), gns3_port(1, "access", 20), gns3_port(2, "dot1q", 1)};
    nlohmann::json nodes = {
        gns3_node("PC1", "vpcs"),
        gns3_node("PC2", "vpcs"),
        gns3_node("web", "docker", {{"image", "nginx"}, {"environment", "A=1\nB=two"}, {"start_command", "nginx"}}),
        gns3_node("S1", "ethernet_switch", {{"ports_mapping", ports}}),
        gns3_node("R1", "qemu"),
        gns3_node("NAT1", "nat")};
    nlohmann::json links = {
        gns3_link(gns3_end("PC1", 0, 0), gns3_end("S1", 0, 0),
                  {{"packet_loss", {5}}, {"delay", {20, 3}}, {"frequency_drop", {10}}, {"bpf", {"icmp"}}}),
        gns3_link(gns3_end("PC2", 0, 0), gns3_end("S1", 0, 1)), gns3_link(gns3_end("R1", 0, 0), gns3_end("S1", 0, 2)),
        gns3_link(gns3_end("R1", 1, 0), gns3_end("NAT1", 0, 0)), gns3_link(gns3_end("web", 0, 0), gns3_end("R1", 2, 0))};
    return {{"name", "My Project"}, {"topology", {{"nodes", std::move(nodes)}, {"links", std::move(links)}}}};
}

const Gns3Files kGns3Files = {
    {"project-files/vpcs/PC1-id/startup.vpc", "# made\nset pcname PC1\nip 10.0.10.1/24 10.0.10.254\nping 10.0.20.1\n"},
    {"project-files/vpcs/PC2-id/startup.vpc", "ip 10.0.20.1 255.255.255.0 10.0.20.254\n"},
    {"project-files/docker/web-id/etc/network/interfaces",
     "auto eth0\niface eth0 inet static\n\taddress 10.0.30.1\n\tnetmask 255.255.255.0\n\tgateway 10.0.30.254\n\tup ip neigh "
     "flush dev eth0\n\tup echo ready > "
     "state\n"},
};

Result<ImportedLab> import_gns3(const nlohmann::json& project, const ImportOptions& options = {}) {
    return lab_from_gns3(project.dump(4), "p/my.gns3", kGns3Files, options);
}

TEST(Gns3Import, MakesHostsSegmentsAndTheGateway) {
    const auto lab = import_gns3(gns3_project());
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_EQ(lab->name, "my-project");
    const Topology topology = topology_of(*lab);
    EXPECT_EQ(topology.gateway().name, "R1");
    const Attachment* pc1 = topology.attachment_of("PC1");
    ASSERT_NE(pc1, nullptr);
    EXPECT_EQ(pc1->address->to_string(), "10.0.10.1/24");
    EXPECT_EQ(pc1->default_gateway->to_string(), "10.0.10.254");
    EXPECT_EQ(pc1->vlans.access->number(), 10);
    EXPECT_EQ(pc1->cable.in, (LinkCable::Direction{{"delay", "20ms"}, {"jitter", "3ms"}, {"loss", "5%"}, {"loss-every", "10"}}));
    EXPECT_EQ(pc1->cable.out, pc1->cable.in);
    EXPECT_EQ(topology.attachment_of("PC2")->address->to_string(), "10.0.20.1/24");
    const Attachment* web = topology.attachment_of("web");
    EXPECT_EQ(web->segment, "web-R1");
    EXPECT_EQ(web->address->to_string(), "10.0.30.1/24");
    EXPECT_EQ(topology.find("web")->environment.at("B"), "two");
    EXPECT_THAT(topology.find("web")->commands, ElementsAre("ip neigh flush dev eth0"));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("`echo ready > state` is not taken over: a host has this machine's files")));
    EXPECT_THAT(lab->files.at("my-project.clab.yml"), HasSubstr("image: \"nginx\""));
    EXPECT_EQ(topology.attachment_of("internet")->segment, "R1-NAT1");
}

TEST(Gns3Import, TheGatewayIsInEachVlanOfATrunk) {
    const auto lab = import_gns3(gns3_project());
    ASSERT_TRUE(lab) << lab.error().message;
    std::vector<std::string> interfaces;
    const auto config = gateway_config(*lab);
    for (const auto& each : config.at("interface"))
        interfaces.push_back(each.at("name").get<std::string>() + " " +
                             each.value("address", nlohmann::json{""})[0].get<std::string>() + " " +
                             std::to_string(each.value("vlan", 0)) + " " + each.at("role").get<std::string>());
    EXPECT_THAT(interfaces,
                ElementsAre("eth1 203.0.113.80/24 0 uplink", "eth0.1  1 internal", "eth0.10 10.0.10.254/24 10 internal",
                            "eth0.20 10.0.20.254/24 20 internal", "eth2 10.0.30.254/24 0 internal"));
}

TEST(Gns3Import, ATrunkOfAHostCarriesTheOtherVlans) {
    auto project = gns3_project();
    project["topology"]["nodes"].push_back(gns3_node("trunked", "qemu"));
    project["topology"]["nodes"][3]["properties"]["ports_mapping"].push_back(gns3_port(3, "dot1q", 10));
    project["topology"]["links"].push_back(gns3_link(gns3_end("trunked", 0, 0), gns3_end("S1", 0, 3)));
    const auto lab = import_gns3(project);
    ASSERT_TRUE(lab) << lab.error().message;
    const Topology topology = topology_of(*lab);
    const PortVlans& vlans = topology.attachment_of("trunked")->vlans;
    EXPECT_EQ(vlans.native->number(), 10);
    ASSERT_EQ(vlans.trunk.size(), 2U);
    EXPECT_EQ(vlans.trunk[0].number(), 1);
    EXPECT_EQ(vlans.trunk[1].number(), 20);
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("trunked of the type qemu is a host without its disk")));
}

TEST(Gns3Import, SwitchesThatAreCabledAreOneSegment) {
    auto project = gns3_project();
    project["topology"]["nodes"].push_back(gns3_node("Hub1", "ethernet_hub"));
    project["topology"]["nodes"].push_back(gns3_node("PC3", "vpcs"));
    project["topology"]["links"].push_back(gns3_link(gns3_end("Hub1", 0, 0), gns3_end("S1", 0, 1)));
    project["topology"]["links"].push_back(gns3_link(gns3_end("PC3", 0, 0), gns3_end("Hub1", 0, 1)));
    const auto lab = import_gns3(project);
    ASSERT_TRUE(lab) << lab.error().message;
    const Topology topology = topology_of(*lab);
    EXPECT_EQ(topology.attachment_of("PC3")->segment, "S1");
    EXPECT_EQ(topology.attachment_of("PC3")->vlans.access->number(), 20) << "the hub hangs on a port of VLAN 20";
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("Hub1 and S1 are one segment")));
}

TEST(Gns3Import, WithoutARouterTheNatNodeIsTheGateway) {
    auto project = gns3_project();
    project["topology"]["nodes"].erase(4);
    project["topology"]["links"] = {gns3_link(gns3_end("PC1", 0, 0), gns3_end("S1", 0, 4)),
                                    gns3_link(gns3_end("NAT1", 0, 0), gns3_end("S1", 0, 5))};
    const auto lab = import_gns3(project);
    ASSERT_TRUE(lab) << lab.error().message;
    const Topology topology = topology_of(*lab);
    EXPECT_EQ(topology.gateway().name, "NAT1");
    EXPECT_EQ(topology.attachment_of("internet")->segment, "outside");
    EXPECT_THAT(lab->files.at("configs/NAT1.json"), HasSubstr("10.0.10.254/24"));
}

TEST(Gns3Import, NamesThatMeanSomethingElseHereAreNamesStill) {
    auto project = gns3_project();
    project["topology"]["nodes"][0]["name"] = "null";
    project["topology"]["nodes"][1]["name"] = "internet";
    project["topology"]["nodes"][3]["name"] = "_1";
    auto files = kGns3Files;
    files["project-files/vpcs/PC1-id/startup.vpc"] = "ip 10.0.10.1/24 10.0.10.254\n";
    const auto lab = lab_from_gns3(project.dump(4), "p/my.gns3", files, {});
    ASSERT_TRUE(lab) << lab.error().message;
    const Topology topology = topology_of(*lab);
    ASSERT_NE(topology.find("null"), nullptr);
    EXPECT_EQ(topology.attachment_of("null")->segment, "1");
    EXPECT_EQ(topology.attachment_of("internet_2")->segment, "1");
    EXPECT_EQ(topology.attachment_of("internet")->address->to_string(), "203.0.113.1/24");
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("\"_1\" is called 1 here")));
}

TEST(Gns3Import, TheGatewayHasAnAddressOnce) {
    auto files = kGns3Files;
    files["project-files/vpcs/PC2-id/startup.vpc"] = "ip 10.0.10.2 255.255.0.0 10.0.10.254\n";
    const auto lab = lab_from_gns3(gns3_project().dump(4), "p/my.gns3", files, {});
    ASSERT_TRUE(lab) << lab.error().message;
    (void)topology_of(*lab);
    const auto config = gateway_config(*lab);
    EXPECT_FALSE(config.at("interface").at(3).contains("address")) << config.dump(2);
    EXPECT_THAT(lab->remarks,
                Contains(HasSubstr("10.0.10.254/16 of the gateway's eth0.20 is not taken over: 10.0.10.254/24 of its eth0.10")));
}

TEST(Gns3Import, SaysLineByLineWhatItLeaves) {
    const auto lab = import_gns3(gns3_project());
    ASSERT_TRUE(lab);
    EXPECT_THAT(lab->remarks, Contains("p/project-files/vpcs/PC1-id/startup.vpc:4:1: `ping 10.0.20.1` is not taken over"));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("the filter bpf has no counterpart")));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("the start command of web is not taken over")));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("no host has its default route by eth0.1 of the gateway")));
    for (const std::string& remark : lab->remarks) EXPECT_THAT(remark, StartsWith("p/"));
}

TEST(Gns3Import, RefusesWhatIsNoProject) {
    const auto error_of = [](const std::string& text, const std::string& gateway = "") {
        const auto lab = lab_from_gns3(text, "p.gns3", {}, {.name = "x", .gateway = gateway});
        return lab ? std::string{"taken"} : lab.error().message;
    };
    EXPECT_THAT(error_of(""), StartsWith("p.gns3:1:1: this is not JSON"));
    EXPECT_THAT(error_of("{\n  \"name\": x\n}"), StartsWith("p.gns3:2:11: this is not JSON"));
    EXPECT_THAT(error_of("name: x\n"), HasSubstr("this is not JSON"));
    EXPECT_THAT(error_of("[1e999]"), StartsWith("p.gns3:1:"));
    EXPECT_THAT(error_of("[]"), StartsWith("p.gns3:1:1: a GNS3 project's file is an object"));
    EXPECT_THAT(error_of("{}"), StartsWith("p.gns3:1:1: a project has no `topology`"));
    EXPECT_THAT(error_of("{\"topology\": 1}"), StartsWith("p.gns3:1:14: `topology` of a project must be an object"));
    EXPECT_THAT(error_of("{\"topology\": {}}"), HasSubstr("the topology has no `nodes`"));
    EXPECT_THAT(error_of("{\"topology\": {\"nodes\": []}}"), StartsWith("p.gns3:1:24: the project has no nodes"));
    EXPECT_THAT(error_of("{\"topology\": {\"nodes\": [1]}}"), StartsWith("p.gns3:1:25: a node must be an object"));
    EXPECT_THAT(error_of("{\"topology\": {\"nodes\": [{\"name\": \"a\"}]}}"), HasSubstr("a node has no `node_id`"));

    const auto changed = [&](const std::string& pointer, const nlohmann::json& value) {
        auto project = gns3_project();
        project[nlohmann::json::json_pointer{"/topology" + pointer}] = value;
        return error_of(project.dump(4));
    };
    EXPECT_THAT(changed("/nodes/0/name", {1}), HasSubstr("`name` of a node must be a text or a number"));
    EXPECT_THAT(changed("/nodes/1/node_id", "PC1-id"), HasSubstr("two nodes have the node_id PC1-id"));
    EXPECT_THAT(changed("/nodes/0/properties", "x"), HasSubstr("`properties` of a node must be an object"));
    EXPECT_THAT(changed("/nodes/3/properties/ports_mapping", "x"), HasSubstr("`ports_mapping` must be a list"));
    EXPECT_THAT(changed("/nodes/3/properties/ports_mapping/0/vlan", 5000), HasSubstr("vlan"));
    EXPECT_THAT(changed("/links", "x"), HasSubstr("`links` of the topology must be a list"));
    EXPECT_THAT(changed("/links/0/nodes", nlohmann::json::array()), HasSubstr("a link has two ends, and this one has 0"));
    EXPECT_THAT(changed("/links/0/nodes/0/node_id", "nobody"), HasSubstr("there is no node with the node_id nobody"));
    EXPECT_THAT(changed("/links/0/nodes/0/port_number", -1), HasSubstr("port_number"));
    EXPECT_THAT(changed("/links/0/filters", "x"), HasSubstr("`filters` of a link must be an object"));
    EXPECT_THAT(changed("/links/0/filters/packet_loss", {"many"}), HasSubstr("packet_loss: \"many%\" is not"));
    EXPECT_THAT(changed("/links/0/filters/packet_loss", {101}), HasSubstr("packet_loss: "));
    EXPECT_THAT(error_of(gns3_project().dump(), "S1"), HasSubstr("--gateway S1: there is no such node"));
}

TEST(Gns3Import, TheGatewayIsNamedWhereSeveralCanBe) {
    auto project = gns3_project();
    project["topology"]["nodes"].push_back(gns3_node("R2", "iou"));
    for (unsigned adapter = 0; adapter < 2; ++adapter)
        project["topology"]["links"].push_back(gns3_link(gns3_end("R2", adapter, 0), gns3_end("S1", 0, 4 + adapter)));
    const auto unsaid = import_gns3(project);
    ASSERT_FALSE(unsaid);
    EXPECT_THAT(unsaid.error().message, StartsWith("p/my.gns3: several nodes are a router with several links"));
    EXPECT_THAT(unsaid.error().message, HasSubstr("--gateway NODE (R1, R2)"));
    const auto said = import_gns3(project, {.gateway = "R2"});
    ASSERT_TRUE(said) << said.error().message;
    EXPECT_EQ(topology_of(*said).gateway().name, "R2");
    EXPECT_THAT(said->remarks, Contains(HasSubstr("NAT1 is not beside the gateway, and not taken over")));
}

}  // namespace
}  // namespace hairpin::lab
