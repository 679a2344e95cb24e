#include "net/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

namespace hairpin {
namespace {

using nlohmann::json;

TEST(JsonCursor, FindsTheMembersOfAnObject) {
    JsonCursor cursor{R"( {"a": 1, "b\"c": [true, {"d": "}"}], "e":{}} )"};
    ASSERT_TRUE(cursor.enter_object());
    EXPECT_EQ(cursor.next_member(), "a");
    EXPECT_EQ(cursor.skip_value(), "1");
    EXPECT_EQ(cursor.next_member(), R"(b\"c)");
    ASSERT_TRUE(cursor.enter_array());
    EXPECT_TRUE(cursor.next_element());
    EXPECT_EQ(cursor.skip_value(), "true");
    EXPECT_TRUE(cursor.next_element());
    EXPECT_EQ(cursor.skip_value(), R"({"d": "}"})");
    EXPECT_FALSE(cursor.next_element());
    EXPECT_EQ(cursor.next_member(), "e");
    EXPECT_FALSE(cursor.enter_array());
    EXPECT_EQ(cursor.skip_value(), "{}");
    EXPECT_EQ(cursor.next_member(), std::nullopt);
    EXPECT_TRUE(cursor.at_end());
    EXPECT_EQ(cursor.deepest(), 3U);
}

TEST(JsonCursor, WhatFollowsTheTextIsNotItsEnd) {
    JsonCursor cursor{"{} {}"};
    ASSERT_TRUE(cursor.enter_object());
    EXPECT_EQ(cursor.next_member(), std::nullopt);
    EXPECT_FALSE(cursor.at_end());
}

// Takes apart all that can be, and says whether that came to the end and every part that cannot be is JSON.
bool is_json_by_its_parts(JsonCursor& cursor, int depth = 0) {
    if (depth < 100 && cursor.enter_object()) {
        while (const auto name = cursor.next_member())
            if (!json::accept('"' + std::string{*name} + '"') || !is_json_by_its_parts(cursor, depth + 1)) return false;
        return !cursor.failed();
    }
    if (depth < 100 && cursor.enter_array()) {
        while (cursor.next_element())
            if (!is_json_by_its_parts(cursor, depth + 1)) return false;
        return !cursor.failed();
    }
    const std::string_view value = cursor.skip_value();
    return !cursor.failed() && json::accept(value);
}
bool is_json_by_its_parts(const std::string& text) {
    JsonCursor cursor{text};
    return is_json_by_its_parts(cursor) && cursor.at_end();
}

json any_json(int depth) {
    const auto some = [](int end) { return *rc::gen::inRange(0, end); };
    switch (some(depth > 3 ? 4 : 6)) {
        case 0: return nullptr;
        case 1: return some(1000) - 500;
        case 2: return some(2) == 0;
        case 3:
            return *rc::gen::container<std::string>(rc::gen::element('a', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n'));
        case 4: {
            json array = json::array();
            for (int i = some(4); i > 0; --i) array.push_back(any_json(depth + 1));
            return array;
        }
        default: {
            json object = json::object();
            for (int i = some(4); i > 0; --i) object[std::string(1, static_cast<char>('a' + some(4)))] = any_json(depth + 1);
            return object;
        }
    }
}

RC_GTEST_PROP(JsonCursor, ATextIsJsonExactlyWhenItsPartsAre, ()) {
    const json value = any_json(0);
    std::string text = *rc::gen::arbitrary<bool>() ? value.dump() : value.dump(2);
    RC_ASSERT(is_json_by_its_parts(text));
    for (int i = *rc::gen::inRange(1, 4); i > 0 && !text.empty(); --i) {
        const auto place = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
        const char c = *rc::gen::element('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '1', 'a');
        if (*rc::gen::arbitrary<bool>())
            text[place] = c;
        else
            text.erase(place, 1);
    }
    RC_LOG() << text << '\n';
    RC_ASSERT(is_json_by_its_parts(text) == json::accept(text));
}

}  // namespace
}  // namespace hairpin
