#include "runtime/connectivity/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "runtime/worker.h"

namespace hairpin::runtime::connectivity {

using config::Candidate;

namespace {

// A document with what was done to it, and what the gateway says under its rules.
struct State {
    std::vector<Remedy> settings;
    Candidate document;
    Verdict verdict;
    std::vector<Remedy> remedies;  // for the verdict's obstacle
};

class Search {
public:
    Search(Worker& worker, const Question& question, const Compile& compile, const Bounds& bounds)
        : worker_(worker), question_(question), compile_(compile), bounds_(bounds) {}

    SearchResult run(State start) {
        states_.push_back(std::move(start));
        for (; !states_.empty(); states_.pop_front())
            if (look_beyond(states_.front())) break;
        if (!result_.suggestion) result_.why_none = why_none();
        return std::move(result_);
    }

private:
    // True when the search is over.
    bool look_beyond(const State& state) {
        if (state.remedies.empty()) {
            note_end(state.verdict);
            return false;
        }
        if (state.settings.size() == bounds_.settings) return bounded_ = true, false;
        for (const Remedy& remedy : state.remedies) {
            if (result_.tries == bounds_.tries || bytes_ >= bounds_.bytes) return bounded_ = true;
            std::optional<State> next = state_after(state, remedy);
            if (!next) continue;
            if (next->verdict.possible()) {
                result_.suggestion = Suggestion{std::move(next->settings), std::move(next->verdict)};
                return true;
            }
            if (next->verdict.sentence != state.verdict.sentence) states_.push_back(std::move(*next));
        }
        note_end(state.verdict);
        return false;
    }

    // Nothing where the remedy cannot be typed there, makes no valid document, or has been tried in another order.
    std::optional<State> state_after(const State& state, const Remedy& remedy) {
        State next{state.settings, state.document.copy(), {}, {}};
        next.settings.push_back(remedy);
        if (!seen_.insert(lines_of(next.settings)).second || !apply(remedy, next.document)) return std::nullopt;
        const std::string text = next.document.to_json();
        bytes_ += text.size();
        if (bytes_ > bounds_.bytes) return bounded_ = true, std::nullopt;
        ++result_.tries;
        const auto ruleset = compile_(text);
        if (!ruleset) return std::nullopt;
        const gateway::EdgeGateway::Supposition supposed{worker_.gateway(), *ruleset};
        auto verdict = judge(worker_, question_);
        if (!verdict) return std::nullopt;
        next.verdict = std::move(*verdict);
        if (!next.verdict.possible()) next.remedies = remedies_for(next.verdict, question_, worker_, next.document);
        return next;
    }

    static std::set<std::string> lines_of(const std::vector<Remedy>& settings) {
        std::set<std::string> lines;
        for (const Remedy& setting : settings) lines.insert(setting.lines.begin(), setting.lines.end());
        return lines;
    }

    // Where a list of settings came to its end without success: the last is that of the longest.
    void note_end(const Verdict& verdict) { end_ = verdict; }

    std::string why_none() const {
        if (bounded_)
            return fmt::format(
                "the search ended after {} tries, before it kept packets waiting for too long: the configuration is "
                "large, or too much is missing",
                result_.tries);
        ensure(end_.has_value());
        const std::string reason{row_of(end_->obstacle).no_remedy};
        if (result_.tries == 0) return reason;
        return fmt::format("whatever could be set, {}; {}", end_->sentence, reason);
    }

    Worker& worker_;
    const Question& question_;
    const Compile& compile_;
    const Bounds& bounds_;
    std::deque<State> states_;
    std::set<std::set<std::string>> seen_;
    std::optional<Verdict> end_;
    SearchResult result_;
    std::size_t bytes_ = 0;
    bool bounded_ = false;
};

}  // namespace

SearchResult search(Worker& worker, const Question& question, const Verdict& verdict, const Candidate& document,
                    const Compile& compile, const Bounds& bounds) {
    State start{{}, document.copy(), verdict, remedies_for(verdict, question, worker, document)};
    return Search{worker, question, compile, bounds}.run(std::move(start));
}

}  // namespace hairpin::runtime::connectivity
