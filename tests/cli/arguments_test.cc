#include "cli/arguments.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

namespace hairpin::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr auto kWords = std::to_array<Keyword>({
    {"source", "source", Keyword::Value::text},
    {"size", "bytes", Keyword::Value::number},
    {"address", "address", Keyword::Value::list},
    {"quiet", "quiet", Keyword::Value::yes},
});

json read(const std::vector<std::string>& words) {
    const auto parameters = read_keywords(words, kWords, "test");
    return parameters ? *parameters : json(parameters.error().sentence);
}

TEST(Arguments, BecomeParameters) {
    EXPECT_EQ(read({}), json::object());
    EXPECT_EQ(read({"source", "a", "size", "7", "quiet"}), json::parse(R"({"source":"a","bytes":7,"quiet":true})"));
    EXPECT_EQ(read({"address", "a", "address", "b"}), json::parse(R"({"address":["a","b"]})"));
}

TEST(Arguments, MayBeAbbreviatedOrHaveDashes) {
    EXPECT_EQ(read({"so", "a"}), read({"source", "a"}));
    EXPECT_EQ(read({"--source", "a"}), read({"source", "a"}));
    EXPECT_EQ(read({"--source=a=b", "--quiet"}), json::parse(R"({"source":"a=b","quiet":true})"));
}

TEST(Arguments, SayWhatIsWrong) {
    EXPECT_THAT(read({"s", "a"}), HasSubstr("may mean source or size"));
    EXPECT_THAT(read({"surce", "a"}), HasSubstr("did you mean source?"));
    EXPECT_THAT(read({"source"}), HasSubstr("a value is missing after source"));
    EXPECT_THAT(read({"size", "-1"}), HasSubstr("is no number"));
    EXPECT_THAT(read({"source", "a", "source", "b"}), HasSubstr("said twice"));
}

}  // namespace
}  // namespace hairpin::cli
