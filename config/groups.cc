#include "config/groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

namespace hairpin::config {

using gateway::AddressRange;
using gateway::PortRange;
using gateway::RuleId;
using gateway::Service;

std::string_view name_of(GroupKind kind) {
    switch (kind) {
        case GroupKind::address: return "address";
        case GroupKind::interface: return "interface";
        case GroupKind::mac: return "mac";
        case GroupKind::port: return "port";
        case GroupKind::service: return "service";
    }
    return "";
}

bool Group::comes_to_the_same(const Group& other) const {
    return addresses == other.addresses && interfaces == other.interfaces && macs == other.macs && ports == other.ports &&
           services == other.services;
}

const Group* find_group(const Groups& groups, GroupKind kind, std::string_view name, std::size_t place) {
    const auto is_meant = [&](const Group& group) { return group.kind == kind && group.name == name; };
    if (place < groups.size() && is_meant(groups[place])) return &groups[place];
    const auto found = std::find_if(groups.begin(), groups.end(), is_meant);
    return found == groups.end() ? nullptr : &*found;
}

std::vector<RuleId> rules_that_change(const Groups& now, const Groups& next) {
    std::vector<RuleId> rules;
    for (std::size_t place = 0; place < now.size(); ++place) {
        const Group& group = now[place];
        const Group* after = find_group(next, group.kind, group.name, place);
        if (after == nullptr || !group.comes_to_the_same(*after))
            rules.insert(rules.end(), group.in_rules.begin(), group.in_rules.end());
    }
    std::sort(rules.begin(), rules.end());
    rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
    return rules;
}

std::string text_of(const AddressRange& range) {
    if (range.single()) return range.first.to_string();
    const std::uint32_t span = range.span();
    const bool network = (span & (span + 1)) == 0 && (range.first.number() & span) == 0;
    if (network) return fmt::format("{}/{}", range.first.to_string(), std::countl_zero(span));
    return fmt::format("{}-{}", range.first.to_string(), range.last.to_string());
}

std::string text_of(const PortRange& range) {
    if (range.single()) return std::to_string(range.first.number());
    return fmt::format("{}-{}", range.first.number(), range.last.number());
}

namespace {
std::string ports_text(const std::vector<PortRange>& ranges) {
    std::string text;
    for (const PortRange& range : ranges) text += (text.empty() ? "" : ", ") + text_of(range);
    return text;
}
}  // namespace

std::string text_of(const Service& service) {
    std::string text = to_string(service.protocol);
    if (!service.destination_ports.empty()) text += " " + ports_text(service.destination_ports);
    if (!service.source_ports.empty()) text += " from " + ports_text(service.source_ports);
    if (service.icmp_type) text += fmt::format(" type {}", *service.icmp_type);
    if (service.icmp_code) text += fmt::format(" code {}", *service.icmp_code);
    return text;
}

std::vector<std::string> resolved_texts(const Group& group, const gateway::Ruleset& ruleset) {
    std::vector<std::string> texts;
    for (const AddressRange& range : group.addresses) texts.push_back(text_of(range));
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        if (group.interfaces.test(i)) texts.push_back(ruleset.interfaces[i].name);
    for (const MacAddress& mac : group.macs) texts.push_back(mac.to_string());
    for (const PortRange& range : group.ports) texts.push_back(text_of(range));
    for (const Service& service : group.services) texts.push_back(text_of(service));
    return texts;
}

}  // namespace hairpin::config
