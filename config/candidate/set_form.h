#pragma once
// A tree as the commands that make it, one a line, each from the top:
//
//   set gateway interface lan address 192.168.255.1/24
//   annotate gateway interface lan "the office"

#include <span>
#include <string>
#include <string_view>

#include "config/candidate/tree.h"
#include "net/result.h"

namespace hairpin::config {

std::string set_form_of(std::span<const Node* const> nodes);
// Runs the lines on a tree. After an error the tree is of no use.
Result<void> read_set_form(Node& top, std::string_view text);

}  // namespace hairpin::config
