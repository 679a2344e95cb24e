#include "config/candidate/load.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/candidate/curly_form.h"
#include "config/candidate/json_tree.h"
#include "config/candidate/set_form.h"
#include "config/candidate/words.h"
#include "config/document.h"

namespace hairpin::config {

namespace {

// Without white space and # comments.
std::string_view first_word(std::string_view text) {
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
        if (!text.starts_with('#')) return text.substr(0, text.find_first_of(kSpace));
        text.remove_prefix(std::min(text.find('\n'), text.size()));
    }
}

}  // namespace

Result<void> read_any_form(Node& top, const std::string& text) {
    if (text.size() > Document::kLargest)
        return failure(fmt::format("the configuration has {} bytes, more than {}", text.size(), Document::kLargest));
    const std::string_view first = first_word(text);
    if (first == "set" || first == "annotate") return read_set_form(top, text);
    if (!first.starts_with('{') && !first.starts_with('[')) return read_curly_form(top, text);
    const auto tree = read_json(text);
    if (!tree) return tl::unexpected(tree.error());
    overlay(top, **tree);
    return {};
}

}  // namespace hairpin::config
