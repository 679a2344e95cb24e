#include "gateway/decision.h"

#include <algorithm>

#include "gateway/firewall/match.h"
#include "gateway/nat/actions.h"
#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

bool is_directed_broadcast(const Ruleset& ruleset, Ipv4Address address) {
    return std::any_of(ruleset.interfaces.begin(), ruleset.interfaces.end(), [&](const Interface& interface) {
        return interface.present() && std::any_of(interface.addresses.begin(), interface.addresses.end(),
                                                  [&](const auto& own) { return own.subnet.directed_broadcast() == address; });
    });
}

// rule 3 "Workstation to Web Server"
std::string name_of(const FirewallRule& rule) {
    return "rule " + std::to_string(rule.id) + (rule.text.name.empty() ? "" : " \"" + rule.text.name + "\"");
}

// The walk, with each stage a member: it reads top to bottom in run().
class Walk {
public:
    Walk(const Ruleset& ruleset, const RouteTable& routes, const FirstPacket& packet, Tracer* tracer)
        : ruleset_(ruleset), routes_(routes), packet_(packet), tracer_(tracer) {}

    Decision run() {
        decision_.after_dnat = packet_.key;
        translate_destination_address();
        if (ruleset_.owns(decision_.after_dnat.destination)) return admit_to_gateway();
        // RFC 2644: a broadcast into a subnet is not forwarded.
        if (is_directed_broadcast(ruleset_, decision_.after_dnat.destination)) return end(Decision::Outcome::directed_broadcast);
        if (!find_route()) return end(Decision::Outcome::no_route);
        if (const auto refusal = ask_firewall(decision_.outbound)) return end(*refusal);
        if (!choose_source()) return end(Decision::Outcome::no_translation);
        return end(Decision::Outcome::forward);
    }

private:
    Decision end(Decision::Outcome outcome) { return decision_.outcome = outcome, decision_; }
    const std::string& name(InterfaceId id) const { return ruleset_.name_of(id); }
    bool own() const { return packet_.inbound == kGatewayItself; }
    void note(TraceStage stage, std::string text, RuleId rule = kNoRule) {
        if (tracer_ != nullptr) tracer_->note(stage, std::move(text), rule);
    }

    void translate_destination_address() {
        if (!ruleset_.firewall_enabled) return note(TraceStage::dnat, "the firewall is off, and NAT with it");
        if (own()) return note(TraceStage::dnat, "the gateway's own packets enter by no interface");
        const NatRule* rule = find_destination_rule(ruleset_, {packet_.key, packet_.icmp_type}, packet_.inbound);
        if (rule == nullptr) {
            if (tracer_ != nullptr) note(TraceStage::dnat, "no rule applied on " + name(packet_.inbound) + " matches");
            return;
        }
        decision_.dnat_rule = rule->id;
        if (row_of(rule->action).translates) decision_.after_dnat = translate_destination(*rule, packet_.key);
        if (tracer_ == nullptr) return;
        TraceStep& step =
            tracer_->note(TraceStage::dnat,
                          "rule " + std::to_string(rule->id) + " applied on " + name(packet_.inbound) + ": " +
                              std::string{row_of(rule->action).name} + " " + rule->text.original + " to " + rule->text.translated,
                          rule->id);
        step.before = packet_.key;
        step.after = decision_.after_dnat;
    }

    Decision admit_to_gateway() {
        if (tracer_ != nullptr)
            note(TraceStage::local, decision_.after_dnat.destination.to_string() + " is the gateway's own address");
        if (const auto refusal = ask_firewall(std::nullopt)) return end(*refusal);
        return end(Decision::Outcome::local);
    }

    bool find_route() {
        const Route* route = routes_.find(decision_.after_dnat.destination);
        if (route == nullptr) {
            if (tracer_ != nullptr) note(TraceStage::route, "no route to " + decision_.after_dnat.destination.to_string());
            return false;
        }
        decision_.outbound = route->interface;
        decision_.next_hop = route->next_hop.value_or(decision_.after_dnat.destination);
        if (tracer_ != nullptr)
            note(TraceStage::route, route->prefix.to_string() + " by " + name(route->interface) +
                                        (route->next_hop ? ", next hop " + route->next_hop->to_string() : ", connected"));
        return true;
    }

    std::optional<Decision::Outcome> ask_firewall(std::optional<InterfaceId> outbound) {
        if (!ruleset_.firewall_enabled) {
            note(TraceStage::firewall, "the firewall is off");
            return std::nullopt;
        }
        const FirewallQuestion question{packet_.key, decision_.after_dnat, own() ? std::nullopt : std::optional{packet_.inbound},
                                        outbound, packet_.icmp_type};
        const FirewallRule& rule = first_match(ruleset_, question);
        decision_.firewall_rule = rule.id;
        decision_.reject_with = rule.reject_with.value_or(ruleset_.reject_with);
        if (tracer_ != nullptr) explain_firewall(rule, question);
        if (rule.action == FirewallAction::accept) return std::nullopt;
        return rule.action == FirewallAction::reject ? Decision::Outcome::rejected : Decision::Outcome::denied;
    }

    // The first field of the rule that did not fit, what the packet has there and what the rule wants.
    std::string why_not(const FirewallRule& rule, const FirewallQuestion& question) const {
        const char* field = nullptr;
        if (!rule.enabled) return "it is not enabled";
        matches(rule, question, &field);
        const Ipv4FlowKey& key = rule.match == MatchTuple::original ? question.original : question.translated;
        const std::string_view side{field};
        if (side == "source")
            return "source " + key.source.to_string() +
                   (question.inbound ? " by " + name(*question.inbound) : " of the gateway itself") + ", wants " +
                   rule.text.source;
        if (side == "destination")
            return "destination " + key.destination.to_string() +
                   (question.outbound ? " by " + name(*question.outbound) : " of the gateway itself") + ", wants " +
                   rule.text.destination;
        const std::string port = has_ports(key.protocol) ? " to port " + std::to_string(key.destination_port.number()) : "";
        return std::string{"service "} + std::string{to_string(key.protocol)} + port + ", wants " + rule.text.service;
    }

    // The rules passed over, each with the first field that did not fit, then the one that did.
    void explain_firewall(const FirewallRule& hit, const FirewallQuestion& question) {
        for (const FirewallRule& rule : ruleset_.firewall) {
            if (&rule == &hit) break;
            tracer_->note(TraceStage::firewall, name_of(rule) + " passed over: " + why_not(rule, question));
        }
        tracer_->note(TraceStage::firewall, name_of(hit) + ": " + std::string{name_of(hit.action)}, hit.id);
    }

    bool choose_source() {
        if (!ruleset_.firewall_enabled) return true;
        const NatRule* rule = find_source_rule(ruleset_, {decision_.after_dnat, packet_.icmp_type}, decision_.outbound);
        if (rule == nullptr) {
            if (tracer_ != nullptr) note(TraceStage::snat, "no rule applied on " + name(decision_.outbound) + " matches");
            return true;
        }
        decision_.snat_rule = rule->id;
        if (tracer_ != nullptr)
            note(TraceStage::snat,
                 "rule " + std::to_string(rule->id) + " applied on " + name(decision_.outbound) + ": " +
                     std::string{row_of(rule->action).name} + " " + rule->text.original + " to " + rule->text.translated,
                 rule->id);
        if (!row_of(rule->action).translates) return true;
        decision_.source = source_choice(*rule, decision_.after_dnat, ruleset_.interfaces[index_of(decision_.outbound)]);
        return decision_.source.has_value();
    }

    const Ruleset& ruleset_;
    const RouteTable& routes_;
    const FirstPacket& packet_;
    Tracer* tracer_;
    Decision decision_;
};

}  // namespace

Decision decide(const Ruleset& ruleset, const RouteTable& routes, const FirstPacket& packet, Tracer* tracer) {
    return Walk{ruleset, routes, packet, tracer}.run();
}

}  // namespace hairpin::gateway
