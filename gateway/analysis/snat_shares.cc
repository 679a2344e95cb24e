#include "gateway/analysis/snat_shares.h"

#include "gateway/analysis/packets.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway::analysis {

namespace {

// A rule sees what leaves by the interfaces that it is applied on.
Box packets_matching(const NatRule& rule, const Destinations& destinations) {
    Box box = Box::everything();
    box[Field::kind] = kinds_of(rule.protocol, rule.icmp_type);
    box[Field::source] = originals_of(rule);
    if (rule.original_port) box[Field::source_port] = set_of(*rule.original_port);
    box[Field::destination] = destinations.behind(rule.applied_on).intersected(set_or_all(rule.peer_addresses));
    box[Field::destination_port] = set_or_all(rule.peer_ports);
    return box;
}

}  // namespace

bool SnatShare::translates_address() const {
    return row_of(rule->action).translates && (rule->masquerade || !rule->sources().empty());
}

std::vector<SnatShare> find_snat_shares(const Ruleset& ruleset, const Destinations& destinations, Effort& effort) {
    BoxList matching;
    for (std::size_t i = 0; i < ruleset.nat.size(); ++i) {
        const NatRule& rule = ruleset.nat[i];
        if (rule.enabled && row_of(rule.action).side == NatSide::source) matching.add(packets_matching(rule, destinations), i);
    }
    std::vector<SnatShare> shares;
    for (std::size_t place = 0; place < matching.size(); ++place) {
        const NatRule& rule = ruleset.nat[matching[place].owner];
        SnatShare& share = shares.emplace_back(SnatShare{&rule, {}, {&rule, {}, {}}});
        share.packets = share_of(share.reach, matching, place, effort);
    }
    return shares;
}

Box after_dnat(const DnatBranch& branch, const Box& packets) {
    Box after = packets;
    after[Field::destination] = branch.address.after(packets[Field::destination]);
    after[Field::destination_port] = branch.port.after(packets[Field::destination_port]);
    return after;
}

Box before_dnat(const DnatBranch& branch, const Box& packets) {
    Box before = packets;
    before[Field::destination] = branch.address.before(packets[Field::destination]);
    before[Field::destination_port] = branch.port.before(packets[Field::destination_port]);
    return before;
}

}  // namespace hairpin::gateway::analysis
