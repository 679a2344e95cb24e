#pragma once
// Reading a validated tree: one line a setting.
//
//   interface.mtu = node.number<unsigned>("mtu");
//   rule.original_address = node.value<AddressRange>("original-address", parse_address_range, "is no address, range or network");
//
// The schema has seen to it that what is read is there and looks right. What it cannot say is refused here or by the reader's caller;
// the first refusal is kept in Findings and reading goes on, so that code which compiles need not ask after every line. Who asks
// Findings before the result is used can rely on every value.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/ipv4_address.h"
#include "net/mac_address.h"
#include "net/numbers.h"
#include "net/result.h"

struct lyd_node;

namespace hairpin::config {

// What a compilation has to say about a document.
struct Findings {
    std::optional<Error> refusal;       // the first
    std::vector<std::string> warnings;  // each with its path
};

class NodeReader {
public:
    // Both must live as long as the reader and those made from it.
    NodeReader(const lyd_node* node, Findings& findings) : node_(node), findings_(&findings) {}
    // Of several top nodes (siblings of `root`) the one of this name.
    static NodeReader top(const lyd_node* root, std::string_view name, Findings& findings);

    explicit operator bool() const { return node_ != nullptr; }
    NodeReader child(std::string_view name) const;
    std::vector<NodeReader> children(std::string_view name) const;  // a list's entries, in order

    // Leaves: of this node's child `name`. Without optional in its type a leaf must be there: mandatory, a key, or with a default.
    bool has(std::string_view leaf) const { return static_cast<bool>(child(leaf)); }
    bool written(std::string_view leaf) const;  // there, and no default
    std::string text(std::string_view leaf) const;
    std::string text_or(std::string_view leaf, std::string_view otherwise) const;
    bool flag(std::string_view leaf) const { return text(leaf) == "true"; }
    std::vector<std::string> texts(std::string_view leaf) const;  // a leaf-list's values, in order

    template <std::unsigned_integral Number = std::uint64_t>
    Number number(std::string_view leaf) const {
        return to_number<Number>(text(leaf));
    }
    template <std::unsigned_integral Number>
    std::optional<Number> optional_number(std::string_view leaf) const {
        return has(leaf) ? std::optional{number<Number>(leaf)} : std::nullopt;
    }
    std::chrono::seconds seconds(std::string_view leaf) const { return std::chrono::seconds{number<std::uint32_t>(leaf)}; }
    Ipv4Address address(std::string_view leaf) const;
    Ipv4Prefix prefix(std::string_view leaf) const;       // refused with host bits
    MacAddress station_mac(std::string_view leaf) const;  // refused where it is a group's, or zero
    VlanId vlan(std::string_view leaf) const;             // none() where there is none
    std::vector<VlanId> vlans(std::string_view leaf) const;
    std::vector<Ipv4InterfaceAddress> interface_addresses(std::string_view leaf) const;

    // An enumeration, by a table of {name, value}. The schema and the table must agree.
    template <class Table>
    auto one_of(std::string_view leaf, const Table& table) const {
        const std::string name = text(leaf);
        for (const auto& row : table)
            if (row.first == name) return row.second;
        unreachable_because("the table of a setting has every name of the schema");
    }
    // What a parser of text makes of a leaf, or of each member of a leaf-list; refused, `"text" reason`, where it makes nothing.
    template <class Value, class Parse>
    std::optional<Value> value(std::string_view leaf, Parse&& parse, std::string_view reason) const {
        if (!has(leaf)) return std::nullopt;
        return parsed<Value>(leaf, text(leaf), parse, reason);
    }
    template <class Value, class Parse>
    std::vector<Value> values(std::string_view leaf, Parse&& parse, std::string_view reason) const {
        std::vector<Value> result;
        for (const std::string& text : texts(leaf))
            if (auto value = parsed<Value>(leaf, text, parse, reason)) result.push_back(*value);
        return result;
    }

    // "/hairpin:gateway/nat/rule[id='196610']", and with a leaf's name its path.
    std::string path(std::string_view leaf = {}) const;
    void refuse(std::string_view leaf, std::string reason) const;
    void warn(std::string_view leaf, std::string_view reason) const;

private:
    template <class Value, class Parse>
    std::optional<Value> parsed(std::string_view leaf, const std::string& text, Parse& parse, std::string_view reason) const {
        const std::optional<Value> value = parse(text);
        if (!value) refuse(leaf, "\"" + text + "\" " + std::string{reason});
        return value;
    }
    template <class Number>
    static Number to_number(const std::string& text) {
        const auto number = parse_number(text, std::numeric_limits<Number>::max());
        ensure(number.has_value());
        return static_cast<Number>(*number);
    }

    const lyd_node* node_;
    Findings* findings_;
};

}  // namespace hairpin::config
