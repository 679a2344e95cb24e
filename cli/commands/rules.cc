// The rules: firewall, NAT, and the configuration that they come from.

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/command_table.h"
#include "control/protocol.h"

namespace hairpin::cli {

using nlohmann::json;

namespace {

constexpr auto kFirewallColumns = std::to_array<Column>({
    {"position", "#", Align::right},
    {"id", "ID", Align::right},
    {"name", "NAME"},
    {"type", "TYPE"},
    {"enabled", "ENABLED"},
    {"source", "SOURCE"},
    {"destination", "DESTINATION"},
    {"service", "SERVICE"},
    {"action", "ACTION"},
    {"options", "OPTIONS"},
    {"schedule", "SCHEDULE"},
    {"in_force", "IN FORCE"},
    {"log", "LOG"},
    {"hits", "HITS", Align::right},
    {"bytes", "BYTES", Align::right, bytes},
    {"first_hit_seconds_ago", "FIRST HIT", Align::right, ago},
    {"last_hit_seconds_ago", "LAST HIT", Align::right, ago},
});

constexpr auto kNatColumns = std::to_array<Column>({
    {"id", "ID", Align::right},
    {"action", "ACTION"},
    {"applied_on", "APPLIED ON"},
    {"original", "ORIGINAL"},
    {"peer", "PEER"},
    {"translated", "TRANSLATED"},
    {"protocol", "PROTOCOL"},
    {"options", "OPTIONS"},
    {"enabled", "ENABLED"},
    {"log", "LOG"},
    {"hits", "HITS", Align::right},
    {"bytes", "BYTES", Align::right, bytes},
    {"first_hit_seconds_ago", "FIRST HIT", Align::right, ago},
    {"last_hit_seconds_ago", "LAST HIT", Align::right, ago},
    {"description", "DESCRIPTION"},
});

constexpr auto kFindingColumns = std::to_array<Column>({
    {"rule", "ID", Align::right},
    {"text", "WHY"},
});

// "1m54s left"; of what somebody uses nothing is.
std::string time_left(const json& seconds, const Style& style) {
    return seconds.is_null() ? "-" : duration(seconds, style) + " left";
}

constexpr auto kMappingColumns = std::to_array<Column>({
    {"protocol", "PROTOCOL"},
    {"inside", "INSIDE"},
    {"outside", "OUTSIDE"},
    {"mapping", "MAPPING"},
    {"filtering", "FILTERING"},
    {"rule", "RULE", Align::right},
    {"sessions", "SESSIONS", Align::right},
    {"let_in", "LET IN", Align::right},
    {"rests_seconds", "RESTS", Align::right, time_left},
});

constexpr auto kPoolColumns = std::to_array<Column>({
    {"address", "ADDRESS"},
    {"protocol", "PROTOCOL"},
    {"ports_used", "PORTS USED", Align::right},
    {"most_ports", "MOST PORTS", Align::right},
    {"ports_free", "FREE", Align::right},
    {"sessions", "SESSIONS", Align::right},
    {"most_sessions", "MOST SESSIONS", Align::right},
    {"rules", "RULES"},
});

// Of a long list its beginning.
std::string beginning(const json& list, const Style& style) {
    constexpr std::size_t kMost = 6;
    if (!list.is_array() || list.size() <= kMost) return plain(list, style);
    json first = json::array();
    for (std::size_t i = 0; i + 1 < kMost; ++i) first.push_back(list[i]);
    first.push_back(fmt::format("and {} more", list.size() - first.size()));
    return plain(first, style);
}

constexpr auto kGroupColumns = std::to_array<Column>({
    {"kind", "KIND"},
    {"name", "NAME"},
    {"members", "MEMBERS", Align::left, beginning},
    {"resolved", "COMES TO", Align::left, beginning},
    {"groups", "IN GROUPS", Align::left, beginning},
    {"rules", "IN RULES", Align::left, beginning},
    {"description", "DESCRIPTION"},
});

const auto kUnusedTerms = std::to_array<Term>({{"since", &value::kDuration, "unused_seconds", Term::How::optional,
                                                "for so long; else since counters were cleared, or the first start"}});

// That a table of rules is of no use as things are.
std::string that_it_is_off(const json& result) {
    return result.value("enabled", true)
               ? ""
               : "firewall enabled is false: no rule is asked, everything passes and nothing is translated\n";
}
std::string packets_without_port(const json& result) {
    const auto refused = result.value("exhausted", std::uint64_t{0});
    return refused == 0 ? "" : fmt::format("{} packet{} found no free port (nat-exhausted)\n", refused, refused == 1 ? "" : "s");
}

// Of `unused` alone: never.
json unused(json terms) {
    if (!terms.contains("unused_seconds")) terms["unused_seconds"] = 0;
    return terms;
}
json shadowed_firewall(json) { return {{"kinds", {"shadowed", "not-determined"}}}; }
json shadowed_nat(json) { return {{"kinds", {"unreachable-nat"}}}; }

const auto kRuleCommands = std::to_array<Command>({
    {.words = "show firewall",
     .description = "the firewall rules in order, and what hit them",
     .details =
         "Rules are asked from the top, about the first packet of a session; the first that matches decides. "
         "TYPE is auto for those that the gateway makes itself, user for one's own, default for what no rule matches. HITS "
         "counts sessions that the rule let begin and packets that it refused, FIRST HIT and LAST HIT say how long ago; "
         "BYTES are those of its sessions, in both directions. Counters belong to the ID and stay when the rule is edited "
         "or moved, and when the daemon starts anew with the same --state. OPTIONS, SCHEDULE, IN FORCE and LOG stand there where "
         "a "
         "rule has such a thing: its other settings, at what times it is asked, whether it is now, and that what it decides is "
         "logged.",
     .example = "show firewall",
     .method = control::method::kShowFirewall,
     .schema = "firewall",
     .columns = kFirewallColumns,
     .nothing = "the firewall has no rules",
     .below = that_it_is_off},
    {.words = "show firewall unused",
     .description = "rules that nothing has hit for a while",
     .details = "A rule's hits are the sessions it let in and the packets it refused; they survive commits and, "
                "with --state, restarts.",
     .example = "show firewall unused since 7d",
     .terms = kUnusedTerms,
     .method = control::method::kShowFirewall,
     .schema = "firewall",
     .parameters = unused,
     .columns = kFirewallColumns,
     .nothing = "every rule has been hit"},
    {.words = "show firewall shadowed",
     .description = "rules that can never match, and why",
     .details =
         "Computed exactly, for every packet there could be: a rule stands here when the rules before it take all that it would.",
     .example = "show firewall shadowed",
     .method = control::method::kShowFindings,
     .schema = "findings",
     .parameters = shadowed_firewall,
     .columns = kFindingColumns,
     .nothing = "every rule can match"},
    {.words = "show nat rules",
     .description = "the NAT rules in order, and what hit them",
     .details =
         "A dnat rule is asked where a packet enters, about its destination; an snat rule where it leaves, "
         "about its source. Of each kind the first that matches decides. APPLIED ON is the interface, or "
         "group of them, where the rule is asked. HITS counts the sessions that it translated. OPTIONS stands there where a rule "
         "has settings that are not as usual, and says by which hairpin mode a dnat rule serves clients inside: what "
         "they are hidden behind follows from the mode and is no rule of its own.",
     .example = "show nat rules",
     .method = control::method::kShowNatRules,
     .schema = "nat-rules",
     .columns = kNatColumns,
     .nothing = "there are no NAT rules",
     .below = that_it_is_off},
    {.words = "show nat rules unused",
     .description = "NAT rules that nothing has hit for a while",
     .details = "A rule's hits are the sessions that it translated.",
     .example = "show nat rules unused since 7d",
     .terms = kUnusedTerms,
     .method = control::method::kShowNatRules,
     .schema = "nat-rules",
     .parameters = unused,
     .columns = kNatColumns,
     .nothing = "every rule has been hit"},
    {.words = "show nat rules shadowed",
     .description = "NAT rules that can never match, and why",
     .details = "Computed exactly, for every packet there could be.",
     .example = "show nat rules shadowed",
     .method = control::method::kShowFindings,
     .schema = "findings",
     .parameters = shadowed_nat,
     .columns = kFindingColumns,
     .nothing = "every rule can match"},
    {.words = "show nat mappings",
     .description = "what inside addresses and ports are outside, and whom that lets in",
     .details =
         "A mapping is the same for all sessions of an inside address and port, as far as its rule's mapping mode says. SESSIONS "
         "keep it; "
         "those that it has LET IN do not until they are answered. Then it RESTS: its port stays the inside's own for as long as "
         "is left.",
     .example = "show nat mappings",
     .method = control::method::kShowNatMappings,
     .schema = "nat-mappings",
     .columns = kMappingColumns,
     .nothing = "nothing is mapped"},
    {.words = "show groups",
     .description = "the groups that rules name: members, what they come to, and who names them",
     .details =
         "MEMBERS are as they are written, COMES TO is what rules compare: groups within groups are resolved, and ranges that "
         "meet are one. A group that comes to nothing is nobody. IN GROUPS and IN RULES say who names it, rules by their ID; a "
         "group that is named is not deleted. Long lists are cut; with | json they are whole.",
     .example = "show groups",
     .method = control::method::kShowGroups,
     .schema = "groups",
     .columns = kGroupColumns,
     .nothing = "there are no groups"},
    {.words = "show nat pools",
     .description = "the ports of each translated address: in use, free, and how many sessions there were at most",
     .details =
         "An address shows once something has been translated to it. A port may serve several sessions that go to different "
         "places, so there may be more sessions than ports. RULES are those that may take its ports. MOST PORTS and MOST "
         "SESSIONS "
         "are the most that there were at once. Below stands how many packets found no free port, if any did.",
     .example = "show nat pools",
     .method = control::method::kShowNatPools,
     .schema = "nat-pools",
     .columns = kPoolColumns,
     .nothing = "nothing has been translated yet",
     .below = packets_without_port},
});

}  // namespace

std::span<const Command> rule_commands() { return kRuleCommands; }

}  // namespace hairpin::cli
