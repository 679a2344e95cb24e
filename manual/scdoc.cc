#include "manual/scdoc.h"

#include <algorithm>
#include <cctype>

#include "cli/style.h"

namespace hairpin::manual {

namespace {

constexpr std::size_t kScdocWidth = 100;

std::string plain(std::string_view text) {
    std::string result;
    for (const char c : text) (result += c == '*' || c == '_' || c == '\\' ? "\\" : "") += c;
    return result;
}

bool is_capital(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
// What joins words of a usage line and belongs to none.
bool is_joint(char c) { return c == ' ' || c == '[' || c == ']' || c == '|'; }

// A word that stands for something else is written in capitals, with a : or / between several: ADDRESS/LENGTH.
bool is_value(std::string_view word) {
    return word.size() > 1 && is_capital(word.front()) &&
           std::all_of(word.begin(), word.end(), [](char c) { return is_capital(c) || c == ':' || c == '/'; });
}

// "in INTERFACE [df]" -> *in* _INTERFACE_ [*df*]
std::string usage_words(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_joint) - text.begin());
        const std::string_view word = text.substr(0, end);
        const char* const sign = word.empty() || word == "..." ? "" : is_value(word) ? "_" : "*";
        result += sign + plain(word) + sign;
        if (end < text.size()) result += text[end];
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

std::string marked(std::string_view text) {
    std::string result;
    for (bool is_typed = false; true; is_typed = !is_typed) {
        const auto end = std::min(text.find('`'), text.size());
        result += is_typed ? usage_words(text.substr(0, end)) : plain(text.substr(0, end));
        if (end == text.size()) return result;
        text.remove_prefix(end + 1);
    }
}

// Lines of text behind so many tabs. One that would begin with a mark of scdoc's begins with a backslash.
std::string lines_of(std::string_view text, std::size_t tabs) {
    std::string result;
    std::string lines = cli::wrapped(text, kScdocWidth, 0);
    for (std::string_view rest = lines; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        const bool is_mark = std::string_view{"#-|[];"}.find(line.front()) != std::string_view::npos;
        (((result += std::string(tabs, '\t')) += is_mark ? "\\" : "") += line) += "\n";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return result;
}

}  // namespace

void Scdoc::heading(std::size_t depth, std::string_view text) { block((depth <= 1 ? "# " : "## ") + plain(text) + "\n"); }

void Scdoc::paragraph(std::string_view text) { block(lines_of(marked(text), 0)); }

void Scdoc::usage(std::string_view text) { block(lines_of(usage_words(text), 0)); }

void Scdoc::items(std::span<const std::string> texts) {
    std::string list;
    for (const std::string& text : texts) list += "- " + marked(text) + "\n";
    block(list);
}

void Scdoc::entries(std::span<const std::string> titles, std::span<const Entry> entries) {
    for (const Entry& entry : entries) {
        std::string facts;
        for (std::size_t i = 0; i < entry.facts.size(); ++i)
            if (!entry.facts[i].empty()) facts += (facts.empty() ? "" : "; ") + titles[i + 1] + ": " + entry.facts[i];
        std::string text = lines_of(usage_words(entry.term), 0) + lines_of(marked(entry.meaning), 1);
        if (!facts.empty()) text += (entry.meaning.empty() ? "" : "\n") + lines_of(marked(facts), 1);
        block(text);
    }
}

void Scdoc::literal(std::string_view lines) { block("```\n" + std::string{lines} + "\n```\n"); }

}  // namespace hairpin::manual
