#include "cli/stages_drawing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

namespace hairpin::cli {
namespace {

using nlohmann::json;

struct Packet {
    const char *source, *destination, *interface;
};
json stages_of(Packet first, Packet second, json rules) {
    const auto stage = [](int number, const char* source, const char* destination, const char* interface, const json& acted) {
        return json{
            {"number", number}, {"source", source}, {"destination", destination}, {"interface", interface}, {"rules", acted}};
    };
    return json::array({stage(1, first.source, first.destination, first.interface, json::array()),
                        stage(2, second.source, second.destination, second.interface, rules),
                        stage(3, second.destination, second.source, second.interface, json::array()),
                        stage(4, first.destination, first.source, first.interface, json::array())});
}

const json kHairpinStages = stages_of({"192.168.255.2:40000", "203.0.113.80:80", "lan"},
                                      {"192.168.255.1:51234", "192.168.255.10:80", "lan"}, {196613, 3, 196612});
const json kHairpinRules = json::parse(R"({"firewall_rule":3,"dnat_rule":196613,"snat_rule":196612})");

std::size_t widest_line(const std::string& text) {
    std::istringstream stream{text};
    std::size_t widest = 0;
    for (std::string line; std::getline(stream, line);) widest = std::max(widest, columns_of(line));
    return widest;
}

TEST(StagesDrawing, TheHairpin) {
    const std::string drawing =
        "  client                 gateway               server\n"
        "  192.168.255.2         lan │ lan      192.168.255.10\n"
        "  │ 192.168.255.2:40000     │                       │\n"
        "  │ → 203.0.113.80:80       │                       │\n"
        "  ├────────── 1 ───────────►│                       │\n"
        "  │             dnat 196613 │                       │\n"
        "  │              firewall 3 │                       │\n"
        "  │             snat 196612 │                       │\n"
        "  │                         │ 192.168.255.1:51234 * │\n"
        "  │                         │ → 192.168.255.10:80 * │\n"
        "  │                         ├───────── 2 ──────────►│\n"
        "  │                         │ 192.168.255.10:80     │\n"
        "  │                         │ → 192.168.255.1:51234 │\n"
        "  │                         │◄───────── 3 ──────────┤\n"
        "  │ 203.0.113.80:80 *       │                       │\n"
        "  │ → 192.168.255.2:40000 * │                       │\n"
        "  │◄────────── 4 ───────────┤                       │\n"
        "  * changed by the gateway\n";
    for (const std::size_t width : {0U, 60U, 80U, 200U})
        EXPECT_EQ(draw_stages(kHairpinStages, kHairpinRules, {true, width}), drawing);
}

// A dnat rule that hides the clients of its hairpin itself acts twice.
TEST(StagesDrawing, ARuleThatActsTwiceIsNamedForBoth) {
    json stages = kHairpinStages;
    stages[1]["rules"] = {196613, 3, 196613};
    const json rules = {{"firewall_rule", 3}, {"dnat_rule", 196613}, {"snat_rule", 196613}};
    const std::string drawing = draw_stages(stages, rules, {true, 80});
    EXPECT_LT(drawing.find(" dnat 196613 │"), drawing.find(" firewall 3 │"));
    EXPECT_LT(drawing.find(" firewall 3 │"), drawing.find(" snat 196613 │"));
    EXPECT_NE(drawing.find(" snat 196613 │"), std::string::npos);
}

TEST(StagesDrawing, TheHairpinInAscii) {
    EXPECT_EQ(draw_stages(kHairpinStages, kHairpinRules, {false, 80}),
              "  client                  gateway                server\n"
              "  192.168.255.2          lan | lan       192.168.255.10\n"
              "  | 192.168.255.2:40000      |                        |\n"
              "  | -> 203.0.113.80:80       |                        |\n"
              "  |----------- 1 ----------->|                        |\n"
              "  |              dnat 196613 |                        |\n"
              "  |               firewall 3 |                        |\n"
              "  |              snat 196612 |                        |\n"
              "  |                          | 192.168.255.1:51234 *  |\n"
              "  |                          | -> 192.168.255.10:80 * |\n"
              "  |                          |---------- 2 ---------->|\n"
              "  |                          | 192.168.255.10:80      |\n"
              "  |                          | -> 192.168.255.1:51234 |\n"
              "  |                          |<---------- 3 ----------|\n"
              "  | 203.0.113.80:80 *        |                        |\n"
              "  | -> 192.168.255.2:40000 * |                        |\n"
              "  |<----------- 4 -----------|                        |\n"
              "  * changed by the gateway\n");
}

TEST(StagesDrawing, APathOnWhichNothingIsTranslatedHasNoMarks) {
    const json routed =
        stages_of({"10.0.0.2:40000", "10.1.0.3:22", "office"}, {"10.0.0.2:40000", "10.1.0.3:22", "servers"}, json::array({7}));
    EXPECT_EQ(draw_stages(routed, {{"firewall_rule", 7}}, {true, 80}),
              "  client          gateway          server\n"
              "  10.0.0.2    office │ servers   10.1.0.3\n"
              "  │ 10.0.0.2:40000   │                  │\n"
              "  │ → 10.1.0.3:22    │                  │\n"
              "  ├─────── 1 ───────►│                  │\n"
              "  │       firewall 7 │                  │\n"
              "  │                  │ 10.0.0.2:40000   │\n"
              "  │                  │ → 10.1.0.3:22    │\n"
              "  │                  ├─────── 2 ───────►│\n"
              "  │                  │ 10.1.0.3:22      │\n"
              "  │                  │ → 10.0.0.2:40000 │\n"
              "  │                  │◄─────── 3 ───────┤\n"
              "  │ 10.1.0.3:22      │                  │\n"
              "  │ → 10.0.0.2:40000 │                  │\n"
              "  │◄─────── 4 ───────┤                  │\n");
}

TEST(StagesDrawing, FitsInto60ColumnsWhateverTheAddressesAre) {
    const json longest = stages_of({"255.255.255.251:65531", "255.255.255.252:65532", "a-name-as-long-as-a-name-may-be"},
                                   {"255.255.255.253:65533", "255.255.255.254:65534", "another-name-as-long-as-may-be"},
                                   {4294967295, 65536, 4294967294});
    const json rules{{"dnat_rule", 4294967295}, {"firewall_rule", 65536}, {"snat_rule", 4294967294}};
    const std::string at_60 = draw_stages(longest, rules, {true, 60});
    EXPECT_EQ(widest_line(at_60), 59U) << at_60;
    EXPECT_EQ(at_60.find("a-name"), std::string::npos);
    EXPECT_NE(draw_stages(longest, rules, {true, 0}).find("a-name-as-long-as-a-name-may-be │ another-name-"), std::string::npos);
}

TEST(StagesDrawing, WithoutRoomOrStagesThereIsNone) {
    EXPECT_EQ(draw_stages(kHairpinStages, kHairpinRules, {true, 40}), "");
    EXPECT_EQ(draw_stages(json::array({kHairpinStages[0]}), kHairpinRules, {true, 80}), "");
    EXPECT_EQ(draw_stages(json(), json(), {true, 80}), "");
}

TEST(StagesDrawing, AForgedNameDrawsNothing) {
    json forged = kHairpinStages;
    forged[0]["interface"] = "\x1b[2J";
    EXPECT_EQ(draw_stages(forged, kHairpinRules, {true, 80}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace hairpin::cli
