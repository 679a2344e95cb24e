// A text that is compiled onto a configuration comes to what it comes to when all of it is read anew: rules, warnings, refusals.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "any_document.h"
#include "guide_lab.h"

namespace hairpin::config {
namespace {

using nlohmann::json;

int some(int begin, int end) { return *rc::gen::inRange(begin, end); }
std::size_t any_place(const json& list) { return static_cast<std::size_t>(some(0, static_cast<int>(list.size()))); }

// One edit of a list of rules, good or bad.
void edit_list(json& rules, const json& another) {
    if (rules.empty()) return rules.push_back(another);
    const std::size_t place = any_place(rules);
    switch (some(0, 7)) {
        case 0: rules.insert(rules.begin() + static_cast<std::ptrdiff_t>(place), another); return;
        case 1: rules.erase(place); return;
        case 2: rules[place] = another; return;
        case 3: std::swap(rules[place], rules[any_place(rules)]); return;
        case 4: rules[place]["enabled"] = some(0, 2) == 0; return;
        case 5: rules.push_back(rules[place]); return;  // its number twice
        default: rules[place].erase("action"); return;
    }
}

void edit_surroundings(json& document) {
    json& gateway = document["hairpin:gateway"];
    json& interface = gateway["interface"][any_place(gateway["interface"])];
    switch (some(0, 13)) {
        case 9: gateway["group"] = any_groups(); return;
        case 10:
            if (gateway["group"]["address"].size() == 2) gateway["group"]["address"].erase(static_cast<std::size_t>(some(0, 2)));
            return;
        case 11: gateway["group"]["service"][0]["name"] = some(0, 2) == 0 ? "shop" : "store"; return;
        case 0: interface["role"] = some(0, 2) == 0 ? "internal" : "uplink"; return;
        case 1: interface["name"] = some(0, 2) == 0 ? "lan" : "dmz"; return;
        case 2: interface["address"].push_back("10.7.0." + std::to_string(some(1, 300)) + "/24"); return;
        case 3: gateway["firewall"]["match-address"] = some(0, 2) == 0 ? "original" : "translated"; return;
        case 4: gateway["firewall"]["enabled"] = some(0, 2) == 0; return;
        case 5: gateway["icmp"]["answer-echo"] = some(0, 2) == 0 ? "none" : "internal"; return;
        case 6: gateway["timeout"]["udp"] = some(0, 100); return;
        case 7: gateway["schedule"][0]["start"] = some(0, 2) == 0 ? "09:00" : "06:00"; return;
        case 8:  // rules may name it
            if (gateway["schedule"].size() == 2) gateway["schedule"].erase(1);
            return;
        default: document["hairpin:switch"]["mac-table"]["age-seconds"] = some(5, 100); return;
    }
}

RC_GTEST_PROP(CompileText, OntoAnotherIsAsFromNothing, ()) {
    json document = any_document();
    auto running = compile(document.dump(), nullptr);
    RC_ASSERT(running.has_value());
    for (int step = 0; step < 8; ++step) {
        json next = document;
        for (int edits = some(0, 3); edits > 0; --edits) {
            edit_list(next["hairpin:gateway"]["firewall"]["rule"], any_firewall_rule(some(1, 120)));
            edit_list(next["hairpin:gateway"]["nat"]["rule"], any_nat_rule(some(65580, 65620)));
            if (some(0, 3) == 0) edit_surroundings(next);
        }
        const std::string text = some(0, 5) == 0 ? next.dump(1) : next.dump();
        const auto quick = compile(text, &*running);
        const auto slow = compiled(text, running->ruleset.get());
        RC_ASSERT(quick.has_value() == slow.has_value());
        if (!quick) {
            RC_ASSERT(quick.error().path == slow.error().path);
            RC_ASSERT(quick.error().message == slow.error().message);
            continue;
        }
        RC_ASSERT(*quick->ruleset == *slow->ruleset);
        RC_ASSERT(quick->switching == slow->switching);
        RC_ASSERT(quick->warnings == slow->warnings);
        RC_ASSERT(quick->match_address == slow->match_address);
        RC_ASSERT(quick->groups == slow->groups);
        running = *quick;
        document = std::move(next);
    }
}

std::string name_of(const Configuration& configuration, gateway::RuleId id) {
    for (const auto& rule : configuration.ruleset->firewall)
        if (rule.id == id) return rule.text.name;
    return "(no such rule)";
}

// Were it read whole, the name of another rule could not be wrong.
TEST(CompileText, ARuleThatIsKnownIsNotReadAgain) {
    json document = guide_lab();
    auto running = compile(document.dump(), nullptr);
    ASSERT_TRUE(running);
    auto rules = std::make_shared<gateway::Ruleset>(*running->ruleset);
    for (auto& rule : rules->firewall)
        if (rule.id == 3) rule.text.name = "known";
    running->ruleset = rules;
    document["hairpin:gateway"]["firewall"]["rule"][3]["name"] = "changed";
    const auto next = compile(document.dump(), &*running);
    ASSERT_TRUE(next);
    EXPECT_EQ(name_of(*next, 3), "known");
    EXPECT_EQ(name_of(*next, 4), "changed");
    document["hairpin:gateway"]["interface"][1]["role"] = "uplink";
    EXPECT_EQ(name_of(*compile(document.dump(), &*running), 3), "Workstation to Web Server");
}

TEST(CompileText, WhatIsNotAboutRulesIsWarnedOfEachTime) {
    json document = guide_lab();
    document["hairpin:gateway"]["interface"][1].erase("address");
    const auto running = compile(document.dump(), nullptr);
    ASSERT_TRUE(running) << running.error().message;
    ASSERT_FALSE(running->warnings.empty());
    EXPECT_TRUE(running->warnings.front().starts_with("/hairpin:gateway/interface[name='lan']/address: "));
    const auto next = compile(document.dump(), &*running);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->warnings, running->warnings);
}

// Rules that hide from whoever looks for them plainly.
TEST(CompileText, RulesUnderAnotherNameAreRulesAsWell) {
    const auto running = compile(guide_lab().dump(), nullptr);
    json document = guide_lab();
    json& firewall = document["hairpin:gateway"]["firewall"];
    firewall["hairpin:rule"] = firewall["rule"];
    firewall.erase("rule");
    const auto next = compile(document.dump(), &*running);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->ruleset->firewall, running->ruleset->firewall);
    document["hairpin:gateway"]["firewall"]["rule"] = json::array({{{"id", 77}, {"action", "drop"}}});
    const auto both = compile(document.dump(), &*next), slow = compiled(document, next->ruleset.get());
    ASSERT_EQ(both.has_value(), slow.has_value());
    EXPECT_TRUE(!both || both->ruleset->firewall == slow->ruleset->firewall);
}

}  // namespace
}  // namespace hairpin::config
