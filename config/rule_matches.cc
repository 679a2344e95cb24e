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
std::optional<PortRange> port_range(const NodeReader& node, std::string_view leaf) {
    return node.value<PortRange>(leaf, parse_port_range, kNoPortRange);
}
std::optional<AddressRange> read_address_range(const NodeReader& node, std::string_view leaf, const std::string& text) {
    const auto range = parse_address_range(text);
    if (!range) node.refuse(leaf, "\"" + text + "\" " + std::string{kNoAddressRange});
    return range;
}
std::optional<PortRange> read_port_range(const NodeReader& node, std::string_view leaf, const std::string& text) {
    const auto range = parse_port_range(text);
    if (!range) node.refuse(leaf, "\"" + text + "\" " + std::string{kNoPortRange});
    return range;
}

std::vector<AddressRange> all_but(const std::vector<AddressRange>& ranges) {
    std::vector<AddressRange> rest;
    std::uint64_t next = 0;  // one more than there are addresses, behind the last
    for (const AddressRange& range : ranges) {
        if (next < range.first.number())
            rest.push_back({Ipv4Address{static_cast<std::uint32_t>(next)}, Ipv4Address{range.first.number() - 1}});
        next = std::uint64_t{range.last.number()} + 1;
    }
    if (next <= Ipv4Address::broadcast().number())
        rest.push_back({Ipv4Address{static_cast<std::uint32_t>(next)}, Ipv4Address::broadcast()});
    return rest;
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
