#include "candidate_lab.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "config/candidate/words.h"
#include "guide_lab.h"

namespace hairpin::config {

std::vector<std::string> words(std::string_view line) {
    std::vector<std::string> result;
    const auto tokens = tokenize(line);
    if (!tokens) ADD_FAILURE() << line;
    if (tokens)
        for (const Token& token : *tokens) result.push_back(token.text);
    return result;
}

Candidate candidate_of(const std::string& text) {
    Candidate candidate;
    const auto loaded = candidate.load(text, Candidate::Load::replace);
    if (!loaded) ADD_FAILURE() << loaded.error().path << ": " << loaded.error().message << "\n" << text;
    return candidate;
}

Candidate guide_candidate() { return candidate_of(guide_lab().dump()); }

void set(Candidate& candidate, std::string_view line) { EXPECT_EQ(outcome(candidate.set(words(line))), "done") << line; }
void remove(Candidate& candidate, std::string_view line) { EXPECT_EQ(outcome(candidate.remove(words(line))), "done") << line; }

std::string outcome(const Edit<void>& done) {
    return done ? "done" : std::to_string(done.error().word) + ": " + done.error().message;
}

namespace {

// rapidcheck begins with small ranges; a choice wants its whole one from the first test on.
int below(int end) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, end)); }

template <class T>
T any_of(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(below(static_cast<int>(choices.size())))];
}
std::string any_number(int from, int to) { return std::to_string(from + below(to - from + 1)); }
bool one_in(int n) { return below(n) == 0; }

const std::vector<std::string> kTexts = {"a",      "b", "lan",     "web-1",    "x.y",      "a b",  "say \"hi\" \\", "[", "]",
                                         "{ };#|", "",  "/* x */", "für alle", "set a b;", "\\\"", " a ",           "*", "-"};

// "1..4094" or "1..65536|131075..196607": small numbers of a range, so that they meet, or its last.
std::string any_within(const std::string& ranges) {
    std::vector<std::string> numbers;
    for (std::size_t at = 0; at < ranges.size();) {
        const std::size_t dots = ranges.find("..", at), end = std::min(ranges.find('|', at), ranges.size());
        const auto first = std::stoul(ranges.substr(at, dots - at));
        numbers.push_back(std::to_string(first + static_cast<unsigned long>(below(4))));
        numbers.push_back(ranges.substr(dots + 2, end - dots - 2));
        at = end + 1;
    }
    return any_of(numbers);
}

std::string any_value(const Expected& expected) {
    if (!expected.is_value) return expected.word;
    const std::string kind = expected.word.substr(1, expected.word.size() - 2);
    if (kind.find("..") != std::string::npos) return any_within(kind);
    const std::string host = "10.0." + any_number(0, 1) + "." + any_number(1, 3);
    const std::map<std::string, std::string> examples = {{"192.0.2.1", host},
                                                         {"192.0.2.1/24", host + "/24"},
                                                         {"192.0.2.0/24", "10." + any_number(0, 3) + ".0.0/16"},
                                                         {"02:00:00:00:00:01", "02:00:00:00:00:0" + any_number(0, 3)},
                                                         {"8000-8099", any_of<std::string>({"80", "443", "8000-8099"})}};
    const auto found = examples.find(kind);
    return found != examples.end() ? found->second : any_of(kTexts);
}

std::string any_annotation() {
    return any_of<std::string>({"", "why", "two words", "two  spaces", "a; b { c } # d", "\"quoted\" \\", "/* open", "*", "für"});
}

}  // namespace

std::vector<std::string> any_path(const Candidate& candidate, Candidate::Purpose purpose) {
    // Often where there is most to set, so that edits meet.
    const std::vector<std::vector<std::string>> places = {
        {}, {"gateway", "firewall", "rule"}, {"gateway", "nat", "rule"}, {"switch", "port"}, {"gateway", "interface"}};
    std::vector<std::string> path = any_of(places);
    if (!path.empty() && purpose != Candidate::Purpose::set && !candidate.exists(path)) path.clear();
    while (path.size() < 20) {
        const auto expected = candidate.expect(path, purpose);
        if (expected.empty() || (candidate.may_end(path, purpose) && one_in(3))) break;
        path.push_back(any_value(any_of(expected)));
    }
    return path;
}

void edit_at_random(Candidate& candidate, int edits) {
    for (int i = 0; i < edits; ++i) {
        switch (below(10)) {
            case 0: (void)candidate.remove(any_path(candidate, Candidate::Purpose::remove)); break;
            case 1: (void)candidate.annotate(any_path(candidate, Candidate::Purpose::remove), any_annotation()); break;
            case 2:
                (void)candidate.insert(any_path(candidate, Candidate::Purpose::remove), one_in(2), std::vector{any_number(1, 4)});
                break;
            case 3:
                (void)candidate.rename_entry(any_path(candidate, Candidate::Purpose::remove), std::vector{any_number(1, 4)});
                break;
            default: (void)candidate.set(any_path(candidate, Candidate::Purpose::set)); break;
        }
    }
}

Candidate any_candidate() {
    Candidate candidate;
    edit_at_random(candidate, below(120));
    return candidate;
}

}  // namespace hairpin::config
