#include "lab/yaml_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "lab/did_you_mean.h"
#include "net/numbers.h"

namespace hairpin::lab {
namespace {

Position position(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    return {.line = static_cast<unsigned>(mark.line) + 1, .column = static_cast<unsigned>(mark.column) + 1};
}

// Copies what yaml-cpp has read, in which an alias is the anchor's own node: a graph, and perhaps a ring, becomes a tree.
class TreeMaker {
public:
    explicit TreeMaker(Complaints& complaints) : complaints_(complaints) {}

    YamlNode convert(const YAML::Node& from) {
        YamlNode node;
        node.at = position(from.Mark());
        if (!within_bounds(node.at)) return node;
        ++depth_;
        if (from.IsScalar()) {
            node.kind = YamlNode::Kind::scalar;
            node.text = from.Scalar();
        } else if (from.IsSequence()) {
            node.kind = YamlNode::Kind::list;
            for (const YAML::Node& item : from) {
                if (stopped_) break;
                node.items.push_back(convert(item));
            }
        } else if (from.IsMap()) {
            node.kind = YamlNode::Kind::map;
            convert_entries(from, node.entries);
        }
        --depth_;
        return node;
    }

private:
    bool within_bounds(Position at) {
        if (stopped_) return false;
        if (depth_ >= kDeepestYaml) {
            complaints_.error(at,
                              fmt::format("this is nested more than {} deep, as where an alias (*name) stands inside of its own "
                                          "anchor (&name): write out what is meant there",
                                          kDeepestYaml));
            stopped_ = true;
        } else if (++values_ > kMostYamlValues) {
            complaints_.error(
                at, fmt::format("with all aliases (*name) followed there are more than {} values up to here: write them "
                                "out, or use fewer aliases of what has aliases itself",
                                kMostYamlValues));
            stopped_ = true;
        }
        return !stopped_;
    }

    void convert_entries(const YAML::Node& from, std::vector<YamlEntry>& entries) {
        std::set<std::string> seen;
        for (const auto& pair : from) {
            if (stopped_) return;
            const Position at = position(pair.first.Mark());
            if (!pair.first.IsScalar()) {
                complaints_.error(at, "a key must be plain text");
                continue;
            }
            const std::string& key = pair.first.Scalar();
            if (!seen.insert(key).second) complaints_.error(at, fmt::format("key \"{}\" stands here twice", key));
            entries.push_back({.key = key, .at = at, .value = convert(pair.second)});
        }
    }

    Complaints& complaints_;
    unsigned depth_ = 0;
    unsigned values_ = 0;
    bool stopped_ = false;  // it is said, and all else would be said in vain
};

std::string names_of(std::span<const KeyRow> table) {
    std::vector<std::string_view> names;
    for (const KeyRow& row : table)
        if (row.use == KeyUse::used || row.use == KeyUse::expected) names.push_back(row.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& each) { return each.key == key; });
    return entry == entries.end() ? nullptr : &entry->value;
}

YamlNode parse_yaml(const std::string& text, Complaints& complaints) {
    try {
        return TreeMaker{complaints}.convert(YAML::Load(text));
    } catch (const YAML::Exception& failure) {
        complaints.error(position(failure.mark), "not valid YAML: " + failure.msg);
        return {};
    }
}

void check_keys(const YamlNode& node, std::string_view what, std::span<const KeyRow> table, Complaints& complaints) {
    for (const YamlEntry& entry : read_entries(node, what, complaints)) {
        const auto row = std::find_if(table.begin(), table.end(), [&](const KeyRow& each) { return each.name == entry.key; });
        if (row == table.end()) {
            const std::string meant = did_you_mean(entry.key, table, [](const KeyRow& each) { return each.name; });
            complaints.error(entry.at,
                             fmt::format("unknown key \"{}\"{} (expected one of {})", entry.key, meant, names_of(table)));
        } else if (row->use == KeyUse::ignored) {
            complaints.warning(entry.at, fmt::format("\"{}\" has no effect here", entry.key));
        } else if (row->use == KeyUse::in_container) {
            complaints.warning(
                entry.at,
                fmt::format("\"{}\" has no effect on a host in a namespace (`hairpin lab up --runtime docker` starts containers)",
                            entry.key));
        }
    }
}

const std::vector<YamlEntry>& read_entries(const YamlNode& node, std::string_view what, Complaints& complaints) {
    if (!node.is_map() && !node.is_null()) complaints.error(node.at, fmt::format("{} must be a map of keys and values", what));
    return node.entries;
}

std::string read_text(const YamlNode& node, std::string_view what, Complaints& complaints) {
    if (!node.is_scalar()) complaints.error(node.at, fmt::format("{} must be text", what));
    return node.text;
}

std::vector<std::string> read_texts(const YamlNode& node, std::string_view what, Complaints& complaints) {
    std::vector<std::string> texts;
    if (!node.is_list()) complaints.error(node.at, fmt::format("{} must be a list", what));
    for (const YamlNode& item : node.items) texts.push_back(read_text(item, fmt::format("each of {}", what), complaints));
    return texts;
}

std::vector<std::string> read_text_or_texts(const YamlNode& node, std::string_view what, Complaints& complaints) {
    if (node.is_scalar()) return {node.text};
    return read_texts(node, what, complaints);
}

unsigned read_number(const YamlNode& node, std::string_view what, unsigned least, unsigned most, Complaints& complaints) {
    const auto number = node.is_scalar() ? parse_number(node.text, most) : std::nullopt;
    if (number && *number >= least) return static_cast<unsigned>(*number);
    complaints.error(node.at, fmt::format("{} must be a number from {} to {}", what, least, most));
    return least;
}

}  // namespace hairpin::lab
