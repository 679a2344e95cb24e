// What pages of the manual say of documents. The page of the configuration shows what is said when something is wrong: each line of it is
// produced here, and no other stands there. What the page of groups has people type is taken.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/candidate/candidate.h"
#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;

// The lines of the blocks that show refusals, whose first words are a path. A line that begins with none goes on with the one before.
std::vector<std::string> refusals_on_the_page() {
    std::ifstream page{HAIRPIN_DOCS "/configuration.md"};
    std::vector<std::string> shown;
    bool in_section = false, in_block = false, of_refusals = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) in_section = line == "## When something is wrong";
        if (!in_section) continue;
        if (line == "```") {
            in_block = !in_block;
            of_refusals = false;
        } else if (in_block && line.starts_with("/")) {
            of_refusals = true;
            shown.push_back(line);
        } else if (of_refusals) {
            shown.back() += " " + line;
        }
    }
    return shown;
}

// What is put where in the guide's lab, in the page's order. A place ending in /- is one more member of a list.
struct Mistake {
    const char* place;
    json value;
};
const Mistake kMistakes[] = {
    {"/hairpin:gateway/interface/1/adress", {"192.168.255.1/24"}},
    {"/switch", json::object()},
    {"/hairpin:gateway/interface", json::object()},
    {"/hairpin:switch/port/0", {{"name", "workstation"}, {"segment", "lan"}}},
    {"/hairpin:switch/port/0/memory", json::object()},
    {"/hairpin:gateway/firewall/rule/-", {{"id", 9}}},
    {"/hairpin:gateway/firewall/rule/-", {{"id", 3}, {"action", "accept"}}},

    {"/hairpin:gateway/nat/rule/1/original-port", 80},
    {"/hairpin:gateway/interface/1/mtu", "1500"},
    {"/hairpin:gateway/interface/1/mtu", 100},
    {"/hairpin:gateway/nat/rule/1/id", 5},
    {"/hairpin:gateway/nat/rule/0/applied-on", "wan"},
    {"/hairpin:switch/port/0/segment", "dmz"},
    {"/hairpin:gateway/nat/rule/1/translated-address", "224.1.1.1"},

    {"/hairpin:gateway/interface/1/address/0", "203.0.113.1/28"},
    {"/hairpin:gateway/route/0/next-hop", "10.0.0.1"},
    {"/hairpin:gateway/nat/rule/1/protocol", "any"},
    {"/hairpin:gateway/nat/rule/1", {{"id", 196610}, {"action", "dnat"}, {"original-address", "203.0.113.80"}}},
    {"/hairpin:gateway/nat/rule/1/translated-address", "192.168.255.10-192.168.255.11"},
    {"/hairpin:gateway/nat/rule/0/action", "no-snat"},
    {"/hairpin:switch/port/0/vlan", {{"trunk", {10, 20}}, {"native", 10}}},
};

TEST(PageOfTheConfiguration, ShowsRefusalsAsTheyRead) {
    std::vector<std::string> said;
    for (const Mistake& mistake : kMistakes) {
        json document = guide_lab();
        document[json::json_pointer{mistake.place}] = mistake.value;
        const auto result = compiled(document);
        ASSERT_FALSE(result) << mistake.place;
        said.push_back(result.error().path + ": " + result.error().message);
    }
    EXPECT_THAT(refusals_on_the_page(), testing::ElementsAreArray(said));
}

TEST(PageOfTheConfiguration, ShowsWhatIsNoJson) {
    const auto result = compiled(std::string{R"({
  "hairpin:gateway": {
    "interface": [
      {"name": "lan", "segment": "lan" "mtu": 1500}
    ]
  }
})"});
    ASSERT_FALSE(result);
    std::ifstream page{HAIRPIN_DOCS "/configuration.md"};
    const std::string text{std::istreambuf_iterator<char>{page}, {}};
    EXPECT_THAT(text, testing::HasSubstr("\n" + result.error().message + "\n"));
}

// Typed on a gateway that has the interfaces of the lab dmz.
TEST(PageOfGroups, IsTakenAsItStands) {
    std::ifstream page{HAIRPIN_DOCS "/groups.md"};
    std::string typed;
    for (std::string line; std::getline(page, line);)
        if (line.starts_with("set gateway ")) typed += line + "\n";
    ASSERT_THAT(typed, testing::HasSubstr("set gateway nat rule 65540 translated-address outside\n"));
    json document = guide_lab();
    document["hairpin:switch"]["segment"].push_back({{"name", "dmz"}});
    document["hairpin:gateway"]["interface"].push_back({{"name", "dmz"}, {"segment", "dmz"}, {"address", {"192.168.20.1/24"}}});
    auto candidate = Candidate::from_json(document.dump());
    ASSERT_TRUE(candidate);
    const auto loaded = candidate->load(typed, Candidate::Load::merge);
    ASSERT_TRUE(loaded) << loaded.error().path << ": " << loaded.error().message;
    const auto taken = compiled(candidate->to_json());
    ASSERT_TRUE(taken) << taken.error().path << ": " << taken.error().message;
    EXPECT_THAT(taken->warnings, testing::IsEmpty());
}

}  // namespace
}  // namespace hairpin::config
