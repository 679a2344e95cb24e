// What is different between two candidates, and two people's changes put together.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <optional>
#include <set>

#include "candidate_lab.h"

namespace hairpin::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kBase = R"(set gateway interface lan address 10.0.0.1/24
set gateway interface lan address 10.0.1.1/24
set gateway firewall rule 1 action accept
set gateway firewall rule 2 name two
set gateway firewall rule 2 action accept
set gateway firewall rule 3 action accept
set gateway timeout udp 300
)";

Candidate changed(const std::vector<std::string>& set_lines, const std::vector<std::string>& remove_lines = {}) {
    Candidate candidate = candidate_of(kBase);
    for (const std::string& line : set_lines) set(candidate, line);
    for (const std::string& line : remove_lines) remove(candidate, line);
    return candidate;
}

std::string difference(const Candidate& candidate) { return candidate.difference(candidate_of(kBase)); }

/* Differences */

TEST(CandidateDifference, TellsValuesBelowTheirPlace) {
    EXPECT_EQ(difference(changed({})), "");
    EXPECT_EQ(
        difference(changed({"gateway firewall rule 3 action drop", "gateway timeout tcp-reset 5"}, {"gateway timeout udp"})),
        "[edit gateway firewall rule 3]\n"
        "-   action accept;\n"
        "+   action drop;\n"
        "[edit gateway timeout]\n"
        "+   tcp-reset 5;\n"
        "-   udp 300;\n");
}

TEST(CandidateDifference, TellsWholeBlocks) {
    EXPECT_EQ(difference(changed({"gateway firewall rule 7 action drop", "gateway firewall rule 7 service tcp port [ 80 443 ]",
                                  "switch segment lan"},
                                 {"gateway firewall rule 2"})),
              "[edit]\n"
              "+   switch {\n"
              "+       segment lan;\n"
              "+   }\n"
              "[edit gateway firewall]\n"
              "-   rule 2 {\n"
              "-       name two;\n"
              "-       action accept;\n"
              "-   }\n"
              "+   rule 7 {\n"
              "+       service tcp {\n"
              "+           port [ 80 443 ];\n"
              "+       }\n"
              "+       action drop;\n"
              "+   }\n");
}

TEST(CandidateDifference, TellsTheFewestMoves) {
    Candidate candidate = candidate_of(kBase);
    EXPECT_TRUE(candidate.insert(words("gateway firewall rule 3"), true, words("1")));
    EXPECT_EQ(difference(candidate), "[edit gateway firewall]\n!   rule 3 { ... }  now first\n");
    EXPECT_TRUE(candidate.insert(words("gateway firewall rule 3"), false, words("1")));
    EXPECT_TRUE(candidate.insert(words("gateway interface lan address 10.0.0.1/24"), false, words("10.0.1.1/24")));
    EXPECT_EQ(difference(candidate),
              "[edit gateway interface lan]\n!   address 10.0.1.1/24;  now first\n"
              "[edit gateway firewall]\n!   rule 3 { ... }  now after rule 1\n");
}

TEST(CandidateDifference, TellsAnnotations) {
    Candidate candidate = candidate_of(kBase);
    EXPECT_TRUE(candidate.annotate(words("gateway firewall rule 2"), "old"));
    const Candidate base = candidate.copy();
    EXPECT_EQ(difference(candidate), "[edit gateway firewall]\n+   /* old */\n    rule 2 { ... }\n");
    EXPECT_TRUE(candidate.annotate(words("gateway firewall rule 2"), "new"));
    EXPECT_EQ(candidate.difference(base), "[edit gateway firewall]\n-   /* old */\n+   /* new */\n    rule 2 { ... }\n");
}

TEST(CandidateDifference, IsNothingWhereOrderIsNothing) {
    EXPECT_EQ(candidate_of("set switch segment a\nset switch segment b")
                  .difference(candidate_of("set switch segment b\nset switch segment a")),
              "");
    EXPECT_NE(candidate_of("set gateway firewall rule 1\nset gateway firewall rule 2")
                  .difference(candidate_of("set gateway firewall rule 2\nset gateway firewall rule 1")),
              "");
}

TEST(CandidateDifference, HasPaths) {
    const Candidate candidate = changed({"gateway firewall rule 3 action drop", "gateway interface lan address 10.0.2.1/24",
                                         "gateway nat rule 65537 action snat", "gateway sessions capacity 16"},
                                        {"gateway firewall rule 2"});
    EXPECT_THAT(candidate.changed_paths(candidate_of(kBase)),
                ElementsAre(words("gateway nat rule 65537"), words("gateway sessions capacity"),
                            words("gateway interface lan address 10.0.2.1/24"), words("gateway firewall rule 2"),
                            words("gateway firewall rule 3 action")));
    EXPECT_THAT(candidate.changed_paths(candidate), IsEmpty());
}

/* Merging */

// "conflict: path", or what the merge changed in the base.
std::string merged(const Candidate& mine, const Candidate& theirs) {
    Candidate result = mine.copy();
    const auto done = result.merge_changes(candidate_of(kBase), theirs);
    if (!done) {
        EXPECT_EQ(result.to_json(), mine.to_json());
        return "conflict: " + done.error().path;
    }
    return difference(result);
}

TEST(CandidateMerge, PutsTogetherWhatDoesNotMeet) {
    EXPECT_EQ(merged(changed({"gateway firewall rule 3 action drop"}),
                     changed({"gateway firewall rule 3 name three", "gateway timeout icmp 5"})),
              "[edit gateway firewall rule 3]\n+   name three;\n-   action accept;\n+   action drop;\n[edit gateway timeout]\n+  "
              " icmp 5;\n");
    EXPECT_EQ(merged(changed({"gateway interface lan address 10.0.2.1/24"}),
                     changed({}, {"gateway interface lan address 10.0.0.1/24"})),
              "[edit gateway interface lan]\n-   address 10.0.0.1/24;\n+   address 10.0.2.1/24;\n");
    EXPECT_EQ(merged(changed({}, {"gateway timeout"}), changed({"gateway timeout icmp 5"})),
              "[edit gateway timeout]\n-   udp 300;\n+   icmp 5;\n");
    EXPECT_EQ(merged(changed({}), changed({"gateway timeout icmp 5"})), "[edit gateway timeout]\n+   icmp 5;\n");
    EXPECT_EQ(merged(changed({"gateway timeout icmp 5"}), changed({"gateway timeout icmp 5"})),
              "[edit gateway timeout]\n+   icmp 5;\n");
    EXPECT_EQ(merged(changed({"gateway firewall rule 9 action drop"}), changed({"gateway firewall rule 9 action drop"})),
              "[edit gateway firewall]\n+   rule 9 {\n+       action drop;\n+   }\n");
}

TEST(CandidateMerge, NamesWhatBothTouched) {
    EXPECT_EQ(merged(changed({"gateway timeout udp 5"}), changed({"gateway timeout udp 6"})), "conflict: gateway timeout udp");
    EXPECT_EQ(merged(changed({"gateway timeout udp 5"}), changed({}, {"gateway timeout"})), "conflict: gateway timeout udp");
    EXPECT_EQ(merged(changed({}, {"gateway firewall rule 2"}), changed({"gateway firewall rule 2 action drop"})),
              "conflict: gateway firewall rule 2");
    EXPECT_EQ(merged(changed({"gateway firewall rule 2 action drop"}), changed({}, {"gateway firewall"})),
              "conflict: gateway firewall rule 2");
    // Two rules of the same number are no rule that anybody wrote.
    EXPECT_EQ(merged(changed({"gateway firewall rule 9 action drop"}), changed({"gateway firewall rule 9 name nine"})),
              "conflict: gateway firewall rule 9");
    EXPECT_EQ(merged(changed({"switch port web vlan access 5"}), changed({"switch port web vlan trunk 5"})),
              "conflict: switch port web");
    Candidate mine = candidate_of(kBase), theirs = candidate_of(kBase);
    EXPECT_TRUE(mine.annotate(words("gateway timeout udp"), "mine"));
    EXPECT_TRUE(theirs.annotate(words("gateway timeout udp"), "theirs"));
    EXPECT_EQ(merged(mine, theirs), "conflict: gateway timeout udp");
    // What one explains and the other empties.
    Candidate explained = candidate_of(kBase);
    EXPECT_TRUE(explained.annotate(words("gateway firewall"), "why"));
    EXPECT_EQ(merged(explained, changed({}, {"gateway firewall"})), "conflict: gateway firewall");
    EXPECT_EQ(merged(changed({}, {"gateway firewall"}), explained), "conflict: gateway firewall");
}

TEST(CandidateMerge, AlternativesOfAChoiceExcludeEachOther) {
    const Candidate base = candidate_of("set switch port web tap device eth0");
    const auto with = [&](std::string_view line) {
        Candidate candidate = base.copy();
        set(candidate, line);
        return candidate;
    };
    Candidate mine = with("switch port web memory");
    const auto done = mine.merge_changes(base, with("switch port web pcap read x"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().path, "switch port web memory");
    ASSERT_FALSE(mine.merge_changes(base, with("switch port web tap mtu 1400")));
    ASSERT_TRUE(mine.merge_changes(base, with("switch port web segment lan")));
    EXPECT_EQ(mine.as_set(), "set switch port web segment lan\nset switch port web memory\n");
}

std::string ids_of(const Candidate& candidate) {
    std::string ids;
    for (const auto& expected : candidate.expect(words("gateway firewall rule"), Candidate::Purpose::show)) ids += expected.word;
    return ids;
}

TEST(CandidateMerge, OrdersComeTogether) {
    const Candidate base = candidate_of("set gateway firewall rule 1\nset gateway firewall rule 2\nset gateway firewall rule 3");
    const auto with = [&](const std::vector<std::string>& order) {
        std::string lines;
        for (const std::string& id : order) lines += "set gateway firewall rule " + id + "\n";
        return candidate_of(lines);
    };
    const auto order_of = [&](const std::vector<std::string>& mine, const std::vector<std::string>& theirs) {
        Candidate candidate = with(mine);
        const auto done = candidate.merge_changes(base, with(theirs));
        return done ? ids_of(candidate) : done.error().path;
    };
    EXPECT_EQ(order_of({"1", "4", "2", "3"}, {"1", "2", "3", "5"}), "14235");  // each behind what it was put behind
    EXPECT_EQ(order_of({"4", "1", "2", "3"}, {"5", "1", "2", "3"}), "45123");
    EXPECT_EQ(order_of({"1", "2", "4", "3"}, {"1", "3"}), "143");  // what it was behind is gone
    EXPECT_EQ(order_of({"3", "1", "2"}, {"1", "2", "5", "3"}), "3125");
    EXPECT_EQ(order_of({"1", "2", "5", "3"}, {"3", "1", "2"}), "3125");
    EXPECT_EQ(order_of({"3", "1", "2"}, {"3", "1", "2"}), "312");
    EXPECT_EQ(order_of({"3", "1", "2"}, {"2", "1", "3"}), "gateway firewall rule");
    EXPECT_EQ(order_of({"1", "2", "3", "4", "5"}, {"1", "2", "3", "5", "4"}), "gateway firewall rule");
}

/* Properties */

RC_GTEST_PROP(CandidateMergeProperty, OneSideAloneIsTaken, ()) {
    const Candidate base = any_candidate();
    Candidate other = base.copy();
    edit_at_random(other, 20);
    Candidate mine = base.copy();
    RC_ASSERT(mine.merge_changes(base, other).has_value());
    RC_ASSERT(mine.to_json() == other.to_json());
    mine = other.copy();
    RC_ASSERT(mine.merge_changes(base, base).has_value());
    RC_ASSERT(mine.to_json() == other.to_json());
    RC_ASSERT(mine.merge_changes(base, other).has_value());  // both did the same
    RC_ASSERT(mine.to_json() == other.to_json());
}

RC_GTEST_PROP(CandidateMergeProperty, BothSidesAgreeOnWhetherAndWhat, ()) {
    const Candidate base = any_candidate();
    Candidate mine = base.copy(), theirs = base.copy();
    edit_at_random(mine, 6);
    edit_at_random(theirs, 6);
    Candidate one = mine.copy(), other = theirs.copy();
    const auto done = one.merge_changes(base, theirs);
    RC_ASSERT(done.has_value() == other.merge_changes(base, mine).has_value());
    if (!done) return;
    // A merge is loaded, shown and compared as everything else, and all that one side alone did is in it.
    RC_ASSERT(candidate_of(one.as_set()).to_json() == one.to_json());
    const auto lines = [](const Candidate& candidate) {
        std::set<std::string> result;
        const std::string text = candidate.as_set();
        for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1)
            result.insert(text.substr(begin, text.find('\n', begin) - begin));
        return result;
    };
    RC_ASSERT(lines(one) == lines(other));
}

// A model of leaves alone: rule r has a name and an action, or not; a map from path to value, merged path by path.
using Model = std::map<std::string, std::string>;

Model any_model() {
    Model model;
    const int size = *rc::gen::inRange(0, 5);
    for (int i = 0; i < size; ++i) {
        const std::string setting =
            *rc::gen::elementOf(std::vector<std::string>{"udp", "icmp", "other", "tcp-reset", "tcp-closed"});
        model["gateway timeout " + setting] = std::to_string(*rc::gen::inRange(1, 4));
    }
    if (*rc::gen::arbitrary<bool>()) model["gateway sessions capacity"] = std::to_string(*rc::gen::inRange(16, 18));
    return model;
}

Candidate candidate_of_model(const Model& model) {
    Candidate candidate;
    for (const auto& [path, value] : model) set(candidate, path + " " + value);
    return candidate;
}

std::optional<std::string> at(const Model& model, const std::string& path) {
    const auto found = model.find(path);
    return found == model.end() ? std::nullopt : std::optional{found->second};
}

RC_GTEST_PROP(CandidateMergeProperty, IsAMergeOfEachLeaf, ()) {
    const Model base = any_model(), mine = any_model(), theirs = any_model();
    Model expected;
    std::set<std::string> conflicts;
    std::set<std::string> paths;
    for (const Model* model : {&base, &mine, &theirs})
        for (const auto& [path, value] : *model) paths.insert(path);
    for (const std::string& path : paths) {
        const auto old = at(base, path), ours = at(mine, path), other = at(theirs, path);
        if (ours != old && other != old && ours != other) conflicts.insert(path);
        if (const auto value = ours != old ? ours : other) expected[path] = *value;
    }
    Candidate candidate = candidate_of_model(mine);
    const auto done = candidate.merge_changes(candidate_of_model(base), candidate_of_model(theirs));
    RC_ASSERT(done.has_value() == conflicts.empty());
    if (!done) RC_ASSERT(conflicts.contains(done.error().path));
    if (done) RC_ASSERT(candidate.to_json() == candidate_of_model(expected).to_json());
}

}  // namespace
}  // namespace hairpin::config
