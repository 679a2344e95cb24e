#pragma once
// Which entry of a list an error is about, where libyang cannot say: it reads a document from the front, and while an entry's key has
// not come yet, as in {"address": ["no address"], "name": "lan"}, the entry has no name.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

struct ly_ctx;

namespace hairpin::config {

// Asked of each member that `path` may mean, in the document's order; nullptr where there is none.
using IsMeant = std::function<bool(const nlohmann::json* member)>;

// `path` with the [key='value'] that it lacks, taken from the first place that is meant; as it is where there is no such place.
std::string locate(const ly_ctx* context, std::string_view json, const std::string& path, const IsMeant& is_meant);

// The same for a leaf, or a member of a leaf-list, that has this value.
std::string locate_value(const ly_ctx* context, std::string_view json, const std::string& path, std::string_view value);

}  // namespace hairpin::config
