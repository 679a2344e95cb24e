#include "cli/connectivity_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/command_table.h"

namespace hairpin::cli {
namespace {

using nlohmann::json;

const json kYes = json::parse(R"({
    "possible":true,"sentence":"192.168.255.2 reaches 203.0.113.80 tcp 80, which is 192.168.255.10:80","obstacle":null,
    "in_interface":"lan","out_interface":"lan","next_hop":"192.168.255.10","out_port":"webserver","source":"192.168.255.2:40000",
    "destination":"203.0.113.80:80","translated_source":"192.168.255.1:51234","translated_destination":"192.168.255.10:80",
    "rules":[{"kind":"dnat","id":196613,"name":"Hairpin"},{"kind":"firewall","id":3,"name":""},{"kind":"snat","id":196612,"name":"Its other half"}],
    "remarks":["192.168.255.10 has not answered ARP yet"],"suggestion":null,"no_suggestion":null})");

TEST(ConnectivityText, YesNamesTheRulesAndTheAnswersWay) {
    EXPECT_EQ(render_connectivity(kYes, {true, 80}),
              "yes: 192.168.255.2 reaches 203.0.113.80 tcp 80, which is 192.168.255.10:80\n"
              "  in        lan\n"
              "  dnat      196613 \"Hairpin\"\n"
              "  firewall  3\n"
              "  snat      196612 \"Its other half\"\n"
              "  out       lan, to 192.168.255.10 at port webserver\n"
              "  answer    in lan, to 192.168.255.1; out lan, from 203.0.113.80\n"
              "  note      192.168.255.10 has not answered ARP yet\n");
    EXPECT_FALSE(is_no(kYes));
}

const json kNo = json::parse(R"({
    "possible":false,"sentence":"firewall rule 196608 \"default\" drops it","obstacle":"refused","in_interface":"lan",
    "out_interface":null,"rules":[{"kind":"firewall","id":196608,"name":"default"}],"remarks":[],"no_suggestion":null,
    "suggestion":{"settings":1,"sentence":"","remarks":[],"lines":["set gateway firewall rule 5 source address 192.168.255.7",
        "set gateway firewall rule 5 action accept"]}})");

TEST(ConnectivityText, NoEndsWithWhatIsToBeTyped) {
    EXPECT_EQ(render_connectivity(kNo, {true, 40}),
              "no: firewall rule 196608 \"default\" drops\n"
              "it\n"
              "  in        lan\n"
              "  firewall  196608 \"default\"\n"
              "This allows it, typed in the\n"
              "configuration mode and committed:\n"
              "  set gateway firewall rule 5 source address 192.168.255.7\n"
              "  set gateway firewall rule 5 action accept\n");
    EXPECT_TRUE(is_no(kNo));
}

TEST(ConnectivityText, SeveralSettingsAreSaidToBeSeveral) {
    json several = kNo;
    several["suggestion"]["settings"] = 2;
    EXPECT_NE(render_connectivity(several, {true, 0}).find("No single setting allows it. These 2 together do, typed in the"),
              std::string::npos);
}

TEST(ConnectivityText, WhereNothingHelpsItSaysWhy) {
    json hopeless = kNo;
    hopeless["suggestion"] = nullptr;
    hopeless["no_suggestion"] = "no setting makes the gateway a client";
    hopeless["in_interface"] = nullptr;
    EXPECT_EQ(render_connectivity(hopeless, {true, 0}),
              "no: firewall rule 196608 \"default\" drops it\n"
              "  firewall  196608 \"default\"\n"
              "Nothing to suggest: no setting makes the gateway a client\n");
}

TEST(ConnectivityText, TheCommandAsksForAServiceAndEndsByTheAnswer) {
    const std::vector<std::string> words{"test", "connectivity", "from", "workstation", "to", "203.0.113.80", "tcp", "80"};
    const auto typed = find_command(words);
    ASSERT_TRUE(typed);
    EXPECT_EQ(usage_of(*typed->command), "test connectivity from HOST to HOST tcp PORT|udp PORT|icmp [in INTERFACE]");
    EXPECT_EQ(*parameters_of(*typed->command, typed->arguments),
              json::parse(R"({"source":"workstation","destination":"203.0.113.80","protocol":"tcp","port":80})"));
    EXPECT_TRUE(typed->command->is_no(kNo));
}

}  // namespace
}  // namespace hairpin::cli
