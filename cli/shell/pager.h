#pragma once
// An answer on standard output: at once where it fits or goes to a file or pipe; page by page, by `less`, where a person would
// otherwise see only its end.

#include <string_view>

namespace hairpin::cli {

// False when it cannot be written. $PAGER is asked first; one that cannot be started is passed over.
bool show_text(std::string_view text, bool paged);

}  // namespace hairpin::cli
