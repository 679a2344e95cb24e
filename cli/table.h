#pragma once
// Rows of JSON as an aligned table.
//
//   NAME  SEGMENT  BYTES IN
//   web   lan        3.4 kB
//   pc    -           999 B
//
// Titles on top, two spaces between columns, as wide as what they hold, no spaces at the end of a line. A cell may have several
// lines; its row is as high as its highest cell. A column whose key no row has is left out: an older daemon does not know it.
// Where the terminal has too few columns, a row goes on below itself, and so do the titles:
//
//   NAME  SEGMENT
//       BYTES IN
//   web   lan
//         3.4 kB

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "cli/cells.h"

namespace hairpin::cli {

enum class Align { left, right };

struct Column {
    std::string_view key;  // in the row; empty: the cell is made from the whole row
    std::string_view title;
    Align align = Align::left;
    Cell cell = plain;
};

std::string render_table(std::span<const Column> columns, const nlohmann::json& rows, const Style& style);

}  // namespace hairpin::cli
