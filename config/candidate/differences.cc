#include "config/candidate/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/candidate/changes.h"
#include "config/candidate/curly_form.h"
#include "config/candidate/words.h"

namespace hairpin::config {

namespace {

// Each line of a text behind a mark.
std::string marked(char mark, std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        result += fmt::format("{}   {}\n", mark, text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return result;
}

std::string whole(char mark, const Node& node) {
    const Node* one = &node;
    return marked(mark, curly_form_of({&one, 1}));
}

std::string comment_line(char mark, const Node& node) {
    return node.comment.empty() ? "" : marked(mark, "/* " + node.comment + " */");
}

std::string place_of(const Node& node) {
    const auto& nodes = node.parent->instances_of(*node.schema)->nodes();
    const std::size_t position = node.parent->instances_of(*node.schema)->position_of(node);
    return position == 0 ? "now first" : "now after " + quoted(nodes[position - 1]->words());
}

std::string lines_of(const Change& change) {
    switch (change.kind) {
        case Change::Kind::added: return whole('+', *change.after);
        case Change::Kind::removed: return whole('-', *change.before);
        case Change::Kind::replaced:
            return marked('-', curly_line_of(*change.before)) + marked('+', curly_line_of(*change.after));
        case Change::Kind::commented:
            return comment_line('-', *change.before) + comment_line('+', *change.after) +
                   marked(' ', curly_line_of(*change.after));
        case Change::Kind::moved: return marked('!', curly_line_of(*change.after) + "  " + place_of(*change.after));
    }
    return {};
}

// A node that is there or not is told by its path; a container by what is in it.
void add_paths(const Node& node, std::vector<std::vector<std::string>>& paths) {
    const bool is_container = node.schema->kind == SchemaNode::Kind::container;
    if (!is_container) paths.push_back(node.path());
    if (is_container)
        for (const auto& instances : node.instances)
            for (const auto& child : instances->nodes()) add_paths(*child, paths);
}

}  // namespace

std::string difference_between(const Node& before, const Node& after) {
    std::string text;
    const Node* place = nullptr;
    for (const Change& change : changes_between(before, after)) {
        const Node* parent = change.node().parent;
        const bool same_place = place != nullptr && place->path() == parent->path();
        if (!same_place) text += parent->parent == nullptr ? "[edit]\n" : fmt::format("[edit {}]\n", quoted(parent->path()));
        place = parent;
        text += lines_of(change);
    }
    return text;
}

std::vector<std::vector<std::string>> changed_paths_between(const Node& before, const Node& after) {
    std::vector<std::vector<std::string>> paths;
    for (const Change& change : changes_between(before, after)) {
        if (change.kind == Change::Kind::commented)
            paths.push_back(change.after->path());
        else
            add_paths(change.node(), paths);
    }
    return paths;
}

}  // namespace hairpin::config
