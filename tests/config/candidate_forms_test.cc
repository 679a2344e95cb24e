// One configuration in three forms, and what is said about a text that is none of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "candidate_lab.h"
#include "config/document.h"
#include "guide_lab.h"

namespace hairpin::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Load = Candidate::Load;
using nlohmann::json;

constexpr const char* kSet = R"(set switch segment lan
set switch port web segment lan
set switch port web memory
set gateway interface lan address 10.0.0.1/24
annotate gateway interface lan address 10.0.0.1/24 primary
set gateway interface lan address 10.0.1.1/24
annotate gateway interface lan "the office"
set gateway firewall rule 3 name "a \"b\" {c}; \\ #d"
set gateway firewall rule 3 service tcp port 80
set gateway firewall rule 3 service tcp port 443
set gateway firewall rule 3 service 89
set gateway firewall rule 3 action accept
annotate gateway firewall rule 3 action "for now"
set gateway firewall rule 1 action drop
)";

constexpr const char* kText = R"(switch {
    segment lan;
    port web {
        segment lan;
        memory;
    }
}
gateway {
    /* the office */
    interface lan {
        /* primary */
        address 10.0.0.1/24;
        address 10.0.1.1/24;
    }
    firewall {
        rule 3 {
            name "a \"b\" {c}; \\ #d";
            service tcp {
                port [ 80 443 ];
            }
            service 89;
            /* for now */
            action accept;
        }
        rule 1 {
            action drop;
        }
    }
}
)";

const json kJson = json::parse(R"({
  "hairpin:switch": {"segment": [{"name": "lan"}], "port": [{"name": "web", "segment": "lan", "memory": {}}]},
  "hairpin:gateway": {
    "interface": [{"@": {"hairpin:comment": "the office"}, "name": "lan", "address": ["10.0.0.1/24", "10.0.1.1/24"],
                   "@address": [{"hairpin:comment": "primary"}, null]}],
    "firewall": {"rule": [
      {"id": 3, "name": "a \"b\" {c}; \\ #d", "service": [{"protocol": "tcp", "port": ["80", "443"]}, {"protocol": 89}],
       "action": "accept", "@action": {"hairpin:comment": "for now"}},
      {"id": 1, "action": "drop"}]}}})");

TEST(CandidateForms, AreTheSameConfiguration) {
    for (const std::string& text : {std::string{kSet}, std::string{kText}, kJson.dump()}) {
        const Candidate candidate = candidate_of(text);
        EXPECT_EQ(candidate.as_set(), kSet);
        EXPECT_EQ(candidate.as_text(), kText);
        EXPECT_EQ(json::parse(candidate.to_json()), kJson);
        EXPECT_EQ(candidate.as_json(), candidate.to_json());
    }
}

TEST(CandidateForms, OfTheGuidesLabAreWhatTheDaemonHas) {
    const auto document = Document::parse(guide_lab().dump());
    ASSERT_TRUE(document);
    const Candidate candidate = guide_candidate();
    EXPECT_EQ(json::parse(candidate.to_json()), guide_lab());
    EXPECT_EQ(json::parse(candidate.to_json()), json::parse(document->to_json()));
}

TEST(CandidateForms, ADaemonKeepsAnnotations) {
    Candidate candidate = guide_candidate();
    for (const char* path : {"gateway", "gateway firewall rule 3", "gateway firewall rule 3 action", "switch port webserver tap",
                             "switch port webserver", "switch port internet tap address 198.51.100.10/32", "gateway nat"})
        EXPECT_EQ(outcome(candidate.annotate(words(path), "note on " + std::string{path})), "done");
    const auto document = Document::parse(candidate.to_json());
    ASSERT_TRUE(document) << document.error().path << document.error().message;
    EXPECT_EQ(Candidate::from_json(document->to_json())->to_json(), candidate.to_json());
    EXPECT_TRUE(compiled(candidate.to_json()));
}

TEST(CandidateForms, ADaemonRefusesAnnotationsThatNoTextCouldShow) {
    for (const std::string comment : {"ends */ here", "", " space", "two\\nlines"}) {
        const std::string metadata = "{\"hairpin:comment\": \"" + comment + "\"}";
        for (const auto& [text, path] :
             {std::pair{"{\"hairpin:gateway\": {\"@\": " + metadata + ", \"timeout\": {\"udp\": 5}}}", "/hairpin:gateway"},
              std::pair{"{\"hairpin:gateway\": {\"timeout\": {\"udp\": 5, \"@udp\": " + metadata + "}}}",
                        "/hairpin:gateway/timeout/udp"}}) {
            const auto document = Document::parse(text);
            ASSERT_FALSE(document) << text;
            EXPECT_THAT(document.error().message, StartsWith("hairpin:comment \"")) << text;
            EXPECT_EQ(document.error().path, path);
            const auto candidate = Candidate::from_json(text);
            ASSERT_FALSE(candidate) << text;
            EXPECT_THAT(candidate.error().message, StartsWith("an annotation is one line")) << text;
        }
    }
}

TEST(CandidateForms, OfAPartBeginWhereItIs) {
    const Candidate candidate = candidate_of(kText);
    EXPECT_EQ(candidate.as_text(words("gateway firewall rule 1")), "action drop;\n");
    EXPECT_EQ(candidate.as_text(words("gateway firewall rule 3 service tcp port")), "port [ 80 443 ];\n");
    EXPECT_EQ(candidate.as_text(words("switch segment")), "segment lan;\n");
    EXPECT_EQ(candidate.as_text(words("gateway firewall rule 3 action")), "/* for now */\naction accept;\n");
    EXPECT_EQ(candidate.as_set(words("gateway firewall rule 1")), "set gateway firewall rule 1 action drop\n");
    EXPECT_EQ(json::parse(candidate.as_json(words("gateway firewall rule 1"))),
              json::parse(R"({"hairpin:gateway": {"firewall": {"rule": [{"id": 1, "action": "drop"}]}}})"));
    for (const char* nowhere : {"gateway nat", "gateway firewall rule 9", "nonsense"}) {
        EXPECT_EQ(candidate.as_set(words(nowhere)), "");
        EXPECT_EQ(candidate.as_text(words(nowhere)), "");
        EXPECT_EQ(candidate.as_json(words(nowhere)), "{}");
    }
}

TEST(CandidateForms, PeopleWriteThemInOtherWays) {
    const std::string expected =
        "set gateway interface lan address 10.0.0.1/24\nset gateway interface lan address 10.0.1.1/24\n"
        "annotate gateway interface lan \"why and where\"\n";
    for (const std::string& text :
         {std::string{"# mine\n  set gateway interface lan address [ 10.0.0.1/24 10.0.1.1/24 ]  # two\n\n"
                      "annotate gateway interface lan \"why and where\""},
          std::string{
              "gateway interface lan{address[10.0.0.1/24 10.0.1.1/24];}gateway { /* why\n and */ /* where */ interface lan; }"},
          std::string{
              "# mine\ngateway{/* why and where */interface lan{address 10.0.0.1/24 10.0.1.1/24;/* lost */} firewall { } }"},
          std::string{R"({"gateway": {"interface": [{"address": ["10.0.0.1/24", "10.0.1.1/24"], "name": "lan",
                                                    "@name": {"hairpin:comment": "why and where"}}], "firewall": {}}})"}})
        EXPECT_EQ(candidate_of(text).as_set(), expected) << text;
}

TEST(CandidateLoad, MergesOrReplaces) {
    for (const std::string& text :
         {std::string{"set gateway firewall rule 2 action drop\nset gateway firewall rule 9 action drop"},
          std::string{"gateway { firewall { rule 2 { action drop; } rule 9 { action drop; } } }"},
          std::string{
              R"({"hairpin:gateway": {"firewall": {"rule": [{"id": 2, "action": "drop"}, {"id": 9, "action": "drop"}]}}})"}}) {
        Candidate candidate = candidate_of(
            "set gateway firewall rule 2 name two\nset gateway firewall rule 2 action accept\nset gateway firewall rule 1 action "
            "accept");
        ASSERT_TRUE(candidate.load(text, Load::merge));
        EXPECT_EQ(candidate.as_set(),
                  "set gateway firewall rule 2 name two\nset gateway firewall rule 2 action drop\n"
                  "set gateway firewall rule 1 action accept\nset gateway firewall rule 9 action drop\n");
        ASSERT_TRUE(candidate.load(text, Load::replace));
        EXPECT_EQ(candidate.as_set(), "set gateway firewall rule 2 action drop\nset gateway firewall rule 9 action drop\n");
    }
    Candidate candidate = guide_candidate();
    EXPECT_TRUE(candidate.load("", Load::merge));
    EXPECT_EQ(json::parse(candidate.to_json()), guide_lab());
    EXPECT_TRUE(candidate.load("# nothing\n", Load::replace));
    EXPECT_EQ(candidate.to_json(), "{}");
}

TEST(CandidateLoad, MergingAnAlternativeRemovesTheOthers) {
    Candidate candidate = candidate_of("set switch port web tap device eth0");
    ASSERT_TRUE(candidate.load(R"({"hairpin:switch": {"port": [{"name": "web", "memory": {}}]}})", Load::merge));
    EXPECT_EQ(candidate.as_set(), "set switch port web memory\n");
}

struct Refused {
    const char* text;
    const char* path;
    const char* message;
};

class CandidateRefuses : public testing::TestWithParam<Refused> {};

TEST_P(CandidateRefuses, ATextAndSaysWhere) {
    Candidate candidate = guide_candidate();
    const auto loaded = candidate.load(GetParam().text, Load::merge);
    ASSERT_FALSE(loaded) << GetParam().text;
    EXPECT_EQ(loaded.error().path, GetParam().path) << GetParam().text;
    EXPECT_THAT(loaded.error().message, HasSubstr(GetParam().message)) << GetParam().text;
    EXPECT_EQ(json::parse(candidate.to_json()), guide_lab());
}

INSTANTIATE_TEST_SUITE_P(
    SetForm, CandidateRefuses,
    testing::Values(Refused{"set gateway firewall rule 1 action drop\nset gateway x", "line 2, column 13",
                            "there is no \"x\" in gateway"},
                    Refused{"set gateway interface lan mtu", "line 1, column 30", "mtu wants a value"},
                    Refused{"set gateway firewall rule 5 name \"no end", "line 1, column 34", "the quote is not closed"},
                    Refused{"set gateway timeout udp 5\ndelete gateway", "line 2, column 1", "wants set or annotate"},
                    Refused{"annotate gateway nat rule 1 why", "line 1, column 27", "\"1\" will not do"},
                    Refused{"annotate gateway sessions why", "line 1, column 18", "sessions is not set"},
                    Refused{"annotate", "line 1, column 9", "a path is missing"},
                    Refused{"set", "line 1, column 4", "a path is missing"},
                    Refused{"set gateway firewall rule 3 action drop ;", "line 1, column 41", "nothing may follow"}));

INSTANTIATE_TEST_SUITE_P(
    CurlyForm, CandidateRefuses,
    testing::Values(Refused{"gateway {\n    timeout {\n        udp x;\n    }\n}", "line 3, column 13", "\"x\" will not do"},
                    Refused{"gateway { timeout { udp 5 } }", "line 1, column 27", "; is missing"},
                    Refused{"gateway { timeout { udp 5; }", "line 1, column 9", "the block is not closed"},
                    Refused{"gateway { } }", "line 1, column 13", "} closes nothing"},
                    Refused{"gateway { firewall { rule { } } }", "line 1, column 26", "rule wants its id"},
                    Refused{"gateway { timeout { udp { 5; } } }", "line 1, column 25", "udp has a value, not a block"},
                    Refused{"{ } }", "line 1, column 5", "no JSON"},
                    Refused{"gateway { { } }", "line 1, column 11", "a name is missing"},
                    Refused{"gateway;", "line 1, column 8", "gateway wants to be followed"},
                    Refused{";", "line 1, column 1", "a name is missing"},
                    Refused{"gateway { /* no end", "line 1, column 11", "the comment is not closed"},
                    Refused{"gateway { interface lan { address [ 10.0.0.1/24; } }", "line 1, column 48", "] is missing"},
                    Refused{"nonsense", "line 1, column 9", "; is missing"}));

INSTANTIATE_TEST_SUITE_P(
    Json, CandidateRefuses,
    testing::Values(
        Refused{"{\n  \"hairpin:gateway\": {\n    \"timeout\": {\n      \"udp\": 0\n}}}", "line 4, column 14",
                "\"0\" will not do: wants 1 to 604800"},
        Refused{"{\"hairpin:gateway\": {\n\"x\": 1}}", "line 2, column 6", "there is no \"x\" in gateway"},
        Refused{"{\"hairpin:gateway\": {\"timeout\": {\"udp\": [5]}}}", "line 1, column 41", "udp wants a single value"},
        Refused{"{\"hairpin:gateway\": {\"timeout\": []}}", "line 1, column 33", "timeout wants an object"},
        Refused{"{\"hairpin:gateway\": {\"interface\": {}}}", "line 1, column 35", "interface wants an array"},
        Refused{"{\"hairpin:gateway\": {\"interface\": [{}]}}", "line 1, column 36", "interface wants its name"},
        Refused{"{\"hairpin:gateway\": {\"interface\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}}", "line 1, column 51",
                "interface a stands here twice"},
        Refused{"{\"hairpin:gateway\": {\"timeout\": {\"udp\": 5, \"udp\": 6}}}", "line 1, column 51", "udp stands here twice"},
        Refused{"{\"hairpin:switch\": {\"port\": [{\"name\": \"a\", \"memory\": {}, \"pcap\": {}}]}}", "line 1, column 66",
                "pcap and memory exclude each other"},
        Refused{"{\"hairpin:gateway\": {\"fire\": {}}}", "line 1, column 30", "there is no \"fire\""},
        Refused{"{\"hairpin:gateway\": {\"firewall\": {\"default-action\": \"acc\"}}}", "line 1, column 57",
                "\"acc\" will not do"},
        Refused{"{\"hairpin:gateway\": {\"@timeout\": {}}}", "line 1, column 34", "there is nothing here"},
        Refused{"{\"hairpin:gateway\": {\"timeout\": {\"udp\": 5, \"@udp\": {\"x:y\": 1}}}}", "line 1, column 60",
                "the only metadata is hairpin:comment"},
        Refused{"[]", "line 1, column 1", "a configuration is an object"}, Refused{"{\"a\": ", "line 1, column 7", "no JSON"},
        Refused{"{}{}", "line 1, column 3", "no JSON"}));

TEST(CandidateLoad, HasABound) {
    Candidate candidate;
    const std::string large(Document::kLargest + 1, ' ');
    for (const std::string& text : {large, "{" + large}) {
        const auto loaded = candidate.load(text, Load::replace);
        ASSERT_FALSE(loaded);
        EXPECT_THAT(loaded.error().message, StartsWith("the configuration has"));
    }
    EXPECT_FALSE(Candidate::from_json(large));
    const auto deep = candidate.load(std::string(100, '{'), Load::replace);
    ASSERT_FALSE(deep);
}

TEST(CandidateLoad, TakesTenThousandRulesInAllForms) {
    std::string text;
    for (int i = 1; i <= 10'000; ++i) text += "set gateway firewall rule " + std::to_string(i) + " action accept\n";
    Candidate candidate = candidate_of(text);
    EXPECT_EQ(candidate.as_set(), text);
    EXPECT_EQ(candidate_of(candidate.as_text()).as_set(), text);
    EXPECT_EQ(candidate_of(candidate.to_json()).as_set(), text);
    Candidate changed = candidate.copy();
    set(changed, "gateway firewall rule 7777 action drop");
    EXPECT_EQ(changed.difference(candidate), "[edit gateway firewall rule 7777]\n-   action accept;\n+   action drop;\n");
    remove(changed, "gateway firewall rule");
    EXPECT_EQ(changed.as_set(), "");
}

}  // namespace
}  // namespace hairpin::config
