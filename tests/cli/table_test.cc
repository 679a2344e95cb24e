#include "cli/table.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

namespace hairpin::cli {
namespace {

using nlohmann::json;

std::string both_lines(const json& row, const Style&) { return text_of(row, "a") + "\n" + text_of(row, "b"); }

TEST(Table, IsAlignedAndFitsWhatItHolds) {
    constexpr auto kColumns = std::to_array<Column>({
        {"name", "NAME"},
        {"vlan", "VLAN", Align::right},
        {"bytes", "BYTES", Align::right, bytes},
        {"port", "PORT"},
    });
    const json rows = json::parse(R"([{"name":"workstation","vlan":null,"bytes":3400,"port":"a"},
                                      {"name":"wéb","vlan":10,"bytes":7,"port":null}])");
    EXPECT_EQ(render_table(kColumns, rows, {}),
              "NAME         VLAN   BYTES  PORT\n"
              "workstation     -  3.4 kB  a\n"
              "wéb            10     7 B  -\n");
}

TEST(Table, ACellOfTwoLinesMakesItsRowHigh) {
    constexpr auto kColumns =
        std::to_array<Column>({{"id", "ID", Align::right}, {"", "TUPLE", Align::left, both_lines}, {"x", "X"}});
    const json rows = json::parse(R"([{"id":1,"a":"from","b":"to","x":"y"},{"id":20,"a":"c","b":"d","x":"z"}])");
    EXPECT_EQ(render_table(kColumns, rows, {}),
              "ID  TUPLE  X\n"
              " 1  from   y\n"
              "    to\n"
              "20  c      z\n"
              "    d\n");
}

TEST(Table, GoesOnBelowItselfWhereTheTerminalIsNarrow) {
    constexpr auto kColumns = std::to_array<Column>({{"a", "FIRST"}, {"b", "SECOND", Align::right}, {"c", "THIRD"}, {"d", "D"}});
    const json rows = json::parse(R"([{"a":"one","b":2,"c":"three","d":4},{"a":"x","b":1,"c":"y","d":0}])");
    EXPECT_EQ(render_table(kColumns, rows, {false, 13}),
              "FIRST  SECOND\n"
              "    THIRD  D\n"
              "one         2\n"
              "    three  4\n"
              "x           1\n"
              "    y      0\n");
    EXPECT_EQ(render_table(kColumns, rows, {false, 23}), render_table(kColumns, rows, {}));
    EXPECT_EQ(render_table(kColumns, rows, {false, 3}).substr(0, 37), "FIRST\n    SECOND\n    THIRD\n    D\none\n");
}

TEST(Table, LeavesOutWhatNoRowKnows) {
    constexpr auto kColumns = std::to_array<Column>({{"a", "A"}, {"later", "LATER"}, {"b", "B"}});
    EXPECT_EQ(render_table(kColumns, json::parse(R"([{"a":1,"b":2},{"a":3}])"), {}),
              "A  B\n"
              "1  2\n"
              "3  -\n");
}

}  // namespace
}  // namespace hairpin::cli
