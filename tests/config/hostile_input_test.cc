// Nonsense never crashes: it is refused, or it is a configuration after all. Sanitizers see the rest.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;

void survive_compiling(const std::string& text) {
    const auto result = compiled(text);
    if (!result) {
        ASSERT_FALSE(result.error().message.empty()) << text;
        ASSERT_NO_THROW(json(result.error().message + result.error().path).dump()) << "no valid UTF-8";
    }
}

TEST(HostileInput, TruncatedAtEveryByte) {
    const std::string text = guide_lab().dump();
    for (std::size_t length = 0; length < text.size(); ++length) {
        const auto result = compiled(text.substr(0, length));
        ASSERT_FALSE(result) << length << " bytes were accepted";
    }
}

TEST(HostileInput, OneByteChanged) {
    std::mt19937 random{20261123};
    const std::string text = guide_lab().dump();
    for (int round = 0; round < 3000; ++round) {
        std::string changed = text;
        changed[random() % changed.size()] = static_cast<char>(random());
        survive_compiling(changed);
    }
}

// Valid JSON of the right names with values of every wrong kind, everywhere.
TEST(HostileInput, EveryValueOfEveryOtherKind) {
    const json whole = guide_lab().flatten();
    const json strange[] = {nullptr,
                            true,
                            -1,
                            0,
                            4294967295u,
                            1e30,
                            "",
                            "x",
                            "/",
                            "'",
                            "]",
                            "\"",
                            std::string(70'000, 'a'),
                            json::array(),
                            json::object(),
                            json::array({nullptr}),
                            json::array({json::array()}),
                            json::array({json::object()}),
                            {{"id", {{"id", 1}}}}};
    for (const auto& [pointer, value] : whole.items()) {
        for (json::json_pointer place{pointer}; !place.empty(); place.pop_back()) {
            for (const json& other : strange) {
                json document = guide_lab();
                document[place] = other;
                survive_compiling(document.dump());
            }
            if (value != "lan") break;  // what is above it is tried once in a while: often enough, and quick
        }
    }
}

TEST(HostileInput, Garbage) {
    std::mt19937 random{42};
    const std::string words[] = {"{",
                                 "}",
                                 "[",
                                 "]",
                                 ":",
                                 ",",
                                 "\"hairpin:gateway\"",
                                 "\"hairpin:switch\"",
                                 "\"nat\"",
                                 "\"rule\"",
                                 "\"id\"",
                                 "\"port\"",
                                 "\"interface\"",
                                 "\"name\"",
                                 "\"@name\"",
                                 "\"@\"",
                                 "[null]",
                                 "1",
                                 "-1",
                                 "1e5",
                                 "\"a\"",
                                 "null",
                                 "true",
                                 "\"\\u0000\"",
                                 "\"\\ud800\"",
                                 "\xff"};
    for (int round = 0; round < 20'000; ++round) {
        std::string text = round % 2 == 0 ? "{\"hairpin:gateway\":{" : "";
        for (auto count = random() % 24; count > 0; --count) text += words[random() % std::size(words)];
        survive_compiling(text);
    }
}

TEST(HostileInput, ManyOfEverything) {
    json document = guide_lab();
    json& rules = document["hairpin:gateway"]["firewall"]["rule"];
    rules = json::array();
    json addresses = json::array();
    for (int i = 0; i < 5000; ++i)
        addresses.push_back("10.0." + std::to_string(i / 128) + "." + std::to_string(i % 128 * 2));  // apart
    rules.push_back({{"id", 1}, {"action", "drop"}, {"source", {{"address", addresses}}}});
    EXPECT_EQ(good(document).ruleset->firewall[2].source.addresses.size(), 5000u);
    addresses.push_back("10.0.0.0");  // once more
    rules[0]["source"]["address"] = addresses;
    EXPECT_FALSE(compiled(document));
}

}  // namespace
}  // namespace hairpin::config
