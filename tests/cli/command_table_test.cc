#include "cli/command_table.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace hairpin::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> words(std::string_view text) { return words_of(Command{.words = text, .description = {}}); }

// The command that these words are, or what is wrong with them.
std::string found(std::string_view text) {
    const std::vector<std::string> typed = words(text);
    const auto command = find_command(typed);
    return command ? std::string{command->command->words} : "error: " + command.error().sentence;
}

TEST(CommandTable, EveryRowIsComplete) {
    std::set<std::string_view> seen;
    for (const Command* command : command_table()) {
        SCOPED_TRACE(command->words);
        EXPECT_TRUE(seen.insert(command->words).second) << "stands twice";
        EXPECT_FALSE(command->description.empty());
        if (command->words == "lab" || command->words == "help" || command->words.starts_with("completion "))
            continue;  // these ask no daemon
        EXPECT_FALSE(command->method.empty());
        EXPECT_FALSE(command->schema.empty());
        const int ways = (command->columns.empty() ? 0 : 1) + (command->text != nullptr) + (command->event != nullptr) +
                         (command->carry != nullptr);
        EXPECT_EQ(ways, 1) << "a result reads in exactly one way";
        const bool may_be_empty = command->words.starts_with("show ") && !command->columns.empty();
        EXPECT_EQ(command->nothing.empty(), !may_be_empty);
    }
}

TEST(FindCommand, ACommandMayBeginWithAnother) {
    EXPECT_EQ(found("show sessions"), "show sessions");
    EXPECT_EQ(found("show sessions summary"), "show sessions summary");
    EXPECT_EQ(found("sh sess sum"), "show sessions summary");
    EXPECT_EQ(found("show sessions source 192.0.2.1"), "show sessions");
}

TEST(CommandTable, AColumnHasATitleAndKeysAreUnique) {
    for (const Command* command : command_table()) {
        std::set<std::string_view> keys;
        for (const Column& column : command->columns) {
            EXPECT_FALSE(column.title.empty()) << command->words;
            EXPECT_TRUE(column.key.empty() || keys.insert(column.key).second) << command->words << ": " << column.key;
        }
    }
}

TEST(CommandTable, EveryCommandIsFoundByItsOwnWords) {
    for (const Command* command : command_table()) EXPECT_EQ(found(command->words), command->words);
}

TEST(FindCommand, TakesAbbreviations) {
    EXPECT_EQ(found("sh int"), "show interfaces");
    EXPECT_EQ(found("sho nat r"), "show nat rules");
    EXPECT_EQ(found("cl s"), "clear sessions");
    EXPECT_EQ(found("trace"), "trace") << "although traceroute begins with it";
    EXPECT_EQ(found("tracer"), "traceroute");
    EXPECT_EQ(found("sh ar"), "show arp");
    EXPECT_EQ(found("sh al e"), "show alg expectations");
}

TEST(FindCommand, HandsOverWhatStandsBehindTheWords) {
    const auto typed = words("sh sess source 192.0.2.1");
    const auto command = find_command(typed);
    ASSERT_TRUE(command);
    EXPECT_THAT(command->arguments, ::testing::ElementsAre("source", "192.0.2.1"));
}

TEST(FindCommand, SaysWhatWasExpectedAndMeant) {
    EXPECT_THAT(found("shwo ports"), HasSubstr("\"shwo\" is not known: expected show, clear, port, ping, "));
    EXPECT_THAT(found("shwo ports"), HasSubstr("did you mean show?"));
    EXPECT_THAT(found("show prots"), HasSubstr("after \"show\""));
    EXPECT_THAT(found("show prots"), HasSubstr("did you mean ports?"));
    EXPECT_THAT(found("show xyzzy"), Not(HasSubstr("did you mean")));
    EXPECT_THAT(found("show nat"), HasSubstr("\"show nat\" goes on: expected rules"));
    EXPECT_THAT(found("sh s"), HasSubstr("may mean segments, storm-control, system, sessions or stages"));
    EXPECT_THAT(found("show ports-and-more"), HasSubstr("is not known"));
}

// What a command makes of its arguments.
json parameters(std::string_view text) {
    const auto typed = words(text);
    const auto command = find_command(typed);
    if (!command) return command.error().sentence;
    const auto made = parameters_of(*command->command, command->arguments);
    return made ? *made : json(made.error().sentence);
}

TEST(Parameters, OfATrace) {
    EXPECT_EQ(
        parameters("trace tcp 192.168.255.2:40000 203.0.113.80:80 in lan"),
        json::parse(R"({"protocol":"tcp","source":"192.168.255.2:40000","destination":"203.0.113.80:80","interface":"lan"})"));
    EXPECT_EQ(
        parameters("trace udp 1.2.3.4:1 5.6.7.8:2 in lan ttl 1 no-df size 1400"),
        json::parse(
            R"({"protocol":"udp","source":"1.2.3.4:1","destination":"5.6.7.8:2","interface":"lan","ttl":1,"df":false,"size":1400})"));
    EXPECT_EQ(parameters("trace tcp 1.2.3.4:1 5.6.7.8:2 flags syn|ack df in lan")["flags"], "syn|ack");
    EXPECT_THAT(parameters("trace tcp 1.2.3.4:1 5.6.7.8:2"), HasSubstr("in INTERFACE"));
    EXPECT_THAT(parameters("trace tcp 1.2.3.4:1"), HasSubstr("expected ADDRESS[:PORT]: where it wants to go"));
    EXPECT_THAT(parameters("trace gre 1.2.3.4 5.6.7.8 in lan"), HasSubstr("expected tcp, udp or icmp"));
    EXPECT_THAT(parameters("trace tcp 1.2.3.4:1 5.6.7.8:2 in lan ttl many"), HasSubstr("ttl \"many\" is no number"));
}

TEST(Parameters, OfSessions) {
    EXPECT_EQ(parameters("show sessions"), json::object());
    EXPECT_EQ(parameters("show sessions protocol tcp dest 203.0.113.80:80"),
              json::parse(R"({"protocol":"tcp","destination":"203.0.113.80:80"})"));
    EXPECT_EQ(parameters("clear sessions --source 192.0.2.1"), json::parse(R"({"source":"192.0.2.1"})"));
    EXPECT_EQ(parameters("show stages tcp 1.2.3.4:1 5.6.7.8:2"),
              json::parse(R"({"protocol":"tcp","source":"1.2.3.4:1","destination":"5.6.7.8:2"})"));
}

TEST(Parameters, OfAPort) {
    EXPECT_EQ(
        parameters(
            "port add pc segment lan tap eth1 namespace hp-pc address 192.0.2.2/24 address 192.0.2.3/24 via 192.0.2.1 access 10"),
        json::parse(R"({"port":{"name":"pc","segment":"lan","vlan":{"access":10},"tap":{"device":"eth1","namespace":"hp-pc",
                  "address":["192.0.2.2/24","192.0.2.3/24"],"route":[{"prefix":"0.0.0.0/0","via":"192.0.2.1"}]}}})"));
    EXPECT_EQ(parameters("port add pc segment lan tap eth1"),
              json::parse(R"({"port":{"name":"pc","segment":"lan","tap":{"device":"eth1"}}})"));
    EXPECT_THAT(parameters("port add pc segment lan"), HasSubstr("expected tap DEVICE"));
    EXPECT_EQ(parameters("port remove pc"), json::parse(R"({"name":"pc"})"));
    EXPECT_THAT(parameters("port remove"), HasSubstr("expected PORT: a port of the switch"));
}

TEST(Parameters, OfMonitor) {
    EXPECT_EQ(parameters("monitor"), json::object());
    EXPECT_EQ(parameters("monitor sess d"), json::parse(R"({"topics":["sessions","drops"]})"));
    EXPECT_THAT(parameters("monitor portz"), HasSubstr("did you mean ports?"));
}

std::vector<std::string> expected(std::string_view text) {
    std::vector<std::string> result;
    for (const Expected& one : expected_after(words(text), nullptr)) result.push_back(one.word);
    return result;
}

TEST(ExpectedAfter, WordsOfCommandsThenTheirTerms) {
    using ::testing::Contains;
    using ::testing::ElementsAre;
    EXPECT_THAT(expected(""), Contains("show"));
    EXPECT_THAT(expected("show"), Contains("interfaces"));
    EXPECT_THAT(expected("sh nat"), ElementsAre("rules", "mappings", "pools", "translations", "subscribers", "port-blocks"));
    EXPECT_THAT(expected("clear sessions"), ::testing::IsSupersetOf({"protocol", "source", "destination"}));
    EXPECT_THAT(expected("show sessions"), ::testing::IsSupersetOf({"summary", "protocol", "top"}));
    EXPECT_THAT(expected("clear sessions protocol"),
                ElementsAre("tcp", "udp", "icmp", "udplite", "dccp", "sctp", "gre", "esp", "ah"));
    EXPECT_THAT(expected("show ports"), ElementsAre("features", "drops", "rates", "impairment"));
    EXPECT_THAT(expected("show ports rates"), ::testing::IsEmpty());
    EXPECT_THAT(expected("nonsense"), ::testing::IsEmpty());
}

TEST(CommandTable, EveryWordIsExplained) {
    for (const Expected& one : expected_after({}, nullptr)) EXPECT_FALSE(one.description.empty()) << one.word;
}

TEST(Parameters, WhatIsTooMuchIsSaid) { EXPECT_THAT(parameters("show ports now"), HasSubstr("\"now\" is too much")); }

}  // namespace
}  // namespace hairpin::cli
