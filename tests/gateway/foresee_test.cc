// What a commit is said to do to sessions is what it does: random changes of the guide's rules, foreseen and then made, with the next
// packet of every session on the wire.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

#include "tests/support/hairpin_lab.h"

namespace hairpin::testing {
namespace {

using namespace gateway;

void disable_firewall(Ruleset& rules, RuleId id) {
    for (FirewallRule& rule : rules.firewall) rule.enabled = rule.enabled && rule.id != id;
}
NatRule& nat(Ruleset& rules, RuleId id) {
    return *std::find_if(rules.nat.begin(), rules.nat.end(), [&](const NatRule& rule) { return rule.id == id; });
}

using Change = void (*)(Ruleset&);
const Change kChanges[] = {
    [](Ruleset& rules) { disable_firewall(rules, 2); },
    [](Ruleset& rules) { disable_firewall(rules, 3); },
    [](Ruleset& rules) { rules.firewall.back().action = FirewallAction::accept; },
    [](Ruleset& rules) { rules.firewall_enabled = false; },
    [](Ruleset& rules) { rules.routes.clear(); },
    [](Ruleset& rules) { rules.on_commit = OnCommit::keep; },
    [](Ruleset& rules) { rules.on_commit = OnCommit::re_evaluate; },
    [](Ruleset& rules) {
        rules.interfaces[index_of(kUplink)].addresses.push_back(*Ipv4InterfaceAddress::parse("203.0.113.90/24"));
    },
    [](Ruleset& rules) { nat(rules, 196609).translated_address = addresses("203.0.113.90"); },
    [](Ruleset& rules) { nat(rules, 196609).translated_address = addresses("203.0.113.80-203.0.113.90"); },
    [](Ruleset& rules) {
        nat(rules, 196609).translated_address.reset();
        nat(rules, 196609).pool = AddressSet::of({addresses("203.0.113.80"), addresses("203.0.113.85")});
    },
    [](Ruleset& rules) { nat(rules, 196609).translated_port = ports(50000, 50999); },
    [](Ruleset& rules) { nat(rules, 196609).enabled = false; },
    [](Ruleset& rules) { nat(rules, 196612).masquerade = true; },
    [](Ruleset& rules) { nat(rules, 196613).translated_address = addresses("192.168.255.11"); },
    [](Ruleset& rules) { nat(rules, 196613).enabled = false; },
    [](Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin(), firewall_rule(9, FirewallAction::reject, anybody(), at("198.51.100.10"),
                                                                    {service(IpProtocol::udp, {53})}));
    },
};
// In the middle of what stays: of these only those that come first count.
const Change kInsertions[] = {
    [](Ruleset& rules) {
        if (rules.firewall.size() > 3) rules.firewall.erase(rules.firewall.begin() + 2);
    },
    [](Ruleset& rules) {
        if (rules.firewall.size() > 3) std::swap(rules.firewall[1], rules.firewall[2]);
    },
    [](Ruleset& rules) {
        rules.firewall.insert(rules.firewall.begin() + 1,
                              firewall_rule(10, FirewallAction::drop, anybody(), anybody(), {service(IpProtocol::tcp)}));
    },
    [](Ruleset& rules) {
        rules.firewall.insert(rules.firewall.end() - 1, firewall_rule(11, FirewallAction::drop, anybody(), anybody()));
    },
    [](Ruleset& rules) { std::erase_if(rules.nat, [](const NatRule& rule) { return rule.id == 196614; }); },
    [](Ruleset& rules) { std::reverse(rules.nat.begin(), rules.nat.end()); },
    [](Ruleset& rules) {
        rules.nat.insert(rules.nat.begin() + 1,
                         dnat(65537, on({kLan}), IpProtocol::tcp, "203.0.113.80", port(80), "192.168.255.11", port(80)));
    },
    [](Ruleset& rules) { rules.nat.insert(rules.nat.begin(), snat(65538, on({kUplink}), "192.168.255.2", "203.0.113.80")); },
};
Change some_change() {
    if (*rc::gen::inRange(0, 3) == 0) return kInsertions[*rc::gen::inRange<std::size_t>(0, std::size(kInsertions))];
    return kChanges[*rc::gen::inRange<std::size_t>(0, std::size(kChanges))];
}

// A flow of the workstation, by its source port or identifier.
struct KnownFlow {
    enum class Kind : std::uint8_t { hairpin, connection, syn, lookup, ping } kind;
    unsigned number;

    void begin(HairpinLab& lab) const {
        if (kind == Kind::hairpin) return lab.connect(lab.workstation, lab.web_server, kWorkstation, number, kExternal, 80);
        if (kind == Kind::connection) return lab.connect(lab.workstation, lab.internet, kWorkstation, number, kInternet, 443);
        lab.workstation.send(next());
    }
    PacketBuilder next() const {
        switch (kind) {
            case Kind::hairpin: return tcp().from(kWorkstation, number).to(kExternal, 80).ack().payload(5);
            case Kind::connection: return tcp().from(kWorkstation, number).to(kInternet, 443).ack().payload(5);
            case Kind::syn: return tcp().from(kWorkstation, number).to(kInternet, 22).syn();
            case Kind::lookup: return udp().from(kWorkstation, number).to(kInternet, 53);
            case Kind::ping: return icmp_echo().from(kWorkstation).to(kInternet).identifier(static_cast<std::uint16_t>(number));
        }
        throw std::logic_error("no such flow");
    }
};

// Live sessions by what their client knows them by.
std::map<unsigned, std::uint64_t> ids_of(const HairpinLab& lab) {
    std::map<unsigned, std::uint64_t> ids;
    for (const Session& session : lab.sessions()) ids[session.original_key.source_port.number()] = session.id();
    return ids;
}

RC_GTEST_PROP(Foresee, IsWhatHappens, ()) {
    HairpinLab lab;
    std::vector<KnownFlow> flows;
    for (unsigned i = 0, count = *rc::gen::inRange(1U, 8U); i < count; ++i) {
        flows.push_back({static_cast<KnownFlow::Kind>(*rc::gen::inRange(0, 5)), 40000 + i});
        flows.back().begin(lab);
        lab.internet.received();
    }
    std::size_t ended_in_all = 0, anew_in_all = 0;
    for (int commits = *rc::gen::inRange(1, 4); commits > 0; --commits) {
        std::vector<Change> changes;
        for (int i = *rc::gen::inRange(1, 4); i > 0; --i) changes.push_back(some_change());
        const auto change = [&](Ruleset& rules) {
            for (const Change& one : changes) one(rules);
        };
        Ruleset next = lab.gateway().ruleset();
        change(next);
        const Foresight foresight = lab.gateway().foresee(next, RouteTable{next});
        RC_ASSERT(foresight.complete);

        lab.change_rules(change);
        const auto before = ids_of(lab);
        for (const KnownFlow& flow : flows)
            if (before.contains(flow.number)) lab.workstation.send(flow.next());
        const auto after = ids_of(lab);
        std::size_t kept = 0, anew = 0, ended = 0;
        for (const auto& [number, id] : before) {
            const auto now = after.find(number);
            ++(now == after.end() ? ended : now->second == id ? kept : anew);
        }
        RC_ASSERT(foresight.kept == kept);
        RC_ASSERT(foresight.translated_anew == anew);
        RC_ASSERT(foresight.ended == ended);
        for (const Session& session : foresight.examples) RC_ASSERT(!after.contains(session.original_key.source_port.number()));
        ended_in_all += ended, anew_in_all += anew;
    }
    RC_CLASSIFY(ended_in_all > 0, "some end");
    RC_CLASSIFY(anew_in_all > 0, "some begin anew");
}

}  // namespace
}  // namespace hairpin::testing
