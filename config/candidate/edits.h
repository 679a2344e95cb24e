#pragma once
// What is done to a tree by words. Each edit is checked whole before anything changes; errors do not say yet what is expected.

#include <span>

#include "config/candidate/path.h"
#include "config/candidate/tree.h"

namespace hairpin::config {

// `at`: the node below which the words begin. Both forms of text set from within it.
Edit<void> set(Node& at, std::span<const Token> words);
// Like set, and gives the node that the words name, of several values the first: for what else a file says about it.
Edit<Node*> set_node(Node& at, std::span<const Token> words);
// Whether the words that were read are enough for it.
bool is_settable(const Reading& reading);
Edit<void> remove(Node& top, std::span<const Token> words);
Edit<void> annotate(Node& top, std::span<const Token> words, const std::string& text);
Edit<void> copy_entry(Node& top, std::span<const Token> from, std::span<const Token> to);
Edit<void> rename_entry(Node& top, std::span<const Token> from, std::span<const Token> to);
Edit<void> insert(Node& top, std::span<const Token> entry, bool before, std::span<const Token> other);

}  // namespace hairpin::config
