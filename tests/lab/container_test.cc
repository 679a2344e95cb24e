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
