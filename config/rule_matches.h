#pragma once
// What firewall and NAT rules compare, read from a document: addresses, ports, interfaces. Groups of them are group_reader.h's.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/node_reader.h"
#include "gateway/firewall/rule.h"
#include "gateway/ruleset.h"

namespace hairpin::config {

// "192.0.2.1", "192.0.2.1-192.0.2.9", "192.0.2.0/24". A range runs upwards, a network has no bits set beyond its length.
std::optional<gateway::AddressRange> parse_address_range(std::string_view text);
// "443", "8000-8099". 1 to 65535, upwards.
std::optional<gateway::PortRange> parse_port_range(std::string_view text);

std::optional<gateway::AddressRange> address_range(const NodeReader& node, std::string_view leaf);
std::optional<gateway::PortRange> port_range(const NodeReader& node, std::string_view leaf);
// Of a leaf's text, or of one of a leaf-list's; refused where it is none.
std::optional<gateway::AddressRange> read_address_range(const NodeReader& node, std::string_view leaf, const std::string& text);
std::optional<gateway::PortRange> read_port_range(const NodeReader& node, std::string_view leaf, const std::string& text);

// All addresses but these, which are sorted and apart.
std::vector<gateway::AddressRange> all_but(const std::vector<gateway::AddressRange>& ranges);

// An interface's name, internal, external or any. A group may have no members: then the set is empty and stands for nobody.
gateway::InterfaceSet interfaces_named(const gateway::Ruleset& ruleset, std::string_view name);

// "80, 443"
std::string listed(const std::vector<std::string>& parts);

}  // namespace hairpin::config
