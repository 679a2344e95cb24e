#pragma once
// What a value of a type may be, in words for people, read from the schema: "1 to 4094", "true or false", "an IPv4 address, as 192.0.2.1".

#include <string>
#include <string_view>
#include <vector>

struct lysc_type;

namespace hairpin::config {

// Each alternative of a union on its own. `complaint` is what libyang said about a value, or empty: of several patterns that a text must
// match it names the one that did not, and then only that one is told.
std::vector<std::string> wanted(const lysc_type* type, std::string_view complaint = {});

// {"a", "b", "c"} with " or " -> "a, b or c".
std::string joined(const std::vector<std::string>& parts, std::string_view last);
// "value", cut where it is very long.
std::string in_quotes(std::string_view value);

// The last name of "/hairpin:gateway/interface[name='lan']/hairpin:mtu": mtu.
std::string last_name_of(const std::string& path);
// The list that "/hairpin:gateway/hairpin:interface/hairpin:name" refers to: interface. Of gateway group: address-group.
std::string referred_list(const std::string& path);

}  // namespace hairpin::config
