#pragma once
// A list that is shown: as a table for people, as JSON, CSV or YAML for programs.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace hairpin::lab {

enum class Format { table, json, csv, yaml };

struct Rows {
    std::string schema;               // of the JSON: "hairpin.lab-links/1"
    std::string lab;                  // empty: not of one lab
    std::string list;                 // the JSON key of the rows: "links"
    std::vector<std::string> titles;  // keys of each row, in the order of the columns
    std::vector<nlohmann::ordered_json> rows;
};

// Ends with a line's end. Null is an empty cell; a list's values stand with commas between them.
std::string render(const Rows& rows, Format format);

}  // namespace hairpin::lab
