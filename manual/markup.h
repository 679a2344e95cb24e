#pragma once
// A page of the manual, written once and printed in one of two forms: Markdown, as people read it in the repository, and scdoc, from which
// man pages are made (scdoc(5)).
//
// In a text, `words in backquotes` are words that are typed: code in Markdown; in a man page what is typed as it stands is bold and what
// stands for something else, which is written in CAPITALS, is underlined. Everything else in a text means itself.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hairpin::manual {

// What a page is written in, by its file's name.
enum class Form : std::uint8_t { markdown, scdoc };

// A line of a table whose first column is typed: `mtu`, its facts "576 to 9216 bytes" and "1500", and what it means.
struct Entry {
    std::string term;
    std::vector<std::string> facts;
    std::string meaning;
};

class Markup {
public:
    static std::unique_ptr<Markup> in(Form form);
    virtual ~Markup() = default;

    // `depth` is the number of # in Markdown; a man page has sections, 1, and parts of them.
    virtual void heading(std::size_t depth, std::string_view text) = 0;
    virtual void paragraph(std::string_view text) = 0;
    // A line to type, as a usage line is written: words, VALUES, [what may be left out], one|another.
    virtual void usage(std::string_view text) = 0;
    virtual void items(std::span<const std::string> texts) = 0;
    // Titles of the term, of each fact, and of the meaning.
    virtual void entries(std::span<const std::string> titles, std::span<const Entry> entries) = 0;
    virtual void literal(std::string_view lines) = 0;

    const std::string& text() const { return text_; }

protected:
    // What stands apart from what comes before it.
    void block(std::string_view text) { (text_ += text_.empty() ? "" : "\n") += text; }

private:
    std::string text_;
};

}  // namespace hairpin::manual
