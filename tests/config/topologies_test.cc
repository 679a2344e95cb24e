// The gateways of the topologies that we ship mean what they say: nothing in them can never match, is translated in vain or lacks its
// other half. port-forward shows on purpose a translation that no firewall rule lets through.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "gateway/analysis/analysis.h"
#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;

// With the segments that the lab's links would make.
json document_of(const std::string& topology) {
    std::ifstream file{std::string{HAIRPIN_TOPOLOGIES} + "/" + topology + "/configs/edge.json"};
    json document = json::parse(file);
    std::set<std::string> segments;
    for (const json& interface : document["hairpin:gateway"]["interface"]) segments.insert(interface["segment"]);
    for (const std::string& name : segments) document["hairpin:switch"]["segment"].push_back({{"name", name}});
    return document;
}

std::vector<std::string> findings_of(const std::string& topology) {
    std::vector<std::string> found;
    for (const gateway::Finding& finding : gateway::analyse(*good(document_of(topology)).ruleset))
        found.push_back(std::string{finding.kind} + " " + std::to_string(finding.rule));
    return found;
}

TEST(Topologies, MeanWhatTheySay) {
    const std::map<std::string, std::vector<std::string>> on_purpose = {
        {"hairpin-modes", {"half-hairpin 65541"}},
        {"overlapping-subnets", {"address-not-owned 65537", "address-not-owned 65538"}},
        {"port-forward", {"nat-without-firewall 196611"}},
    };
    std::size_t seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator{HAIRPIN_TOPOLOGIES}) {
        if (!entry.is_directory()) continue;
        ++seen;
        const std::string name = entry.path().filename();
        const auto meant = on_purpose.find(name);
        EXPECT_EQ(findings_of(name), meant == on_purpose.end() ? std::vector<std::string>{} : meant->second) << name;
    }
    EXPECT_GE(seen, 5U);
}

TEST(Topologies, WithTheOtherHalfTakenAwayTheHairpinIsMissed) {
    json document = document_of("hairpin");
    for (json& rule : document["hairpin:gateway"]["nat"]["rule"])
        if (rule["id"] == 196612) rule["enabled"] = false;
    document["hairpin:gateway"]["nat"]["hairpin"] = "off";  // by which a dnat rule would hide its clients itself
    const auto found = gateway::analyse(*good(document).ruleset);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].kind, "half-hairpin");
    EXPECT_EQ(
        found[0].text,
        "NAT rule 196613 \"Hairpin: LAN to Web Server, http\" sends packets from \"lan\" back to \"lan\", but no snat rule there "
        "hides who sent them: the answers would go past the gateway and be refused");
}

TEST(Topologies, ARuleBehindAnotherIsNamedAsPeopleWroteIt) {
    json document = document_of("hairpin");
    document["hairpin:gateway"]["firewall"]["rule"].push_back({{"id", 7},
                                                               {"name", "web"},
                                                               {"source", {{"interface", {"lan"}}}},
                                                               {"destination", {{"address", {"8.8.8.0/24"}}}},
                                                               {"action", "drop"}});
    const auto found = gateway::analyse(*good(document).ruleset);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].text, "firewall rule 7 \"web\" can never match: rule 2 \"LAN to Internet\" takes everything it would");
}

// A group without members stands for nobody.
TEST(Topologies, ARuleForAGroupWithoutMembersNeverMatches) {
    json document = document_of("hairpin");
    document["hairpin:gateway"]["interface"][1]["role"] = "uplink";
    const auto found = gateway::analyse(*good(document).ruleset);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].text, "firewall rule 2 \"LAN to Internet\" can never match: its source is nobody");
}

}  // namespace
}  // namespace hairpin::config
