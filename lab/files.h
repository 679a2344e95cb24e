#pragma once
// Whole small files, with errors that name the file.

#include <string>
#include <string_view>

#include "net/result.h"

namespace hairpin::lab {

// "No such file or directory": the text of errno as it stands now.
std::string system_error();

Result<std::string> read_file(const std::string& path);
// The file is there whole or not at all: written beside its place and renamed into it.
Result<void> write_file(const std::string& path, std::string_view text);
Result<void> make_folders(const std::string& path);

// The last lines of a text, for an error message that shows the end of a log.
std::string last_lines(std::string_view text, std::size_t count);

}  // namespace hairpin::lab
