// What holds for every candidate, made at random by walking through what may be typed.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "candidate_lab.h"
#include "config/candidate/words.h"
#include "config/document.h"
#include "guide_lab.h"

namespace hairpin::config {
namespace {

using Load = Candidate::Load;
using Purpose = Candidate::Purpose;

RC_GTEST_PROP(CandidateProperty, EveryFormLoadsBackToTheSameTree, ()) {
    const Candidate candidate = any_candidate();
    for (const std::string& text : {candidate.as_set(), candidate.as_text(), candidate.as_json(), candidate.to_json()}) {
        Candidate again;
        const auto loaded = again.load(text, Load::replace);
        if (!loaded) RC_FAIL(loaded.error().path + ": " + loaded.error().message + "\n" + text);
        RC_ASSERT(again.to_json() == candidate.to_json());
        RC_ASSERT(again.load(text, Load::merge).has_value());  // once more changes nothing
        RC_ASSERT(again.to_json() == candidate.to_json());
    }
    RC_ASSERT(Candidate::from_json(candidate.to_json())->to_json() == candidate.to_json());
}

RC_GTEST_PROP(CandidateProperty, SetLinesAreWhatMayBeTyped, ()) {
    const Candidate candidate = any_candidate();
    const std::string lines = candidate.as_set();
    Candidate typed;
    for (std::size_t begin = 0; begin < lines.size(); begin = lines.find('\n', begin) + 1) {
        auto line = words(std::string_view{lines}.substr(begin, lines.find('\n', begin) - begin));
        const std::string command = line.front();
        line.erase(line.begin());
        if (command == "set") {
            RC_ASSERT(typed.set(line).has_value());
            continue;
        }
        const std::string text = line.back();
        line.pop_back();
        RC_ASSERT(typed.annotate(line, text).has_value());
    }
    RC_ASSERT(typed.to_json() == candidate.to_json());
}

RC_GTEST_PROP(CandidateProperty, ThePartsOfATreeAreFoundByTheirPaths, ()) {
    const Candidate candidate = any_candidate();
    const auto path = any_path(candidate, Purpose::remove);
    RC_PRE(candidate.may_end(path, Purpose::remove));
    RC_ASSERT(candidate.exists(path));
    Candidate part, rest = candidate.copy();
    RC_ASSERT(part.load(candidate.as_json(path), Load::replace).has_value());
    RC_ASSERT(part.as_json(path) == candidate.as_json(path));
    RC_ASSERT(part.exists(path));
    RC_ASSERT(rest.remove(path).has_value());
    RC_ASSERT(!rest.exists(path));
    RC_ASSERT(!rest.remove(path).has_value());
}

RC_GTEST_PROP(CandidateProperty, ADifferenceIsEmptyExactlyWhenTheTreesAreEqual, ()) {
    const Candidate one = any_candidate();
    Candidate other = one.copy();
    RC_ASSERT(one.difference(other).empty());
    edit_at_random(other, *rc::gen::inRange(0, 4));
    const bool equal = one.to_json() == other.to_json();
    if (equal) RC_ASSERT(one.difference(other).empty());
    RC_ASSERT(one.difference(other).empty() == other.difference(one).empty());
    RC_ASSERT(one.difference(other).empty() == one.changed_paths(other).empty());
    // Equal but for the order of what the user does not order: then the lines that make them are the same, in another order.
    if (one.difference(other).empty() && !equal) {
        const auto sorted = [](std::string text) { return std::sort(text.begin(), text.end()), text; };
        RC_ASSERT(sorted(one.to_json()) == sorted(other.to_json()));
    }
}

RC_GTEST_PROP(CandidateProperty, AnEditThatFailsChangesNothing, ()) {
    Candidate candidate = any_candidate();
    const std::string before = candidate.to_json();
    auto path = any_path(candidate, Purpose::set);
    if (!path.empty() && *rc::gen::arbitrary<bool>())
        path[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(path.size())))] += "?";
    const auto other = any_path(candidate, Purpose::edit);
    for (const auto& edit : std::vector<std::function<Edit<void>()>>{
             [&] { return candidate.set(path); }, [&] { return candidate.remove(path); },
             [&] { return candidate.annotate(path, "\n"); }, [&] { return candidate.copy_entry(path, other); },
             [&] { return candidate.rename_entry(other, path); }, [&] { return candidate.insert(path, true, other); }}) {
        const auto done = edit();
        if (done) return;
        RC_ASSERT(done.error().word <= path.size() + other.size());
        RC_ASSERT(!done.error().message.empty());
        RC_ASSERT(candidate.to_json() == before);
    }
}

RC_GTEST_PROP(CandidateProperty, WhatIsExpectedIsAccepted, ()) {
    Candidate candidate = any_candidate();
    auto path = any_path(candidate, Purpose::set);
    for (const Expected& expected : candidate.expect(path, Purpose::set)) {
        if (expected.is_value || expected.word == "]") continue;
        auto longer = path;
        longer.push_back(expected.word);
        const auto done = candidate.copy().set(longer);
        RC_ASSERT(done.has_value() || done.error().word == longer.size());  // something more may be wanted
    }
    if (candidate.may_end(path, Purpose::set)) RC_ASSERT(candidate.set(path).has_value() && candidate.exists(path));
}

RC_GTEST_PROP(CandidateProperty, ADaemonReadsWhatACandidateWrites, ()) {
    Candidate candidate = guide_candidate();
    (void)candidate.annotate(any_path(candidate, Purpose::remove), "a note");  // not every path means one node
    const auto document = Document::parse(candidate.to_json());
    RC_ASSERT(document.has_value());
    RC_ASSERT(Candidate::from_json(document->to_json())->difference(candidate).empty());
}

/* Hostile text */

void survive_loading(const std::string& text) {
    Candidate candidate;
    const std::string before = candidate.to_json();
    const auto loaded = candidate.load(text, Load::merge);
    if (loaded) {
        (void)candidate.as_text();
        RC_ASSERT(candidate_of(candidate.as_set()).to_json() == candidate.to_json());
    } else {
        RC_ASSERT(!loaded.error().message.empty());
        RC_ASSERT(loaded.error().path.starts_with("line "));
        RC_ASSERT(candidate.to_json() == before);
    }
}

RC_GTEST_PROP(CandidateProperty, TextThatIsCutOrChangedAnywhereIsRefusedOrLoaded, ()) {
    const Candidate candidate = any_candidate();
    for (std::string text : {candidate.as_set(), candidate.as_text(), candidate.as_json()}) {
        survive_loading(text.substr(0, static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size()) + 1))));
        if (text.empty()) continue;
        for (int i = 0; i < 3; ++i)
            text[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())))] = *rc::gen::arbitrary<char>();
        survive_loading(text);
    }
}

RC_GTEST_PROP(CandidateProperty, WordsInAnyOrderAreRefusedOrLoaded, ()) {
    const std::vector<std::string> pieces = {"set ",
                                             "annotate ",
                                             "gateway ",
                                             "switch ",
                                             "firewall ",
                                             "rule ",
                                             "3 ",
                                             "{ ",
                                             "} ",
                                             "; ",
                                             "[ ",
                                             "] ",
                                             "\"",
                                             "\\",
                                             "/* ",
                                             "*/ ",
                                             "#",
                                             "\n",
                                             "port ",
                                             "web ",
                                             "memory ",
                                             "tap ",
                                             "address ",
                                             "10.0.0.1/24 ",
                                             "interface ",
                                             "lan ",
                                             "action ",
                                             "drop ",
                                             "\x1b",
                                             "\xff",
                                             "\"name\":",
                                             "\"hairpin:gateway\":",
                                             ",",
                                             "\"@\":",
                                             "{\"hairpin:comment\":\"x\"}"};
    const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces));
    std::string text;
    for (const std::string& piece : chosen) text += piece;
    survive_loading(text);
    survive_loading("gateway { " + text);
    survive_loading("{\"hairpin:gateway\": {" + text);
    survive_loading("set gateway " + text);
}

}  // namespace
}  // namespace hairpin::config
