#include "lab/difference.h"

#include <gmock/gmock.h>

#include "lab/daemon_config.h"
#include "lab/node_filter.h"
#include "sample_topology.h"

namespace hairpin::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kGateway = R"({"hairpin:gateway": {"interface": [
    {"name": "uplink", "role": "uplink", "segment": "wan", "address": ["203.0.113.80/24"]}, {"name": "lan", "address": ["192.0.2.1/24"]}]}})";

struct Side {
    Topology topology;
    DaemonConfig config;
};

Side side(const std::string& topology, const std::string& gateway = kGateway) {
    auto read = read_sample(topology);
    EXPECT_TRUE(read) << read.error().message;
    auto config = daemon_config(*read, gateway);
    EXPECT_TRUE(config) << config.error().message;
    return {.topology = *read, .config = *config};
}

LabDifference between(const Side& before, const Side& now) {
    const auto found = find_difference(LabState::of(before.topology), before.config.text, now.topology, now.config);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(LabDifference{});
}

std::vector<std::string> words(const LabDifference& difference) {
    std::vector<std::string> lines;
    for (const LabChange& change : difference.changes)
        lines.push_back(change.what + " " + change.name + " " + std::string{to_string(change.kind)} +
                        (change.detail.empty() ? "" : ": " + change.detail));
    return lines;
}

TEST(Difference, OfTheSameFilesIsNone) {
    const LabDifference none = between(side(kSample), side(kSample));
    EXPECT_TRUE(none.empty());
    EXPECT_FALSE(none.switch_changed);
    EXPECT_FALSE(none.gateway_changed);
}

TEST(Difference, IsInLabelsToo) {
    const Side now = side(sample_with("    lan: {kind: bridge}\n", "    lan: {kind: bridge, labels: {floor: 1}}\n"));
    const LabDifference found = between(side(kSample), now);
    EXPECT_THAT(words(found), ElementsAre("segment lan changed: its labels"));
    EXPECT_THAT(found.anew, IsEmpty());
    EXPECT_FALSE(found.switch_changed);
}

TEST(Difference, NamesAHostThatCame) {
    const Side now = side(sample_with("    host:\n", "    printer: {}\n    host:\n") +
                          "    - endpoints: [\"printer:eth1\", \"lan:printer\"]\n");
    const LabDifference found = between(side(kSample), now);
    EXPECT_THAT(words(found), ElementsAre("host printer added", "port printer added: in lan"));
    EXPECT_THAT(found.added, ElementsAre("printer"));
    EXPECT_TRUE(found.switch_changed);
    EXPECT_FALSE(found.gateway_changed);
    EXPECT_THAT(between(now, side(kSample)).removed, ElementsAre("printer"));
}

TEST(Difference, MakesAHostAnewWhoseCommandsAreOthers) {
    const LabDifference found = between(side(kSample), side(sample_with("echo __clabNodeName__", "echo more")));
    EXPECT_THAT(words(found), ElementsAre("host host begins anew: its commands have changed"));
    EXPECT_THAT(found.anew, ElementsAre("host"));
    EXPECT_FALSE(found.switch_changed);
}

TEST(Difference, OfAnAddressSaysBoth) {
    const LabDifference found = between(side(kSample), side(sample_with("192.0.2.2/24", "192.0.2.9/24")));
    EXPECT_THAT(found.anew, ElementsAre("host"));  // it has commands
    ASSERT_EQ(found.changes.size(), 2U);
    EXPECT_EQ(found.changes[1].detail, "tap/address/0 \"192.0.2.9/24\" instead of \"192.0.2.2/24\"");
}

TEST(Difference, OfTheGatewayAloneLeavesTheSwitch) {
    std::string other = kGateway;
    other.replace(other.find("192.0.2.1/24"), 12, "192.0.2.7/24");
    const LabDifference found = between(side(kSample), side(kSample, other));
    EXPECT_THAT(words(found), ElementsAre("gateway edge changed: /interface/1/address/0"));
    EXPECT_FALSE(found.switch_changed);
    EXPECT_THAT(found.anew, IsEmpty());
}

TEST(Difference, RefusesWhatOnlyANewLabCanBe) {
    const Side before = side(kSample);
    LabState other = LabState::of(before.topology);
    other.find("edge")->name = "gate";
    const auto found = find_difference(other, before.config.text, before.topology, before.config);
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, HasSubstr("--reconfigure"));
}

TEST(NodeFilter, KeepsTheNamedHostsWithGatewayAndSegments) {
    auto topology = read_sample(sample_with("    host:\n", "    printer: {}\n    host:\n") +
                                "    - endpoints: [\"printer:eth1\", \"lan:printer\"]\n");
    ASSERT_TRUE(topology);
    ASSERT_TRUE(keep_nodes(*topology, {"printer"}));
    std::vector<std::string> names;
    for (const Node& node : topology->nodes) names.push_back(node.name);
    EXPECT_THAT(names, ElementsAre("edge", "lan", "wan", "printer"));
    EXPECT_EQ(topology->attachments.size(), 3U);
    const auto wrong = keep_nodes(*topology, {"nobody"});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("no node \"nobody\" (it has edge, lan, wan, printer)"));
}

}  // namespace
}  // namespace hairpin::lab
