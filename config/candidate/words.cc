#include "config/candidate/words.h"

#include <algorithm>
#include <optional>

namespace hairpin::config {

namespace {

constexpr std::string_view kMarks = "{}[];|";
constexpr std::string_view kCommentBegin = "/*", kCommentEnd = "*/";

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

class Tokenizer {
public:
    Tokenizer(std::string_view line, Comments comments) : line_(line), comments_(comments) {}

    tl::expected<std::vector<Token>, TokenError> run() {
        while (!error_ && skip_to_next()) next();
        if (error_) return tl::unexpected(*error_);
        return std::move(tokens_);
    }

private:
    bool skip_to_next() {
        while (at_ < line_.size()) {
            if (line_[at_] == '#')
                at_ = std::min(line_.find('\n', at_), line_.size());
            else if (is_one_of(line_[at_], kSpace))
                ++at_;
            else
                return true;
        }
        return false;
    }

    void next() {
        if (comments_ == Comments::blocks_kept && line_.substr(at_).starts_with(kCommentBegin)) return comment();
        if (is_one_of(line_[at_], kMarks)) {
            tokens_.push_back({std::string{line_[at_]}, at_, at_ + 1});
            ++at_;
            return;
        }
        word();
    }

    void comment() {
        const std::size_t end = line_.find(kCommentEnd, at_ + kCommentBegin.size());
        if (end == std::string_view::npos) return fail(at_, "the comment is not closed: */ is missing");
        Token token{std::string{trimmed(line_.substr(at_ + 2, end - at_ - 2))}, at_, end + kCommentEnd.size()};
        token.comment = true;
        at_ = token.end;
        tokens_.push_back(std::move(token));
    }

    void word() {
        Token token{{}, at_, at_};
        while (!error_ && at_ < line_.size()) {
            const char c = line_[at_];
            if (is_one_of(c, kSpace) || is_one_of(c, kMarks) || c == '#') break;
            if (c == '"') {
                token.quoted = true;
                quotes(token.text);
            } else {
                token.text += c;
                ++at_;
            }
        }
        token.end = at_;
        tokens_.push_back(std::move(token));
    }

    void quotes(std::string& text) {
        const std::size_t begin = at_++;
        for (; at_ < line_.size() && line_[at_] != '"'; ++at_) {
            const bool escapes = line_[at_] == '\\' && at_ + 1 < line_.size() && is_one_of(line_[at_ + 1], "\"\\");
            if (escapes) ++at_;
            text += line_[at_];
        }
        if (at_ >= line_.size()) return fail(begin, "the quote is not closed");
        ++at_;
    }

    void fail(std::size_t begin, std::string message) { error_ = TokenError{begin, std::move(message)}; }

    std::string_view line_;
    Comments comments_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
    std::optional<TokenError> error_;
};

}  // namespace

tl::expected<std::vector<Token>, TokenError> tokenize(std::string_view line, Comments comments) {
    return Tokenizer{line, comments}.run();
}

std::string quoted(std::string_view word) {
    const bool plain = !word.empty() && !word.starts_with(kCommentBegin) && std::none_of(word.begin(), word.end(), [](char c) {
        return is_one_of(c, kSpace) || is_one_of(c, kMarks) || is_one_of(c, "#\"");
    });
    if (plain) return std::string{word};
    std::string text = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

std::string quoted(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += ' ';
        text += quoted(std::string_view{word});
    }
    return text;
}

}  // namespace hairpin::config
