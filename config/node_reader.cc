#include "config/node_reader.h"

#include <fmt/format.h>
#include <libyang/libyang.h>

#include <cstdlib>
#include <memory>

namespace hairpin::config {

namespace {

template <class Visit>
void for_each_named(const lyd_node* first, std::string_view name, Visit&& visit) {
    const lyd_node* node = nullptr;
    LY_LIST_FOR(first, node) {
        if (node->schema != nullptr && name == node->schema->name && !visit(node)) return;
    }
}

const lyd_node* find_named(const lyd_node* first, std::string_view name) {
    const lyd_node* found = nullptr;
    for_each_named(first, name, [&](const lyd_node* node) { return found = node, false; });
    return found;
}

}  // namespace

NodeReader NodeReader::top(const lyd_node* root, std::string_view name, Findings& findings) {
    return {find_named(root, name), findings};
}

NodeReader NodeReader::child(std::string_view name) const {
    return {node_ == nullptr ? nullptr : find_named(lyd_child(node_), name), *findings_};
}

std::vector<NodeReader> NodeReader::children(std::string_view name) const {
    std::vector<NodeReader> result;
    if (node_ == nullptr) return result;
    for_each_named(lyd_child(node_), name, [&](const lyd_node* node) {
        result.emplace_back(node, *findings_);
        return true;
    });
    return result;
}

bool NodeReader::written(std::string_view leaf) const {
    const NodeReader found = child(leaf);
    return found && (found.node_->flags & LYD_DEFAULT) == 0;
}

std::string NodeReader::text(std::string_view leaf) const {
    const NodeReader found = child(leaf);
    ensure(found);
    return lyd_get_value(found.node_);
}

std::string NodeReader::text_or(std::string_view leaf, std::string_view otherwise) const {
    return has(leaf) ? text(leaf) : std::string{otherwise};
}

std::vector<std::string> NodeReader::texts(std::string_view leaf) const {
    std::vector<std::string> result;
    for (const NodeReader& member : children(leaf)) result.emplace_back(lyd_get_value(member.node_));
    return result;
}

Ipv4Address NodeReader::address(std::string_view leaf) const {
    const auto address = Ipv4Address::parse(text(leaf));
    ensure(address.has_value());  // the pattern of the schema's type takes nothing else
    return *address;
}

Ipv4Prefix NodeReader::prefix(std::string_view leaf) const {
    return value<Ipv4Prefix>(leaf, Ipv4Prefix::parse, "has bits set beyond its length").value_or(Ipv4Prefix{});
}

MacAddress NodeReader::station_mac(std::string_view leaf) const {
    const auto mac = MacAddress::parse(text(leaf));
    ensure(mac.has_value());
    if (!mac->is_station())
        refuse(leaf, fmt::format("{} is no station's own address: it is a group's, or zero", mac->to_string()));
    return *mac;
}

VlanId NodeReader::vlan(std::string_view leaf) const {
    const auto number = optional_number<std::uint16_t>(leaf);
    return number ? VlanId{*number} : VlanId::none();
}

std::vector<VlanId> NodeReader::vlans(std::string_view leaf) const {
    std::vector<VlanId> result;
    for (const std::string& text : texts(leaf)) result.emplace_back(to_number<std::uint16_t>(text));
    return result;
}

std::vector<Ipv4InterfaceAddress> NodeReader::interface_addresses(std::string_view leaf) const {
    return values<Ipv4InterfaceAddress>(leaf, Ipv4InterfaceAddress::parse, "is no address with a length");
}

std::string NodeReader::path(std::string_view leaf) const {
    const std::unique_ptr<char, void (*)(void*)> text{node_ == nullptr ? nullptr : lyd_path(node_, LYD_PATH_STD, nullptr, 0),
                                                      &std::free};
    std::string result = text ? text.get() : "";
    if (!leaf.empty()) result.append("/").append(leaf);
    return result;
}

void NodeReader::refuse(std::string_view leaf, std::string reason) const {
    if (!findings_->refusal) findings_->refusal = Error{std::move(reason), path(leaf)};
}

void NodeReader::warn(std::string_view leaf, std::string_view reason) const {
    findings_->warnings.push_back(fmt::format("{}: {}", path(leaf), reason));
}

}  // namespace hairpin::config
