#pragma once
// A configuration in a file: JSON, curly text, or `set` lines. What it is, its beginning shows.

#include <string>

#include "config/candidate/tree.h"
#include "net/result.h"

namespace hairpin::config {

// Adds to a tree; at most 16 MiB. An error's path is "line 3, column 17", and the tree is of no use then.
Result<void> read_any_form(Node& top, const std::string& text);

}  // namespace hairpin::config
