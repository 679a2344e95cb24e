#include "cli/json_file.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/temporary_folder.h"

namespace hairpin::cli {
namespace {

using hairpin::testing::TemporaryFolder;
using ::testing::HasSubstr;

class JsonFile : public ::testing::Test {
protected:
    Failure refusal(const std::string& text) {
        const auto document = read_json_file(folder.write("x.json", text));
        return document ? Failure{ExitCode::ok, "was read"} : document.error();
    }
    TemporaryFolder folder;
};

TEST_F(JsonFile, IsRead) { EXPECT_EQ(read_json_file(folder.write("x.json", "{\"a\": [1]}\n")).value()["a"][0], 1); }

TEST_F(JsonFile, AMistakeHasALineAndAColumn) {
    const Failure failure = refusal("{\n  \"a\": 1,\n  \"b\" 2\n}\n");
    EXPECT_EQ(failure.code, ExitCode::rejected);
    EXPECT_THAT(failure.sentence, HasSubstr("x.json:3:7: syntax error"));
    EXPECT_THAT(failure.sentence, HasSubstr("expected ':'"));
    EXPECT_THAT(refusal("").sentence, HasSubstr("x.json:1:1: "));
    EXPECT_THAT(refusal("{\"a\": {").sentence, HasSubstr("x.json:1:8: "));
}

TEST_F(JsonFile, AKeyThatStandsTwiceIsAMistake) {
    EXPECT_THAT(refusal(R"({"rule":[{"id":1},{"id":2}],"rule":[]})").sentence, HasSubstr("\"rule\" stands twice"));
    EXPECT_EQ(refusal(R"({"a":{"id":1},"b":{"id":2}})").code, ExitCode::ok);
}

TEST_F(JsonFile, NestingHasAnEnd) {
    EXPECT_THAT(refusal(std::string(500'000, '[') + std::string(500'000, ']')).sentence, HasSubstr("nested too deeply"));
}

TEST_F(JsonFile, WhatCannotBeRead) {
    const auto missing = read_json_file(folder.path() + "/missing.json");
    EXPECT_EQ(missing.error().code, ExitCode::not_found);
    EXPECT_THAT(missing.error().sentence, HasSubstr("missing.json: No such file or directory"));
    EXPECT_THAT(read_json_file(folder.path()).error().sentence, HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace hairpin::cli
