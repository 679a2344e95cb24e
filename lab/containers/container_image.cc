#include "lab/containers/container_image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

#include "lab/shell_words.h"

namespace hairpin::lab {

namespace {

enum class Shape { text, lower_text, flag, list, pairs };

constexpr std::string_view kImage = "image", kPull = "image-pull-policy", kCommand = "cmd", kEntrypoint = "entrypoint",
                           kHostname = "hostname";

struct KeyShape {
    std::string_view key;
    Shape shape;
    std::string_view option = {};     // of `docker run`, which is given each value; empty: what becomes of it is said below
    std::string_view separator = {};  // of pairs
};
constexpr auto kContainerKeys = std::to_array<KeyShape>({
    {kImage, Shape::text},
    {kPull, Shape::lower_text},
    {kCommand, Shape::text},
    {kEntrypoint, Shape::text},
    {kHostname, Shape::text},
    {"user", Shape::text, "--user"},
    {"privileged", Shape::flag, "--privileged"},
    {"cap-add", Shape::list, "--cap-add"},
    {"devices", Shape::list, "--device"},
    {"security-opts", Shape::list, "--security-opt"},
    {"sysctls", Shape::pairs, "--sysctl", "="},
    {"tmpfs", Shape::pairs, "--tmpfs", ":"},
    {"restart-policy", Shape::lower_text, "--restart"},
    {"cpu", Shape::text, "--cpus"},
    {"cpu-set", Shape::text, "--cpuset-cpus"},
    {"memory", Shape::text, "--memory"},
    {"shm-size", Shape::text, "--shm-size"},
    {"pid-mode", Shape::text, "--pid"},
    {"cgroupns-mode", Shape::text, "--cgroupns"},
    {"cgroup-parent", Shape::text, "--cgroup-parent"},
});
const KeyShape* find_key(std::string_view key) {
    const auto row =
        std::find_if(kContainerKeys.begin(), kContainerKeys.end(), [&](const KeyShape& each) { return each.key == key; });
    return row == kContainerKeys.end() ? nullptr : &*row;
}
bool goes_on(Shape shape) { return shape == Shape::list || shape == Shape::pairs; }

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::vector<PlacedText> read_values(const YamlNode& node, const KeyShape& row, Complaints& complaints) {
    std::vector<PlacedText> values;
    if (row.shape == Shape::pairs) {
        for (const YamlEntry& each : read_entries(node, row.key, complaints))
            values.push_back({each.key + std::string{row.separator} + read_text(each.value, row.key, complaints), each.at});
        return values;
    }
    if (row.shape == Shape::list) {
        if (!node.is_list()) complaints.error(node.at, fmt::format("{} must be a list", row.key));
        for (const YamlNode& item : node.items) values.push_back({read_text(item, row.key, complaints), item.at});
        return values;
    }
    std::string text = read_text(node, row.key, complaints);
    if (row.shape == Shape::flag && text != "true" && text != "false")
        complaints.error(node.at, fmt::format("{} is \"{}\" (expected true or false)", row.key, text));
    values.push_back({row.shape == Shape::lower_text ? lower(text) : text, node.at});
    return values;
}

const PlacedText* only(const ContainerKeys& keys, std::string_view key) {
    const auto found = keys.find(key);
    return found == keys.end() || found->second.empty() ? nullptr : &found->second.front();
}

std::vector<std::string> words_of(const ContainerKeys& keys, std::string_view key, Complaints& complaints) {
    const PlacedText* line = only(keys, key);
    if (line == nullptr) return {};
    const auto words = split_words(line->text);
    if (!words) complaints.error(line->at, fmt::format("{} has a quote that does not end: {}", key, line->text));
    return words.value_or(std::vector<std::string>{});
}

// As the engines' own --pull has it.
std::string pull_of(const PlacedText& policy, Complaints& complaints) {
    if (policy.text == "always" || policy.text == "never") return policy.text;
    if (policy.text != "ifnotpresent")
        complaints.error(policy.at, fmt::format("{} is \"{}\" (expected Always, IfNotPresent or Never)", kPull, policy.text));
    return "missing";
}

}  // namespace

std::string_view to_string(Runtime runtime) {
    switch (runtime) {
        case Runtime::netns: return "netns";
        case Runtime::docker: return "docker";
        case Runtime::podman: return "podman";
    }
    return "";
}

std::string ContainerImage::in_words() const {
    return empty() ? "" : fmt::format("{} with {}, binds {}, command {}", name, options, binds, words);
}

bool is_container_key(std::string_view key) { return find_key(key) != nullptr; }

ContainerKeys read_container_keys(const YamlNode& node, Complaints& complaints) {
    ContainerKeys keys;
    for (const KeyShape& row : kContainerKeys)
        if (const YamlNode* value = node.find(row.key)) keys[std::string{row.key}] = read_values(*value, row, complaints);
    return keys;
}

ContainerKeys laid_over(ContainerKeys base, const ContainerKeys& above) {
    for (const auto& [key, values] : above) {
        std::vector<PlacedText>& own = base[key];
        if (!goes_on(find_key(key)->shape)) own.clear();
        own.insert(own.end(), values.begin(), values.end());
    }
    return base;
}

ContainerImage container_image(const ContainerKeys& keys, const std::string& hostname, Complaints& complaints) {
    ContainerImage image;
    if (const PlacedText* name = only(keys, kImage)) {
        image.name = name->text;
        if (image.name.empty() || image.name.front() == '-')
            complaints.error(name->at, fmt::format("\"{}\" is no image's name", image.name));
    }
    const PlacedText* name_inside = only(keys, kHostname);
    image.options = {"--hostname", name_inside != nullptr ? name_inside->text : hostname};
    if (const PlacedText* policy = only(keys, kPull))
        image.options.insert(image.options.end(), {"--pull", pull_of(*policy, complaints)});
    for (const KeyShape& row : kContainerKeys) {
        const auto found = keys.find(row.key);
        if (row.option.empty() || found == keys.end()) continue;
        for (const PlacedText& value : found->second) {
            if (row.shape == Shape::flag && value.text != "true") continue;
            image.options.emplace_back(row.option);
            if (row.shape != Shape::flag) image.options.push_back(value.text);
        }
    }
    // The engine takes one word as entrypoint; what stands behind it comes before the command's.
    std::vector<std::string> entrypoint = words_of(keys, kEntrypoint, complaints);
    if (!entrypoint.empty()) {
        image.options.insert(image.options.end(), {"--entrypoint", entrypoint.front()});
        image.words.assign(entrypoint.begin() + 1, entrypoint.end());
    }
    const std::vector<std::string> command = words_of(keys, kCommand, complaints);
    std::copy(command.begin(), command.end(), std::back_inserter(image.words));
    return image;
}

}  // namespace hairpin::lab
