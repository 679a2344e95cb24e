#include "cli/stages_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/stages_drawing.h"

namespace hairpin::cli {
namespace {

using nlohmann::json;

const json kStages = json::parse(R"([
    {"number":1,"title":"the client sends","source":"192.168.255.2:40000","destination":"203.0.113.80:80","interface":"lan","direction":"in","rules":[]},
    {"number":2,"title":"the gateway translates and sends on","source":"192.168.255.1:51234","destination":"192.168.255.10:80","interface":"lan",
     "direction":"out","rules":[196613,3,196612]},
    {"number":3,"title":"the server answers","source":"192.168.255.10:80","destination":"192.168.255.1:51234","interface":"lan","direction":"in","rules":[]},
    {"number":4,"title":"the gateway restores the addresses","source":"203.0.113.80:80","destination":"192.168.255.2:40000","interface":"lan",
     "direction":"out","rules":[]}])");
const json kRules = json::parse(R"({"firewall_rule":3,"dnat_rule":196613,"snat_rule":196612})");

TEST(StagesText, InAFileALineAStageAndThenTheDrawing) {
    EXPECT_EQ(render_stages(kStages, kRules, {true, 0}),
              "  stage 1  192.168.255.2:40000 → 203.0.113.80:80      in  lan  the client sends\n"
              "  stage 2  192.168.255.1:51234 → 192.168.255.10:80    out lan  dnat 196613, firewall 3, snat 196612\n"
              "  stage 3  192.168.255.10:80   → 192.168.255.1:51234  in  lan  the server answers\n"
              "  stage 4  203.0.113.80:80     → 192.168.255.2:40000  out lan  the gateway restores the addresses\n"
              "\n" +
                  draw_stages(kStages, kRules, {true, 0}));
}

TEST(StagesText, AtATerminalTheDrawing) {
    EXPECT_EQ(render_stages(kStages, kRules, {true, 80}), draw_stages(kStages, kRules, {true, 80}));
    EXPECT_NE(draw_stages(kStages, kRules, {true, 80}), "");
}

TEST(StagesText, TwoLinesAStageWhereTheRulesDoNotFit) {
    EXPECT_EQ(render_stages(json::array({kStages[1]}), kRules, {false, 64}),
              "  stage 2  192.168.255.1:51234 -> 192.168.255.10:80  out lan\n"
              "           dnat 196613, firewall 3, snat 196612\n");
}

TEST(StagesText, InStillFewerColumnsTheInterfaceStandsBelowAsWell) {
    EXPECT_EQ(render_stages(kStages, kRules, {false, 50}),
              "  stage 1  192.168.255.2:40000 -> 203.0.113.80:80\n"
              "           in lan, the client sends\n"
              "  stage 2  192.168.255.1:51234 -> 192.168.255.10:80\n"
              "           out lan, dnat 196613, firewall 3, snat\n"
              "           196612\n"
              "  stage 3  192.168.255.10:80   -> 192.168.255.1:51234\n"
              "           in lan, the server answers\n"
              "  stage 4  203.0.113.80:80     -> 192.168.255.2:40000\n"
              "           out lan, the gateway restores the\n"
              "           addresses\n");
}

TEST(StagesText, ARuleThatNobodyNamesIsARule) {
    const json stages = json::parse(
        R"([{"number":1,"title":"t","source":"a","destination":"b","interface":"lan","direction":"in","rules":[7]}])");
    EXPECT_EQ(render_stages(stages, json::object(), {true, 0}), "  stage 1  a → b  in  lan  rule 7\n");
}

}  // namespace
}  // namespace hairpin::cli
