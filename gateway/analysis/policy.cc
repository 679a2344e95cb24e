#include "gateway/analysis/policy.h"

#include <algorithm>
#include <utility>

#include "gateway/analysis/packets.h"

namespace hairpin::gateway::analysis {

namespace {

// An endpoint is its interfaces or its addresses; excepted, it is neither.
std::vector<Box> sources_of(const Endpoint& source, const IntervalSet& present) {
    const Box all = Box::everything().limited(Field::inbound, present);
    if (source.negated && !source.macs.empty()) return {all};  // of these addresses others than these MACs
    if (source.any()) return source.negated ? std::vector<Box>{} : std::vector<Box>{all};
    const IntervalSet interfaces = set_of(source.interfaces), addresses = set_of(source.addresses);
    Box by_interface = all, by_address = all;
    by_interface[Field::inbound] = present.intersected(interfaces);
    by_address[Field::inbound] = present.without(interfaces);
    by_address[Field::source] = source.negated ? all[Field::source].without(addresses) : addresses;
    std::vector<Box> boxes;
    if (!source.negated && !by_interface.empty()) boxes.push_back(by_interface);
    if (!by_address.empty()) boxes.push_back(by_address);
    return boxes;
}

}  // namespace

Policy::Policy(const Ruleset& ruleset, const Destinations& destinations) : ruleset_(ruleset), destinations_(destinations) {
    rules_.reserve(ruleset.firewall.size());
    for (const FirewallRule& rule : ruleset.firewall) {
        rules_.push_back(rule.enabled ? compiled(rule) : Compiled{});
        index_.add(rules_.back().footprint.sets);
    }
}

Policy::Compiled Policy::compiled(const FirewallRule& rule) const {
    Compiled form;
    form.sources = sources_of(rule.source, interfaces_of(ruleset_));
    form.addresses = set_of(rule.destination.addresses);
    form.lying = destinations_.behind(rule.destination.interfaces);
    if (rule.destination.gateway_itself) form.lying = form.lying.united(destinations_.gateway_itself());
    for (const gateway::Service& service : rule.services)
        form.services.push_back({kinds_of(service.protocol, service.icmp_type), set_or_all(service.source_ports),
                                 set_or_all(service.destination_ports)});
    if (rule.services.empty())
        form.services.push_back(
            {Box::everything()[Field::kind], Box::everything()[Field::source_port], Box::everything()[Field::destination_port]});
    form.certain =
        rule.source.macs.empty() && std::none_of(rule.services.begin(), rule.services.end(),
                                                 [](const gateway::Service& service) { return service.icmp_code.has_value(); });
    form.footprint = footprint_of(rule, form);
    return form;
}

Footprint Policy::footprint_of(const FirewallRule& rule, const Compiled& form) const {
    const IntervalSet all = Box::everything()[Field::destination];
    IntervalSet sources, ports;
    for (const Box& source : form.sources) sources = sources.united(source[Field::source]);
    for (const Service& service : form.services)
        if (!service.kinds.empty()) ports = ports.united(service.destination_ports);
    const bool original = rule.match == MatchTuple::original;
    const bool open = rule.destination.any() || rule.destination.negated;
    // Where it lies is asked of the translated destination; of a rule that names both, either will do.
    IntervalSet destination = all, translated = all;
    if (!open && original && form.lying.empty()) destination = form.addresses;
    if (!open && original && form.addresses.empty()) translated = form.lying;
    if (!open && !original) translated = form.addresses.united(form.lying);
    return {{sources, destination, original ? ports : all, translated, original ? all : ports}};
}

void Policy::find(const DnatBranch& branch, const Box& packets, std::size_t end, std::vector<std::size_t>& found) const {
    index_.find(analysis::footprint_of(branch, packets).sets, end, found);
}

bool Policy::has_no_service(std::size_t position) const {
    const auto& services = rules_[position].services;
    return std::all_of(services.begin(), services.end(), [](const Service& service) { return service.kinds.empty(); });
}

MatchTuple Policy::compared(std::size_t position, const DnatBranch& branch) const {
    return branch.compared().value_or(ruleset_.firewall[position].match);
}

// Original destinations, of those that something leads to.
IntervalSet Policy::fitting_destinations(std::size_t position, const DnatBranch& branch) const {
    const FirewallRule& rule = ruleset_.firewall[position];
    const Compiled& form = rules_[position];
    const IntervalSet reachable = branch.address.before(destinations_.reachable());
    if (rule.destination.any()) return rule.destination.negated ? IntervalSet{} : reachable;
    const IntervalSet by_address =
        compared(position, branch) == MatchTuple::original ? form.addresses : branch.address.before(form.addresses);
    const IntervalSet members = by_address.united(branch.address.before(form.lying));
    return rule.destination.negated ? reachable.without(members) : reachable.intersected(members);
}

void Policy::fitting(std::size_t position, const DnatBranch& branch, const Box& packets, std::vector<Box>& out) const {
    const Compiled& form = rules_[position];
    const bool original = compared(position, branch) == MatchTuple::original;
    IntervalSet destinations;  // asked for only when the rest fits
    bool asked = false;
    for (const Service& service : form.services) {
        if (!service.kinds.overlaps(packets[Field::kind])) continue;
        Box box;
        box[Field::destination_port] = (original ? service.destination_ports : branch.port.before(service.destination_ports))
                                           .intersected(packets[Field::destination_port]);
        if (box[Field::destination_port].empty()) continue;
        box[Field::kind] = service.kinds.intersected(packets[Field::kind]);
        box[Field::source_port] = service.source_ports.intersected(packets[Field::source_port]);
        for (const Box& source : form.sources) {
            box[Field::inbound] = source[Field::inbound].intersected(packets[Field::inbound]);
            box[Field::source] = source[Field::source].intersected(packets[Field::source]);
            if (box[Field::inbound].empty() || box[Field::source].empty()) continue;
            if (!std::exchange(asked, true))
                destinations = fitting_destinations(position, branch).intersected(packets[Field::destination]);
            if (destinations.empty()) return;
            box[Field::destination] = destinations;
            if (!box.empty()) out.push_back(box);
        }
    }
}

Policy::End Policy::divide(const DnatBranch& branch, const Box& packets, Effort& effort, const Visit& visit) const {
    struct Part {
        Box box;
        std::size_t next;  // rule to ask
    };
    const auto here = difference(packets, branch.elsewhere.overlapping(packets), effort);
    if (!here) return End::unknown;
    std::vector<Part> parts;
    for (const Box& box : *here) parts.push_back({box, 0});
    std::vector<std::size_t> candidates;
    std::vector<Box> fits;
    std::vector<OwnedBox> taken;
    while (!parts.empty()) {
        const Part part = std::move(parts.back());
        parts.pop_back();
        fits.clear();
        find(branch, part.box, size(), candidates);
        const auto next = std::lower_bound(candidates.begin(), candidates.end(), part.next);
        auto asked = next;
        while (asked != candidates.end() && fits.empty()) fitting(*asked++, branch, part.box, fits);
        if (!effort.spend(1 + static_cast<std::size_t>(asked - next) / 16 + fits.size())) return End::unknown;
        if (fits.empty()) continue;  // nothing leads there, and nobody is asked
        const std::size_t position = *(asked - 1);
        if (!is_certain(position)) {
            for (const Box& box : fits)
                if (rule(position).action == FirewallAction::accept && !visit(position, box)) return End::stopped;
            parts.push_back({part.box, position + 1});
            continue;
        }
        taken.clear();
        for (const Box& box : fits) {
            if (!visit(position, box)) return End::stopped;
            // At other times the rule is passed over, and what fits it goes on to the next.
            if (rule(position).schedule.empty()) taken.push_back({box, position});
        }
        auto left = difference(part.box, taken, effort);
        if (!left) return End::unknown;
        for (Box& box : *left) parts.push_back({std::move(box), position + 1});
    }
    return End::all_visited;
}

}  // namespace hairpin::gateway::analysis
