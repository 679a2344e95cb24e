#include "lab/variables.h"

#include <fmt/format.h>

#include <cstdlib>

namespace hairpin::lab {
namespace {

constexpr std::string_view kPlaceholder = "__clabNodeName__";

// The value of what stands between the braces: NAME, NAME:=default or NAME:-default.
std::string value_of(std::string_view inside, Position at, const Environment& environment, Complaints& complaints) {
    const std::size_t colon = inside.find(':');
    const std::string name{inside.substr(0, colon)};
    const auto value = environment(name);
    if (value && !value->empty()) return *value;
    if (colon == std::string_view::npos) {
        if (!value) {
            complaints.error(
                at, fmt::format("the environment variable {} is not set (${{{}:=value}} gives it a default)", name, name));
        }
        return {};
    }
    const std::string_view fallback = inside.substr(colon + 1);
    if (fallback.empty() || (fallback[0] != '=' && fallback[0] != '-')) {
        complaints.error(at, fmt::format("\"${{{}}}\" is not understood (expected ${{NAME}} or ${{NAME:=default}})", inside));
        return {};
    }
    return std::string{fallback.substr(1)};
}

std::string expand(std::string_view text, Position at, const Environment& environment, Complaints& complaints) {
    std::string result;
    for (;;) {
        const std::size_t start = text.find("${");
        result += text.substr(0, start);
        if (start == std::string_view::npos) return result;
        const std::size_t end = text.find('}', start);
        if (end == std::string_view::npos) {
            complaints.error(at, "\"${\" without its \"}\"");
            return result;
        }
        result += value_of(text.substr(start + 2, end - start - 2), at, environment, complaints);
        text.remove_prefix(end + 1);
    }
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>{value};
    };
}

void expand_variables(YamlNode& node, const Environment& environment, Complaints& complaints) {
    if (node.is_scalar()) node.text = expand(node.text, node.at, environment, complaints);
    for (YamlNode& item : node.items) expand_variables(item, environment, complaints);
    for (YamlEntry& entry : node.entries) expand_variables(entry.value, environment, complaints);
}

std::string expand_node_name(std::string text, std::string_view node) {
    for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at + node.size()))
        text.replace(at, kPlaceholder.size(), node);
    return text;
}

}  // namespace hairpin::lab
