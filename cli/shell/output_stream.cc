#include "cli/shell/output_stream.h"

#include <algorithm>
#include <iostream>
#include <string>

#include "cli/shell/pager.h"

namespace hairpin::cli {

bool OutputStream::put(std::string_view text) { return show_text(filters_.applied_to(text), paged_); }

bool OutputStream::put_sentences(std::string_view text, const Style& style) {
    constexpr std::size_t kFurtherLines = 4;
    const std::string left = filters_.applied_to(text);
    std::string broken;
    for (std::string_view rest = left; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        const auto indent = std::min(line.find_first_not_of(' '), line.size());
        const std::size_t room = style.width > 2 * kFurtherLines ? style.width - kFurtherLines : 0;
        broken += std::string{line.substr(0, indent)} + wrapped(line.substr(indent), room, kFurtherLines) + "\n";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return show_text(broken, paged_);
}

bool OutputStream::put_line(std::string_view line) {
    if (!filters_.passes(line)) return true;
    return show_text(std::string{line} + "\n", false);
}

void OutputStream::remark(std::string_view text) { std::cerr << text << std::flush; }

}  // namespace hairpin::cli
