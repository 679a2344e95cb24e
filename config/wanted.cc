#include "config/wanted.h"

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <algorithm>

namespace hairpin::config {

namespace {

constexpr std::size_t kMostNames = 24;      // of an enumeration that a sentence lists
constexpr std::size_t kLongestQuote = 100;  // bytes of a value that a sentence repeats

void add_ranges(const lysc_range* range, std::string_view unit, std::vector<std::string>& wanted) {
    for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(range->parts); ++i) {
        const auto &first = range->parts[i].min_u64, &last = range->parts[i].max_u64;
        wanted.push_back(first == last ? fmt::format("{}{}", first, unit) : fmt::format("{} to {}{}", first, last, unit));
    }
}

// Of several patterns and a length, all of which must hold, the one that did not, where `complaint` names one.
std::string wanted_text(const lysc_type_str* type, std::string_view complaint) {
    std::vector<std::string> parts;
    for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(type->patterns); ++i) {
        const lysc_pattern* pattern = type->patterns[i];
        if (pattern->dsc != nullptr && complaint.ends_with(fmt::format("\"{}\"", pattern->expr))) return pattern->dsc;
        if (pattern->dsc != nullptr) parts.emplace_back(pattern->dsc);
    }
    if (complaint.starts_with("Unsatisfied length")) parts.clear();
    if (type->length != nullptr) add_ranges(type->length, " characters", parts);
    return parts.empty() ? "text" : joined(parts, ", and ");
}

// Says what a value of this type may be; of a union each alternative.
void add_wanted(const lysc_type* type, std::string_view complaint, std::vector<std::string>& wanted) {
    switch (type->basetype) {
        case LY_TYPE_UINT8:
        case LY_TYPE_UINT16:
        case LY_TYPE_UINT32:
            if (const auto* range = reinterpret_cast<const lysc_type_num*>(type)->range) return add_ranges(range, "", wanted);
            return wanted.push_back(type->basetype == LY_TYPE_UINT8 ? "0 to 255" : "a whole number");
        case LY_TYPE_BOOL: return wanted.push_back("true or false");
        case LY_TYPE_STRING: return wanted.push_back(wanted_text(reinterpret_cast<const lysc_type_str*>(type), complaint));
        case LY_TYPE_ENUM: {
            const auto* enumeration = reinterpret_cast<const lysc_type_enum*>(type);
            if (LY_ARRAY_COUNT(enumeration->enums) > kMostNames)
                return wanted.push_back(fmt::format("a name such as {}", enumeration->enums[0].name));
            for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(enumeration->enums); ++i)
                wanted.emplace_back(enumeration->enums[i].name);
            return;
        }
        case LY_TYPE_UNION: {
            const auto* alternatives = reinterpret_cast<const lysc_type_union*>(type);
            for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(alternatives->types); ++i)
                add_wanted(alternatives->types[i], complaint, wanted);
            return;
        }
        case LY_TYPE_LEAFREF: {
            const std::string target = lyxp_get_expr(reinterpret_cast<const lysc_type_leafref*>(type)->path);
            return wanted.push_back(fmt::format("the name of a configured {}", referred_list(target)));
        }
        default: return wanted.push_back("another value");
    }
}

}  // namespace

std::vector<std::string> wanted(const lysc_type* type, std::string_view complaint) {
    std::vector<std::string> alternatives;
    add_wanted(type, complaint, alternatives);
    return alternatives;
}

std::string joined(const std::vector<std::string>& parts, std::string_view last) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += i + 1 < parts.size() ? ", " : last;
        text += parts[i];
    }
    return text;
}

// Cut at a character, not within one: bytes 10xxxxxx go on with a character of UTF-8. A terminal that shows it takes no orders from it.
std::string in_quotes(std::string_view value) {
    std::size_t end = std::min(value.size(), kLongestQuote);
    while (end < value.size() && end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0) == 0x80) --end;
    std::string text{value.substr(0, end)};
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return fmt::format("\"{}{}\"", text, end < value.size() ? "..." : "");
}

std::string last_name_of(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    return name.substr(name.find(':') + 1);
}

std::string referred_list(const std::string& path) {
    const std::string list = path.substr(0, path.rfind('/'));
    const std::string of_group = last_name_of(list.substr(0, list.rfind('/'))) == "group" ? "-group" : "";
    return last_name_of(list) + of_group;
}

}  // namespace hairpin::config
