#include "cli/cells.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

namespace hairpin::cli {
namespace {

using nlohmann::json;
const Style kStyle{true, 80};

TEST(Cells, Plain) {
    EXPECT_EQ(plain(nullptr, kStyle), "-");
    EXPECT_EQ(plain("", kStyle), "-");
    EXPECT_EQ(plain("lan", kStyle), "lan");
    EXPECT_EQ(plain(18446744073709551615u, kStyle), "18446744073709551615");
    EXPECT_EQ(plain(true, kStyle), "yes");
    EXPECT_EQ(plain(json::array({"a", 1}), kStyle), "a, 1");
    EXPECT_EQ(plain(json::array(), kStyle), "-");
    EXPECT_EQ(plain("\x1b[31mred\n", kStyle), "?[31mred?");  // nobody writes to the terminal by a name
}

TEST(Cells, Bytes) {
    EXPECT_EQ(bytes(0, kStyle), "0 B");
    EXPECT_EQ(bytes(999, kStyle), "999 B");
    EXPECT_EQ(bytes(1000, kStyle), "1.0 kB");
    EXPECT_EQ(bytes(3449, kStyle), "3.4 kB");
    EXPECT_EQ(bytes(99949, kStyle), "99.9 kB");
    EXPECT_EQ(bytes(99950, kStyle), "100 kB");
    EXPECT_EQ(bytes(999'499, kStyle), "999 kB");
    EXPECT_EQ(bytes(999'500, kStyle), "1.0 MB");
    EXPECT_EQ(bytes(18446744073709551615u, kStyle), "18.4 EB");
    EXPECT_EQ(bytes(nullptr, kStyle), "-");
}

TEST(Cells, Duration) {
    EXPECT_EQ(duration(0, kStyle), "0s");
    EXPECT_EQ(duration(59, kStyle), "59s");
    EXPECT_EQ(duration(60, kStyle), "1m");
    EXPECT_EQ(duration(250, kStyle), "4m10s");
    EXPECT_EQ(duration(7440, kStyle), "2h4m");
    EXPECT_EQ(duration(90'000, kStyle), "1d1h");
    EXPECT_EQ(ago(5, kStyle), "5s ago");
    EXPECT_EQ(ago(nullptr, kStyle), "never");
}

TEST(Cells, Rules) {
    EXPECT_EQ(rules_text({{"firewall_rule", 3}, {"dnat_rule", 196613}, {"snat_rule", nullptr}}, ", "), "dnat 196613, firewall 3");
    EXPECT_EQ(rules_text(json::object(), ", "), "");
}

TEST(StyleTest, ArrowsFitTheLocale) {
    std::map<std::string, std::string> variables;
    const Environment environment = [&](const char* name) {
        return variables.contains(name) ? variables[name].c_str() : nullptr;
    };
    EXPECT_FALSE(Style::of_terminal(environment).utf8);
    variables["LANG"] = "de_DE.utf8";
    EXPECT_TRUE(Style::of_terminal(environment).utf8);
    variables["LC_ALL"] = "C";
    EXPECT_FALSE(Style::of_terminal(environment).utf8);
    variables["LC_ALL"] = "C.UTF-8";
    EXPECT_TRUE(Style::of_terminal(environment).utf8);
    variables["COLUMNS"] = "72";
    EXPECT_EQ(Style::of_terminal(environment).width, 72u);

    EXPECT_EQ((Style{true, 0}.fit("a -> b → c")), "a → b → c");
    EXPECT_EQ((Style{false, 0}.fit("a -> b → c")), "a -> b -> c");
}

TEST(StyleTest, WrapsBetweenWords) {
    EXPECT_EQ(wrapped("one two three", 8, 2), "one two\n  three");
    EXPECT_EQ(wrapped("one two three", 0, 2), "one two three");
    EXPECT_EQ(wrapped("incomprehensible", 5, 2), "incomprehensible");
    EXPECT_EQ(wrapped("→→ →→", 5, 2), "→→ →→");
}

}  // namespace
}  // namespace hairpin::cli
