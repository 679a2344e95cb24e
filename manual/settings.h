#pragma once
// The parts of the manual that are made of the configuration's schema.

#include <set>
#include <string>
#include <string_view>

#include "config/candidate/schema_tree.h"
#include "manual/markup.h"
#include "net/result.h"

namespace hairpin::manual {

using SchemaNodes = std::set<const config::SchemaNode*>;

// "gateway firewall rule"; nullptr when there is no such container or list.
const config::SchemaNode* find_settings(std::string_view path);

// The settings of a container or list, and those below it, but for those in `elsewhere`, which the page has in a place of their own.
// Several that have the same settings are told at once.
void settings(Markup& page, std::span<const config::SchemaNode* const> nodes, const SchemaNodes& elsewhere);
// The same of all there is, for a page that has nothing between.
void all_settings(Markup& page);
void kinds_of_text(Markup& page);

}  // namespace hairpin::manual
