// What may follow some words: for the shell's completion, and for its question mark.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "candidate_lab.h"

namespace hairpin::config {
namespace {

using Purpose = Candidate::Purpose;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> expected(const Candidate& candidate, std::string_view line, Purpose purpose = Purpose::set) {
    std::vector<std::string> result;
    for (const Expected& one : candidate.expect(words(line), purpose)) result.push_back(one.word);
    return result;
}

Expected expected_one(const Candidate& candidate, std::string_view line, std::string_view word, Purpose purpose = Purpose::set) {
    for (Expected& each : candidate.expect(words(line), purpose))
        if (each.word == word) return each;
    ADD_FAILURE() << word << " is not expected after " << line;
    return {};
}

TEST(CandidateExpect, KeywordsInTheSchemasOrderWithTheirFirstSentence) {
    const Candidate candidate;
    EXPECT_THAT(expected(candidate, ""), ElementsAre("switch", "gateway"));
    EXPECT_THAT(expected(candidate, "gateway firewall"), ElementsAre("enabled", "default-action", "match-address",
                                                                     "default-reject-with", "default-log", "log-rate", "rule"));
    EXPECT_THAT(expected(candidate, "sw p web"),
                ElementsAre("segment", "vlan", "isolated", "loop-guard", "lldp", "multicast-router", "fast-leave",
                            "storm-control", "state", "flap", "impairment", "tap", "vxlan", "dgram", "stream", "vde", "netdev",
                            "vhost-user", "udp", "pcap",
                            "memory"));  // no choice, no key
    EXPECT_EQ(expected_one(candidate, "gateway", "firewall"),
              (Expected{"firewall", "Rules for the first packet of a session", false}));
    EXPECT_EQ(expected_one(candidate, "switch mac-table", "age-seconds").description,
              "A station silent for so long is forgotten (IEEE 802.1D table 7-5)");
}

TEST(CandidateExpect, KeysThatAreThereAndPlacesForNewOnes) {
    const Candidate candidate = guide_candidate();
    EXPECT_THAT(expected(candidate, "gateway firewall rule"), ElementsAre("1", "2", "3", "4", "5", "<1..65536|131075..196607>"));
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule", "2"), (Expected{"2", "LAN to Internet", false}));
    EXPECT_EQ(
        expected_one(candidate, "gateway firewall rule", "<1..65536|131075..196607>"),
        (Expected{"<1..65536|131075..196607>",
                  "The rule's number for ever: 1 to 65536 for one's own; 131075 to 196607 are for programs that assign numbers",
                  true}));
    EXPECT_EQ(
        expected_one(candidate, "gateway interface", "<name>").description,
        "The interface's name, as rules and show commands use it: a name of letters, digits, dots, dashes and underscores that "
        "begins with a letter or digit");
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 service"),
                IsSupersetOf({"tcp", "any", "icmp", "udp", "udplite", "dccp", "gre", "esp", "ah", "sctp", "https", "<1..255>",
                              "<service-group>"}));
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule 3 service", "https").description, "TCP 443, the web over TLS");
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule 3 service", "tcp").description, "TCP, RFC 9293");
    EXPECT_THAT(expected(candidate, "switch static-station"), ElementsAre("lan", "wan", "<segment>"));  // a key that refers
    EXPECT_THAT(expected(candidate, "switch static-station lan"), Contains("<02:00:00:00:00:01>"));
    EXPECT_THAT(expected(candidate, "switch static-station lan 02:00:00:00:00:01 port"),
                ElementsAre("workstation", "webserver", "internet", "<port>"));
}

TEST(CandidateExpect, ANewNumberIsBehindTheGreatestOfOnesOwn) {
    Candidate candidate = guide_candidate();
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule", "5"), (Expected{"5", "A new one", false}));
    EXPECT_THAT(expected(candidate, "gateway nat rule"), Contains("65537"));  // assigned ones are of another range
    set(candidate, "gateway nat rule 65550 action snat");
    EXPECT_THAT(expected(candidate, "gateway nat rule"), Contains("65551"));
    set(candidate, "gateway firewall rule 65536 action drop");
    EXPECT_THAT(expected(candidate, "gateway firewall rule"), Not(Contains("65537")));
    EXPECT_THAT(expected(Candidate{}, "gateway firewall rule"), ElementsAre("1", "<1..65536|131075..196607>"));
}

TEST(CandidateExpect, WhatACommitWillDemandIsSaid) {
    Candidate candidate = guide_candidate();
    const std::string action = "What becomes of a packet that matches";
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule 9", "action").description, action + " (mandatory)");
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule 3", "action").description, action);
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule 3", "action", Purpose::show).description, action);
    EXPECT_EQ(
        expected_one(candidate, "switch port new", "memory").description,
        "Two queues in memory, for tests and benches (one of tap, vxlan, dgram, stream, vde, netdev, vhost-user, udp, pcap and "
        "memory is mandatory)");
    set(candidate, "switch port new pcap read in.pcap");
    EXPECT_EQ(expected_one(candidate, "switch port new", "memory").description, "Two queues in memory, for tests and benches");
    EXPECT_EQ(expected_one(candidate, "switch port new", "segment").description,
              "The segment that the port belongs to (mandatory)");
}

TEST(CandidateExpect, ValuesByTheirType) {
    const Candidate candidate = guide_candidate();
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 action"), ElementsAre("accept", "drop", "reject"));
    EXPECT_EQ(expected_one(candidate, "gateway firewall rule 3 action", "drop").description, "The packet is dropped in silence");
    EXPECT_THAT(expected(candidate, "gateway firewall enabled"), ElementsAre("true", "false"));
    EXPECT_THAT(expected(candidate, "gateway interface lan segment"), ElementsAre("lan", "wan", "<segment>"));
    EXPECT_EQ(expected_one(candidate, "gateway interface lan mtu", "<576..9216>"),
              (Expected{"<576..9216>", "576 to 9216 bytes; 1500 where it is not set", true}));
    EXPECT_THAT(expected(candidate, "gateway nat rule 65537 applied-on"),
                ElementsAre("internal", "external", "any", "uplink", "lan", "<interface>", "<interface-group>"));
    EXPECT_EQ(expected_one(candidate, "gateway interface lan mac", "<02:00:00:00:00:01>").description,
              "six bytes in hexadecimal, as 02:00:00:00:00:01");
}

TEST(CandidateExpect, AddressesInUse) {
    Candidate candidate = guide_candidate();
    EXPECT_THAT(expected(candidate, "gateway nat rule 65537 translated-address"),
                IsSupersetOf({"interface", "<192.0.2.0/24>", "203.0.113.80", "192.168.255.10", "192.168.255.0/24"}));
    EXPECT_THAT(expected(candidate, "gateway route 10.0.0.0/8 next-hop"),
                ElementsAre("<192.0.2.1>", "192.168.255.1", "203.0.113.1"));  // other kinds are not
    EXPECT_EQ(expected_one(candidate, "gateway route 10.0.0.0/8 next-hop", "203.0.113.1").description,
              "As gateway route 0.0.0.0/0 next-hop");
    for (int i = 0; i < 300; ++i)
        set(candidate, "gateway firewall rule 3 source address 10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200));
    EXPECT_LE(expected(candidate, "gateway nat rule 65537 translated-address").size(), 110u);
}

TEST(CandidateExpect, SeveralValues) {
    const Candidate candidate = guide_candidate();
    const std::string path = "gateway firewall rule 3 source interface ";
    EXPECT_THAT(expected(candidate, path),
                ElementsAre("internal", "external", "any", "vse", "uplink", "lan", "<interface>", "<interface-group>", "["));
    EXPECT_THAT(expected(candidate, path + "lan"),
                ElementsAre("internal", "external", "any", "vse", "uplink", "<interface>", "<interface-group>"));
    EXPECT_THAT(expected(candidate, path + "[ lan any"),
                ElementsAre("internal", "external", "vse", "uplink", "<interface>", "<interface-group>", "]"));
    EXPECT_THAT(expected(candidate, path + "["), Not(Contains("]")));
    EXPECT_THAT(expected(candidate, path + "[ lan ]"), IsEmpty());
}

TEST(CandidateExpect, GroupsWhereTheirMembersStand) {
    Candidate candidate = guide_candidate();
    set(candidate, "gateway group address servers description \"Our own\"");
    set(candidate, "gateway group port web-ports port 80");
    set(candidate, "gateway group service shop service tcp");
    set(candidate, "gateway group interface inside interface lan");
    set(candidate, "gateway group mac laptops");
    for (const char* path : {"gateway firewall rule 3 source address", "gateway nat rule 65537 original-address",
                             "gateway nat rule 65537 source-address", "gateway group address others address"})
        EXPECT_EQ(expected_one(candidate, path, "servers").description, "Our own") << path;
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 source mac"), IsSupersetOf({"laptops", "<mac-group>"}));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 service"), Contains("shop"));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 service tcp port"), IsSupersetOf({"web-ports", "<port-group>"}));
    EXPECT_THAT(expected(candidate, "gateway nat rule 65537 applied-on"), Contains("inside"));
    EXPECT_THAT(expected(candidate, "gateway nat rule 65537 original-port"), Not(Contains("web-ports")));
}

TEST(CandidateExpect, NothingAfterAValueOrNonsense) {
    const Candidate candidate = guide_candidate();
    for (const char* line : {"gateway interface lan mtu 1500", "nonsense", "gateway firewall rule x", "gateway interface lan m"})
        EXPECT_THAT(expected(candidate, line), IsEmpty()) << line;
}

TEST(CandidateExpect, WhatMayBeRemovedOrShownIsThere) {
    const Candidate candidate = guide_candidate();
    for (const Purpose purpose : {Purpose::remove, Purpose::show}) {
        EXPECT_THAT(expected(candidate, "gateway", purpose), ElementsAre("interface", "route", "firewall", "nat"));
        EXPECT_THAT(expected(candidate, "gateway firewall rule", purpose), ElementsAre("1", "2", "3", "4"));
        EXPECT_THAT(expected(candidate, "gateway firewall rule 3", purpose),
                    ElementsAre("name", "source", "destination", "service", "action"));
        EXPECT_THAT(expected(candidate, "gateway firewall rule 9", purpose), IsEmpty());
        EXPECT_THAT(expected(Candidate{}, "", purpose), IsEmpty());
    }
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 service tcp port", Purpose::remove), ElementsAre("80", "443", "["));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 service tcp port [ 80", Purpose::remove), ElementsAre("443", "]"));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 action", Purpose::remove), ElementsAre("accept"));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 action", Purpose::show), IsEmpty());
}

TEST(CandidateExpect, WhatMayBeEditedHoldsOthers) {
    const Candidate candidate = guide_candidate();
    EXPECT_THAT(expected(candidate, "gateway firewall", Purpose::edit), ElementsAre("rule"));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3", Purpose::edit),
                ElementsAre("source", "destination", "service", "limit"));
    EXPECT_THAT(expected(candidate, "gateway interface", Purpose::edit), ElementsAre("uplink", "lan", "<name>"));
    EXPECT_THAT(expected(candidate, "gateway firewall rule 3 action", Purpose::edit), IsEmpty());
}

TEST(CandidateExpect, WhereACommandMayEnd) {
    const Candidate candidate = guide_candidate();
    const auto ends = [&](std::string_view line, Purpose purpose) { return candidate.may_end(words(line), purpose); };
    for (const char* line : {"gateway firewall rule 3", "switch port web memory", "gateway interface lan mtu 1500",
                             "gateway interface lan address [ 10.0.0.1/24 ]"})
        EXPECT_TRUE(ends(line, Purpose::set)) << line;
    for (const char* line : {"", "gateway", "gateway firewall rule", "gateway interface lan mtu",
                             "gateway interface lan address [ 10.0.0.1/24", "nonsense"})
        EXPECT_FALSE(ends(line, Purpose::set)) << line;
    EXPECT_TRUE(ends("gateway", Purpose::remove));
    EXPECT_TRUE(ends("gateway firewall rule", Purpose::remove));
    EXPECT_FALSE(ends("gateway firewall rule 9", Purpose::remove));
    EXPECT_FALSE(ends("", Purpose::remove));
    EXPECT_TRUE(ends("", Purpose::show));
    EXPECT_TRUE(ends("", Purpose::edit));
    EXPECT_TRUE(ends("gateway firewall rule 9", Purpose::edit));
    EXPECT_FALSE(ends("gateway firewall rule", Purpose::edit));
    EXPECT_FALSE(ends("gateway firewall rule 3 action", Purpose::edit));
}

}  // namespace
}  // namespace hairpin::config
