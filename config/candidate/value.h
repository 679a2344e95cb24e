#pragma once
// The value of one leaf, or of one member of a leaf-list: whether its type takes it, and what may be typed for it.
//
// A reference's value is checked for its form only: what it refers to may come later.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/candidate/candidate.h"
#include "config/candidate/schema_tree.h"

struct lysc_type;

namespace hairpin::config {

// Names of an enumeration, true and false may be abbreviated where people type. A document has them in full.
enum class Spelling : std::uint8_t { exact, abbreviated };

// As the type writes it: "089" of a number is "89". The error is a sentence about the value. No value holds a control character.
tl::expected<std::string, std::string> canonical_value(const SchemaNode& leaf, std::string_view text, Spelling spelling);

// What may annotate a node; the error is a sentence.
tl::expected<void, std::string> check_annotation(const std::string& text);

// How RFC 7951 writes a value: as a string, or as it is.
enum class JsonForm : std::uint8_t { string, bare };
JsonForm json_form_of(const SchemaNode& leaf, const std::string& canonical);

// As the schema has them; no units are nullptr, and no default is empty.
const lysc_type* type_of(const SchemaNode& leaf);
const char* units_of(const SchemaNode& leaf);
std::string default_of(const SchemaNode& leaf);

// Of an enumeration or boolean each name with its description; of a union those of its alternatives.
std::vector<Expected> names_of(const SchemaNode& leaf);
// What stands for the other values: <192.0.2.1/24>, <1..4094>, <segment>. Of a union several.
std::vector<Expected> placeholders_of(const SchemaNode& leaf);
// The numbers that a type takes; of several ranges the first. Nothing where it takes no numbers.
struct NumberRange {
    std::uint64_t least, most;
};
std::optional<NumberRange> first_range_of(const SchemaNode& leaf);
// The keys that a reference may have as its value: of switch port segment the name of switch segment. Of a union several.
std::vector<const SchemaNode*> references_of(const SchemaNode& leaf);
// Texts of which the schema gives an example, such as addresses: leaves that share one of these types have values in common.
std::vector<const lysc_type*> exemplified_types_of(const SchemaNode& leaf);

}  // namespace hairpin::config
