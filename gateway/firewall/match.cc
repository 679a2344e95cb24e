#include "gateway/firewall/match.h"

#include <algorithm>

#include "gateway/firewall/ranges.h"
#include "gateway/rule_index.h"
#include "net/result.h"

namespace hairpin::gateway {

namespace {

// `interface` is none where the packet comes from, or is for, the gateway itself.
bool matches(const Endpoint& endpoint, Ipv4Address address, std::optional<InterfaceId> interface,
             std::optional<MacAddress> mac = std::nullopt) {
    if (!endpoint.macs.empty() && (!mac || std::find(endpoint.macs.begin(), endpoint.macs.end(), *mac) == endpoint.macs.end()))
        return endpoint.negated;
    if (endpoint.any()) return !endpoint.negated;
    const bool member = holds(endpoint.addresses, address) || (interface && endpoint.interfaces.test(index_of(*interface))) ||
                        (!interface && endpoint.gateway_itself);
    return member != endpoint.negated;
}

bool matches(const Service& service, const Ipv4FlowKey& key, const FirewallQuestion& question) {
    if (service.protocol != IpProtocol::any && service.protocol != key.protocol) return false;
    if (service.icmp_type && service.icmp_type != question.icmp_type) return false;
    if (service.icmp_code && service.icmp_code != question.icmp_code) return false;
    return holds_or_any(service.source_ports, key.source_port) && holds_or_any(service.destination_ports, key.destination_port);
}

}  // namespace

bool matches(const FirewallRule& rule, const FirewallQuestion& question, const char** nearest_miss) {
    const auto miss = [&](const char* field) {
        if (nearest_miss != nullptr) *nearest_miss = field;
        return false;
    };
    const Ipv4FlowKey& key = rule.match == MatchTuple::original ? question.original : question.translated;
    if (!matches(rule.source, key.source, question.inbound, question.source_mac)) return miss("source");
    if (!matches(rule.destination, key.destination, question.outbound)) return miss("destination");
    const bool served =
        rule.services.empty() || std::any_of(rule.services.begin(), rule.services.end(),
                                             [&](const Service& service) { return matches(service, key, question); });
    return served || miss("service");
}

const FirewallRule& first_match(const Ruleset& ruleset, const FirewallQuestion& question) {
    const RuleIndex* index = ruleset.index.get();
    if (index != nullptr && index->firewall() != nullptr) {
        const std::size_t place = index->firewall()->find(ruleset.firewall, question);
        ensure(place < ruleset.firewall.size());
        return ruleset.firewall[place];
    }
    for (const FirewallRule& rule : ruleset.firewall)
        if (rule.in_force() && matches(rule, question)) return rule;
    unreachable_because("a ruleset ends with a default rule that matches everything");
}

}  // namespace hairpin::gateway
