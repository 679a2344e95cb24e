#pragma once
// A tree as blocks within blocks:
//
//   gateway {
//       /* the office */
//       interface lan {
//           segment lan;
//           address [ 192.168.255.1/24 192.168.254.1/24 ];
//       }
//   }
//
// An entry or a container that says nothing but that it is there ends with a semicolon, too. What stands in a block may be written as one
// statement with all its words, as after `set`. A comment belongs to the statement or block that follows it; one before the end of a
// block belongs to nothing and is dropped.

#include <span>
#include <string>
#include <string_view>

#include "config/candidate/tree.h"
#include "net/result.h"

namespace hairpin::config {

// Nodes that stand beside each other, and what is in a container or entry.
std::string curly_form_of(std::span<const Node* const> nodes);
std::string curly_content_of(const Node& node);
// Without what is in it: "rule 3 { ... }", "action accept;".
std::string curly_line_of(const Node& node);

// Adds to a tree. After an error the tree is of no use.
Result<void> read_curly_form(Node& top, std::string_view text);

}  // namespace hairpin::config
