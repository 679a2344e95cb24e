// Topologies drawn, made up, and taken from a compose file; and lists in their forms.

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lab/daemon_config.h"
#include "lab/event_log.h"
#include "lab/generator.h"
#include "lab/graph.h"
#include "lab/graph_layout.h"
#include "lab/imports/compose_import.h"
#include "lab/lab_tests.h"
#include "lab/live_graph.h"
#include "lab/rows.h"
#include "lab/tap.h"
#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Topology sample() {
    auto topology = read_sample(kSample);
    EXPECT_TRUE(topology);
    return *topology;
}

TEST(Graph, AsTextHasEachSegmentWithItsMembers) {
    EXPECT_EQ(graph_text(sample()),
              "lan\n"
              " |--  edge:lan   gateway\n"
              " `--  host:eth1  192.0.2.2/24  VLAN 10\n"
              "\n"
              "wan\n"
              " `--  edge:uplink  gateway\n");
}

TEST(Graph, HasAllLinksInEveryForm) {
    EXPECT_THAT(graph_mermaid(sample()), HasSubstr("n_host ---|\"eth1 192.0.2.2/24\"| n_lan"));
    EXPECT_THAT(graph_dot(sample()), HasSubstr("\"host\" -- \"lan\" [label=\"eth1\\n192.0.2.2/24\"];"));
    const auto drawn = nlohmann::json::parse(graph_json(sample()));
    EXPECT_EQ(drawn.at("links").size(), 3U);
    EXPECT_EQ(drawn.at("links")[2],
              nlohmann::json::parse(
                  R"({"node": "host", "interface": "eth1", "segment": "lan", "port": "host", "address": "192.0.2.2/24"})"));
    const std::string svg = graph_svg(sample());
    EXPECT_THAT(svg, StartsWith("<svg xmlns="));
    for (const char* name : {">edge<", ">host<", ">lan<", ">wan<", ">192.0.2.2/24<"}) EXPECT_THAT(svg, HasSubstr(name));
}

TEST(Graph, PictureHasMachinesAndContainers) {
    auto topology = sample();
    const auto add = [&](const char* name, NodeRole role) {
        topology.nodes.push_back({.name = name, .role = role});
        Attachment attachment = *topology.attachment_of("host");
        attachment.node = name;
        topology.attachments.push_back(attachment);
    };
    EXPECT_THAT(graph_svg(topology), Not(HasSubstr(">machine<")));
    EXPECT_THAT(graph_svg(topology), Not(HasSubstr(">container<")));
    add("desk", NodeRole::machine);
    add("web", NodeRole::container);
    const std::string svg = graph_svg(topology);
    for (const char* text : {">desk<", ">machine<", ">web<", ">container<"}) EXPECT_THAT(svg, HasSubstr(text));
    const std::string drawio = graph_drawio(topology);
    for (const char* text : {"value=\"desk&#10;machine\"", "value=\"web&#10;container\""}) EXPECT_THAT(drawio, HasSubstr(text));
}

// Who has no link still stands somewhere, where nobody else does.
TEST(Graph, PictureHasAHostWithoutLinks) {
    auto topology = sample();
    topology.nodes.push_back({.name = "alone", .role = NodeRole::host});
    const GraphLayout layout{topology};
    const Box& alone = layout.box_of("alone");
    EXPECT_LE(alone.y + alone.height, layout.height());
    EXPECT_GT(alone.y, layout.box_of("wan").y + layout.box_of("wan").height);
    EXPECT_THAT(graph_svg(topology), HasSubstr(">alone<"));
}

TEST(Graph, NamesThatXmlHasAUseForAreEscaped) {
    auto topology = sample();
    topology.attachments.back().interface = "a<b>&\"c\"";
    EXPECT_THAT(graph_drawio(topology), HasSubstr("value=\"a&lt;b&gt;&amp;&quot;c&quot;&#10;192.0.2.2/24\""));
    topology.attachments.back().address.reset();
    EXPECT_THAT(graph_svg(topology), HasSubstr(">a&lt;b&gt;&amp;&quot;c&quot;<"));
}

Rows interface_rows(const char* state, unsigned in, unsigned out) {
    Rows rows{.schema = "", .lab = "", .list = "", .titles = {}, .rows = {}};
    rows.rows.push_back({{"node", "host"},
                         {"interface", "eth1"},
                         {"port", "host"},
                         {"segment", "lan"},
                         {"state", state},
                         {"in_bytes", in},
                         {"out_bytes", out}});
    return rows;
}

TEST(LiveGraph, RatesAreOfTheInterval) {
    const Rows before = interface_rows("up", 1000, 500);
    const auto links = links_now(interface_rows("up", 3500, 500), &before, std::chrono::seconds{2});
    EXPECT_EQ(links.at("host:eth1").in, 10'000);
    EXPECT_EQ(links.at("host:eth1").out, 0);
    EXPECT_FALSE(links_now(before, nullptr, std::chrono::seconds{2}).at("host:eth1").in);
    EXPECT_FALSE(links_now(interface_rows("up", 0, 0), &before, std::chrono::seconds{2}).at("host:eth1").in);  // began anew
}

TEST(LiveGraph, PictureHasRatesAndStates) {
    const Rows before = interface_rows("up", 0, 0);
    LabNow now{.is_up = true, .links = links_now(interface_rows("up", 1250, 125), &before, std::chrono::seconds{1})};
    EXPECT_THAT(graph_svg(sample(), &now), HasSubstr(">10k in 1.0k out<"));
    EXPECT_THAT(graph_svg(sample(), &now), Not(HasSubstr("\"wire down\"")));
    now.links = links_now(interface_rows("down", 0, 0), nullptr, std::chrono::seconds{1});
    EXPECT_THAT(graph_svg(sample(), &now), AllOf(HasSubstr("class=\"wire down\""), HasSubstr(">down<")));
    now = {};
    EXPECT_THAT(graph_svg(sample(), &now), HasSubstr("lab sample is not up"));
}

// What a generated or imported folder holds must be what its readers take.
void expect_readable(const std::map<std::string, std::string>& files, const std::string& name, unsigned hosts) {
    const auto topology = parse_topology(files.at(name + ".clab.yml"), name + ".clab.yml", no_variables());
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_EQ(topology->warnings.size(), 0U);
    unsigned count = 0;
    for (const Node& node : topology->nodes) count += node.role == NodeRole::host ? 1 : 0;
    EXPECT_EQ(count, hosts);
    const auto config = daemon_config(*topology, files.at("configs/edge.json"));
    ASSERT_TRUE(config) << config.error().message;
    const auto tests = parse_lab_tests(files.at(name + ".tests.yml"), name + ".tests.yml", *topology);
    ASSERT_TRUE(tests) << tests.error().message;
}

TEST(Generator, MakesALabThatItsReadersTake) {
    const auto files = generate_lab({.name = "many", .hosts = 300, .lans = 3, .seed = 7});
    ASSERT_TRUE(files);
    expect_readable(*files, "many", 301);
}

TEST(Generator, MakesTheSameOfTheSameSeed) {
    const GeneratorOptions options{.name = "x", .hosts = 30, .lans = 4, .seed = 11};
    GeneratorOptions other = options;
    other.seed = 12;
    EXPECT_EQ(*generate_lab(options), *generate_lab(options));
    EXPECT_NE(*generate_lab(options), *generate_lab(other));
}

TEST(Generator, RefusesWhatCannotBe) {
    EXPECT_FALSE(generate_lab({.name = "x", .hosts = 0}));
    EXPECT_FALSE(generate_lab({.name = "x", .hosts = 2, .lans = 3}));
    EXPECT_FALSE(generate_lab({.name = "No Name"}));
}

const std::string kCompose = R"(services:
  web-1:
    image: nginx:alpine
    ports: ["8080:80", "127.0.0.1:5353:53/udp"]
    networks: {front: {ipv4_address: 172.30.0.10}, back: {}}
  db:
    image: postgres
    environment: [PASSWORD=secret]
    networks: [back]
  my.cache:
    networks: [back]
  helper:
    network_mode: service:db
networks:
  front: {ipam: {config: [{subnet: 172.30.0.0/24}]}}
  back: {internal: true}
)";

TEST(ComposeImport, MakesHostsWithTheSameAddresses) {
    const auto lab = lab_from_compose(kCompose, "/somewhere/My.Lab/docker-compose.yml", "");
    ASSERT_TRUE(lab) << lab.error().message;
    EXPECT_EQ(lab->name, "my-lab");
    expect_readable(lab->files, "my-lab", 4);
    const std::string& topology = lab->files.at("my-lab.clab.yml");
    EXPECT_THAT(topology, HasSubstr("\"web-1:eth0\", \"front:p2\"], ipv4: [\"172.30.0.10/24\"], vars: {gateway: 172.30.0.1}"));
    EXPECT_THAT(topology, HasSubstr("\"PASSWORD\": \"secret\""));
}

TEST(ComposeImport, PublishedPortsAreTheGateways) {
    const auto lab = lab_from_compose(kCompose, "c.yml", "x");
    ASSERT_TRUE(lab);
    const auto config = nlohmann::json::parse(lab->files.at("configs/edge.json"));
    std::vector<std::string> published;
    for (const auto& rule : config.at("hairpin:gateway").at("nat").at("rule"))
        if (rule.at("action") == "dnat")
            published.push_back(rule.at("protocol").get<std::string>() + " " + rule.at("original-port").get<std::string>() + " " +
                                rule.at("translated-address").get<std::string>() + ":" +
                                rule.at("translated-port").get<std::string>());
    EXPECT_THAT(published, ElementsAre("tcp 8080 172.30.0.10:80", "udp 5353 172.30.0.10:53"));
}

TEST(ComposeImport, SaysLineByLineWhatItLeaves) {
    const auto lab = lab_from_compose(kCompose, "c.yml", "x");
    ASSERT_TRUE(lab);
    EXPECT_THAT(lab->remarks, Contains(StartsWith("c.yml:3:5: `image`")));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("service `helper` is not taken over: network_mode service:db")));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("service `my.cache` is the host my_cache")));
}

TEST(ComposeImport, AnInternalNetworkHasNoWayOut) {
    const auto lab = lab_from_compose(kCompose, "c.yml", "x");
    ASSERT_TRUE(lab);
    const auto gateway = nlohmann::json::parse(lab->files.at("configs/edge.json")).at("hairpin:gateway");
    for (const auto& rule : gateway.at("nat").at("rule")) EXPECT_NE(rule.at("description"), "network back") << rule;
    EXPECT_EQ(gateway.at("firewall").at("rule")[0].at("source").at("interface"), nlohmann::json::array({"front"}));
    EXPECT_THAT(lab->files.at("x.clab.yml"), HasSubstr("\"db:eth0\", \"back:p4\"], ipv4: [\"172.18.0.3/16\"]}"));
    EXPECT_THAT(lab->files.at("x.tests.yml"), HasSubstr("web-1 reaches the outside"));
    EXPECT_THAT(lab->files.at("x.tests.yml"), HasSubstr("db does not reach the outside"));

    const auto open = lab_from_compose("services: {a: {networks: [n]}}\nnetworks: {n: {}}\n", "c.yml", "x");
    ASSERT_TRUE(open);
    EXPECT_THAT(open->files.at("configs/edge.json"), HasSubstr("network n"));
    const auto closed =
        lab_from_compose("services: {a: {ports: [\"80:80\"], networks: [n]}}\nnetworks: {n: {internal: true}}\n", "c.yml", "x");
    ASSERT_TRUE(closed);
    EXPECT_THAT(closed->files.at("configs/edge.json"), Not(HasSubstr("snat")));
    EXPECT_THAT(closed->files.at("configs/edge.json"), Not(HasSubstr("dnat")));
    EXPECT_THAT(closed->files.at("configs/edge.json"), Not(HasSubstr("From inside")));
    EXPECT_THAT(closed->remarks, Contains(HasSubstr("port 80 of a is not published: its networks are internal")));
}

TEST(ComposeImport, SaysWhatDockerWouldDoBesides) {
    const auto lab = lab_from_compose("services:\n  a: {restart: always, depends_on: [b]}\n  b: {}\n", "c.yml", "x");
    ASSERT_TRUE(lab);
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("c.yml:2:7: `restart` of a is not taken over: what `exec` starts")));
    EXPECT_THAT(lab->remarks, Contains(HasSubstr("`depends_on` of a is not taken over: hosts come up in the order")));
    EXPECT_THAT(lab->remarks,
                Contains(StartsWith("c.yml:1:1: names of services do not resolve in the lab; write addresses (a 172.18.0.2")));
}

TEST(ComposeImport, RefusesANetworkThatIsNotThere) {
    const auto lab = lab_from_compose("services:\n  a:\n    networks: [nowhere]\n", "c.yml", "x");
    ASSERT_FALSE(lab);
    EXPECT_EQ(lab.error().message, "c.yml:3:16: service `a`: there is no network `nowhere`");
}

TEST(ComposeImport, PublishesWhatARuleCanTranslate) {
    const auto lab = lab_from_compose(
        "services: {a: {ports: [\"8000-8009:9000-9009\", \"7000-7003:80\", \"1-2:1-3\", \"0:80\", \"x:80\", \"80:80/icmp\"]}}\n",
        "c.yml", "x");
    ASSERT_TRUE(lab) << lab.error().message;
    std::vector<std::string> published;
    const auto config = nlohmann::json::parse(lab->files.at("configs/edge.json"));
    for (const auto& rule : config.at("hairpin:gateway").at("nat").at("rule"))
        if (rule.at("action") == "dnat") published.push_back(rule.at("original-port").get<std::string>());
    EXPECT_THAT(published, ElementsAre("8000-8009", "7000-7003"));
    EXPECT_THAT(lab->remarks,
                Contains("c.yml:1:63: port 1-2 of a is not published: 1-3/tcp is no port, or range of ports, that 1-2 can "
                         "be translated to"));
    for (const char* port : {"port 0 of a", "port x of a", "80/icmp is no port"})
        EXPECT_THAT(lab->remarks, Contains(HasSubstr(port)));
}

TEST(ComposeImport, RefusesNetworksThatDockerWouldRefuse) {
    const auto error_of = [](const std::string& networks) {
        const auto lab = lab_from_compose("services: {a: {networks: [m]}}\nnetworks:\n" + networks, "c.yml", "x");
        return lab ? std::string{"taken"} : lab.error().message;
    };
    EXPECT_EQ(error_of("  m: {ipam: {config: [{subnet: 10.0.0.0/16}]}}\n  n: {ipam: {config: [{subnet: 10.0.7.0/24}]}}\n"),
              "c.yml:4:32: the network 10.0.7.0/24 of `n` overlaps with 10.0.0.0/16 of `m`");
    EXPECT_THAT(error_of("  m: {ipam: {config: [{subnet: 203.0.113.128/25}]}}\n"),
                HasSubstr("overlaps with 203.0.113.0/24, which is what is outside of the gateway here"));
    EXPECT_EQ(error_of("  m: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.1.1}]}}\n"),
              "c.yml:3:23: 10.0.1.1 cannot be the gateway of the network 10.0.0.0/24");
    EXPECT_EQ(error_of("  m: {ipam: {config: [{subnet: 172.18.0.0/15}]}}\n  n: {}\n"), "taken")
        << "n gets another than 172.18 and 172.19";
}

TEST(Rows, InEveryForm) {
    const Rows rows{.schema = "hairpin.x/1",
                    .lab = "l",
                    .list = "things",
                    .titles = {"name", "addresses"},
                    .rows = {{{"name", "a,\"b\""}, {"addresses", {"1", "2"}}}}};
    EXPECT_EQ(render(rows, Format::table), "name   addresses\na,\"b\"  1, 2\n");
    EXPECT_EQ(render(rows, Format::csv), "name,addresses\r\n\"a,\"\"b\"\"\",\"1, 2\"\r\n");
    EXPECT_EQ(render(rows, Format::yaml),
              "schema: \"hairpin.x/1\"\nlab: \"l\"\nthings:\n  - name: \"a,\\\"b\\\"\"\n    addresses: [\"1\",\"2\"]\n");
    EXPECT_EQ(nlohmann::json::parse(render(rows, Format::json)).at("things")[0].at("name"), "a,\"b\"");
}

TEST(Tap, MarksWarningsAsExpected) {
    EXPECT_EQ(tap_lines(1, {.name = "ping", .description = "it # answers"}), "ok 1 - ping: it   answers\n");
    EXPECT_EQ(tap_lines(2, {.name = "x", .description = "", .severity = Severity::warning, .problem = "rc 0 expected, came 1"}),
              "not ok 2 - x # TODO a warning only\n  ---\n  message: \"rc 0 expected, came 1\"\n  duration_ms: 0\n  ...\n");
    EXPECT_EQ(tap_plan(2), "1..2\n");
}

TEST(EventLog, HasContainerlabsKeys) {
    const LabState lab = LabState::of(sample());
    const auto event = event_of(
        lab, {{"event", "port_detached"}, {"port", "host"}, {"time", "2026-11-29T00:00:00Z"}, {"why", "its device has gone"}},
        {{"host", {.node = "host", .interface = "eth1"}}});
    EXPECT_EQ(
        event.dump(),
        R"({"timestamp":"2026-11-29T00:00:00Z","type":"interface","action":"update","actor_name":"host","attributes":{"lab":"sample","port":"host","why":"its device has gone","ifname":"eth1","state":"down"}})");
    EXPECT_EQ(
        event_line(event),
        R"(2026-11-29T00:00:00Z interface update host lab=sample port=host why="its device has gone" ifname=eth1 state=down)");
    EXPECT_EQ(event_of(lab, {{"event", "session_open"}, {"time", "t"}}, {}).at("type"), "gateway");
}

TEST(EventLog, SaysOfACableWhetherItIsPluggedIn) {
    const LabState lab = LabState::of(sample());
    const auto state_after = [&](const char* what) {
        return event_of(lab, {{"event", what}, {"port", "p"}, {"time", "t"}}, {}).at("attributes").value("state", "none");
    };
    EXPECT_EQ(state_after("port_up"), "up");
    EXPECT_EQ(state_after("port_down"), "down");
    EXPECT_EQ(state_after("port_attached"), "up");
    EXPECT_EQ(state_after("port_detached"), "down");
    EXPECT_EQ(state_after("port_added"), "none");
}

TEST(EventLog, CallsAnInterfaceTheSameFromTheFirstEventOn) {
    const LabState lab = LabState::of(sample());
    Rows rows{.schema = "", .lab = "", .list = "", .titles = {}, .rows = {}};
    const auto add = [&](const char* port, nlohmann::ordered_json node, nlohmann::ordered_json interface) {
        rows.rows.push_back({{"node", std::move(node)},
                             {"interface", std::move(interface)},
                             {"port", port},
                             {"segment", "lan"},
                             {"state", "up"},
                             {"mtu", 1500}});
    };
    add("lan-host", "host", "eth1");
    add("tunnel", "", nullptr);
    const auto first = initial_events(lab, rows, "t");
    const PortOwners owners = owners_in(rows);
    for (const char* port : {"lan-host", "tunnel"}) {
        const auto live = event_of(lab, {{"event", "port_up"}, {"port", port}, {"time", "t"}}, owners);
        const auto same = [&](const nlohmann::ordered_json& each) {
            return each.at("type") == "interface" && each.at("actor_name") == live.at("actor_name") &&
                   each.at("attributes").at("ifname") == live.at("attributes").at("ifname");
        };
        EXPECT_EQ(std::count_if(first.begin(), first.end(), same), 1) << live.dump();
    }
}

TEST(EventLog, QuotesWhatHasASpaceOrAQuotationMark) {
    const LabState lab = LabState::of(sample());
    const auto line = event_line(event_of(
        lab, {{"event", "configuration_committed"}, {"time", "t"}, {"comment", "a \"b\"\nc"}, {"user", "me"}, {"via", ""}}, {}));
    EXPECT_THAT(line, HasSubstr(R"( comment="a \"b\"\nc" )"));
    EXPECT_THAT(line, HasSubstr(" user=me "));
    EXPECT_THAT(line, HasSubstr(R"( via="")"));
}

TEST(EventLog, RatesAreOfTheInterval) {
    const LabState lab = LabState::of(sample());
    const auto rows = [](unsigned bytes) {
        Rows made{.schema = "", .lab = "", .list = "", .titles = {}, .rows = {}};
        made.rows.push_back({{"node", "host"},
                             {"interface", "eth1"},
                             {"port", "host"},
                             {"segment", "lan"},
                             {"state", "up"},
                             {"mtu", 1500},
                             {"in_packets", bytes / 100},
                             {"in_bytes", bytes},
                             {"out_packets", 0},
                             {"out_bytes", 0}});
        return made;
    };
    const Rows before = rows(1000);
    const auto events = stats_events(lab, rows(3000), &before, std::chrono::seconds{2}, "t");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].at("attributes").at("rx_bps"), "8000");
    EXPECT_EQ(events[0].at("attributes").at("rx_pps"), "10");
    EXPECT_FALSE(stats_events(lab, rows(3000), nullptr, std::chrono::seconds{2}, "t")[0].at("attributes").contains("rx_bps"));
}

}  // namespace
}  // namespace hairpin::lab
