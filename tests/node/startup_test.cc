// What a node of a network emulator begins with, of its file and of its devices.

#include "node/startup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/candidate/candidate.h"

namespace hairpin::node {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<TakenDevice> kTwo{{"eth1", {*Ipv4InterfaceAddress::parse("192.168.1.1/24")}}, {"eth2", {}}};

// As lines of set; empty when it is refused.
std::string lines_of(const std::string& startup, const std::vector<TakenDevice>& devices = kTwo) {
    const auto document = startup_document(startup, devices);
    if (!document) return "";
    const auto candidate = config::Candidate::from_json(*document);
    return candidate ? candidate->as_set() : "";
}

TEST(NodeStartup, WithoutAFileEachDeviceIsAPortAndAnInterfaceOfTheGateway) {
    const std::string lines = lines_of("");
    for (const char* line :
         {"set switch segment eth1\n", "set switch port eth1 segment eth1\n", "set switch port eth1 netdev device eth1\n",
          "set gateway interface eth1 segment eth1\n", "set gateway interface eth1 address 192.168.1.1/24\n",
          "set switch port eth2 netdev device eth2\n", "set gateway interface eth2 segment eth2\n"})
        EXPECT_THAT(lines, HasSubstr(line));
    EXPECT_THAT(lines, Not(HasSubstr("eth2 address"))) << "the emulator has given it none";
}

TEST(NodeStartup, AFileThatSpeaksOfTheGatewayAloneIsCompleted) {
    const std::string lines = lines_of(
        "set gateway interface eth1 address 10.0.0.1/8\nset gateway interface eth2 role uplink\n"
        "set gateway interface eth2 address 203.0.113.2/24\n");
    EXPECT_THAT(lines,
                AllOf(HasSubstr("set gateway interface eth1 address 10.0.0.1/8\n"), HasSubstr("eth2 role uplink\n"),
                      HasSubstr("set gateway interface eth2 segment eth2\n"), HasSubstr("set switch port eth2 segment eth2\n")));
    EXPECT_THAT(lines, Not(HasSubstr("192.168.1.1"))) << "what the file says counts";
}

TEST(NodeStartup, WhoNamesAPortSaysAllOfIt) {
    const std::string lines = lines_of(
        "set switch segment lan\nset switch port eth1 segment lan\nset switch port eth1 netdev device eth1\n"
        "set switch port eth2 segment lan\nset switch port eth2 netdev device eth2\n");
    EXPECT_THAT(lines, HasSubstr("set switch port eth2 segment lan\n"));
    EXPECT_THAT(lines, AllOf(Not(HasSubstr("segment eth1")), Not(HasSubstr("gateway interface")))) << "a switch, and no router";
}

TEST(NodeStartup, JsonIsTakenAsWell) {
    EXPECT_THAT(lines_of(R"({"hairpin:gateway": {"interface": [{"name": "eth2", "role": "uplink"}]}})"),
                AllOf(HasSubstr("eth2 role uplink\n"), HasSubstr("set switch port eth2 netdev device eth2\n")));
}

TEST(NodeStartup, AMistakeHasItsPlace) {
    const auto refused =
        startup_document("set gateway interface eth1 role internal\nset gateway interfaces eth1 role internal\n", kTwo);
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().path, HasSubstr("line 2"));
}

TEST(NodeStartup, ADeviceWhoseNameCannotNameAPortIsTold) {
    const auto refused = startup_document("", {{"a b", {}}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, HasSubstr("a b"));
}

}  // namespace
}  // namespace hairpin::node
