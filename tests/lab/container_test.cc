// Containers of others as nodes of a lab: how they are called, where their ports are, and whose their end is.

#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "lab/containers/container.h"
#include "lab/containers/container_namespace.h"
#include "lab/daemon_config.h"
#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Topology> read_with_container(const std::string& more = "", const std::string& exec = "") {
    return read_sample(sample_with("    host:\n      env: {COLOUR: blue}\n      exec: [\"echo __clabNodeName__\"]\n",
                                   "    host: {kind: ext-container, env: {COLOUR: blue}" + exec + more + "}\n"));
}

constexpr const char* kSampleGateway = R"({"hairpin:gateway": {"interface": [{"name": "uplink"}, {"name": "lan", "vlan": 10}]}})";

TEST(Container, IsCalledAsItsNodeUnlessALabelSaysMore) {
    EXPECT_EQ(read_with_container()->find("host")->container, "host");
    EXPECT_EQ(read_with_container(", labels: {hairpin.container: web_1.x-2}")->find("host")->container, "web_1.x-2");
    EXPECT_EQ(read_with_container()->find("host")->role, NodeRole::container);
    EXPECT_THAT(read_with_container(", labels: {hairpin.container: \"../x\"}").error().message, HasSubstr("no container's name"));
    EXPECT_THAT(read_with_container(", labels: {hairpin.mem: \"1\"}").error().message,
                HasSubstr("unknown label \"hairpin.mem\""));
    EXPECT_THAT(complaint_with("env: {COLOUR: blue}", "kind: container"),
                HasSubstr("ext-container a container that runs already"));
}

TEST(Container, HasATapInANamespaceThatIsNotTheLabsOwn) {
    const auto topology = read_with_container();
    ASSERT_TRUE(topology) << topology.error().message;
    const auto config = daemon_config(*topology, kSampleGateway);
    ASSERT_TRUE(config) << config.error().message;
    const auto tap = nlohmann::json::parse(config->text)["hairpin:switch"]["port"][0]["tap"];
    EXPECT_EQ(tap["namespace"], "hc-sample-host");
    EXPECT_EQ(tap["device"], "eth1");
    EXPECT_EQ(tap["address"], nlohmann::json::parse(R"(["192.0.2.2/24"])"));
    EXPECT_EQ(tap["mac"], "02:00:00:00:00:02");  // as the link says
    EXPECT_EQ(mac_in_container("sample", "host"), mac_in_container("sample", "host"));
    EXPECT_NE(mac_in_container("sample", "host"), mac_in_container("other", "host"));
    EXPECT_EQ(mac_in_container("sample", "host").to_string().substr(0, 6), "02:00:");
    const LabState state = LabState::of(*topology);
    EXPECT_EQ(state.namespace_of(*state.find("host")), "hc-sample-host");
    EXPECT_EQ(state.namespace_of(*state.find("edge")), "hp-sample-edge");
    EXPECT_THAT(state.find("host")->ports, ElementsAre("host"));
}

TEST(Container, ItsEngineRunsItsCommands) {
    const auto topology = read_with_container(", labels: {hairpin.container: web}");
    ASSERT_TRUE(topology) << topology.error().message;
    const LabState state = LabState::of(*topology);
    const Command command = command_at(state, *state.find("host"), {"/bin/sh", "-c", "true"});
    EXPECT_THAT(command.words, ElementsAre("docker", "exec", "-e", "COLOUR=blue", "-e", "HAIRPIN_LAB=sample", "-e",
                                           "HAIRPIN_NODE=host", "-e", "SHAPE=round", "web", "/bin/sh", "-c", "true"));
    EXPECT_TRUE(command.environment.empty());
}

TEST(Container, BeginsAnewWhereItIsAnotherOrItsCommandsAre) {
    const auto then = read_with_container();
    ASSERT_TRUE(then) << then.error().message;
    const auto applied = daemon_config(*then, kSampleGateway);
    LabState before = LabState::of(*then);
    const auto difference = [&](const Result<Topology>& now) {
        EXPECT_TRUE(now) << now.error().message;
        const auto wanted = daemon_config(*now, kSampleGateway);
        return find_difference(before, applied->text, *now, *wanted).value();
    };
    EXPECT_TRUE(difference(then).empty());
    EXPECT_THAT(difference(read_with_container(", labels: {hairpin.container: web}")).anew, ElementsAre("host"));
    EXPECT_THAT(difference(read_with_container("", ", exec: [\"true\"]")).anew, ElementsAre("host"));
    std::erase_if(before.nodes, [](const NodeState& node) { return node.name == "host"; });
    EXPECT_THAT(difference(then).added, ElementsAre("host"));
}

// The sample's host, made of an image by these keys in place of its environment and its commands.
Result<Topology> read_image(const std::string& keys, Runtime runtime = Runtime::docker, const std::string& head = "") {
    std::string text = sample_with("      env: {COLOUR: blue}\n      exec: [\"echo __clabNodeName__\"]\n", keys);
    text.insert(0, head);
    return parse_topology(text, "sample.clab.yml", no_variables(), runtime);
}
std::string complaint_about_image(const std::string& keys) {
    const auto topology = read_image(keys);
    return topology ? "" : topology.error().message;
}

TEST(ContainerImage, IsAContainerOnlyWhereTheLabStartsThem) {
    EXPECT_EQ(read_image("      image: web:1\n", Runtime::netns)->find("host")->role, NodeRole::host);
    const auto topology = read_image("      image: web:1\n");
    EXPECT_EQ(topology->find("host")->role, NodeRole::container);
    EXPECT_EQ(topology->find("edge")->role, NodeRole::gateway);
    EXPECT_EQ(read_image("      mtu: 1\n").has_value(), false);
    EXPECT_EQ(read_image("      env: {A: b}\n")->find("host")->role, NodeRole::host) << "it has no image";
    EXPECT_THAT(topology->warnings, ::testing::IsEmpty());
    EXPECT_EQ(LabState::of(*topology).runtime, Runtime::docker);
}

TEST(ContainerImage, IsCalledAsContainerlabCallsIt) {
    const auto name_with = [](const std::string& head) {
        const auto topology = read_image("      image: web:1\n", Runtime::docker, head);
        return topology->container_of(*topology->find("host"));
    };
    EXPECT_EQ(name_with(""), "clab-sample-host");
    EXPECT_EQ(name_with("prefix: \"\"\n"), "host");
    EXPECT_EQ(name_with("prefix: __lab-name\n"), "sample-host");
    EXPECT_EQ(name_with("prefix: mine\n"), "mine-sample-host");
}

TEST(ContainerImage, ItsEngineIsToldAllThatTheFileSays) {
    const auto topology = read_image(
        "      image: web:1\n      image-pull-policy: IfNotPresent\n      user: 7\n      privileged: true\n      cap-add: "
        "[SYS_TIME]\n"
        "      sysctls: {net.ipv4.ip_forward: 1}\n      tmpfs: {/x: size=1m}\n      restart-policy: Always\n      cpu: 0.5\n"
        "      entrypoint: /init --fast\n      cmd: serve 'two words'\n      binds: [\"a:/a:ro\", \"/b:/b\"]\n",
        Runtime::podman);
    ASSERT_TRUE(topology) << topology.error().message;
    std::vector<std::string> words = words_to_start(*topology, *topology->find("host"));
    EXPECT_THAT(words, ElementsAre("podman", "run", "--detach", "--interactive", "--tty", "--network", "none", "--name",
                                   "clab-sample-host", "--label", "hairpin.lab=sample", "--label", "hairpin.node=host", "-e",
                                   "COLOUR=red", "-e", "SHAPE=round", "--hostname", "host", "--pull", "missing", "--user", "7",
                                   "--privileged", "--cap-add", "SYS_TIME", "--sysctl", "net.ipv4.ip_forward=1", "--tmpfs",
                                   "/x:size=1m", "--restart", "always", "--cpus", "0.5", "--entrypoint", "/init", "--volume",
                                   topology->folder + "/a:/a:ro", "--volume", "/b:/b", "web:1", "--fast", "serve", "two words"));
}

TEST(ContainerImage, InheritsAsOtherSettingsDo) {
    std::string text = sample_with("      exec: [\"echo __clabNodeName__\"]\n", "      cap-add: [NET_RAW]\n      user: me\n");
    const std::string kind = "linux: {exec: [\"echo kind\"]}";
    text.replace(text.find(kind), kind.size(), "linux: {image: all:1, user: all, cap-add: [SYS_TIME], hostname: h}");
    const auto topology = parse_topology(text, "sample.clab.yml", no_variables(), Runtime::docker);
    ASSERT_TRUE(topology) << topology.error().message;
    EXPECT_EQ(topology->find("host")->image.name, "all:1");
    EXPECT_THAT(topology->find("host")->image.options,
                ElementsAre("--hostname", "h", "--user", "me", "--cap-add", "SYS_TIME", "--cap-add", "NET_RAW"));
}

TEST(ContainerImage, MistakesHaveTheirPlace) {
    EXPECT_THAT(complaint_about_image("      image: web\n      cmd: \"echo 'a\"\n"),
                HasSubstr("sample.clab.yml:12:12: cmd has a quote that does not end: echo 'a"));
    EXPECT_THAT(complaint_about_image("      image: web\n      privileged: perhaps\n"),
                HasSubstr("12:19: privileged is \"perhaps\""));
    EXPECT_THAT(complaint_about_image("      image: web\n      cap-add: NET_RAW\n"), HasSubstr("12:16: cap-add must be a list"));
    EXPECT_THAT(complaint_about_image("      image: web\n      sysctls: [a]\n"), HasSubstr("12:16: sysctls must be a map"));
    EXPECT_THAT(complaint_about_image("      image: [web]\n"), HasSubstr("11:14: image must be text"));
    EXPECT_THAT(complaint_about_image("      image: --help\n"), HasSubstr("11:14: \"--help\" is no image's name"));
    EXPECT_THAT(complaint_about_image("      image: web\n      image-pull-policy: often\n"),
                HasSubstr("12:26: image-pull-policy is \"often\" (expected Always, IfNotPresent or Never)"));
}

TEST(Container, WhereNoEngineIsThatIsTold) {
    ::setenv("DOCKER_HOST", "unix:///nowhere/docker.sock", 1);
    const auto missing = namespace_file_of("web");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ExitCode::unreachable);
    EXPECT_THAT(missing.error().message, HasSubstr("the Docker engine at /nowhere/docker.sock: No such file"));
    EXPECT_FALSE(missing.error().is_in_name);
    const auto topology = read_with_container();
    EXPECT_THAT(take_in(*topology, *topology->find("host")).error().message, HasSubstr("node \"host\": the Docker engine"));
    // One that cannot be found is told where the lab's changes are, so that nobody takes it for well.
    LabDifference all;
    add_new_containers(*topology, all);
    EXPECT_THAT(all.anew, ElementsAre("host"));
    EXPECT_THAT(all.changes.front().detail, HasSubstr("the Docker engine"));
    ::unsetenv("DOCKER_HOST");
    EXPECT_FALSE(is_container_name(".x"));
    EXPECT_FALSE(is_container_name("a/b"));
    EXPECT_TRUE(is_container_name("lab_web-1.x"));
}

}  // namespace
}  // namespace hairpin::lab
