#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "config/candidate/candidate.h"
#include "config/candidate/words.h"
#include "runtime/connectivity/search.h"
#include "tests/runtime/guide.h"

namespace hairpin::runtime {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The gateway of topologies/hairpin, whose neighbours are known without ARP.
json lab_document() {
    std::ifstream file{std::string{HAIRPIN_TOPOLOGIES} + "/hairpin/configs/edge.json"};
    json document = json::parse(file);
    document["hairpin:switch"] = guide_document()["hairpin:switch"];
    struct Host {
        const char *port, *segment, *interface, *address, *mac;
    };
    for (const Host& host : {Host{"workstation", "lan", "lan", "192.168.255.2", "02:00:00:00:00:02"},
                             Host{"webserver", "lan", "lan", "192.168.255.10", "02:00:00:00:00:0a"},
                             Host{"internet", "wan", "uplink", "203.0.113.1", "02:00:00:00:00:01"}}) {
        document["hairpin:switch"]["static-station"].push_back(
            {{"segment", host.segment}, {"mac", host.mac}, {"port", host.port}});
        document["hairpin:gateway"]["neighbor"].push_back(
            {{"interface", host.interface}, {"address", host.address}, {"mac", host.mac}});
    }
    // What a dnat rule does for clients inside by itself would leave nothing to suggest.
    document["hairpin:gateway"]["nat"]["hairpin"] = "off";
    return document;
}

// A line that somebody types in the configuration mode: set, delete, or insert ENTRY before KEY.
void type(config::Candidate& candidate, const std::string& line) {
    std::vector<std::string> words;
    const auto tokens = config::tokenize(line);
    ASSERT_TRUE(tokens) << line;
    for (const auto& token : *tokens) words.push_back(token.text);
    const config::Words path = config::Words{words}.subspan(1);
    if (words[0] == "set") {
        ASSERT_TRUE(candidate.set(path)) << line;
    } else if (words[0] == "delete") {
        ASSERT_TRUE(candidate.remove(path)) << line;
    } else {
        ASSERT_EQ(words[0], "insert") << line;
        const auto before = static_cast<std::size_t>(std::find(path.begin(), path.end(), "before") - path.begin());
        ASSERT_TRUE(candidate.insert(path.first(before), true, path.subspan(before + 1))) << line;
    }
}

json after(const json& document, const std::vector<std::string>& lines) {
    auto candidate = *config::Candidate::from_json(document.dump());
    for (const std::string& line : lines) type(candidate, line);
    return json::parse(candidate.to_json());
}

struct Lab : GuideDaemon {
    // With what was typed in the configuration mode.
    explicit Lab(const std::vector<std::string>& typed = {}) : GuideDaemon(after(lab_document(), typed)) {}

    json test(const char* source, const char* destination, const char* protocol, int port = 0, const char* interface = nullptr) {
        json question{{"source", source}, {"destination", destination}, {"protocol", protocol}};
        if (port != 0) question["port"] = port;
        if (interface != nullptr) question["interface"] = interface;
        return ask("test.connectivity", question);
    }
    json hairpin() { return test("192.168.255.2", "203.0.113.80", "tcp", 80); }
};

std::vector<std::string> lines_of(const json& answer) {
    return answer["suggestion"].is_null() ? std::vector<std::string>{}
                                          : answer["suggestion"]["lines"].get<std::vector<std::string>>();
}
std::string sentence_of(const json& answer) { return answer.value("sentence", answer.dump()); }

std::string rules_of(const json& answer) {
    std::string text;
    for (const json& rule : answer["rules"])
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", rule["kind"].get<std::string>(), rule["id"].get<int>());
    return text;
}

// ---- It can ---------------------------------------------------------------------------------------------------------------------

TEST(Connectivity, TheHairpinOfTheGuide) {
    Lab lab;
    const json answer = lab.hairpin();
    EXPECT_EQ(answer["possible"], true);
    EXPECT_EQ(sentence_of(answer), "192.168.255.2 reaches 203.0.113.80 tcp 80, which is 192.168.255.10:80");
    EXPECT_EQ(rules_of(answer), "dnat 196613, firewall 3, snat 196612");
    EXPECT_EQ(answer["rules"][1]["name"], "Workstation to Web Server");
    EXPECT_EQ(answer["in_interface"], "lan");
    EXPECT_EQ(answer["out_interface"], "lan");
    EXPECT_EQ(answer["out_port"], "webserver");
    EXPECT_TRUE(answer["suggestion"].is_null());
    EXPECT_THAT(answer["remarks"], IsEmpty());
}

TEST(Connectivity, EverybodyInTheLabWhoMay) {
    Lab lab;
    EXPECT_EQ(rules_of(lab.test("198.51.100.10", "203.0.113.80", "tcp", 443)), "dnat 196611, firewall 4");
    const json ping = lab.test("192.168.255.10", "198.51.100.10", "icmp");
    EXPECT_EQ(sentence_of(ping), "192.168.255.10 reaches 198.51.100.10 icmp");
    EXPECT_EQ(rules_of(ping), "firewall 2, snat 196609");
    EXPECT_EQ(sentence_of(lab.test("192.168.255.2", "203.0.113.80", "icmp")),
              "192.168.255.2 reaches 203.0.113.80 icmp: the gateway itself answers");
}

TEST(Connectivity, NamesOfPortsStandForWhoIsBehindThem) {
    Lab lab;
    const json answer = lab.test("workstation", "203.0.113.80", "tcp", 80);
    EXPECT_EQ(answer["possible"], true);
    EXPECT_TRUE(answer["source"].get<std::string>().starts_with("192.168.255.2:"));
    EXPECT_EQ(lab.test("workstation", "internet", "udp", 53)["out_interface"], "uplink");
}

TEST(Connectivity, NeighborsNeedNoGateway) {
    Lab lab;
    const json answer = lab.test("workstation", "webserver", "tcp", 22);
    EXPECT_EQ(answer["possible"], true);
    EXPECT_EQ(sentence_of(answer),
              "192.168.255.2 and 192.168.255.10 are both in 192.168.255.0/24: the switch carries their packets");
}

TEST(Connectivity, WhatCannotBeSeenFromHereIsRemarked) {
    Lab lab{{"delete gateway neighbor lan 192.168.255.10"}};
    EXPECT_THAT(lab.hairpin()["remarks"], ElementsAre("192.168.255.10 has not answered ARP yet"));
    Lab open{{"set gateway firewall default-action accept"}};
    EXPECT_THAT(open.test("198.51.100.10", "192.168.255.10", "tcp", 80)["remarks"], IsEmpty());
    EXPECT_THAT(open.test("192.168.255.2", "203.0.113.80", "tcp", 80, "uplink")["remarks"][0],
                "the answer leaves by uplink, where the packet came in, though the route by lan leads to 192.168.255.2");
}

// ---- It cannot, and what would help ---------------------------------------------------------------------------------------------

// What is typed makes the same question possible, in a daemon of its own.
void expect_help(const std::vector<std::string>& broken, const json& question, const std::string& sentence,
                 const std::vector<std::string>& lines) {
    Lab lab{broken};
    const json answer = lab.ask("test.connectivity", question);
    ASSERT_EQ(answer.value("possible", true), false) << answer;
    EXPECT_EQ(sentence_of(answer), sentence);
    EXPECT_EQ(lines_of(answer), lines) << answer.dump(2);

    std::vector<std::string> mended = broken;
    mended.insert(mended.end(), lines.begin(), lines.end());
    Lab again{mended};
    EXPECT_EQ(again.ask("test.connectivity", question)["possible"], true);
}

json asks(const char* source, const char* destination, int port) {
    return {{"source", source}, {"destination", destination}, {"protocol", "tcp"}, {"port", port}};
}
const json kHairpin = asks("192.168.255.2", "203.0.113.80", 80);

TEST(Connectivity, AnotherWorkstationWantsARuleOfItsOwn) {
    expect_help({}, asks("192.168.255.7", "203.0.113.80", 80), "firewall rule 196608 \"default\" drops it",
                {"set gateway firewall rule 5 source address 192.168.255.7",
                 "set gateway firewall rule 5 destination address 203.0.113.80",
                 "set gateway firewall rule 5 service tcp port 80", "set gateway firewall rule 5 action accept"});
}

TEST(Connectivity, ARuleThatRefusesIsPassedByAnExactOneBeforeIt) {
    expect_help(
        {"set gateway firewall rule 9 action reject", "insert gateway firewall rule 9 before 3"}, kHairpin,
        "firewall rule 9 rejects it",
        {"set gateway firewall rule 10 source address 192.168.255.2",
         "set gateway firewall rule 10 destination address 203.0.113.80", "set gateway firewall rule 10 service tcp port 80",
         "set gateway firewall rule 10 action accept", "insert gateway firewall rule 10 before 9"});
}

TEST(Connectivity, ADisabledRuleIsEnabled) {
    expect_help({"set gateway firewall rule 3 enabled false"}, kHairpin, "firewall rule 196608 \"default\" drops it",
                {"set gateway firewall rule 3 enabled true"});
    expect_help({"set gateway firewall rule 3 enabled false", "set gateway firewall rule 9 action drop",
                 "insert gateway firewall rule 9 before 3"},
                kHairpin, "firewall rule 9 drops it",
                {"set gateway firewall rule 3 enabled true", "insert gateway firewall rule 3 before 9"});
}

TEST(Connectivity, RulesThatCompareTheServersOwnAddressGetIt) {
    expect_help({"set gateway firewall match-address translated"}, kHairpin, "firewall rule 196608 \"default\" drops it",
                {"set gateway firewall rule 5 source address 192.168.255.2",
                 "set gateway firewall rule 5 destination address 192.168.255.10",
                 "set gateway firewall rule 5 service tcp port 80", "set gateway firewall rule 5 action accept"});
}

const std::string kNobodyListens =
    "203.0.113.80 is the gateway's own address, on which nobody listens, and no dnat rule applied on lan sends 203.0.113.80 tcp "
    "80 "
    "on to a server";

TEST(Connectivity, TheMissingDnatIsThatOfTheUplink) {
    const std::vector<std::string> copied{
        "set gateway nat rule 65537 action dnat",       "set gateway nat rule 65537 applied-on lan",
        "set gateway nat rule 65537 protocol tcp",      "set gateway nat rule 65537 original-address 203.0.113.80",
        "set gateway nat rule 65537 original-port 80",  "set gateway nat rule 65537 translated-address 192.168.255.10",
        "set gateway nat rule 65537 translated-port 80"};
    expect_help({"delete gateway nat rule 196613"}, kHairpin, kNobodyListens, copied);
    expect_help({"set gateway nat rule 196613 original-port 8080"}, kHairpin, kNobodyListens, copied);
    // Also where the gateway's address is refused before it is known that nobody listens there.
    expect_help({"delete gateway nat rule 196613", "set gateway firewall rule 3 service tcp port 81",
                 "delete gateway firewall rule 3 service tcp port 80", "set gateway firewall rule 20 action accept",
                 "set gateway firewall rule 20 destination interface lan"},
                kHairpin, "firewall rule 196608 \"default\" drops it", copied);
}

TEST(Connectivity, ADisabledDnatIsEnabledAndOneInTheWayIsPassed) {
    expect_help({"set gateway nat rule 196613 enabled false"}, kHairpin, kNobodyListens,
                {"set gateway nat rule 196613 enabled true"});
    expect_help({"set gateway nat rule 65600 action no-dnat", "set gateway nat rule 65600 applied-on lan",
                 "insert gateway nat rule 65600 before 196609"},
                kHairpin, kNobodyListens, {"insert gateway nat rule 196613 before 65600"});
}

TEST(Connectivity, TheHairpinsOtherHalf) {
    const std::string past =
        "192.168.255.10 and 192.168.255.2 are both on lan, and no snat rule applied there hides who asks: the answer would go "
        "past the "
        "gateway, from an address that 192.168.255.2 has not asked";
    expect_help({"delete gateway nat rule 196612"}, kHairpin, past,
                {"set gateway nat rule 65537 action snat", "set gateway nat rule 65537 applied-on lan",
                 "set gateway nat rule 65537 original-address 192.168.255.0/24",
                 "set gateway nat rule 65537 translated-address interface"});
    expect_help({"set gateway nat rule 196612 enabled false"}, kHairpin, past, {"set gateway nat rule 196612 enabled true"});
    // A rule that says it shall not be hidden is passed for this client alone.
    expect_help({"delete gateway nat rule 196612", "set gateway nat rule 65600 action no-snat",
                 "set gateway nat rule 65600 applied-on lan"},
                kHairpin, past,
                {"set gateway nat rule 65601 action snat", "set gateway nat rule 65601 applied-on lan",
                 "set gateway nat rule 65601 original-address 192.168.255.2",
                 "set gateway nat rule 65601 translated-address interface", "insert gateway nat rule 65601 before 65600"});
}

TEST(Connectivity, APrivateAddressIsHiddenFromTheInternet) {
    expect_help({"delete gateway nat rule 196609"}, asks("192.168.255.2", "198.51.100.10", 80),
                "the packet leaves by uplink from 192.168.255.2, a private address to which nobody there knows the way back: no "
                "snat rule "
                "applied on uplink hides it",
                {"set gateway nat rule 65537 action snat", "set gateway nat rule 65537 applied-on uplink",
                 "set gateway nat rule 65537 original-address 192.168.255.0/24",
                 "set gateway nat rule 65537 translated-address interface"});
    expect_help({"set gateway nat rule 196609 translated-address 203.0.113.99"}, asks("192.168.255.2", "198.51.100.10", 80),
                "the packet leaves from 203.0.113.99, for which nobody answers ARP: no interface of the gateway has that address",
                {"set gateway nat rule 65537 action snat", "set gateway nat rule 65537 applied-on uplink",
                 "set gateway nat rule 65537 original-address 192.168.255.2",
                 "set gateway nat rule 65537 translated-address interface", "insert gateway nat rule 65537 before 196609"});
}

TEST(Connectivity, TheDefaultRouteByTheOnlyNeighborOfTheUplink) {
    const std::vector<std::string> route{"set gateway route 0.0.0.0/0 next-hop 203.0.113.1"};
    expect_help({"delete gateway route"}, asks("192.168.255.2", "198.51.100.10", 80), "no route leads to 198.51.100.10", route);
    expect_help({"delete gateway route"}, asks("198.51.100.10", "203.0.113.80", 80),
                "no route leads to 198.51.100.10, so by which interface it comes is not known", route);
    // Of two neighbours that which another route names.
    expect_help({"delete gateway route", "set gateway neighbor uplink 203.0.113.2 mac 02:00:00:00:00:22",
                 "set gateway route 198.51.100.0/25 next-hop 203.0.113.2"},
                asks("192.168.255.2", "198.51.100.200", 80), "no route leads to 198.51.100.200",
                {"set gateway route 0.0.0.0/0 next-hop 203.0.113.2"});
}

TEST(Connectivity, AFirewallThatIsOffTranslatesNothing) {
    expect_help({"set gateway firewall enabled false"}, kHairpin, kNobodyListens, {"set gateway firewall enabled true"});
}

TEST(Connectivity, APingOfTheGatewayThatNobodyMay) {
    Lab lab{{"set gateway icmp answer-echo none"}};
    const json answer = lab.test("192.168.255.7", "192.168.255.1", "icmp");
    EXPECT_EQ(sentence_of(answer), "firewall rule 196608 \"default\" drops it");
    EXPECT_THAT(lines_of(answer), ::testing::Contains("set gateway firewall rule 5 service icmp icmp-type 8"));
    EXPECT_EQ(answer["suggestion"]["sentence"], "192.168.255.7 reaches 192.168.255.1 icmp: the gateway itself answers");
}

TEST(Connectivity, SeveralSettingsWhereOneIsNotEnough) {
    const std::vector<std::string> broken{"delete gateway nat rule 196612", "delete gateway nat rule 196613"};
    Lab lab{broken};
    const json answer = lab.test("192.168.255.7", "203.0.113.80", "tcp", 80);
    EXPECT_EQ(answer["suggestion"]["settings"], 3) << answer.dump(2);
    std::vector<std::string> mended = broken;
    for (const std::string& line : lines_of(answer)) mended.push_back(line);
    Lab again{mended};
    EXPECT_EQ(again.test("192.168.255.7", "203.0.113.80", "tcp", 80)["possible"], true);
    EXPECT_EQ(again.hairpin()["possible"], true);  // the two halves are everybody's
}

// ---- Nothing helps --------------------------------------------------------------------------------------------------------------

TEST(Connectivity, WhatNobodyCanKnowIsNotGuessed) {
    Lab lab;
    const json ssh = lab.test("192.168.255.2", "203.0.113.80", "tcp", 22);
    EXPECT_TRUE(ssh["suggestion"].is_null());
    EXPECT_THAT(ssh["no_suggestion"].get<std::string>(),
                HasSubstr("no dnat rule of another interface says which server is meant"));
    const json far = lab.test("10.9.9.9", "203.0.113.80", "tcp", 80, "lan");
    EXPECT_EQ(far["possible"], false);
    const json self = lab.test("203.0.113.80", "198.51.100.10", "icmp");
    EXPECT_EQ(self["obstacle"], "client-is-gateway");
    EXPECT_EQ(self["no_suggestion"], "no setting makes the gateway a client");
    EXPECT_EQ(lab.test("192.168.255.2", "224.0.0.1", "udp", 5353)["drop_reason"], "martian-destination");

    Lab cut_off{{"delete gateway route", "delete gateway neighbor uplink 203.0.113.1"}};
    const json lost = cut_off.test("192.168.255.2", "198.51.100.10", "tcp", 80);
    EXPECT_THAT(lost["no_suggestion"].get<std::string>(), HasSubstr("which router leads there is not known"));
    Lab crowded{{"delete gateway route", "set gateway neighbor uplink 203.0.113.2 mac 02:00:00:00:00:22"}};
    EXPECT_TRUE(crowded.test("192.168.255.2", "198.51.100.10", "tcp", 80)["suggestion"].is_null());
}

TEST(Connectivity, ASearchEndsAtItsBounds) {
    Lab lab{{"delete gateway nat rule 196612", "delete gateway nat rule 196613"}};
    const auto question = *connectivity::read_question(lab.worker, asks("192.168.255.7", "203.0.113.80", 80));
    const auto verdict = *connectivity::judge(lab.worker, question);
    const auto document = *config::Candidate::from_json(lab.configuration.document().dump());
    const auto within = [&](const connectivity::Bounds& bounds) {
        const auto compile = [&](const std::string& text) { return lab.configuration.rules_of(text); };
        return search(lab.worker, question, verdict, document, compile, bounds);
    };
    const auto whole = within({});
    ASSERT_TRUE(whole.suggestion);
    EXPECT_EQ(whole.suggestion->settings.size(), 3U);
    for (const connectivity::Bounds& tight : {connectivity::Bounds{.settings = 2}, connectivity::Bounds{.tries = whole.tries - 1},
                                              connectivity::Bounds{.bytes = 1000}}) {
        const auto cut = within(tight);
        EXPECT_FALSE(cut.suggestion);
        EXPECT_THAT(cut.why_none, HasSubstr("the search ended after"));
        EXPECT_LT(cut.tries, whole.tries);
    }
}

// ---- Asking -----------------------------------------------------------------------------------------------------------------------

TEST(Connectivity, NamesTheParameterThatIsWrong) {
    Lab lab;
    const auto path_of = [&](const json& question) {
        return lab.answer("test.connectivity", question)["error"]["data"].value("path", "");
    };
    EXPECT_EQ(path_of(asks("workstatoin", "203.0.113.80", 80)), "source");
    EXPECT_EQ(path_of(asks("192.168.255.2:x", "203.0.113.80", 80)), "source");
    EXPECT_EQ(path_of(asks("192.168.255.2", "203.0.113", 80)), "destination");
    EXPECT_EQ(path_of(asks("192.168.255.2", "203.0.113.80", 0)), "port");
    json question = kHairpin;
    question["protocol"] = "gre";
    EXPECT_EQ(path_of(question), "protocol");
    question = kHairpin;
    question["interface"] = "wan";
    EXPECT_EQ(path_of(question), "interface");
    EXPECT_EQ(lab.answer("test.connectivity", asks("workstatoin", "203.0.113.80", 80))["error"]["message"],
              "\"workstatoin\" is neither an address, as 192.0.2.1, nor a port of the switch (did you mean workstation?)");
}

TEST(Connectivity, OfACandidateWhatItWouldBe) {
    Lab lab;
    json question = kHairpin;
    question["config"] = after(lab_document(), {"set gateway firewall rule 3 enabled false"});
    const json answer = lab.ask("test.connectivity", question);
    EXPECT_THAT(lines_of(answer), ElementsAre("set gateway firewall rule 3 enabled true"));
    EXPECT_EQ(lab.hairpin()["possible"], true);
}

TEST(Connectivity, AskingLeavesNothingBehind) {
    Lab lab{{"delete gateway nat rule 196613"}};
    const json counters = lab.ask("show.counters"), firewall = lab.ask("show.firewall"), configuration = lab.ask("config.get");
    lab.hairpin();
    EXPECT_EQ(lab.ask("show.counters"), counters);
    EXPECT_EQ(lab.ask("show.firewall"), firewall);
    EXPECT_EQ(lab.ask("config.get"), configuration);
}

}  // namespace
}  // namespace hairpin::runtime
