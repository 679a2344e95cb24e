#include "cli/shell/line_editor.h"

#include <histedit.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <vector>

#include "cli/shell/listing.h"
#include "cli/style.h"

namespace hairpin::cli {

namespace {

// What all words go on with behind their first `begun` characters.
std::string common_rest(const std::vector<std::string>& words, std::size_t begun) {
    std::string common = words.front();
    for (const std::string& word : words)
        common.erase(std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first, common.end());
    return common.substr(std::min(begun, common.size()));
}

}  // namespace

// libedit's objects, and what its keys do.
struct LineEditor::Terminal {
    EditLine* editor = nullptr;
    History* history = nullptr;
    HistEvent event{};
    std::string history_file, prompt;
    Propose propose;
    bool interrupted = false;

    static Terminal& of(EditLine* editor) {
        void* data = nullptr;
        el_get(editor, EL_CLIENTDATA, &data);
        return *static_cast<Terminal*>(data);
    }
    static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

    Proposal proposal() const {
        const LineInfo* line = el_line(editor);
        return propose({line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)});
    }
    // Under the line that is being typed, which is then shown again.
    static unsigned char list(const Proposal& proposal) {
        const Style style = Style::of_terminal([](const char* name) { return std::getenv(name); });
        const std::string text = proposal.mistake.empty() ? listing(proposal.expected, style) : proposal.mistake;
        std::fputs(("\n" + text).c_str(), stdout);
        std::fflush(stdout);
        return CC_REDISPLAY;
    }
    static unsigned char insert(EditLine* editor, const std::string& text) {
        el_insertstr(editor, text.c_str());
        return CC_REFRESH;
    }

    static unsigned char complete(EditLine* editor, int) {
        const Proposal proposal = of(editor).proposal();
        if (!proposal.quoted && !proposal.mistake.empty()) return list(proposal);
        if (proposal.quoted || proposal.expected.empty()) return CC_REFRESH_BEEP;
        std::vector<std::string> words;
        for (const Expected& one : proposal.expected)
            if (!one.is_value) words.push_back(one.word);
        if (words.empty()) return list(proposal);
        const bool only = proposal.expected.size() == 1;
        const std::string rest = common_rest(words, proposal.begun.size()) + (only ? " " : "");
        return rest.empty() ? list(proposal) : insert(editor, rest);
    }
    static unsigned char help(EditLine* editor, int) {
        const Proposal proposal = of(editor).proposal();
        return proposal.quoted ? insert(editor, "?") : list(proposal);
    }
    static unsigned char interrupt(EditLine* editor, int) {
        of(editor).interrupted = true;
        std::fputs("^C\n", stdout);  // libedit leaves the cursor where it was
        std::fflush(stdout);
        return CC_NEWLINE;
    }
};

LineEditor::LineEditor(std::string history_file, Propose propose) : terminal_(std::make_unique<Terminal>()) {
    std::setlocale(LC_CTYPE, "");
    terminal_->history_file = std::move(history_file);
    terminal_->propose = std::move(propose);
    terminal_->history = history_init();
    history(terminal_->history, &terminal_->event, H_SETSIZE, kHistoryLines);
    history(terminal_->history, &terminal_->event, H_SETUNIQUE, 1);
    if (!terminal_->history_file.empty()) history(terminal_->history, &terminal_->event, H_LOAD, terminal_->history_file.c_str());

    EditLine* editor = terminal_->editor = el_init("hairpin", stdin, stdout, stderr);
    el_set(editor, EL_CLIENTDATA, terminal_.get());
    el_set(editor, EL_PROMPT, &Terminal::show_prompt);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_SIGNAL, 1);
    el_set(editor, EL_HIST, history, terminal_->history);
    el_set(editor, EL_ADDFN, "hairpin-complete", "complete the word", &Terminal::complete);
    el_set(editor, EL_ADDFN, "hairpin-help", "what can stand here", &Terminal::help);
    el_set(editor, EL_ADDFN, "hairpin-interrupt", "leave this line", &Terminal::interrupt);
    // So that Ctrl-C is a key while a line is typed, and a signal otherwise. Before the keys: it takes some for its own.
    el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
    el_set(editor, EL_BIND, "\t", "hairpin-complete", nullptr);
    el_set(editor, EL_BIND, "?", "hairpin-help", nullptr);
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_set(editor, EL_BIND, "^C", "hairpin-interrupt", nullptr);
}

LineEditor::~LineEditor() {
    if (terminal_->editor != nullptr) el_end(terminal_->editor);
    if (terminal_->history != nullptr) history_end(terminal_->history);
}

LineEditor::Read LineEditor::read(const std::string& prompt) {
    terminal_->prompt = prompt;
    terminal_->interrupted = false;
    // libedit shows the prompt first and takes the keys only then: a Ctrl-C in between would go to the terminal, and be lost.
    el_set(terminal_->editor, EL_PREP_TERM, 1);
    int length = 0;
    const char* line = el_gets(terminal_->editor, &length);
    if (terminal_->interrupted) return {End::interrupted, {}};
    if (line == nullptr || length <= 0) return {End::closed, {}};
    std::string text{line, static_cast<std::size_t>(length)};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return {End::line, std::move(text)};
}

void LineEditor::remember(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return;
    history(terminal_->history, &terminal_->event, H_ENTER, line.c_str());
    if (!terminal_->history_file.empty()) history(terminal_->history, &terminal_->event, H_SAVE, terminal_->history_file.c_str());
}

}  // namespace hairpin::cli
