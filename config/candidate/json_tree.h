#pragma once
// A tree as the daemon reads and writes it: JSON of RFC 7951, annotations as metadata hairpin:comment of RFC 7952.

#include <string>

#include "config/candidate/tree.h"
#include "net/result.h"

namespace hairpin::config {

std::string json_of(const Node& top);
// Names must be there in full. A number may stand in quotes and a string of digits without. An error's path is "line 3, column 17".
// An annotation of a key is taken for its entry's.
Result<std::unique_ptr<Node>> read_json(const std::string& text);

}  // namespace hairpin::config
