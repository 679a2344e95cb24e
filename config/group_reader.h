#pragma once
// Reads the groups of a document, and then, for whoever compiles rules, whatever a rule may name: values and groups of them come out as
// values. Who names which group is written down on the way.
//
// A name that is no group's is refused where it stands, and so is a group that contains itself, with the way round.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/groups.h"
#include "config/node_reader.h"

namespace hairpin::config {

class GroupReader {
public:
    static constexpr std::size_t kDeepest = 16;          // groups within groups
    static constexpr std::size_t kMostMembers = 16'384;  // that a group may come to

    // `gateway` and `ruleset`, in which the interfaces are, outlive it.
    GroupReader(const NodeReader& gateway, const gateway::Ruleset& ruleset);

    // Who reads from now on: "firewall" or "NAT", and the rule's number.
    void begin_rule(std::string_view kind, gateway::RuleId rule);
    // Of leaves and leaf-lists, sorted and merged. Empty where nothing is written, or where what is has no members.
    std::vector<gateway::AddressRange> addresses(const NodeReader& node, std::string_view leaf);
    std::vector<MacAddress> macs(const NodeReader& node, std::string_view leaf);
    std::vector<gateway::PortRange> ports(const NodeReader& node, std::string_view leaf);
    struct Interfaces {
        gateway::InterfaceSet set;
        bool gateway_itself = false;  // vse, or any
    };
    Interfaces interfaces(const NodeReader& node, std::string_view leaf);
    // Of the node's list `service`. One whose ports come to none is left out.
    std::vector<gateway::Service> services(const NodeReader& node);

    // When all has been read: of a group that is missing in several places, a refusal names the first alone.
    void tell_of_others(Findings& findings) const;
    Groups take() { return std::move(groups_); }

private:
    struct Entry {
        NodeReader node;
        enum class State : std::uint8_t { unread, being_read, read } state = State::unread;
        std::size_t depth = 0;  // groups within it
    };
    void find_entries(const NodeReader& list_parent, GroupKind kind);
    void check_name(const Group& group, const NodeReader& node) const;
    void read(std::size_t place);
    void read_members(std::size_t place);
    // The group that `name` at a node's leaf means; nullptr where that has been refused.
    const Group* named(const NodeReader& node, std::string_view leaf, GroupKind kind, const std::string& name);
    void refuse_missing(const NodeReader& node, std::string_view leaf, GroupKind kind, const std::string& name);
    void refuse_circle(const NodeReader& node, std::string_view leaf, std::size_t place);
    std::string reader_name() const;

    template <class Value, class Parse>
    std::vector<Value> values(const NodeReader& node, std::string_view leaf, GroupKind kind, std::vector<Value> Group::*field,
                              Parse&& parse);

    const gateway::Ruleset& ruleset_;
    Groups groups_;
    std::vector<Entry> entries_;  // one for each group
    std::map<std::pair<GroupKind, std::string>, std::size_t, std::less<>> places_;
    std::vector<std::size_t> being_read_;  // groups within each other, the outermost first
    std::string_view rule_kind_;
    std::optional<gateway::RuleId> rule_;

    // The first name that was refused, and who says it.
    std::optional<std::pair<GroupKind, std::string>> missing_;
    std::vector<std::string> missed_by_;
};

// Whether a text can only be a group's name where values and groups may stand.
bool is_group_name(std::string_view text);

// "tcp 80, 443", "udp 53 from 1024-65535", "icmp type 8", "https": as it is written.
std::string service_text(const NodeReader& service);

}  // namespace hairpin::config
