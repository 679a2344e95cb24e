#pragma once
// Where a command in the shell writes: through the filters behind it, then to the screen, page by page where that is wanted.

#include <string_view>

#include "cli/shell/filters.h"

namespace hairpin::cli {

struct Preferences {
    bool paged = true;
    Form form = Form::text;
};

class OutputStream {
public:
    OutputStream(Filters filters, const Preferences& preferences)
        : filters_(std::move(filters)), form_(filters_.form(preferences.form)), paged_(preferences.paged && filters_.paged()) {}

    Form form() const { return form_; }
    // For an answer that goes through these filters: where they work on lines, none is broken for the terminal's sake.
    Style style(Style of_terminal) const {
        if (filters_.by_lines()) of_terminal.width = 0;
        return of_terminal;
    }
    // An answer as a whole. False when nobody reads it any more.
    bool put(std::string_view text);
    // The same for lines of prose, which are broken between words where the reader's terminal is narrower.
    bool put_sentences(std::string_view text, const Style& style);
    // A line of an answer that goes on.
    bool put_line(std::string_view line);
    // Text that is no answer and passes no filter: what a command says besides.
    void remark(std::string_view text);

private:
    Filters filters_;
    Form form_;
    bool paged_;
};

}  // namespace hairpin::cli
