#pragma once
// What can be wrong with one direction of a link, by the names that hairpind's configuration has for it: a key of `vars: {impair: ...}` in
// a topology file, an option of `hairpin lab impair set`, and a leaf of `switch port NAME impairment in`.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hairpin::lab {

enum class ImpairmentForm { duration, share, rate, packets, distribution, order };

struct ImpairmentKey {
    std::string_view name;  // of the leaf, and of the option
    ImpairmentForm form;
    std::string_view meaning;
    std::string_view alias = {};  // containerlab's name, where it has another
};

std::span<const ImpairmentKey> impairment_keys();
// By its name or alias; nullptr when there is none.
const ImpairmentKey* find_impairment_key(std::string_view name);

// Why a text is no value of this key; nullopt when it is one.
std::optional<std::string> wrong_value(const ImpairmentKey& key, const std::string& text);
// A time of a flapping link likewise.
std::optional<std::string> wrong_time(const std::string& text);

}  // namespace hairpin::lab
