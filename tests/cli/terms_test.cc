#include "cli/terms.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

namespace hairpin::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using How = Term::How;

const auto kTerms = std::to_array<Term>({
    {"", &value::kProtocol, "protocol", How::required},
    {"source", &value::kEndpoint, "source"},
    {"size", &value::kNumber, "bytes"},
    {"address", &value::kAddress, "address", How::repeated},
    {"in", &value::kInterface, "interface", How::required, "where it enters"},
    {"df", nullptr, "df", How::optional, "never cut", true},
    {"no-df", nullptr, "df", How::optional, "may be cut", false},
});

json parameters_of(const std::vector<std::string>& words) {
    const auto parameters = read_terms(words, kTerms);
    return parameters ? *parameters : json(parameters.error().sentence);
}
std::size_t wrong_word(const std::vector<std::string>& words) { return read_terms(words, kTerms).error().word.value(); }

std::vector<std::string> expected_terms(const std::vector<std::string>& words) {
    const auto known = [](std::string_view method, std::string_view column) {
        return std::vector<std::string>{std::string{method} + "." + std::string{column}};
    };
    std::vector<std::string> result;
    for (const Expected& one : expected_terms(words, kTerms, known)) result.push_back(one.word);
    return result;
}

TEST(Terms, BecomeParameters) {
    EXPECT_EQ(parameters_of({"tcp", "in", "lan"}), json::parse(R"({"protocol":"tcp","interface":"lan"})"));
    EXPECT_EQ(parameters_of({"udp", "no-df", "size", "7", "in", "lan"}),
              json::parse(R"({"protocol":"udp","df":false,"bytes":7,"interface":"lan"})"));
    EXPECT_EQ(parameters_of({"tcp", "in", "lan", "address", "a", "address", "b"})["address"], json::parse(R"(["a","b"])"));
}

TEST(Terms, MayBeAbbreviatedOrHaveDashes) {
    EXPECT_EQ(parameters_of({"t", "so", "a", "in", "lan"}), parameters_of({"tcp", "source", "a", "in", "lan"}));
    EXPECT_EQ(parameters_of({"tcp", "--source", "a", "--in=lan"}), parameters_of({"tcp", "source", "a", "in", "lan"}));
    EXPECT_EQ(parameters_of({"tcp", "in", "lan", "--source=a=b"})["source"], "a=b");
}

TEST(Terms, KeywordsMayFollowAnyNumberOfValuesAndHaveALetter) {
    const auto terms = std::to_array<Term>({{"", &value::kPort, "ports", How::repeated},
                                            {"filter", &value::kFilter, "filter", How::optional, "", true, "-f"},
                                            {"drops", nullptr, "drops"}});
    const auto read_these = [&](const std::vector<std::string>& words) { return *read_terms(words, terms); };
    EXPECT_EQ(read_these({"a", "b", "filter", "tcp", "drops"}),
              json::parse(R"({"ports":["a","b"],"filter":"tcp","drops":true})"));
    EXPECT_EQ(read_these({"-f", "tcp", "a"}), json::parse(R"({"ports":["a"],"filter":"tcp"})"));
    EXPECT_EQ(read_these({"--drops"}), json::parse(R"({"drops":true})"));
    EXPECT_EQ(read_these({"filt"})["ports"], json::parse(R"(["filt"])")) << "it may be a name";
}

TEST(Terms, SayWhatIsWrongAndWhere) {
    EXPECT_THAT(parameters_of({"tcp", "s", "a"}), HasSubstr("may mean source or size"));
    EXPECT_THAT(parameters_of({"tcp", "surce", "a"}), HasSubstr("did you mean source?"));
    EXPECT_EQ(wrong_word({"tcp", "surce", "a"}), 1u);
    EXPECT_THAT(parameters_of({"gre"}), HasSubstr("expected tcp, udp or icmp"));
    EXPECT_EQ(wrong_word({"gre"}), 0u);
    EXPECT_THAT(parameters_of({"tcp", "source"}), HasSubstr("a value is missing after source"));
    EXPECT_EQ(wrong_word({"tcp", "source"}), 2u);
    EXPECT_THAT(parameters_of({"tcp", "in", "lan", "size", "-1"}), HasSubstr("size \"-1\" is no number"));
    EXPECT_EQ(wrong_word({"tcp", "in", "lan", "size", "-1"}), 4u);
    EXPECT_THAT(parameters_of({"tcp", "in", "a", "in", "b"}), HasSubstr("in is said twice"));
    EXPECT_THAT(parameters_of({"tcp", "df", "no-df"}), HasSubstr("no-df and df exclude each other"));
    EXPECT_EQ(parameters_of({"tcp", "df", "x"}), json("\"x\" is not known: expected source, size, address or in"))
        << "not what is said already";
    EXPECT_THAT(parameters_of({}), HasSubstr("expected tcp|udp|icmp: a protocol"));
    EXPECT_THAT(parameters_of({"tcp"}), HasSubstr("expected in INTERFACE: where it enters"));
}

TEST(Terms, AValueThatMayBeLeftOutGivesWayToAKeyword) {
    const auto terms = std::to_array<Term>({{"", &value::kNumber, "count"}, {"reason", &value::kText, "reason"}});
    const auto read = [&](const std::vector<std::string>& words) {
        const auto parameters = read_terms(words, terms);
        return parameters ? *parameters : json(parameters.error().sentence);
    };
    EXPECT_EQ(read({"10", "reason", "x"}), (json{{"count", 10}, {"reason", "x"}}));
    EXPECT_EQ(read({"reason", "x"}), (json{{"reason", "x"}}));
    EXPECT_EQ(read({}), json::object());
    EXPECT_EQ(read({"reason"}), json("a value is missing after reason"));
    EXPECT_EQ(read({"rea", "x"}), json("\"rea\" is no number")) << "only in full: it might be a value";
}

TEST(Terms, WordsThatBelongTogetherStandInQuotes) {
    const auto terms = std::to_array<Term>({{"filter", &value::kFilter, "filter"}, {"count", &value::kNumber, "count"}});
    using Typed = std::vector<std::string>;
    EXPECT_EQ(read_terms(Typed{"filter", "tcp", "port", "80"}, terms).error().sentence,
              "\"port\" is not known: expected count; words that belong together stand in quotes");
    EXPECT_EQ(read_terms(Typed{"count", "3", "port"}, terms).error().sentence, "\"port\" is not known: expected filter");
    EXPECT_EQ(read_terms(Typed{"filter", "tcp", "count", "3", "more"}, terms).error().sentence,
              "\"more\" is too much: the command takes nothing more");
}

TEST(Terms, AMistakeIsAWordAndNotOneThatIsMissing) {
    using Typed = std::vector<std::string>;
    EXPECT_EQ(mistake_in(Typed{}, kTerms), std::nullopt);
    EXPECT_EQ(mistake_in(Typed{"tcp", "in"}, kTerms), std::nullopt);
    const auto mistake = mistake_in(Typed{"tcp", "surce", "a"}, kTerms);
    ASSERT_TRUE(mistake);
    EXPECT_EQ(mistake->word, 1u);
}

TEST(Terms, ComplaintsFindTheirWord) {
    const std::vector<std::string> words{"tcp", "size", "7", "in", "lan"};
    EXPECT_EQ(word_of("interface", words, kTerms), 4u);
    EXPECT_EQ(word_of("source", words, kTerms), 5u);
}

TEST(Terms, TellWhatMayFollow) {
    EXPECT_THAT(expected_terms({}), ElementsAre("tcp", "udp", "icmp"));
    EXPECT_THAT(expected_terms({"tcp"}), ElementsAre("source", "size", "address", "in", "df", "no-df"));
    EXPECT_THAT(expected_terms({"tcp", "df"}), ElementsAre("source", "size", "address", "in"));
    EXPECT_THAT(expected_terms({"tcp", "in"}), ElementsAre("show.interfaces.name", "<interface>"));
    EXPECT_THAT(expected_terms({"tcp", "address", "x"}), ElementsAre("source", "size", "address", "in", "df", "no-df"));
    EXPECT_THAT(expected_terms({"tcp", "nonsense"}), IsEmpty());
}

TEST(Terms, MakeTheirUsageLine) {
    EXPECT_EQ(usage_of(kTerms), "tcp|udp|icmp [source ADDRESS:PORT] [size NUMBER] [address ADDRESS]... in INTERFACE [df|no-df]");
}

TEST(Terms, OfAlternativesOneMustBeSaid) {
    const auto terms = std::to_array<Term>({
        {"tcp", &value::kTcpPort, "service", How::required, "a connection"},
        {"icmp", nullptr, "service", How::required, "a ping"},
        {"in", &value::kInterface, "interface"},
    });
    using Typed = std::vector<std::string>;
    EXPECT_EQ(*read_terms(Typed{"tcp", "80"}, terms), json::parse(R"({"service":{"protocol":"tcp","port":80}})"));
    EXPECT_EQ(*read_terms(Typed{"in", "lan", "icmp"}, terms), json::parse(R"({"service":true,"interface":"lan"})"));
    EXPECT_EQ(read_terms(Typed{"in", "lan"}, terms).error().sentence, "expected tcp PORT|icmp: a connection");
    EXPECT_EQ(read_terms(Typed{"tcp", "0"}, terms).error().sentence, "tcp \"0\" is no port: 1 to 65535");
    EXPECT_EQ(usage_of(terms), "tcp PORT|icmp [in INTERFACE]");
}

}  // namespace
}  // namespace hairpin::cli
