#include "config/document_text.h"

#include <gmock/gmock.h>

namespace hairpin::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DocumentText, HasTheRulesOfBothLists) {
    const auto text = DocumentText::take_apart(
        R"({"hairpin:gateway": {"nat": {"rule": [ {"id": 3} ]}, "firewall": {"rule": [{"id": 1}, {"id": 2}], "enabled": true}}})");
    EXPECT_THAT(text->firewall_rules(), ElementsAre(R"({"id": 1})", R"({"id": 2})"));
    EXPECT_THAT(text->nat_rules(), ElementsAre(R"({"id": 3})"));
    const auto none = [](std::size_t) { return false; };
    EXPECT_EQ(text->with_only([](std::size_t i) { return i == 1; }, none),
              R"({"hairpin:gateway": {"nat": {"rule": []}, "firewall": {"rule": [{"id": 2}], "enabled": true}}})");
    EXPECT_EQ(text->with_only([](std::size_t) { return true; }, none),
              R"({"hairpin:gateway": {"nat": {"rule": []}, "firewall": {"rule": [{"id": 1},{"id": 2}], "enabled": true}}})");
}

TEST(DocumentText, WithoutRulesItIsAllFrame) {
    for (const char* text : {"{}", R"({"hairpin:gateway": {}})", R"({"hairpin:gateway": {"nat": {"rule": []}}})"}) {
        const auto taken = DocumentText::take_apart(text);
        EXPECT_THAT(taken->firewall_rules(), IsEmpty());
        EXPECT_EQ(taken->with_only({}, {}), text);
    }
}

TEST(DocumentText, WhatIsNotPlainIsAllFrame) {
    for (const char* text :
         {"", "[]", R"({"hairpin:gateway": {"firewall": {"rule": [1, 2}}})",
          R"({"hairpin:gateway": {"firewall": {"rule": {"id": 1}}}})",
          R"({"hairpin:gateway": {"firewall": {"rule": [1], "rule": [2]}}})",
          R"({"hairpin:gateway": {"firewall": {"rule": [1]}}} {})",
          R"({"hairpin:gateway": {"firewall": {"rule": [1]}}, "hairpin:gateway": {"firewall": {"rule": [1]}}})",
          R"({"hairpin:gateway": {"firewall": {"rule": [1,]}}})",
          R"({"hairpin:gateway": {"firewall": {"hairpin:rule": [1]}}})"}) {
        const auto taken = DocumentText::take_apart(text);
        EXPECT_THAT(taken->firewall_rules(), IsEmpty()) << text;
        EXPECT_EQ(taken->with_only({}, {}), text);
    }
}

}  // namespace
}  // namespace hairpin::config
