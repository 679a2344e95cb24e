#include "cli/shell/filters.h"

#include <regex.h>

#include <algorithm>
#include <array>

#include "cli/choice.h"

namespace hairpin::cli {

// A POSIX extended regular expression, as grep -E takes it.
class Filters::Pattern {
public:
    Pattern(const std::string& text, bool wanted)
        : wanted_(wanted), error_(regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB)) {}
    ~Pattern() {
        if (error_ == 0) regfree(&compiled_);
    }
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;

    // Why it is none; empty when it is one.
    std::string problem() const {
        if (error_ == 0) return {};
        std::array<char, 256> text{};
        regerror(error_, &compiled_, text.data(), text.size());
        return text.data();
    }
    bool passes(const std::string& line) const { return (regexec(&compiled_, line.c_str(), 0, nullptr, 0) == 0) == wanted_; }

private:
    bool wanted_;
    regex_t compiled_{};
    int error_;
};

namespace {

constexpr auto kFilters = std::to_array<FilterRow>({
    {"match", "REGEX", "only lines in which this regular expression is found", "show firewall | match \"LAN|Internet\""},
    {"except", "REGEX", "only lines in which it is not found", "show firewall | except automatic"},
    {"count", "", "how many lines there are", "show nat rules | match dnat | count"},
    {"json", "", "as JSON, with exact numbers", "show ports | json"},
    {"set", "", "a configuration as set commands", "show configuration | set"},
    {"no-more", "", "without a stop after each page", "show configuration | no-more"},
});

const std::vector<std::string>& filter_words() {
    static const std::vector<std::string> words = [] {
        std::vector<std::string> all;
        for (const FilterRow& row : kFilters) all.emplace_back(row.word);
        return all;
    }();
    return words;
}

template <class Use>
void for_each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        use(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

std::span<const FilterRow> filter_rows() { return kFilters; }

Outcome<Filters> Filters::parse(Words words) {
    Filters filters;
    const auto missing = [](std::size_t at) {
        return wrong_at(at, "a filter is missing after |: expected " + listed(filter_words()));
    };
    if (words.empty()) return missing(0);
    for (std::size_t i = 0; i < words.size();) {
        const auto chosen = choose(words[i], filter_words(), "|");
        if (!chosen) return wrong_at(i, chosen.error().sentence);
        const std::size_t named = i++;
        if (*chosen == "match" || *chosen == "except") {
            if (i == words.size() || words[i] == "|") return wrong_at(i, "a regular expression is missing after " + *chosen);
            auto pattern = std::make_shared<const Pattern>(words[i], *chosen == "match");
            if (const std::string problem = pattern->problem(); !problem.empty())
                return wrong_at(i, "\"" + words[i] + "\" is no regular expression: " + problem);
            filters.patterns_.push_back(std::move(pattern));
            ++i;
        } else if (*chosen == "json") {
            filters.form_ = Form::json_document;
        } else if (*chosen == "set") {
            filters.form_ = Form::set;
        } else if (*chosen == "count") {
            filters.counts_ = true;
        } else {
            filters.paged_ = false;
        }
        if (i == words.size()) break;
        if (words[i] != "|") return wrong_at(i, "\"" + words[i] + "\" is too much after " + words[named] + ": expected |");
        if (++i == words.size()) return missing(i);
    }
    return filters;
}

std::optional<Failure> Filters::mistake_in(Words words) {
    const auto parsed = parse(words);
    return parsed || parsed.error().word >= words.size() ? std::nullopt : std::optional{parsed.error()};
}

Expectations Filters::expected_after(Words words) {
    if (mistake_in(words)) return {};
    if (words.empty() || words.back() == "|") {
        Expectations expected;
        for (const FilterRow& row : kFilters) expected.push_back({std::string{row.word}, std::string{row.description}});
        return expected;
    }
    const auto chosen = choose(words.back(), filter_words(), "");
    const bool wants_pattern = chosen && (*chosen == "match" || *chosen == "except");
    const bool is_pattern = words.size() > 1 && words[words.size() - 2] != "|";
    if (wants_pattern && !is_pattern) return {{"<regular-expression>", "as grep -E takes it", true}};
    return {{"|", "another filter"}};
}

bool Filters::passes(std::string_view line) const {
    const std::string text{line};
    return std::all_of(patterns_.begin(), patterns_.end(), [&](const auto& pattern) { return pattern->passes(text); });
}

std::string Filters::applied_to(std::string_view text) const {
    if (patterns_.empty() && !counts_) return std::string{text};
    std::string left;
    std::size_t lines = 0;
    for_each_line(text, [&](std::string_view line) {
        if (!passes(line)) return;
        ++lines;
        if (!counts_) (left += line) += '\n';
    });
    return counts_ ? "Count: " + std::to_string(lines) + " lines\n" : left;
}

}  // namespace hairpin::cli
