#include "config/rule_matches.h"

namespace hairpin::config {

using gateway::AddressRange;
using gateway::InterfaceRole;
using gateway::InterfaceSet;
using gateway::PortRange;

namespace {
constexpr std::string_view kNoAddressRange =
    "is no address, range or network: a range runs upwards, a network has no bits set beyond its length";
constexpr std::string_view kNoPortRange = "is no port or range of ports: they go from 1 to 65535, and a range runs upwards";
}  // namespace

std::optional<AddressRange> parse_address_range(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) {
        const auto network = Ipv4Prefix::parse(text);
        return network ? std::optional{AddressRange{network->first(), network->last()}} : std::nullopt;
    }
    const auto first = Ipv4Address::parse(text.substr(0, dash)), last = Ipv4Address::parse(text.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return AddressRange{*first, *last};
}

std::optional<PortRange> parse_port_range(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parse_number(text.substr(0, dash), 65535);
    const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1), 65535);
    if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
    return PortRange{L4Port{static_cast<std::uint16_t>(*first)}, L4Port{static_cast<std::uint16_t>(*last)}};
}

std::optional<AddressRange> address_range(const NodeReader& node, std::string_view leaf) {
    return node.value<AddressRange>(leaf, parse_address_range, kNoAddressRange);
}
std::vector<AddressRange> address_ranges(const NodeReader& node, std::string_view leaf) {
    return node.values<AddressRange>(leaf, parse_address_range, kNoAddressRange);
}
std::optional<PortRange> port_range(const NodeReader& node, std::string_view leaf) {
    return node.value<PortRange>(leaf, parse_port_range, kNoPortRange);
}
std::vector<PortRange> port_ranges(const NodeReader& node, std::string_view leaf) {
    return node.values<PortRange>(leaf, parse_port_range, kNoPortRange);
}

InterfaceSet interfaces_named(const gateway::Ruleset& ruleset, std::string_view name) {
    InterfaceSet set;
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i) {
        const gateway::Interface& interface = ruleset.interfaces[i];
        const std::string_view group = interface.role == InterfaceRole::uplink ? "external" : "internal";
        if (interface.present() && (name == "any" || name == group || name == interface.name)) set.set(i);
    }
    return set;
}

std::string listed(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

}  // namespace hairpin::config
