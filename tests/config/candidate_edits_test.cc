// Words that change a candidate, and what is said where they do not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "candidate_lab.h"

namespace hairpin::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRules = R"(set gateway firewall rule 1 action accept
set gateway firewall rule 2 action drop
set gateway firewall rule 3 action reject
)";

std::string set_outcome(std::string_view line) {
    Candidate candidate = guide_candidate();
    const std::string before = candidate.to_json();
    const std::string result = outcome(candidate.set(words(line)));
    EXPECT_TRUE(result == "done" || candidate.to_json() == before) << line;
    return result;
}

TEST(CandidateSet, MakesWhatIsOnTheWay) {
    Candidate candidate;
    set(candidate, "gateway firewall rule 3 service tcp port 443");
    EXPECT_EQ(candidate.as_set(), "set gateway firewall rule 3 service tcp port 443\n");
    set(candidate, "gateway firewall rule 3 service tcp port 80");
    set(candidate, "gateway firewall rule 3 service tcp port 443");  // it is there
    set(candidate, "gateway firewall rule 3 action accept");
    set(candidate, "gateway firewall rule 3 action drop");  // another value
    EXPECT_EQ(candidate.as_set(),
              "set gateway firewall rule 3 service tcp port 443\nset gateway firewall rule 3 service tcp port 80\n"
              "set gateway firewall rule 3 action drop\n");
}

TEST(CandidateSet, TakesSeveralValuesAtOnce) {
    Candidate candidate;
    set(candidate, "gateway interface lan address [ 10.0.0.1/24 10.0.1.1/24 ]");
    set(candidate, "gateway interface lan address 10.0.2.1/24 10.0.3.1/24");
    EXPECT_EQ(candidate.as_text(words("gateway interface lan")),
              "address [ 10.0.0.1/24 10.0.1.1/24 10.0.2.1/24 10.0.3.1/24 ];\n");
}

TEST(CandidateSet, OneAlternativeOfAChoiceRemovesTheOthers) {
    Candidate candidate;
    set(candidate, "switch port web tap device eth0");
    set(candidate, "switch port web memory");
    EXPECT_EQ(candidate.as_set(), "set switch port web memory\n");
    set(candidate, "switch port web vlan trunk [ 1 2 ]");
    set(candidate, "switch port web vlan native 3");  // of the same alternative
    set(candidate, "switch port web memory mtu 1500");
    EXPECT_TRUE(candidate.exists(words("switch port web vlan trunk 2")));
    set(candidate, "switch port web vlan access 7");
    EXPECT_EQ(candidate.as_set(), "set switch port web vlan access 7\nset switch port web memory mtu 1500\n");
}

TEST(CandidateSet, NamesMayBeAbbreviatedWhileUnambiguous) {
    Candidate candidate;
    set(candidate, "g f r 3 act acc");
    set(candidate, "g f r 3 sou neg t");
    EXPECT_EQ(candidate.as_set(), "set gateway firewall rule 3 source negate true\nset gateway firewall rule 3 action accept\n");
    EXPECT_EQ(set_outcome("g se c 4096"), "done");
    EXPECT_EQ(set_outcome("g g a servers a 192.0.2.1"), "done");
    EXPECT_EQ(set_outcome("switch s x"), "1: \"s\" is ambiguous: segment, system-name or static-station");
    EXPECT_EQ(set_outcome("switch port workstation tap device eth0"), "done");
    EXPECT_EQ(set_outcome("gateway interface lan m 1500"), "3: \"m\" is ambiguous: mac or mtu");
    EXPECT_EQ(set_outcome("gateway firewall rule 3 service tcp port 8080"), "done");  // exact, though others begin so
    EXPECT_EQ(set_outcome("gateway icmp answer-echo no"), "done");
    EXPECT_EQ(set_outcome("gateway nat rule 65537 action no"), "5: \"no\" is ambiguous: no-snat or no-dnat");
    EXPECT_EQ(set_outcome("gateway interface la mtu 1500"), "done");  // a key is no abbreviation: this is another interface
}

TEST(CandidateSet, SaysWhichWordIsWrong) {
    EXPECT_EQ(set_outcome("gatewy"), "0: there is no \"gatewy\" at the top");
    EXPECT_EQ(set_outcome("gateway nat rules 3"), "2: there is no \"rules\" in nat");
    EXPECT_EQ(set_outcome("gateway firewall rule 70000 action drop"),
              "3: \"70000\" will not do: wants 1 to 65536 or 131075 to 196607");
    EXPECT_EQ(set_outcome("gateway firewall rule 3 action destroy"), "5: \"destroy\" will not do: wants accept, drop or reject");
    EXPECT_EQ(set_outcome("gateway interface lan mtu 12"), "4: \"12\" will not do: wants 576 to 9216 bytes");
    EXPECT_EQ(set_outcome("gateway interface lan mtu 1500 1"), "5: nothing may follow the value of mtu");
    EXPECT_EQ(set_outcome("gateway interface any role uplink").substr(0, 28), "2: \"any\" will not do: wants ");
    EXPECT_EQ(set_outcome("gateway firewall rule 3 source address 10.0.0.300").substr(0, 26), "6: \"10.0.0.300\" will not d");
    EXPECT_EQ(set_outcome("gateway interface lan address [ 10.0.0.1/24 ] x"), "7: nothing may follow ]");
    EXPECT_EQ(set_outcome("gateway interface lan address [ ]"), "5: address wants a value");
}

TEST(CandidateSet, SaysWhatIsMissing) {
    EXPECT_EQ(set_outcome(""), "0: a path is missing");
    EXPECT_EQ(set_outcome("gateway firewall"), "2: firewall wants to be followed by a setting");
    EXPECT_EQ(set_outcome("gateway firewall rule"), "3: rule wants its id");
    EXPECT_EQ(set_outcome("switch static-station lan"), "3: static-station wants its mac");
    EXPECT_EQ(set_outcome("gateway interface lan mtu"), "4: mtu wants a value");
    EXPECT_EQ(set_outcome("gateway interface lan address [ 10.0.0.1/24"), "6: ] is missing");
}

TEST(CandidateSet, AnErrorTellsWhatIsExpected) {
    Candidate candidate;
    const auto done = candidate.set(words("gateway firewall rule 3 action x"));
    ASSERT_FALSE(done);
    std::vector<std::string> expected;
    for (const Expected& one : done.error().expected) expected.push_back(one.word);
    EXPECT_THAT(expected, ElementsAre("accept", "drop", "reject"));
}

TEST(CandidateSet, HostileValuesAreRefused) {
    Candidate candidate;
    const auto name = words("gateway firewall rule 3 name");
    for (const std::string& value : {std::string{"a\nb"}, std::string{"\x1b[2J"}, std::string{"a\0b", 3}, std::string{"\xff"},
                                     std::string{"\xc2\x9b"}, std::string(200, 'a')}) {
        auto path = name;
        path.push_back(value);
        const auto done = candidate.set(path);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().message.find('\x1b'), std::string::npos);
    }
    EXPECT_EQ(candidate.as_set(), "");
    EXPECT_FALSE(candidate.set(std::vector<std::string>{"gateway", "firewall", "rule", std::string{"3\0", 2}}));
}

TEST(CandidateRemove, TakesSubtreesLeavesAndValues) {
    Candidate candidate = guide_candidate();
    remove(candidate, "gateway firewall rule 3 service tcp port 443");
    EXPECT_EQ(candidate.as_text(words("gateway firewall rule 3 service tcp")), "port 80;\n");
    remove(candidate, "gateway firewall rule 3 service tcp port");
    EXPECT_TRUE(candidate.exists(words("gateway firewall rule 3 service tcp")));
    remove(candidate, "gateway firewall rule 3 action");
    remove(candidate, "gateway firewall rule 2 action accept");
    EXPECT_FALSE(candidate.exists(words("gateway firewall rule 2 action")));
    remove(candidate, "gateway firewall rule 1");
    remove(candidate, "gateway nat rule");  // all of them
    EXPECT_FALSE(candidate.exists(words("gateway nat")));
    remove(candidate, "switch");
    remove(candidate, "gateway");
    EXPECT_EQ(candidate.to_json(), "{}");
}

TEST(CandidateRemove, ContainersThatHoldNothingGoWithTheirLast) {
    Candidate candidate;
    set(candidate, "gateway firewall rule 3 source negate true");
    set(candidate, "switch port web memory mtu 1500");
    remove(candidate, "gateway firewall rule 3 source negate");
    EXPECT_EQ(candidate.as_set(words("gateway")), "set gateway firewall rule 3\n");  // an entry stays
    remove(candidate, "gateway firewall rule 3");
    EXPECT_FALSE(candidate.exists(words("gateway")));
    remove(candidate, "switch port web memory mtu");
    EXPECT_EQ(candidate.as_set(), "set switch port web memory\n");  // and so does what says something by being there
}

TEST(CandidateRemove, WhatIsNotThereIsAnError) {
    Candidate candidate = guide_candidate();
    const std::string before = candidate.to_json();
    const auto result = [&](std::string_view line) { return outcome(candidate.remove(words(line))); };
    EXPECT_EQ(result("gateway firewall rule 7"), "3: there is no rule 7");
    EXPECT_EQ(result("gateway firewall rule 7 action"), "3: there is no rule 7");
    EXPECT_EQ(result("gateway firewall rule 3 enabled"), "4: enabled is not set");
    EXPECT_EQ(result("gateway firewall rule 3 action drop"), "5: action is accept");
    EXPECT_EQ(result("gateway sessions"), "1: sessions is not set");
    EXPECT_EQ(result("gateway sessions capacity"), "1: sessions is not set");
    EXPECT_EQ(result("gateway firewall rule 3 service tcp port 80 81"), "8: there is no port 81");
    EXPECT_EQ(result("switch static-station"), "1: there is no static-station");
    EXPECT_EQ(result(""), "0: a path is missing");
    EXPECT_EQ(candidate.to_json(), before);
}

TEST(CandidateEntries, AreCopiedToTheEnd) {
    Candidate candidate = candidate_of(kRules);
    set(candidate, "gateway firewall rule 1 source address 10.0.0.1");
    EXPECT_TRUE(candidate.annotate(words("gateway firewall rule 1"), "the first"));
    EXPECT_EQ(outcome(candidate.copy_entry(words("gateway firewall rule 1"), words("rule 30"))), "done");
    EXPECT_EQ(outcome(candidate.copy_entry(words("gateway firewall rule 2"), words("40"))), "done");
    EXPECT_EQ(outcome(candidate.copy_entry(words("gateway firewall rule 2"), words("gateway firewall rule 50"))), "done");
    EXPECT_EQ(candidate.as_set(words("gateway firewall rule 30")),
              "set gateway firewall rule 30 source address 10.0.0.1\nset gateway firewall rule 30 action accept\n"
              "annotate gateway firewall rule 30 \"the first\"\n");
    EXPECT_THAT(candidate.as_text(words("gateway firewall rule")),
                testing::EndsWith("rule 40 {\n    action drop;\n}\nrule 50 {\n    action drop;\n}\n"));
}

TEST(CandidateEntries, AreRenamedWhereTheyStand) {
    Candidate candidate = candidate_of(kRules);
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall rule 2"), words("rule 20"))), "done");
    EXPECT_EQ(candidate.as_set(),
              "set gateway firewall rule 1 action accept\nset gateway firewall rule 20 action drop\n"
              "set gateway firewall rule 3 action reject\n");
    EXPECT_TRUE(candidate.exists(words("gateway firewall rule 20")));
    EXPECT_FALSE(candidate.exists(words("gateway firewall rule 2")));
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall rule 1"), words("3"))), "4: rule 3 is there already");
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall rule 9"), words("3"))), "3: there is no rule 9");
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall rule 1"), words("x"))).substr(0, 6), "4: \"x\"");
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall rule 1"), {})), "4: the id is missing");
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall"), words("3"))), "1: firewall is no entry of a list");
    EXPECT_EQ(outcome(candidate.rename_entry(words("gateway firewall rule 1"), words("gateway nat rule 65537"))),
              "4: this is not beside gateway firewall rule 1");
}

TEST(CandidateEntries, AreMovedWhereTheUserOrdersThem) {
    Candidate candidate = candidate_of(kRules);
    const auto order = [&] {
        std::string ids;
        for (const std::string& word : words(candidate.as_set()))
            if (word.size() == 1) ids += word;
        return ids;
    };
    EXPECT_EQ(outcome(candidate.insert(words("gateway firewall rule 3"), true, words("rule 1"))), "done");
    EXPECT_EQ(order(), "312");
    EXPECT_EQ(outcome(candidate.insert(words("gateway firewall rule 3"), false, words("2"))), "done");
    EXPECT_EQ(order(), "123");
    EXPECT_EQ(outcome(candidate.insert(words("gateway firewall rule 1"), false, words("2"))), "done");
    EXPECT_EQ(order(), "213");
    EXPECT_EQ(outcome(candidate.insert(words("gateway firewall rule 1"), true, words("1"))), "done");
    EXPECT_EQ(order(), "213");
    EXPECT_EQ(outcome(candidate.insert(words("gateway firewall rule 1"), true, words("9"))), "4: there is no rule 9");
    EXPECT_EQ(order(), "213");

    Candidate lab = guide_candidate();
    EXPECT_EQ(outcome(lab.insert(words("switch port webserver"), true, words("workstation"))),
              "2: the order of port means nothing");
    EXPECT_EQ(outcome(lab.insert(words("switch port internet tap address 198.51.100.10/32"), true, words("203.0.113.1/24"))),
              "done");
    EXPECT_EQ(lab.as_text(words("switch port internet tap address")), "address [ 198.51.100.10/32 203.0.113.1/24 ];\n");
}

TEST(CandidateAnnotate, StandsBesideWhatIsThere) {
    Candidate candidate = candidate_of(kRules);
    EXPECT_EQ(outcome(candidate.annotate(words("gateway firewall rule 1"), "why")), "done");
    EXPECT_EQ(outcome(candidate.annotate(words("gateway firewall rule 1 action"), "a leaf")), "done");
    EXPECT_THAT(candidate.as_text(),
                HasSubstr("        /* why */\n        rule 1 {\n            /* a leaf */\n            action accept;\n"));
    EXPECT_EQ(outcome(candidate.annotate(words("gateway firewall rule 1 action"), "")), "done");
    EXPECT_EQ(outcome(candidate.annotate(words("gateway firewall rule 1"), "")), "done");
    EXPECT_EQ(candidate.as_set(), kRules);
    EXPECT_EQ(outcome(candidate.annotate(words("gateway firewall rule 9"), "why")), "3: there is no rule 9");
    for (const char* text : {"two\nlines", "ends */ here", " space", "\x1b[1m", "\xff"})
        EXPECT_THAT(outcome(candidate.annotate(words("gateway firewall rule 1"), text)),
                    HasSubstr("4: an annotation is one line"))
            << text;
}

TEST(CandidatePaths, MayBeEditedWhereSomethingIsBelow) {
    const Candidate candidate;
    const auto resolved = [&](std::string_view line) {
        const auto path = candidate.resolve(words(line));
        return path ? *path : std::vector<std::string>{std::to_string(path.error().word), path.error().message};
    };
    EXPECT_THAT(resolved("g f r 3"), ElementsAre("gateway", "firewall", "rule", "3"));
    EXPECT_THAT(resolved("sw mac"), ElementsAre("switch", "mac-table"));
    EXPECT_THAT(resolved(""), IsEmpty());
    EXPECT_THAT(resolved("gateway firewall rule"), ElementsAre("3", "rule wants its id"));
    EXPECT_THAT(resolved("gateway firewall rule 3 action"), ElementsAre("4", "action is a setting: nothing is below it to edit"));
    EXPECT_THAT(resolved("gateway x"), ElementsAre("1", "there is no \"x\" in gateway"));
}

TEST(CandidatePaths, ExistWithTheirValues) {
    const Candidate candidate = guide_candidate();
    for (const char* line :
         {"", "gateway", "gateway firewall rule", "gateway firewall rule 3", "gateway firewall rule 3 action",
          "gateway firewall rule 3 action accept", "gateway firewall rule 3 service tcp port [ 443 80 ]", "switch port web"})
        EXPECT_EQ(candidate.exists(words(line)), std::string_view{line} != "switch port web") << line;
    for (const char* line : {"gateway sessions", "gateway firewall rule 5", "gateway firewall rule 3 action drop", "nonsense",
                             "gateway firewall rule 3 service tcp port 80 81"})
        EXPECT_FALSE(candidate.exists(words(line))) << line;
}

}  // namespace
}  // namespace hairpin::config
