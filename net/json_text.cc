#include "net/json_text.h"

#include <algorithm>
#include <array>

namespace hairpin {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What ends a number or a word, and what skip_value() must look at: all else it runs over.
enum class Mark : std::uint8_t { none, quote, open, close, separator };

constexpr auto kMarks = [] {
    std::array<Mark, 256> marks{};
    marks['"'] = Mark::quote;
    marks['{'] = marks['['] = Mark::open;
    marks['}'] = marks[']'] = Mark::close;
    marks[','] = marks[':'] = marks[' '] = marks['\t'] = marks['\n'] = marks['\r'] = Mark::separator;
    return marks;
}();

Mark mark_of(char c) { return kMarks[static_cast<unsigned char>(c)]; }

}  // namespace

void JsonCursor::skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool JsonCursor::take(char wanted) {
    skip_space();
    if (failed_ || at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
}

void JsonCursor::deeper(std::size_t depth) { deepest_ = std::max(deepest_, begun_.size() + depth); }

bool JsonCursor::enter(char bracket) {
    if (!take(bracket)) return false;
    begun_.push_back(false);
    deeper(0);
    return true;
}

bool JsonCursor::next_part(char closing) {
    if (failed_ || begun_.empty()) return false;
    if (take(closing)) {
        begun_.pop_back();
        return false;
    }
    if (begun_.back() && !take(',')) fail();
    begun_.back() = true;
    skip_space();
    // After a comma there is a part, and within what was entered there is something.
    if (at_ >= text_.size() || mark_of(text_[at_]) == Mark::close) fail();
    return !failed_;
}

std::optional<std::string_view> JsonCursor::next_member() {
    if (!next_part('}')) return std::nullopt;
    const std::size_t begin = at_;
    if (text_[at_] == '"')
        skip_string();
    else
        fail();
    const std::size_t end = at_;
    if (failed_ || !take(':')) return fail(), std::nullopt;
    skip_space();
    return text_.substr(begin + 1, end - begin - 2);
}

bool JsonCursor::next_element() { return next_part(']'); }

void JsonCursor::skip_string() {
    for (++at_; at_ < text_.size(); ++at_) {
        if (text_[at_] == '"') return ++at_, void();
        if (text_[at_] == '\\') ++at_;
    }
    at_ = text_.size();
    fail();
}

std::string_view JsonCursor::skip_value() {
    skip_space();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (!failed_ && at_ < text_.size()) {
        const Mark mark = mark_of(text_[at_]);
        const bool ends = mark == Mark::separator || mark == Mark::close || (at_ > begin && mark != Mark::none);
        if (depth == 0 && ends) break;
        if (mark == Mark::quote)
            skip_string();
        else
            ++at_;
        if (mark == Mark::open) deeper(++depth);
        if (mark == Mark::close) --depth;
        if (depth == 0 && (mark == Mark::quote || mark == Mark::close)) break;
    }
    if (at_ == begin || depth > 0) fail();
    return failed_ ? std::string_view{} : text_.substr(begin, at_ - begin);
}

bool JsonCursor::at_end() {
    skip_space();
    return !failed_ && begun_.empty() && at_ == text_.size();
}

}  // namespace hairpin
