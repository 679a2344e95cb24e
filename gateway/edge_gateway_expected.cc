// What control sessions have announced: how it is awaited, and how what comes of it is let in as they were.

#include "gateway/edge_gateway.h"
#include "gateway/find_rule.h"

namespace hairpin::gateway {

// ---- What is awaited ---------------------------------------------------------------------------------------------------------------

// The sender of this flow awaits another one at its port `inside`, which its peer sees as `outside`; none: a port is to be found. Answers that.
std::optional<L4Port> EdgeGateway::expect(const SessionFlow& flow, AlgKind alg, L4Port inside, std::optional<L4Port> outside,
                                          Visit& visit) {
    if (outside) return await(flow, {alg, inside, *outside}, visit) ? outside : std::nullopt;
    const auto port = find_port(flow, {inside}, visit.now);
    if (!port) return ++algs_.of(alg).no_room, std::nullopt;
    return await(flow, {alg, inside, port->outside.port, port}, visit) ? std::optional{port->outside.port} : std::nullopt;
}

// Where the sender's own port can be reached by its peer: by the mapping that it has, or by a new one. Nothing is taken yet.
std::optional<NewMapping> EdgeGateway::find_port(const SessionFlow& flow, const PortWish& wish, Timestamp now) {
    const Session& control = *flow.session;
    const Ipv4FlowKey own = control.key(flow.direction), seen = control.rewritten(flow.direction);
    // As if the inside had sent from there, so that a port it has already is the same for everybody.
    const Ipv4FlowKey original{own.source, own.destination, wish.inside, {}, own.protocol};
    const Ipv4FlowKey to{own.source, seen.destination, wish.inside, {}, own.protocol};
    SourceChoice choice = source_as_seen(control, seen.source);
    choice.mapping = MappingMode::endpoint_independent;
    choice.filtering = FilteringMode::address_and_port_dependent;  // it lets nobody in but who is awaited
    choice.rule = kNoRule;
    if (wish.exactly) {
        if (choice.ports && !choice.ports->contains(*wish.exactly)) return std::nullopt;
        choice.ports = PortRange{*wish.exactly, *wish.exactly};
    }
    if (wish.parity) choice.allocation = PortAllocation::parity;
    const auto grant = allocator_.allocate(original, to, choice, sessions_, mappings_, now);
    if (!grant || !grant->mapping) return std::nullopt;
    NewMapping port = *grant->mapping;
    const MappingIndex old = mappings_.find_outside(port.outside);
    if (old != kNoMapping && mappings_[old].used()) {
        port.mode = mappings_[old].mode;
        port.filtering = mappings_[old].filtering;
        port.firewall_match = mappings_[old].firewall_match;
        port.rule = mappings_[old].rule;
        port.outbound = mappings_[old].outbound;
    }
    return port;
}

// The same for two ports that belong together: RTP and RTCP, which one number tells where the second is directly behind the first. Where no two
// such are found, any two, which may still be the same one.
std::optional<EdgeGateway::PortPair> EdgeGateway::find_pair(const SessionFlow& flow, L4Port first, L4Port second, Timestamp now) {
    constexpr unsigned kMostTries = 16;
    const auto beside = [](const NewMapping& port, int distance) {
        return L4Port{static_cast<std::uint16_t>(port.outside.port.number() + distance)};
    };
    const auto has_it_already = [&](const NewMapping& port) {
        const MappingIndex old = mappings_.find_outside(port.outside);
        return old != kNoMapping && mappings_[old].inside == port.inside;
    };
    const auto one = find_port(flow, {first}, now), other = find_port(flow, {second}, now);
    if (!one || !other) return std::nullopt;
    const bool one_stays = has_it_already(*one), other_stays = has_it_already(*other);
    if (other_stays && !one_stays && beside(*other, -1).number() % 2 == first.number() % 2)
        if (const auto before = find_port(flow, {first, beside(*other, -1)}, now)) return PortPair{*before, *other};
    auto candidate = one;
    for (unsigned tries = 0; candidate && !other_stays && tries < (one_stays ? 1 : kMostTries); ++tries) {
        const bool fits = one_stays || candidate->outside.port.number() % 2 == first.number() % 2;
        const auto behind = fits ? find_port(flow, {second, beside(*candidate, 1)}, now) : std::nullopt;
        if (behind) return PortPair{*candidate, *behind};
        candidate = find_port(flow, {.inside = first, .parity = true}, now);
    }
    return PortPair{*one, *other};
}

// From now on a flow to there is let in. False: there is no room for it.
bool EdgeGateway::await(const SessionFlow& flow, const Announced& announced, Visit& visit) {
    const Session& control = *flow.session;
    const Ipv4FlowKey own = control.key(flow.direction), seen = control.rewritten(flow.direction);
    const AlgRow& row = row_of(announced.alg);
    Expectation expectation;
    expectation.alg = announced.alg;
    expectation.control = flow.index;
    expectation.serial = control.serial;
    expectation.announced = flow.direction;
    expectation.awaited = {seen.destination, seen.source, {}, announced.outside, own.protocol};
    expectation.inside = {own.source, announced.inside, own.protocol};
    if (announced.mapping) expectation.held_for = announced.mapping->peer;
    expectation.call = announced.call;
    expectation.until = visit.now + row.patience;

    if (const auto same = algs_.expectations.find(expectation.awaited)) {
        if (algs_.expectations[*same].serial != control.serial) return ++algs_.of(row.kind).no_room, false;
        algs_.expectations.renew(*same, expectation.until, expectation.call);
        return true;
    }
    if (algs_.expectations.count_of(control.serial) >= row.most_awaited)
        release_expectation(algs_.expectations.take(*algs_.expectations.oldest_of(control.serial)));
    if (!algs_.expectations.add(expectation)) return ++algs_.of(row.kind).no_room, false;
    if (announced.mapping) mappings_.hold(*announced.mapping, visit.now);
    ++algs_.of(row.kind).announced;
    if (followed())
        note(TraceStage::session, "the " + std::string{row.name} + " gateway awaits a flow from " + seen.destination.to_string() +
                                      " to " + endpoint_text(seen.source, announced.outside));
    return true;
}

// An address that stands for somebody in a control session stands for it in what is related, too.
SourceChoice EdgeGateway::source_as_seen(const Session& control, Ipv4Address address) const {
    SourceChoice choice{{address, address}};
    choice.mapping = MappingMode::endpoint_independent;
    choice.allocation = PortAllocation::preserve;
    choice.outbound = control.outbound();
    const NatRule* const rule = find_rule(ruleset_->nat, control.snat_rule);
    if (rule == nullptr || rule->action != NatAction::snat || address != control.rewritten(Direction::original).source)
        return choice;
    choice.ports = rule->translated_port;
    choice.mapping = rule->mapping;
    choice.filtering = rule->filtering;
    choice.allocation = rule->port_allocation;
    choice.firewall_match = rule->firewall_match;
    choice.rule = rule->id;
    return choice;
}

// ---- What comes --------------------------------------------------------------------------------------------------------------------

// What the packet, which belongs to no session, was announced as; its control session lives, and the rules in force still let it.
std::optional<ExpectationIndex> EdgeGateway::find_expectation(const Arrival& arrival, const Visit& visit) {
    if (algs_.expectations.empty()) return std::nullopt;
    const auto found = algs_.expectations.find(arrival.key);
    if (!found) return std::nullopt;
    const Expectation& expectation = algs_.expectations[*found];
    const SessionIndex index = expectation.control;
    if (expectation.until < visit.now || visit.inbound != sessions_[index].egress[index_of(expectation.announced)])
        return std::nullopt;
    if (sessions_[index].decided_by(ruleset_->edition())) return found;
    Session copy = sessions_[index];
    Session& control = probing_ ? copy : sessions_[index];
    if (still_right(control, sender_of(control))) return found;
    if (!probing_) end_session(index, "the new rules decide otherwise");
    return std::nullopt;
}

// Its source is as the one who awaits it knows its peer, and its destination where that is.
Decision EdgeGateway::decide_as_expected(const Expectation& expectation, const Ipv4FlowKey& first) {
    const Session& control = sessions_[expectation.control];
    const Direction back = opposite(expectation.announced);
    const bool by_client = expectation.announced == Direction::original;
    Decision decision;
    decision.outcome = Decision::Outcome::forward;
    decision.firewall_rule = control.firewall_rule;
    if (const FirewallRule* const rule = find_rule(ruleset_->firewall, control.firewall_rule)) {
        decision.firewall_logs = rule->log;
        decision.tcp_tracking = rule->tcp_tracking;
    }
    decision.outbound = control.egress[index_of(back)];
    decision.next_hop = control.next_hop[index_of(back)];
    decision.after_dnat = first;
    decision.after_dnat.destination = expectation.inside.address;
    decision.after_dnat.destination_port = expectation.inside.port;
    if (decision.after_dnat != first) {
        decision.dnat_rule = by_client ? control.snat_rule : control.dnat_rule;
        decision.mapping = mappings_.find_outside(Ipv4TransportAddress::destination_of(first));
    }
    const Ipv4Address peer = control.key(expectation.announced).destination;
    if (peer != first.source) {
        decision.snat_rule = by_client ? control.dnat_rule : control.snat_rule;
        decision.source = source_as_seen(control, peer);
        decision.source->outbound = decision.outbound;
        keep_told_port(*decision.source, first);
    }
    if (followed())
        note(TraceStage::session,
             "expected by " + std::string{name_of(expectation.alg)} + ", session " + std::to_string(control.id()) + ", rule " +
                 std::to_string(control.firewall_rule),
             control.firewall_rule);
    return decision;
}

// Where the rule gives each flow a port of its own, who has been told one all the same sends from that one: the other end awaits it from there, and
// what comes to there would look like an answer otherwise.
void EdgeGateway::keep_told_port(SourceChoice& choice, const Ipv4FlowKey& first) const {
    constexpr auto kForAll = MappingMode::endpoint_independent;
    if (choice.mapping == kForAll) return;
    const MappingIndex told = mappings_.find_inside(
        Ipv4TransportAddress::source_of(first), first.destination, kForAll,
        [&](const Mapping& mapping) { return mapping.used() && choice.allows(mapping.outside.address, mapping.outside.port); });
    if (told == kNoMapping) return;
    choice.mapping = kForAll;
    choice.filtering = mappings_[told].filtering;
    choice.firewall_match = mappings_[told].firewall_match;
    choice.rule = mappings_[told].rule;
}

// It has come.
void EdgeGateway::relate(Session& session, ExpectationIndex expected) {
    session.related = 1;
    if (probing_) return;
    const Expectation expectation = algs_.expectations.take(expected);
    algs_.relations.insert_or_assign(session.serial,
                                     RelatedSession{expectation.alg, expectation.announced, sessions_[expectation.control]});
    ++algs_.of(expectation.alg).arrived;
    release_expectation(expectation);
}

void EdgeGateway::release_expectation(const Expectation& expectation) {
    if (expectation.held_for) mappings_.release(Ipv4TransportAddress::destination_of(expectation.awaited), *expectation.held_for);
}

// A control session or a related one ends. What was announced and has not come is not awaited any more; what has come goes on.
void EdgeGateway::forget_with_alg(const Session& session) {
    algs_.relations.erase(session.serial);
    algs_.dialogs.erase(session.serial);
    algs_.sip_dialogs.erase(session.serial);
    algs_.expectations.take_all([&](const Expectation& expectation) { return expectation.serial == session.serial; },
                                [&](const Expectation& expectation) { release_expectation(expectation); });
}

void EdgeGateway::expire_expectations(Timestamp now) {
    algs_.expectations.take_all([&](const Expectation& expectation) { return expectation.until < now; },
                                [&](const Expectation& expectation) { release_expectation(expectation); });
}

// ---- What is related ----------------------------------------------------------------------------------------------------------------

// What becomes of the control session, or would, becomes of it.
SessionFate EdgeGateway::fate_of_related(const Session& session, const Ruleset& ruleset, const RouteTable& routes) const {
    const RelatedSession* relation = algs_.related(session);
    if (relation == nullptr || !ruleset.has(session.inbound()) || !ruleset.has(session.outbound())) return SessionFate::ended;
    const Session& control = relation->control;
    const SessionFate fate = review(control, ruleset, routes, &mappings_, sender_of(control)).fate;
    return fate == SessionFate::kept ? fate : SessionFate::ended;
}

bool EdgeGateway::related_still_right(Session& session) const {
    if (fate_of_related(session, *ruleset_, *routes_) != SessionFate::kept) return false;
    session.decide_by(ruleset_->edition());
    return true;
}

}  // namespace hairpin::gateway
