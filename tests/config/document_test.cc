// Text to a document and back; what is said where the text is no JSON.

#include "config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Error error_of(const std::string& text) {
    const auto document = Document::parse(text);
    EXPECT_FALSE(document) << text << " was accepted";
    return document ? Error{} : document.error();
}

TEST(Json, SyntaxErrorsSayLineAndColumn) {
    const Error error = error_of("{\n  \"hairpin:switch\": {\n    \"segment\": [,]\n  }\n}\n");
    EXPECT_EQ(error.path, "");
    EXPECT_THAT(error.message, HasSubstr("no JSON at line 3, column 17"));
    EXPECT_THAT(error_of("").message, HasSubstr("line 1"));
    EXPECT_THAT(error_of("{} trailing").message, HasSubstr("line 1, column 6"));
    EXPECT_THAT(error_of("{}{}").message, HasSubstr("no JSON"));
    EXPECT_THAT(error_of("{'a': 1}").message, HasSubstr("no JSON"));
    EXPECT_THAT(error_of("{\"hairpin:switch\": {}").message, HasSubstr("unexpected end of input"));
}

TEST(Json, SomethingElseThanAnObject) {
    for (const char* text : {"[]", "3", "\"\"", "null", "true"})
        EXPECT_THAT(error_of(text).message, HasSubstr("hairpin:gateway")) << text;
}

TEST(Json, WhatFollowsANulIsNotOverlooked) {
    EXPECT_THAT(error_of(std::string{"{}\0{", 4}).message, HasSubstr("no JSON at line 1, column 3"));
    error_of(R"({"hairpin:switch": {"segment": [{"name": "lan\u0000"}]}})");
}

TEST(Json, MessagesAreValidTextWhateverTheInputIs) {
    for (const std::string bad : {"{\"\xff\xfe\": 1}", "{\"a\xc3", "\xef\xbb", "{\"hairpin:switch\": \x80}"})
        EXPECT_NO_THROW(json(error_of(bad).message).dump());
}

TEST(Json, NestingHasABound) {
    const std::string deep(100'000, '[');
    EXPECT_THAT(error_of(deep).message, HasSubstr("nested more than 32 deep"));
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"hairpin:switch\":";
    EXPECT_THAT(error_of(objects).message, HasSubstr("nested more than 32 deep"));
}

TEST(Json, SizeHasABound) {
    const std::string largest(Document::kLargest - 2, ' ');
    EXPECT_TRUE(Document::parse(largest + "{}"));
    EXPECT_THAT(error_of(largest + "{} ").message, HasSubstr("more than 16777216"));
}

TEST(Json, MembersThatStandTwice) {
    EXPECT_EQ(error_of(R"({"hairpin:switch": {}, "hairpin:switch": {}})").path, "/hairpin:switch");
    EXPECT_EQ(error_of(R"({"hairpin:switch": {"mac-table": {"capacity": 100, "capacity": 200}}})").path,
              "/hairpin:switch/mac-table/capacity");
}

TEST(Json, NumbersBeyondAllMeasure) {
    for (const char* number : {"1e999999999", "99999999999999999999999999999999", "-1e5", "1.0000000000000000000000000001"})
        error_of(std::string{R"({"hairpin:switch": {"mac-table": {"age-seconds": )"} + number + "}}}");
}

TEST(Printing, WithoutDefaultsIsWhatWasWritten) {
    const auto document = Document::parse(guide_lab().dump());
    ASSERT_TRUE(document);
    EXPECT_EQ(json::parse(document->to_json()), guide_lab());
    EXPECT_EQ(json::parse(Document::parse("{}")->to_json()), json::object());
}

TEST(Printing, WithDefaultsHasThemAll) {
    const auto document = Document::parse(guide_lab().dump());
    ASSERT_TRUE(document);
    const json all = json::parse(document->to_json(Defaults::included));
    EXPECT_EQ(all["hairpin:gateway"]["arp"]["age-seconds"], 1200);
    EXPECT_EQ(all["hairpin:gateway"]["icmp"]["answer-echo"], "any");
    EXPECT_EQ(all["hairpin:gateway"]["firewall"]["rule"][0]["enabled"], true);
    EXPECT_EQ(all["hairpin:switch"]["port"][0]["tap"]["mtu"], 1500);
    EXPECT_EQ(all["hairpin:gateway"]["sessions"]["timeout-profile"], "rfc");
    EXPECT_TRUE(all["hairpin:gateway"].value("timeout", json::object()).empty());  // a profile says, which is no default
    EXPECT_TRUE(compiled(all));
}

TEST(Document, NothingIsLeftOfAnEarlierError) {
    error_of(R"({"hairpin:switch": {"colour": 1}})");
    EXPECT_THAT(error_of(R"({"hairpin:gateway": {"shape": 1}})").message, Not(HasSubstr("colour")));
    EXPECT_TRUE(Document::parse("{}"));
}

}  // namespace
}  // namespace hairpin::config
