#include "cli/shell/output_stream.h"

#include <iostream>
#include <string>

#include "cli/shell/pager.h"

namespace hairpin::cli {

bool OutputStream::put(std::string_view text) { return show_text(filters_.applied_to(text), paged_); }

bool OutputStream::put_line(std::string_view line) {
    if (!filters_.passes(line)) return true;
    return show_text(std::string{line} + "\n", false);
}

void OutputStream::remark(std::string_view text) { std::cerr << text << std::flush; }

}  // namespace hairpin::cli
