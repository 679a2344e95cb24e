#include "config/group_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "config/known_services.h"
#include "config/rule_matches.h"
#include "config/wanted.h"

namespace hairpin::config {

using gateway::AddressRange;
using gateway::PortRange;
using gateway::Service;

namespace {

constexpr auto kKinds =
    std::to_array<GroupKind>({GroupKind::address, GroupKind::interface, GroupKind::mac, GroupKind::port, GroupKind::service});
constexpr std::size_t kMostNamed = 8;  // that a sentence lists

std::string_view what_it_is_not(GroupKind kind) {
    switch (kind) {
        case GroupKind::address: return "is no address and no group of addresses";
        case GroupKind::interface: return "is no interface and no group of interfaces";
        case GroupKind::mac: return "is no MAC and no group of MACs";
        case GroupKind::port: return "is no port and no group of ports";
        case GroupKind::service: return "is no protocol, no known service and none of one's own";
    }
    return "";
}

// Sorted, and what meets is one.
template <class Range, class Number>
std::vector<Range> merged(std::vector<Range> ranges, Number&& number_of) {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> result;
    for (const Range& range : ranges) {
        if (!result.empty() && std::uint64_t{number_of(range.first)} <= std::uint64_t{number_of(result.back().last)} + 1)
            result.back().last = std::max(result.back().last, range.last);
        else
            result.push_back(range);
    }
    return result;
}

template <class Value>
void add_all(std::vector<Value>& to, const std::vector<Value>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

GroupReader::GroupReader(const NodeReader& gateway, const gateway::Ruleset& ruleset) : ruleset_(ruleset) {
    const NodeReader groups = gateway.child("group");
    for (const GroupKind kind : kKinds) find_entries(groups, kind);
    for (std::size_t place = 0; place < groups_.size(); ++place) read(place);
}

void GroupReader::find_entries(const NodeReader& list_parent, GroupKind kind) {
    for (const NodeReader& node : list_parent.children(name_of(kind))) {
        Group& group = groups_.emplace_back();
        group.kind = kind;
        group.name = node.text("name");
        group.description = node.text_or("description", "");
        check_name(group, node);
        places_.emplace(std::pair{kind, group.name}, entries_.size());
        entries_.push_back({node});
    }
}

void GroupReader::check_name(const Group& group, const NodeReader& node) const {
    if (group.kind == GroupKind::interface && ruleset_.find_interface(group.name) != nullptr)
        node.refuse("name", fmt::format("\"{}\" is an interface: choose another name", group.name));
    if (group.kind == GroupKind::address && group.name == "interface")
        node.refuse("name", "\"interface\" is what an snat rule calls the outbound interface's address: choose another name");
    if (group.kind == GroupKind::service && parse_ip_protocol(group.name))
        node.refuse("name", fmt::format("\"{}\" is a protocol: choose another name", group.name));
    if (group.kind == GroupKind::service && find_known_service(group.name) != nullptr)
        node.refuse("name", fmt::format("\"{}\" is a service that is known already: choose another name", group.name));
}

void GroupReader::read(std::size_t place) {
    if (entries_[place].state == Entry::State::read) return;
    entries_[place].state = Entry::State::being_read;
    being_read_.push_back(place);
    read_members(place);
    being_read_.pop_back();
    entries_[place].state = Entry::State::read;
}

// The groups stay where they are meanwhile: all of them have been found.
void GroupReader::read_members(std::size_t place) {
    Group& group = groups_[place];
    const NodeReader node = entries_[place].node;
    const std::string_view leaf = name_of(group.kind);
    std::size_t members = 0;
    switch (group.kind) {
        case GroupKind::address: members = (group.addresses = addresses(node, leaf)).size(); break;
        case GroupKind::interface: group.interfaces = interfaces(node, leaf).set; break;
        case GroupKind::mac: members = (group.macs = macs(node, leaf)).size(); break;
        case GroupKind::port: members = (group.ports = ports(node, leaf)).size(); break;
        case GroupKind::service:
            members = (group.services = services(node)).size();
            for (const NodeReader& service : node.children(leaf)) group.members.push_back(service_text(service));
            break;
    }
    if (group.kind != GroupKind::service) group.members = node.texts(leaf);
    if (members > kMostMembers)
        node.refuse(leaf, fmt::format("the group comes to {} members, more than {}", members, kMostMembers));
}

void GroupReader::begin_rule(std::string_view kind, gateway::RuleId rule) {
    rule_kind_ = kind;
    rule_ = rule;
}

std::string GroupReader::reader_name() const {
    if (!being_read_.empty()) return fmt::format("group \"{}\"", groups_[being_read_.back()].name);
    return fmt::format("{} rule {}", rule_kind_, rule_.value_or(gateway::kNoRule));
}

const Group* GroupReader::named(const NodeReader& node, std::string_view leaf, GroupKind kind, const std::string& name) {
    const auto found = places_.find(std::pair{kind, name});
    if (found == places_.end()) return refuse_missing(node, leaf, kind, name), nullptr;
    const std::size_t place = found->second;
    if (entries_[place].state == Entry::State::being_read) return refuse_circle(node, leaf, place), nullptr;
    if (being_read_.size() + entries_[place].depth >= kDeepest)
        return node.refuse(leaf, fmt::format("groups are nested more than {} deep", kDeepest)), nullptr;
    Group& group = groups_[place];
    if (being_read_.empty()) {
        if (group.in_rules.empty() || group.in_rules.back() != *rule_) group.in_rules.push_back(*rule_);
        return &group;
    }
    const std::string& reader = groups_[being_read_.back()].name;
    if (std::find(group.in_groups.begin(), group.in_groups.end(), reader) == group.in_groups.end())
        group.in_groups.push_back(reader);
    read(place);
    std::size_t& depth = entries_[being_read_.back()].depth;
    depth = std::max(depth, entries_[place].depth + 1);
    return &group;
}

void GroupReader::refuse_missing(const NodeReader& node, std::string_view leaf, GroupKind kind, const std::string& name) {
    std::pair key{kind, name};
    if (!missing_) missing_ = key;
    if (*missing_ == key && (missed_by_.empty() || missed_by_.back() != reader_name())) missed_by_.push_back(reader_name());
    std::vector<std::string> there;
    for (const Group& group : groups_)
        if (group.kind == kind && there.size() <= kMostNamed) there.push_back("\"" + group.name + "\"");
    if (there.size() > kMostNamed) there.back() = "others";
    node.refuse(
        leaf,
        fmt::format("{} {}{}", in_quotes(name), what_it_is_not(kind),
                    there.empty() ? "" : fmt::format("; there {} {}", there.size() == 1 ? "is" : "are", joined(there, " and "))));
}

// "web -> db -> web"
void GroupReader::refuse_circle(const NodeReader& node, std::string_view leaf, std::size_t place) {
    const auto begin = std::find(being_read_.begin(), being_read_.end(), place);
    std::string way;
    for (auto at = begin; at != being_read_.end(); ++at) way += groups_[*at].name + " -> ";
    node.refuse(leaf, fmt::format("a group cannot be its own member: {}{}", way, groups_[place].name));
}

void GroupReader::tell_of_others(Findings& findings) const {
    if (!findings.refusal || !missing_ || missed_by_.size() < 2) return;
    if (!findings.refusal->message.starts_with(in_quotes(missing_->second) + " " + std::string{what_it_is_not(missing_->first)}))
        return;
    std::vector<std::string> all{missed_by_.begin(),
                                 missed_by_.begin() + static_cast<std::ptrdiff_t>(std::min(missed_by_.size(), kMostNamed))};
    if (missed_by_.size() > kMostNamed) all.emplace_back("others");
    findings.refusal->message += fmt::format("; it is named by {}", joined(all, " and "));
}

template <class Value, class Parse>
std::vector<Value> GroupReader::values(const NodeReader& node, std::string_view leaf, GroupKind kind,
                                       std::vector<Value> Group::*field, Parse&& parse) {
    std::vector<Value> result;
    for (const std::string& text : node.texts(leaf)) {
        if (is_group_name(text)) {
            if (const Group* group = named(node, leaf, kind, text)) add_all(result, group->*field);
        } else if (const std::optional<Value> value = parse(text)) {
            result.push_back(*value);
        }
    }
    return result;
}

std::vector<AddressRange> GroupReader::addresses(const NodeReader& node, std::string_view leaf) {
    return merged(values(node, leaf, GroupKind::address, &Group::addresses,
                         [&](const std::string& text) { return read_address_range(node, leaf, text); }),
                  [](Ipv4Address address) { return address.number(); });
}

std::vector<PortRange> GroupReader::ports(const NodeReader& node, std::string_view leaf) {
    return merged(values(node, leaf, GroupKind::port, &Group::ports,
                         [&](const std::string& text) { return read_port_range(node, leaf, text); }),
                  [](L4Port port) { return port.number(); });
}

std::vector<MacAddress> GroupReader::macs(const NodeReader& node, std::string_view leaf) {
    auto macs = values(node, leaf, GroupKind::mac, &Group::macs, [&](const std::string& text) {
        const auto mac = MacAddress::parse(text);
        if (mac && !mac->is_station())
            node.refuse(leaf, fmt::format("{} is no station's own address: it is a group's, or zero", mac->to_string()));
        return mac;
    });
    std::sort(macs.begin(), macs.end());
    macs.erase(std::unique(macs.begin(), macs.end()), macs.end());
    return macs;
}

GroupReader::Interfaces GroupReader::interfaces(const NodeReader& node, std::string_view leaf) {
    Interfaces result;
    for (const std::string& name : node.texts(leaf)) {
        const bool by_role = name == "internal" || name == "external" || name == "any";
        if (name == "vse" || name == "any") result.gateway_itself = true;
        if (by_role || ruleset_.find_interface(name) != nullptr)
            result.set |= interfaces_named(ruleset_, name);
        else if (name == "vse" && node.has("negate"))  // an endpoint of a firewall rule
            continue;
        else if (const Group* group = named(node, leaf, GroupKind::interface, name))
            result.set |= group->interfaces;
    }
    return result;
}

std::vector<Service> GroupReader::services(const NodeReader& node) {
    std::vector<Service> result;
    for (const NodeReader& entry : node.children("service")) {
        const std::string name = entry.text("protocol");
        if (const KnownService* known = find_known_service(name)) {
            add_all(result, services_of(*known));
        } else if (const auto protocol = parse_ip_protocol(name)) {
            Service service{*protocol, ports(entry, "source-port"), ports(entry, "port"),
                            entry.optional_number<std::uint8_t>("icmp-type"), entry.optional_number<std::uint8_t>("icmp-code")};
            const bool none = (entry.has("port") && service.destination_ports.empty()) ||
                              (entry.has("source-port") && service.source_ports.empty());
            if (!none) result.push_back(std::move(service));
        } else if (const Group* group = named(entry, "protocol", GroupKind::service, name)) {
            add_all(result, group->services);
        }
    }
    return result;
}

// Addresses and ports begin with a digit, and a MAC has colons: the schema keeps names apart from them.
bool is_group_name(std::string_view text) {
    return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
           text.find(':') == std::string_view::npos;
}

std::string service_text(const NodeReader& service) {
    std::string text = service.text("protocol");
    if (service.has("port")) text += " " + listed(service.texts("port"));
    if (service.has("source-port")) text += " from " + listed(service.texts("source-port"));
    if (service.has("icmp-type")) text += " type " + service.text("icmp-type");
    if (service.has("icmp-code")) text += " code " + service.text("icmp-code");
    return text;
}

}  // namespace hairpin::config
