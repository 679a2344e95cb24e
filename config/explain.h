#pragma once
// libyang's complaint about a document, in words for people and with the path of what it is about.
//
//   Unsatisfied range - value "5" is out of the allowed range.   ->  "5" will not do: wants 65537 to 131072, or 196609 to 4294967295
//   Mandatory node "segment" instance does not exist.            ->  "segment" is missing
//   Invalid leafref value "nowhere" - no target instance ...     ->  there is no segment "nowhere"
//
// What a value may be is read from the schema, so a new setting is explained without a line here. A complaint that is not
// known is passed on as libyang says it.

#include <string_view>

#include "net/result.h"

struct ly_ctx;
struct lyd_node;

namespace hairpin::config {

// `json`: the document. `tree`: what libyang has made of it, nullptr when it could not read it to the end.
Error explain_last_error(const ly_ctx* context, std::string_view json, const lyd_node* tree);

}  // namespace hairpin::config
