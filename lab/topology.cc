#include "lab/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "lab/lab_paths.h"

namespace hairpin::lab {
namespace {

constexpr std::string_view kPrefixIsLab = "__lab-name";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string_view to_string(NodeRole role) {
    switch (role) {
        case NodeRole::host: return "host";
        case NodeRole::gateway: return "gateway";
        case NodeRole::segment: return "segment";
        case NodeRole::machine: return "machine";
        case NodeRole::container: return "container";
    }
    return "";
}

const Node& Topology::gateway() const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [](const Node& node) { return node.role == NodeRole::gateway; });
    ensure(found != nodes.end());  // the reader refuses a topology without one
    return *found;
}

std::string namespace_of(std::string_view lab, NodeRole role, std::string_view node) {
    return role == NodeRole::container ? container_namespace_name(lab, node) : namespace_name(lab, node);
}

const Node* Topology::find(std::string_view node) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const Node& each) { return each.name == node; });
    return found == nodes.end() ? nullptr : &*found;
}

std::string Topology::container_of(const Node& node) const {
    if (node.image.empty()) return node.container;
    if (prefix.empty()) return node.name;
    if (prefix == kPrefixIsLab) return fmt::format("{}-{}", name, node.name);
    return fmt::format("{}-{}-{}", prefix, name, node.name);
}

const Attachment* Topology::attachment_of(std::string_view node) const {
    const auto found =
        std::find_if(attachments.begin(), attachments.end(), [&](const Attachment& each) { return each.node == node; });
    return found == attachments.end() ? nullptr : &*found;
}

const Attachment* Topology::gateway_beside(const Attachment& host) const {
    const std::string& own = gateway().name;
    const auto found = std::find_if(attachments.begin(), attachments.end(), [&](const Attachment& each) {
        return each.node == own && each.segment == host.segment && each.vlans.access == host.vlans.access;
    });
    return found == attachments.end() ? nullptr : &*found;
}

std::optional<std::string> wrong_lab_name(std::string_view name) {
    const auto allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
    if (!name.empty() && name.size() <= kNameLimit && std::all_of(name.begin(), name.end(), allowed) && name.front() != '-' &&
        name.back() != '-')
        return std::nullopt;
    return fmt::format("a lab's name has 1 to {} lower-case letters, digits and '-', and neither begins nor ends with '-'",
                       kNameLimit);
}

std::optional<std::string> wrong_node_name(std::string_view name) {
    const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; };
    if (!name.empty() && name.size() <= kNameLimit && std::all_of(name.begin(), name.end(), allowed) && name.front() != '-' &&
        name.back() != '-')
        return std::nullopt;
    return fmt::format("a node's name has 1 to {} letters, digits, '_' and '-', and neither begins nor ends with '-'",
                       kNameLimit);
}

std::optional<std::string> wrong_interface_name(std::string_view name) {
    if (name == "lo") return "\"lo\" is the loopback interface that every host has";
    const auto allowed = [](char c) { return std::isgraph(static_cast<unsigned char>(c)) != 0 && c != '/' && c != ':'; };
    if (!name.empty() && name.size() <= kInterfaceNameLimit && std::all_of(name.begin(), name.end(), allowed) && name != "." &&
        name != "..")
        return std::nullopt;
    return fmt::format("an interface's name has 1 to {} characters, none of them a space, '/' or ':'", kInterfaceNameLimit);
}

}  // namespace hairpin::lab
