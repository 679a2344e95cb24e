#pragma once
// Groups: names for addresses, interfaces, MACs, ports and services. Rules name them; the datapath knows none, because rules are compiled
// to what their groups come to.
//
//   group address servers     192.0.2.7, web      web: 192.0.2.8, 10.0.0.0/24
//   a rule's source address   servers             compiled: 10.0.0.0-10.0.0.255, 192.0.2.7-192.0.2.8
//
// A group without members is nobody: where it stands alone, the rule matches nothing.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ruleset.h"

namespace hairpin::config {

enum class GroupKind : std::uint8_t { address, interface, mac, port, service };
// As the schema calls its list: "address".
std::string_view name_of(GroupKind kind);

struct Group {
    GroupKind kind = GroupKind::address;
    std::string name, description;
    std::vector<std::string> members;  // as they are written; of a service "tcp 80, 443"

    // What they come to, each in the field of its kind: sorted, and ranges that meet are one.
    std::vector<gateway::AddressRange> addresses;
    gateway::InterfaceSet interfaces;
    std::vector<MacAddress> macs;
    std::vector<gateway::PortRange> ports;
    std::vector<gateway::Service> services;

    // Who names it: groups of its kind, and rules, by number.
    std::vector<std::string> in_groups;
    std::vector<gateway::RuleId> in_rules;

    // Whether a rule that names it compiles to the same with that one in its place.
    bool comes_to_the_same(const Group& other) const;
    friend bool operator==(const Group&, const Group&) = default;
};

// In the order of their kinds, and of a kind in the document's.
using Groups = std::vector<Group>;
// `place`: where it is likely to be found.
const Group* find_group(const Groups& groups, GroupKind kind, std::string_view name, std::size_t place = 0);

// The rules that have to be compiled again when `next` takes the place of `now`, by number, sorted.
std::vector<gateway::RuleId> rules_that_change(const Groups& now, const Groups& next);
// Rules that were not compiled again still name what they named: those of `before` for which `is_kept`.
template <class IsKept>
void add_kept_rules(const Groups& before, IsKept&& is_kept, Groups& groups);

// "10.0.0.0-10.0.0.255"; a network as one.
std::string text_of(const gateway::AddressRange& range);
// "8000-8099"
std::string text_of(const gateway::PortRange& range);
// "tcp 80, 443 from 1024-65535", "icmp type 8 code 0"
std::string text_of(const gateway::Service& service);
// What a group comes to, a text for each.
std::vector<std::string> resolved_texts(const Group& group, const gateway::Ruleset& ruleset);

template <class IsKept>
void add_kept_rules(const Groups& before, IsKept&& is_kept, Groups& groups) {
    for (std::size_t place = 0; place < groups.size(); ++place) {
        Group& group = groups[place];
        const Group* old = find_group(before, group.kind, group.name, place);
        if (old == nullptr) continue;
        std::vector<gateway::RuleId> all;
        std::size_t next = 0;
        for (const gateway::RuleId rule : old->in_rules) {
            while (next < group.in_rules.size() && group.in_rules[next] < rule) all.push_back(group.in_rules[next++]);
            if (is_kept(rule)) all.push_back(rule);
        }
        all.insert(all.end(), group.in_rules.begin() + static_cast<std::ptrdiff_t>(next), group.in_rules.end());
        group.in_rules = std::move(all);
    }
}

}  // namespace hairpin::config
