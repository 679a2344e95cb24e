#pragma once
// A YAML document as a tree in which every key and every value knows where it stands. Topology and tests files are read from
// it; yaml-cpp itself stays behind yaml_tree.cc.
//
// Refused while reading: what is no YAML, a key that stands twice in one map, a key that is no plain text, what is nested deeper than
// kDeepestYaml, and more than kMostYamlValues values. Anchors and aliases work as YAML has them: each alias counts as all that it stands for,
// so neither one inside of its own anchor nor aliases of aliases of aliases take time or room without bound.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/complaints.h"

namespace hairpin::lab {

inline constexpr unsigned kDeepestYaml = 64;
inline constexpr unsigned kMostYamlValues = 250'000;  // a lab of some thousand hosts has a tenth of it

struct YamlEntry;

struct YamlNode {
    enum class Kind { null, scalar, list, map };

    Kind kind = Kind::null;
    Position at;
    std::string text;                // of a scalar, without its quotes
    std::vector<YamlNode> items;     // of a list
    std::vector<YamlEntry> entries;  // of a map, in the order of the file

    bool is_null() const { return kind == Kind::null; }
    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_list() const { return kind == Kind::list; }
    bool is_map() const { return kind == Kind::map; }
    // The value of a key of this map, or null when there is none (or this is no map). Not owned.
    const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
    std::string key;
    Position at;
    YamlNode value;
};

// An empty document is a null node. Mistakes go to `complaints`.
YamlNode parse_yaml(const std::string& text, Complaints& complaints);

// What becomes of a key that a map may have.
enum class KeyUse {
    used,          // we do what it says
    expected,      // no effect here, and nobody would think otherwise: silently accepted
    ignored,       // it asks for something that we do not do: accepted with a warning
    in_container,  // a container that the lab starts has it; a host in a namespace has no use for it, and a warning says so
};

struct KeyRow {
    std::string_view name;
    KeyUse use = KeyUse::used;
    std::string_view meaning = {};  // of a key that is used, for the manual
};

// Complains when `node` is no map, and about every key that the table does not have. `what` names the map: "node".
// A null node is an empty map.
void check_keys(const YamlNode& node, std::string_view what, std::span<const KeyRow> table, Complaints& complaints);

// The entries of a map; complains when it is none. A null node has none.
const std::vector<YamlEntry>& read_entries(const YamlNode& node, std::string_view what, Complaints& complaints);
// The text of a scalar, or of every scalar of a list; complains when it is something else. `what` names it: "exec".
std::string read_text(const YamlNode& node, std::string_view what, Complaints& complaints);
std::vector<std::string> read_texts(const YamlNode& node, std::string_view what, Complaints& complaints);
// "a" is the list of "a"; a list is itself.
std::vector<std::string> read_text_or_texts(const YamlNode& node, std::string_view what, Complaints& complaints);
// A number from `least` to `most`; complains about everything else and answers `least`.
unsigned read_number(const YamlNode& node, std::string_view what, unsigned least, unsigned most, Complaints& complaints);

}  // namespace hairpin::lab
