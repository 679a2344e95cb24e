// Addresses of NAT rules whose packets do not come to the gateway.
//
//   on an interface's subnet, but not the gateway's     its neighbours ask ARP for it, and nobody answers, unless the interface has proxy-arp
//   beyond an uplink, and no route of ours covers it    somebody outside would have to send it here
//
// A range that reaches beyond the subnet, or holds an address that does come here, is no mistake: everything may be meant. Of several, each
// was meant for itself.
// Of dnat the original address, on the interfaces where packets to it would enter; of snat the translated one, on those where answers
// to it would. Whoever is behind an internal interface sends here what is for elsewhere, so any address that is not on its subnet will do.

#include "gateway/analysis/packets.h"
#include "gateway/analysis/parts.h"
#include "gateway/nat/actions.h"

namespace hairpin::gateway::analysis {

namespace {

IntervalSet subnets_of(const Interface& interface) {
    IntervalSet subnets;
    for (const Ipv4InterfaceAddress& own : interface.addresses) subnets = subnets.united(set_of(own.subnet));
    return subnets;
}

// Of static routes, the default apart: who has one for an address means it to come here.
IntervalSet routed(const Ruleset& ruleset) {
    IntervalSet covered;
    for (const StaticRoute& route : ruleset.routes)
        if (route.prefix.length() > 0) covered = covered.united(set_of(route.prefix));
    for (const Interface& interface : ruleset.interfaces)
        if (interface.present() && interface.role == InterfaceRole::internal) covered = covered.united(subnets_of(interface));
    return covered;
}

std::string listed(const IntervalSet& addresses) {
    const auto text = [](std::uint32_t number) { return Ipv4Address{number}.to_string(); };
    const Interval& first = addresses.intervals().front();
    const std::string more = addresses.intervals().size() > 1 ? " and others" : "";
    return text(first.first) + (first.first == first.last ? "" : "-" + text(first.last)) + more;
}

class Addresses {
public:
    explicit Addresses(Study& study) : study_(study), routed_(routed(study.ruleset)) {}

    void look_at(const NatRule& rule) {
        if (!rule.enabled || !row_of(rule.action).translates) return;
        const AddressSet addresses = rule.action == NatAction::snat ? rule.sources() : rule.originals();
        // The first interface that has something to say; the others would say the same.
        for (std::size_t i = 0; i < study_.ruleset.interfaces.size(); ++i)
            if (rule.applied_on.test(i) && look_at(rule, addresses, study_.ruleset.interfaces[i])) return;
    }

private:
    bool look_at(const NatRule& rule, const AddressSet& addresses, const Interface& interface) {
        if (!interface.present()) return false;
        const IntervalSet subnets = subnets_of(interface);
        IntervalSet unanswered, unrouted;
        for (const AddressRange& each : addresses.ranges()) {
            const IntervalSet range = set_of(each);
            IntervalSet strange = range.without(study_.destinations.gateway_itself());
            if (interface.proxy_arp) strange = strange.without(subnets);
            if (!strange.empty() && range.within(subnets)) unanswered = unanswered.united(strange);
            if (interface.role == InterfaceRole::uplink && range.without(routed_) == range && strange == range)
                unrouted = unrouted.united(range);
        }
        const char* what = rule.action == NatAction::snat ? "answers to " : "packets to ";
        if (!unanswered.empty())
            return add(rule, what + listed(unanswered) + " do not come here: they are for the subnet of \"" + interface.name +
                                 "\", and nobody answers ARP for an address that is not the gateway's");
        if (!unrouted.empty())
            return add(rule, what + listed(unrouted) + " come here only if a router beyond \"" + interface.name +
                                 "\" sends them: it is no address of the gateway, and no route has it");
        return false;
    }
    bool add(const NatRule& rule, const std::string& text) {
        study_.add(kAddressNotOwned, rule.id, name_of(rule) + ": " + text);
        return true;
    }

    Study& study_;
    IntervalSet routed_;
};

}  // namespace

void find_addresses_not_owned(Study& study) {
    Addresses addresses{study};
    for (const NatRule& rule : study.ruleset.nat) addresses.look_at(rule);
}

}  // namespace hairpin::gateway::analysis
