#pragma once
// Lines from a person at a terminal, by libedit: editing as in emacs, history over several runs with reverse search (Ctrl-R), and two
// keys of our own. TAB completes the word at the cursor, as far as all candidates agree; when they do not agree it lists them. `?`
// lists what can stand at the cursor, with a description each, and needs no Enter; within quotes it is a question mark.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/expected.h"

namespace hairpin::cli {

class LineEditor {
public:
    // What can stand at the end of `line`, where the cursor is: words that begin as its last word does. `begun` is that last word,
    // empty after a space.
    struct Proposal {
        std::string begun;
        Expectations expected;
        bool quoted = false;  // the cursor stands within quotes or a comment
        std::string mistake;  // where nothing is expected since a word is wrong: what is shown instead, under the line
    };
    using Propose = std::function<Proposal(std::string_view line)>;

    static constexpr int kHistoryLines = 1000;

    // `history_file` may be empty, or not writable: then the history lasts as long as the shell.
    LineEditor(std::string history_file, Propose propose);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    enum class End : std::uint8_t { line, interrupted, closed };  // Enter, Ctrl-C, Ctrl-D on an empty line
    struct Read {
        End end;
        std::string line;
    };
    Read read(const std::string& prompt);
    // A line that is worth remembering; the same as the one before is not.
    void remember(const std::string& line);

private:
    struct Terminal;
    std::unique_ptr<Terminal> terminal_;
};

}  // namespace hairpin::cli
