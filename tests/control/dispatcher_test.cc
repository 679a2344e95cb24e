#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "control/rpc.h"

namespace hairpin::control {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class DispatcherTest : public ::testing::Test {
protected:
    DispatcherTest() {
        dispatcher.add({"echo", "says it again", [](const json& params, Caller&) -> Dispatcher::Answer { return params; }});
        dispatcher.add({"count", "counts its calls", [this](const json&, Caller&) -> Dispatcher::Answer { return ++calls; }});
        dispatcher.add({"who", "says who calls", [](const json&, Caller& who) -> Dispatcher::Answer { return who.uid; }});
        dispatcher.add(
            {"refuse", "refuses", [](const json&, Caller&) -> Dispatcher::Answer {
                 return tl::unexpected(RpcError{kConfigurationRefused, "no", {{"path", "/a/b"}, {"reason", "because"}}});
             }});
        dispatcher.add({"fall", "throws", [](const json&, Caller&) -> Dispatcher::Answer { throw std::runtime_error("ouch"); }});
        dispatcher.add({"bytes", "is not UTF-8", [](const json&, Caller&) -> Dispatcher::Answer { return "\xff\xfe"; }});
        dispatcher.add(
            {"keep", "is given a text", [](const json& params, Caller&) -> Dispatcher::Answer { return params; }, "document"});
        dispatcher.add({"subscribe", "sends an event", [](const json&, Caller& who) -> Dispatcher::Answer {
                            who.notify("an event");
                            return true;
                        }});
    }

    std::string answer_text(std::string_view line) { return dispatcher.handle(line, caller); }
    json answer(std::string_view line) { return json::parse(answer_text(line)); }
    static json error(int code, json id) { return {{"id", std::move(id)}, {"code", code}}; }
    // What of an error is laid down: the code and whom it answers.
    json essence(std::string_view line) {
        const json full = answer(line);
        return error(full.at("error").at("code"), full.at("id"));
    }

    Dispatcher dispatcher;
    Caller caller;
    int calls = 0;
};

TEST_F(DispatcherTest, AnswersARequest) {
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":7,"method":"echo","params":{"a":[1,2]}})"),
              json::parse(R"({"jsonrpc":"2.0","id":7,"result":{"a":[1,2]}})"));
}

TEST_F(DispatcherTest, AnAnswerIsOneLine) {
    EXPECT_EQ(answer_text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{\"a\":\"x\\ny\"}}").find('\n'),
              std::string::npos);
}

TEST_F(DispatcherTest, AnIdMayBeAStringANumberOrNull) {
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":"x","method":"count"})")["id"], "x");
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":null,"method":"count"})")["id"], nullptr);
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":[1],"method":"count"})"), error(kInvalidRequest, nullptr));
}

TEST_F(DispatcherTest, WithoutParametersAMethodSeesAnEmptyObject) {
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"echo"})")["result"], json::object());
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"echo","params":[]})")["result"], json::object());
}

TEST_F(DispatcherTest, ANotificationIsDoneAndNotAnswered) {
    EXPECT_EQ(answer_text(R"({"jsonrpc":"2.0","method":"count"})"), "");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(answer_text(R"({"jsonrpc":"2.0","method":"nobody"})"), "");
    EXPECT_EQ(answer_text(R"({"jsonrpc":"2.0","method":"fall"})"), "");
}

TEST_F(DispatcherTest, ABlankLineIsNotAnswered) {
    EXPECT_EQ(answer_text(""), "");
    EXPECT_EQ(answer_text(" \r"), "");
}

TEST_F(DispatcherTest, ParseError) {
    EXPECT_EQ(essence(R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])"), error(kParseError, nullptr));
    EXPECT_EQ(essence("\xff"), error(kParseError, nullptr));
    EXPECT_EQ(essence(R"([{"jsonrpc":"2.0","id":1,"method":"count"},{"jsonrpc":"2.0","method")"), error(kParseError, nullptr));
    EXPECT_EQ(calls, 0);
}

TEST_F(DispatcherTest, WhatIsNestedTooDeeplyIsAParseErrorAndNoStackOverflow) {
    const std::string deep(1'000'000, '[');
    EXPECT_EQ(essence(deep), error(kParseError, nullptr));
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":)" + deep + std::string(deep.size(), ']') + "}}"),
              error(kParseError, nullptr));
    const std::string quoted = R"({"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":"\")" + std::string(1000, '[') + R"("}})";
    EXPECT_TRUE(answer(quoted).contains("result"));  // brackets in a string nest nothing
}

TEST_F(DispatcherTest, InvalidRequest) {
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","method":1,"params":"bar"})"), error(kInvalidRequest, nullptr));
    EXPECT_EQ(essence(R"({"foo":"boo"})"), error(kInvalidRequest, nullptr));
    EXPECT_EQ(essence(R"({"id":3,"method":"count"})"), error(kInvalidRequest, 3));
    EXPECT_EQ(essence(R"({"jsonrpc":"1.0","id":3,"method":"count"})"), error(kInvalidRequest, 3));
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":3,"method":"count","params":"x"})"), error(kInvalidRequest, 3));
    EXPECT_EQ(essence("1"), error(kInvalidRequest, nullptr));
    EXPECT_EQ(calls, 0);
}

TEST_F(DispatcherTest, MethodNotFoundAndWhatWasMeant) {
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":"1","method":"cuont"})"), error(kMethodNotFound, "1"));
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":"1","method":"cuont"})")["error"]["data"]["hint"], "did you mean \"count\"?");
    EXPECT_FALSE(answer(R"({"jsonrpc":"2.0","id":"1","method":"xyzzy"})")["error"].contains("data"));
}

TEST_F(DispatcherTest, ParametersByPositionAreInvalidParams) {
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":1,"method":"echo","params":[1]})"), error(kInvalidParams, 1));
}

TEST_F(DispatcherTest, AnExceptionIsAnInternalErrorAndGoesNoFurther) {
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":1,"method":"fall"})"), error(kInternalError, 1));
    EXPECT_THAT(answer_text(R"({"jsonrpc":"2.0","id":1,"method":"fall"})"), HasSubstr("ouch"));
}

TEST_F(DispatcherTest, AMethodsErrorKeepsCodeAndData) {
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"refuse"})")["error"],
              json::parse(R"({"code":-32010,"message":"no","data":{"path":"/a/b","reason":"because"}})"));
}

TEST_F(DispatcherTest, ABatchIsAnsweredInOrderWithoutItsNotifications) {
    const json answers = answer(R"([{"jsonrpc":"2.0","id":1,"method":"count"},{"jsonrpc":"2.0","method":"count"},5,
                                    {"jsonrpc":"2.0","id":2,"method":"count"},{"jsonrpc":"2.0","id":3,"method":"nobody"}])");
    ASSERT_EQ(answers.size(), 4u);
    EXPECT_EQ(answers[0]["result"], 1);
    EXPECT_EQ(answers[1]["error"]["code"], kInvalidRequest);
    EXPECT_EQ(answers[2]["result"], 3);
    EXPECT_EQ(answers[3]["error"]["code"], kMethodNotFound);
}

TEST_F(DispatcherTest, ABatchOfNotificationsIsNotAnswered) {
    EXPECT_EQ(answer_text(R"([{"jsonrpc":"2.0","method":"count"},{"jsonrpc":"2.0","method":"count"}])"), "");
    EXPECT_EQ(calls, 2);
}

TEST_F(DispatcherTest, ABatchIsNeitherEmptyNorEndless) {
    EXPECT_EQ(essence("[]"), error(kInvalidRequest, nullptr));
    json batch = json::array();
    for (std::size_t i = 0; i <= kMaxBatch; ++i) batch.push_back({{"jsonrpc", "2.0"}, {"method", "count"}});
    EXPECT_EQ(essence(batch.dump()), error(kInvalidRequest, nullptr));
    EXPECT_EQ(calls, 0);
}

TEST_F(DispatcherTest, BytesThatAreNoTextDoNotBreakTheAnswer) {
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"bytes"})")["result"], "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_F(DispatcherTest, AMethodKnowsItsCallerAndMayTellItMore) {
    std::vector<std::string> told;
    caller.uid = 42;
    caller.notify = [&](std::string_view line) { told.emplace_back(line); };
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"who"})")["result"], 42);
    answer(R"({"jsonrpc":"2.0","id":1,"method":"subscribe"})");
    EXPECT_THAT(told, ::testing::ElementsAre("an event"));
}

TEST_F(DispatcherTest, NamesAreUnique) { EXPECT_DEATH(dispatcher.add({"echo", "again", nullptr}), "known.name == method.name"); }

// What is large and for others to read is handed on as it was written.
TEST_F(DispatcherTest, AVerbatimParameterKeepsItsText) {
    const json kept = {{"document", R"({"b":1,  "a":[ ]})"}, {"more", {1}}};
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"keep","params":{"document":{"b":1,  "a":[ ]},"more":[1]}})")["result"],
              kept);
    EXPECT_EQ(
        answer(R"({"params":{"more":[1],"document": {"b":1,  "a":[ ]} },"method":"keep","id":1,"jsonrpc":"2.0"})")["result"],
        kept);
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"keep","params":{"document":"{}"}})")["result"]["document"], R"("{}")");
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"keep","params":{"more":1}})")["result"], (json{{"more", 1}}));
    EXPECT_EQ(answer(R"({"jsonrpc":"2.0","id":1,"method":"echo","params":{"document":{}}})")["result"],
              (json{{"document", json::object()}}));
}

TEST_F(DispatcherTest, AVerbatimParameterOfARequestThatIsNotPlainIsATextAsWell) {
    const auto document = [](const json& one) { return one["result"]["document"]; };
    EXPECT_EQ(document(answer(R"([{"jsonrpc":"2.0","id":1,"method":"keep","params":{"document":{"a": 1}}}])")[0]), R"({"a":1})");
    EXPECT_EQ(document(answer(R"({"jsonrpc":"2.0","id":1,"method":"keep","params":{"document":1,"document":{"a": 1}}})")),
              R"({"a":1})");
    EXPECT_EQ(document(answer(R"({"jsonrpc":"2.0","id":1,"method":"keep","params":[],"params":{"document":{"a": 1}}})")),
              R"({"a":1})");
    EXPECT_EQ(document(answer(R"({"jsonrpc":"2.0","id":1,"method":"k\u0065ep","params":{"document":{"a": 1}}})")), R"({"a":1})");
    EXPECT_EQ(essence(R"({"jsonrpc":"2.0","id":1,"method":"keep","params":{"document":{"a": 1}})"), error(kParseError, nullptr));
}

}  // namespace
}  // namespace hairpin::control
