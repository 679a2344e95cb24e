#include "cli/output.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"

namespace hairpin::cli {
namespace {

using nlohmann::json;

const Command& command(std::string_view words) {
    for (const Command* row : command_table())
        if (row->words == words) return *row;
    throw std::invalid_argument(std::string{words});
}

std::string text(std::string_view words, const json& result) { return render(command(words), result, Form::text, {true, 0}); }

const json kSession = json::parse(R"({"id":17,"protocol":"tcp","state":"established",
    "original_source":"192.168.255.2:40000","original_destination":"203.0.113.80:80",
    "translated_source":"192.168.255.1:51234","translated_destination":"192.168.255.10:80","inbound":"lan","outbound":"lan",
    "firewall_rule":3,"dnat_rule":196613,"snat_rule":196612,"original_packets":6,"original_bytes":420,
    "reply_packets":4,"reply_bytes":1234,"idle_seconds":3,"expires_in_seconds":7437})");

TEST(Output, SessionsShowBothTuplesSideBySide) {
    EXPECT_EQ(
        text("show sessions", {{"rows", {kSession}}}),
        "ID  PROTO  STATE        ORIGINAL             TRANSLATED           INTERFACES  RULES        PACKETS   BYTES     IDLE\n"
        "17  tcp    established  192.168.255.2:40000  192.168.255.1:51234  in lan      dnat 196613        6   420 B       3s\n"
        "                        → 203.0.113.80:80    → 192.168.255.10:80  out lan     firewall 3         4  1.2 kB  of 2h4m\n"
        "                                                                              snat 196612\n");
}

TEST(Output, ASessionWithoutPortsSaysWhatItHasInstead) {
    json session = kSession;
    session["protocol"] = "gre";
    session["identifiers"] = "call 17, reply call 4";
    const std::string shown = text("show sessions", {{"rows", {session}}});
    EXPECT_THAT(shown, ::testing::HasSubstr("17  gre           established"));
    EXPECT_THAT(shown, ::testing::HasSubstr("\n    call 17 "));
    EXPECT_THAT(shown, ::testing::HasSubstr("\n    reply call 4 "));
}

TEST(Output, TheFirewallReadsLikeTheGuidesTable) {
    EXPECT_EQ(text("show firewall", json::parse(R"({"rows":[
        {"position":1,"id":2,"name":"LAN to Internet","type":"user","enabled":true,"source":"internal","destination":"external","service":"any",
         "action":"accept","hits":12,"bytes":3400,"last_hit_seconds_ago":5},
        {"position":2,"id":0,"name":"default","type":"default","enabled":true,"source":"any","destination":"any","service":"any",
         "action":"drop","hits":0,"bytes":0,"last_hit_seconds_ago":null}]})")),
              "#  ID  NAME             TYPE     ENABLED  SOURCE    DESTINATION  SERVICE  ACTION  HITS   BYTES  LAST HIT\n"
              "1   2  LAN to Internet  user     yes      internal  external     any      accept    12  3.4 kB    5s ago\n"
              "2   0  default          default  yes      any       any          any      drop       0     0 B     never\n");
}

TEST(Output, NatRulesReadLikeTheGuidesTable) {
    EXPECT_EQ(text("show nat rules", json::parse(R"({"rows":[
        {"id":196612,"action":"snat","applied_on":"lan","original":"192.168.255.0/24","translated":"192.168.255.1","protocol":"any",
         "enabled":true,"hits":3,"description":""},
        {"id":196613,"action":"dnat","applied_on":"lan","original":"203.0.113.80:80","translated":"192.168.255.10:80","protocol":"tcp",
         "enabled":false,"hits":3,"description":"hairpin"}]})")),
              "    ID  ACTION  APPLIED ON  ORIGINAL          TRANSLATED         PROTOCOL  ENABLED  HITS  DESCRIPTION\n"
              "196612  snat    lan         192.168.255.0/24  192.168.255.1      any       yes         3  -\n"
              "196613  dnat    lan         203.0.113.80:80   192.168.255.10:80  tcp       no          3  hairpin\n");
}

constexpr char kDrop[] =
    R"({"time":"2026-11-23T13:45:10.123456789Z","reason":"firewall-denied","port":"pc","interface":"lan","length":54,
    "packet":"tcp 192.168.255.7:1 > 203.0.113.80:80 S","bytes":"00"})";

TEST(Output, DropsShowTheirLastPacketAndWhatTheReasonMeans) {
    EXPECT_EQ(text("show drops", {{"rows",
                                   {{{"reason", "firewall-denied"},
                                     {"packets", 4},
                                     {"description", "a rule says so"},
                                     {"last_seconds_ago", 3},
                                     {"last", json::parse(kDrop)}}}}}),
              "REASON           PACKETS    LAST  CAME IN  LAST PACKET\n"
              "firewall-denied        4  3s ago  pc       tcp 192.168.255.7:1 > 203.0.113.80:80 S\n"
              "                                           (a rule says so)\n");
}

TEST(Output, RecentDropsAreALineEach) {
    json of_the_gateway = json::parse(kDrop), nobodys = of_the_gateway;
    of_the_gateway["port"] = nullptr;
    nobodys.update({{"port", nullptr}, {"interface", nullptr}, {"packet", nullptr}});
    EXPECT_EQ(text("show drops recent", {{"rows", {json::parse(kDrop), of_the_gateway, nobodys}}}),
              "TIME          REASON           CAME IN      PACKET\n"
              "13:45:10.123  firewall-denied  pc           tcp 192.168.255.7:1 > 203.0.113.80:80 S\n"
              "13:45:10.123  firewall-denied  gateway lan  tcp 192.168.255.7:1 > 203.0.113.80:80 S\n"
              "13:45:10.123  firewall-denied  -            (nobody had it in hand)\n");
}

TEST(Output, WhatNoTextCanBeMadeOfIsPrintedAsJson) {
    for (const json& strange : {json{{"cleared", "many"}}, json(7), json::array({1, 2}), json{{"cleared", json::array()}}}) {
        const std::string shown = text("clear sessions", strange);
        ASSERT_EQ(json::parse(shown)["schema"], "hairpin.clear-sessions/1") << shown;
    }
}

TEST(Output, NoControlCharacterReachesATerminal) {
    EXPECT_EQ(text("show version", json::parse(R"({"version":"1\u001b]0;x\u0007"})")).find_first_of("\x1b\a"), std::string::npos);
    const json event = json::parse(R"({"time":"\u001b[2J","event":"\u0007"})");
    EXPECT_EQ(render_event(command("monitor"), event, Form::text, {}).find_first_of("\x1b\a"), std::string::npos);
}

TEST(Output, ASessionThatLivesForEverIsPrinted) {
    json session = kSession;
    session["idle_seconds"] = session["expires_in_seconds"] = std::numeric_limits<std::int64_t>::max();
    EXPECT_NE(text("show sessions", {{"rows", json::array({session})}}), "");
}

TEST(Output, NothingIsSaidInWords) {
    EXPECT_EQ(text("show sessions", {{"rows", json::array()}}), "no sessions\n");
    EXPECT_EQ(text("show drops", {{"rows", json::array()}}), "no packet has been dropped\n");
}

TEST(Output, JsonHasASchemaAndExactNumbers) {
    const std::string shown = render(command("show sessions"), {{"rows", {kSession}}}, Form::json_document, {});
    EXPECT_EQ(json::parse(shown), (json{{"schema", "hairpin.sessions/1"}, {"rows", {kSession}}}));
    EXPECT_TRUE(shown.starts_with("{\n  \"schema\": \"hairpin.sessions/1\""));
    const json nothing = json::parse(render(command("show drops"), {{"rows", json::array()}}, Form::json_document, {}));
    EXPECT_EQ(nothing["rows"], json::array());
}

TEST(Output, OneRowIsATableToo) {
    EXPECT_EQ(text("port remove", json::parse(R"({"row":{"name":"pc","kind":"tap","segment":"lan","in_bytes":1000}})")),
              "NAME  KIND  SEGMENT   BYTES\n"
              "pc    tap   lan      1.0 kB\n");
}

TEST(Output, WhatWasDone) {
    EXPECT_EQ(text("clear sessions", {{"cleared", 1}}), "1 session cleared\n");
    EXPECT_EQ(text("clear sessions", {{"cleared", 0}}), "0 sessions cleared\n");
    EXPECT_EQ(text("load", json::parse(R"({"generation":4,"summary":["2 rules added"],"warnings":["x"]})")),
              "generation 4: 2 rules added\nwarning: x\n");
    EXPECT_EQ(text("show configuration", json::parse(R"({"config":{"a":1}})")), "{\n  \"a\": 1\n}\n");
}

TEST(Output, EventsAreLines) {
    json opened = kSession;
    opened["time"] = "2026-11-23T13:45:10.123456789Z";
    opened["event"] = "session_open";
    const Command& monitor = command("monitor");
    EXPECT_EQ(render_event(monitor, opened, Form::text, {true, 0}),
              "13:45:10.123  session_open   tcp 192.168.255.2:40000 → 203.0.113.80:80  as 192.168.255.1:51234 → 192.168.255.10:80"
              "  by dnat 196613, firewall 3, snat 196612");
    EXPECT_EQ(
        render_event(monitor, json::parse(R"({"time":"2026-11-23T13:45:10.5Z","event":"port_up","port":"pc"})"), Form::text, {}),
        "13:45:10.5Z  port_up        port pc");
    EXPECT_EQ(
        render_event(monitor, json::parse(R"({"time":"T1","event":"drop","description":"too old","packets":2,"reason":"ttl"})"),
                     Form::text, {}),
        "1  drop           packets 2  reason ttl  (too old)");
    EXPECT_EQ(json::parse(render_event(monitor, opened, Form::json_document, {})), opened);
}

// Of what an snat rule logs the destinations are not told.
TEST(Output, ARecordWithoutDestinationsHasItsSources) {
    json record = kSession;
    record.update({{"time", "2026-11-23T13:45:10.123Z"},
                   {"event", "rule_accept"},
                   {"dnat_rule", nullptr},
                   {"original_destination", nullptr},
                   {"translated_destination", nullptr}});
    EXPECT_EQ(render_event(command("monitor"), record, Form::text, {true, 0}),
              "13:45:10.123  rule_accept    tcp 192.168.255.2:40000  as 192.168.255.1:51234  by firewall 3, snat 196612");
}

TEST(Output, WhatARuleHasOfLogAndScheduleIsShownWhereOneHasIt) {
    json rows = json::parse(R"([{"id":2,"action":"accept"},{"id":3,"action":"drop"}])");
    EXPECT_EQ(text("show firewall", {{"rows", rows}}), "ID  ACTION\n 2  accept\n 3  drop\n");
    rows[0].update({{"schedule", "office"}, {"in_force", false}});
    rows[1]["log"] = true;
    EXPECT_EQ(text("show firewall", {{"rows", rows}}),
              "ID  ACTION  SCHEDULE  IN FORCE  LOG\n"
              " 2  accept  office    no        -\n"
              " 3  drop    -         -         yes\n");
}

TEST(Output, PacketsThatPassAreALineEach) {
    const auto line = [](const char* event) {
        return render_event(command("monitor traffic"), json::parse(event), Form::text, {});
    };
    EXPECT_EQ(
        line(
            R"({"time":"2026-11-23T13:45:10.123456789Z","event":"packet","direction":"in","packet":"arp who-has 1.2.3.4 tell 1.2.3.5"})"),
        "13:45:10.123  in   arp who-has 1.2.3.4 tell 1.2.3.5");
    EXPECT_EQ(line(R"({"event":"skipped","packets":1234})"), "... 1234 more not shown");
    EXPECT_EQ(line(R"({"event":"end","why":"count"})"), "");
    EXPECT_EQ(line(R"({"event":"end","why":"gone","text":"pc is gone"})"), "(pc is gone)");
}

TEST(Output, ALiveTraceReadsLikeATraceWithoutAReply) {
    const json event = json::parse(
        R"({"time":"2026-11-23T13:45:10.123456789Z","event":"trace","packet":"tcp 192.168.255.7:1 > 203.0.113.80:80 S",
        "in_interface":"lan","verdict":"dropped","drop_reason":"firewall-denied","out_interface":null,"next_hop":null,"out_port":null,
        "original":{"verdict":"dropped","steps":[{"stage":"session","text":"no session yet","rule":null}]},"reply":null,"stages":[]})");
    EXPECT_EQ(render_event(command("trace live"), event, Form::text, {}),
              "13:45:10.123  tcp 192.168.255.7:1 > 203.0.113.80:80 S  in lan\n"
              "The packet's way\n"
              "   1  session   no session yet\n"
              "  => dropped: firewall-denied\n\n");
}

TEST(Output, WhatARuleDoesBesidesStandsThereWhereOneDoesAny) {
    const json rows =
        json::parse(R"([{"id":2,"action":"accept","options":["timeout 60","syn-proxy"]},{"id":3,"action":"drop"}])");
    EXPECT_EQ(text("show firewall", {{"rows", rows}}),
              "ID  ACTION  OPTIONS\n"
              " 2  accept  timeout 60, syn-proxy\n"
              " 3  drop    -\n");
}

TEST(Output, ThatTheFirewallIsOffStandsBelowItsRules) {
    const json rows = json::parse(R"([{"id":2,"action":"accept"}])");
    for (const char* words : {"show firewall", "show nat rules"}) {
        EXPECT_EQ(text(words, {{"rows", rows}, {"enabled", true}}), text(words, {{"rows", rows}}));
        EXPECT_THAT(
            text(words, {{"rows", rows}, {"enabled", false}}),
            ::testing::EndsWith("firewall enabled is false: no rule is asked, everything passes and nothing is translated\n"));
    }
}

TEST(Output, AMappingThatRestsSaysHowMuchIsLeft) {
    const json rows =
        json::parse(R"([{"inside":"192.168.255.2:1","rests_seconds":114},{"inside":"192.168.255.2:2","rests_seconds":null}])");
    EXPECT_EQ(text("show nat mappings", {{"rows", rows}}),
              "INSIDE                RESTS\n"
              "192.168.255.2:1  1m54s left\n"
              "192.168.255.2:2           -\n");
}

TEST(Output, PoolsAndBlocksSayHowManyPacketsFoundNone) {
    EXPECT_EQ(text("show nat pools", {{"rows", json::array()}, {"exhausted", 0}}), "nothing has been translated yet\n");
    EXPECT_THAT(text("show nat pools", {{"rows", json::array()}, {"exhausted", 1}}),
                ::testing::HasSubstr("\n1 packet found no free port"));
    EXPECT_EQ(text("show nat port-blocks", {{"rows", json::array()}, {"refused", 2}}),
              "nobody has a block\n2 packets were refused from a host with as many ports as it may have (nat-quota)\n");
}

TEST(Output, ASessionOfAnAlgNamesItsMappingAndWhoHasAnnouncedIt) {
    json session = kSession;
    session.update({{"dnat_rule", 196609}, {"snat_rule", nullptr}, {"through_mapping", true}, {"related_to", 2}, {"alg", "ftp"}});
    const std::string shown = text("show sessions", {{"rows", {session}}});
    EXPECT_THAT(shown, ::testing::HasSubstr("  mapping 196609  "));
    EXPECT_THAT(shown, ::testing::HasSubstr("  of 2, ftp\n"));
    EXPECT_THAT(shown, ::testing::Not(::testing::HasSubstr("dnat")));
}

}  // namespace
}  // namespace hairpin::cli
