#include "cli/trace_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/stages_drawing.h"

namespace hairpin::cli {
namespace {

using nlohmann::json;

const json kHairpinTrace = json::parse(R"({
    "verdict":"forwarded","drop_reason":null,"firewall_rule":3,"dnat_rule":196613,"snat_rule":196612,
    "translated_source":"192.168.255.1:51234","translated_destination":"192.168.255.10:80",
    "out_interface":"lan","out_port":"webserver","next_hop":"192.168.255.10",
    "original":{"verdict":"forwarded","steps":[
        {"stage":"receive","text":"tcp 192.168.255.2:40000 -> 203.0.113.80:80 in lan","rule":null},
        {"stage":"dnat","text":"rule 196613 applied on lan: dnat 203.0.113.80:80 to 192.168.255.10:80","rule":196613,
         "before":"tcp 192.168.255.2:40000 -> 203.0.113.80:80","after":"tcp 192.168.255.2:40000 -> 192.168.255.10:80"},
        {"stage":"route","text":"192.168.255.0/24 by lan, connected","rule":null},
        {"stage":"firewall","text":"rule 3 \"Workstation to Web Server\": accept","rule":3},
        {"stage":"rewrite","text":"becomes tcp 192.168.255.1:51234 -> 192.168.255.10:80","rule":null,
         "before":"tcp 192.168.255.2:40000 -> 203.0.113.80:80","after":"tcp 192.168.255.1:51234 -> 192.168.255.10:80"},
        {"stage":"transmit","text":"out lan","rule":null}]},
    "reply":{"verdict":"forwarded","drop_reason":null,"steps":[
        {"stage":"receive","text":"tcp 192.168.255.10:80 -> 192.168.255.1:51234 in lan","rule":null},
        {"stage":"rewrite","text":"becomes tcp 203.0.113.80:80 -> 192.168.255.2:40000","rule":null}]},
    "stages":[
        {"number":1,"title":"the client sends","source":"192.168.255.2:40000","destination":"203.0.113.80:80","interface":"lan","direction":"in","rules":[]},
        {"number":2,"title":"on","source":"192.168.255.1:51234","destination":"192.168.255.10:80","interface":"lan","direction":"out",
         "rules":[196613,3,196612]},
        {"number":3,"title":"back","source":"192.168.255.10:80","destination":"192.168.255.1:51234","interface":"lan","direction":"in","rules":[]},
        {"number":4,"title":"home","source":"203.0.113.80:80","destination":"192.168.255.2:40000","interface":"lan","direction":"out","rules":[]}]})");

TEST(TraceText, TheHairpinAt80Columns) {
    EXPECT_EQ(render_trace(kHairpinTrace, {true, 80}),
              "The packet's way\n"
              "   1  receive   tcp 192.168.255.2:40000 → 203.0.113.80:80 in lan\n"
              "   2  dnat      rule 196613 applied on lan: dnat 203.0.113.80:80 to\n"
              "                192.168.255.10:80\n"
              "                destination 203.0.113.80:80 → 192.168.255.10:80\n"
              "   3  route     192.168.255.0/24 by lan, connected\n"
              "   4  firewall  rule 3 \"Workstation to Web Server\": accept\n"
              "   5  rewrite   becomes tcp 192.168.255.1:51234 → 192.168.255.10:80\n"
              "                source      192.168.255.2:40000 → 192.168.255.1:51234\n"
              "                destination 203.0.113.80:80 → 192.168.255.10:80\n"
              "   6  transmit  out lan\n"
              "  => forwarded, out lan to 192.168.255.10 at port webserver\n"
              "\n"
              "The reply's way\n"
              "   1  receive   tcp 192.168.255.10:80 → 192.168.255.1:51234 in lan\n"
              "   2  rewrite   becomes tcp 203.0.113.80:80 → 192.168.255.2:40000\n"
              "  => forwarded\n"
              "\n"
              "The four stages\n" +
                  draw_stages(kHairpinTrace["stages"], kHairpinTrace, {true, 80}));
}

TEST(TraceText, ADropEndsWithItsReasonAndHasNoReply) {
    const json dropped =
        json::parse(R"({"verdict":"dropped","drop_reason":"firewall-denied","firewall_rule":0,"dnat_rule":null,"snat_rule":null,
        "out_interface":null,"out_port":null,"next_hop":null,"reply":null,"stages":[],
        "original":{"verdict":"dropped","steps":[
            {"stage":"receive","text":"udp 198.51.100.10:1 -> 203.0.113.80:53 in uplink","rule":null},
            {"stage":"firewall","text":"rule 0 \"default\": drop","rule":0},
            {"stage":"drop","text":"a firewall rule denies it","rule":null,"drop_reason":"firewall-denied"}]}})");
    EXPECT_EQ(render_trace(dropped, {false, 0}),
              "The packet's way\n"
              "   1  receive   udp 198.51.100.10:1 -> 203.0.113.80:53 in uplink\n"
              "   2  firewall  rule 0 \"default\": drop\n"
              "   3  drop      a firewall rule denies it\n"
              "  => dropped: firewall-denied\n");
}

TEST(TraceText, AnEmptyAnswerIsNoCrash) { EXPECT_EQ(render_trace(json::object(), {}), "The packet's way\n  => \n"); }

}  // namespace
}  // namespace hairpin::cli
