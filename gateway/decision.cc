#include "gateway/decision.h"

#include "gateway/firewall/match.h"
#include "gateway/nat/actions.h"
#include "gateway/nat/hairpin.h"
#include "gateway/nat/targets.h"
#include "gateway/source_validation.h"
#include "net/flow_identifiers.h"

namespace hairpin::gateway {

namespace {

// rule 3 "Workstation to Web Server"
std::string name_of(const FirewallRule& rule) {
    return "rule " + std::to_string(rule.id) + (rule.text.name.empty() ? "" : " \"" + rule.text.name + "\"");
}

// no-snat 192.168.255.0/24 (to 198.51.100.0/24, port 25) to unchanged
std::string text_of(const NatRule& rule) {
    const std::string peer = rule.text.peer.empty() ? "" : " (" + rule.text.peer + ")";
    return std::string{row_of(rule.action).name} + " " + rule.text.original + peer + " to " + rule.text.translated;
}

// The walk, with each stage a member: it reads top to bottom in run().
class Walk {
public:
    Walk(const Ruleset& ruleset, const RouteTable& routes, const FirstPacket& packet, Tracer* tracer,
         const MappingTable* mappings)
        : ruleset_(ruleset), routes_(routes), packet_(packet), tracer_(tracer), mappings_(mappings) {}

    Decision run() {
        decision_.after_dnat = packet_.key;
        if (!believe_source()) return end(Decision::Outcome::spoofed);
        if (!translate_destination_address()) return end(Decision::Outcome::filtered);
        const LocalAddress local = routes_.local().find(decision_.after_dnat.destination);
        if (local == LocalAddress::own) return admit_to_gateway();
        // RFC 2644: a broadcast into a subnet is not forwarded.
        if (local == LocalAddress::broadcast) return end(Decision::Outcome::directed_broadcast);
        if (stays_on_its_link()) return end(Decision::Outcome::link_local);
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

    bool believe_source() {
        if (believes_source(ruleset_, routes_, packet_.inbound, packet_.key.source)) return true;
        if (tracer_ == nullptr) return false;
        const Route* back = routes_.find(packet_.key.source);
        const Interface& inbound = ruleset_.interfaces[index_of(packet_.inbound)];
        note(TraceStage::route, (back != nullptr ? "the route back to " + packet_.key.source.to_string() + " is " +
                                                       back->prefix.to_string() + " by " + name(back->interface)
                                                 : "no route back to " + packet_.key.source.to_string()) +
                                    ", and source-validation of " + inbound.name + " is " +
                                    std::string{name_of(inbound.source_validation)});
        return false;
    }

    // RFC 3927 §7: what is said to or by a link-local address is for one link. A DNAT rule may take it off.
    bool stays_on_its_link() {
        if (own()) return false;
        const Ipv4FlowKey& key = decision_.after_dnat;
        if (!key.source.is_link_local() && !key.destination.is_link_local()) return false;
        if (tracer_ != nullptr)
            note(TraceStage::route, (key.source.is_link_local() ? key.source : key.destination).to_string() +
                                        " is a link-local address: the packet stays on its link");
        return true;
    }

    // False when the destination is a mapping's that does not let the packet in.
    bool translate_destination_address() {
        if (!ruleset_.firewall_enabled) return note(TraceStage::dnat, "the firewall is off, and NAT with it"), true;
        if (own()) return note(TraceStage::dnat, "the gateway's own packets enter by no interface"), true;
        const NatRule* rule = find_destination_rule(ruleset_, {packet_.key, packet_.icmp_type}, packet_.inbound);
        if (rule == nullptr) return take_mapping();
        decision_.dnat_rule = rule->id;
        firewall_match_ = rule->firewall_match;
        if (rule->derived || (rule->hairpin != HairpinMode::off && enters_inside())) hairpin_ = rule;
        decision_.dnat_logs = rule->log;
        const NatTarget* const target = target_of(*rule);
        if (target != nullptr)
            decision_.after_dnat = translate_destination(*rule, *target, packet_.key);
        else if (row_of(rule->action).translates)
            decision_.after_dnat = translate_destination(*rule, packet_.key);
        if (tracer_ != nullptr)
            note_destination((rule->derived ? "hairpin " + rule->text.description : "rule " + std::to_string(rule->id)) +
                                 " applied on " + name(packet_.inbound) + ": " + text_of(*rule) + why(*rule, target),
                             rule->id);
        return true;
    }

    // Of a rule that has several: where the session goes already, or what is chosen for the client.
    const NatTarget* target_of(const NatRule& rule) const {
        if (rule.targets.empty()) return nullptr;
        const NatTarget* const kept = packet_.target ? find_target(rule, *packet_.target) : nullptr;
        return kept != nullptr ? kept
                               : &choose_target(rule, packet_.key, mappings_ != nullptr ? mappings_->choices() : HashKey{});
    }

    // ", which for this client is 192.168.255.11: weight 2 of 3, affinity source"
    static std::string why(const NatRule& rule, const NatTarget* target) {
        if (target == nullptr) return "";
        return std::string{", which for this "} + (rule.affinity == Affinity::source ? "client" : "session") + " is " +
               target->address.to_string() + ": weight " + std::to_string(target->weight) + " of " +
               std::to_string(total_weight(rule)) + ", affinity " + std::string{name_of(rule.affinity)};
    }

    void note_destination(std::string text, RuleId rule) {
        TraceStep& step = tracer_->note(TraceStage::dnat, std::move(text), rule);
        step.before = packet_.key;
        step.after = decision_.after_dnat;
    }

    bool enters_inside() const { return ruleset_.interfaces[index_of(packet_.inbound)].role == InterfaceRole::internal; }

    // An ICMP query is for the gateway itself: only answers are for those who have asked.
    bool take_mapping() {
        MappingIndex index = kNoMapping;
        if (mappings_ != nullptr && packet_.key.protocol != IpProtocol::icmp)
            index = mappings_->find_outside(Ipv4TransportAddress::destination_of(packet_.key));
        if (index == kNoMapping || (*mappings_)[index].shared() || !(*mappings_)[index].used()) {
            if (tracer_ != nullptr) note(TraceStage::dnat, "no rule applied on " + name(packet_.inbound) + " matches");
            return true;
        }
        const Mapping& mapping = (*mappings_)[index];
        decision_.mapping = index;
        decision_.dnat_rule = mapping.rule;
        decision_.after_dnat.destination = mapping.inside.address;
        decision_.after_dnat.destination_port = mapping.inside.port;
        decision_.hairpins_by_mapping = packet_.inbound != mapping.outbound;
        firewall_match_ = mapping.firewall_match;
        if (tracer_ != nullptr)
            note_destination(
                "a mapping of rule " + std::to_string(mapping.rule) + ", filtering " + std::string{name_of(mapping.filtering)},
                mapping.rule);
        if (decision_.hairpins_by_mapping || packet_.admitted || mappings_->lets_in(index, packet_.key.source)) return true;
        if (tracer_ != nullptr)
            note(TraceStage::dnat,
                 packet_.key.source.to_string() + " is not let in: " +
                     (mapping.filtering == FilteringMode::address_and_port_dependent
                          ? "this filtering lets in nobody, only answers"
                          : "nothing was sent there by this mapping"),
                 mapping.rule);
        return false;
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
        if (firewall_match_ == FirewallMatch::bypass) {
            note(TraceStage::firewall, "not asked: NAT rule " + std::to_string(decision_.dnat_rule) + " bypasses it");
            return std::nullopt;
        }
        FirewallQuestion question{packet_.key,       decision_.after_dnat, own() ? std::nullopt : std::optional{packet_.inbound},
                                  outbound,          packet_.icmp_type,    packet_.icmp_code,
                                  packet_.source_mac};
        // A NAT rule may say which of the two tuples all firewall rules compare.
        if (firewall_match_ == FirewallMatch::original) question.translated = question.original;
        if (firewall_match_ == FirewallMatch::translated) question.original = question.translated;
        const FirewallRule& rule = first_match(ruleset_, question);
        decision_.firewall_rule = rule.id;
        decision_.firewall_logs = rule.log;
        decision_.tcp_tracking = rule.tcp_tracking;
        decision_.syn_proxy = rule.syn_proxy;
        decision_.reject_with = rule.reject_with.value_or(ruleset_.reject_with);
        if (tracer_ != nullptr) explain_firewall(rule, question);
        if (rule.action == FirewallAction::accept) return std::nullopt;
        return rule.action == FirewallAction::reject ? Decision::Outcome::rejected : Decision::Outcome::denied;
    }

    // The first field of the rule that did not fit, what the packet has there and what the rule wants.
    std::string why_not(const FirewallRule& rule, const FirewallQuestion& question) const {
        const char* field = nullptr;
        if (!rule.enabled) return "it is not enabled";
        if (rule.outside_schedule) return "outside of its schedule " + rule.schedule;
        matches(rule, question, &field);
        const Ipv4FlowKey& key = rule.match == MatchTuple::original ? question.original : question.translated;
        const std::string_view side{field};
        if (side == "source")
            return "source " + key.source.to_string() +
                   (question.inbound ? " by " + name(*question.inbound) : " of the gateway itself") +
                   (rule.source.macs.empty() ? ""
                    : question.source_mac    ? " from " + question.source_mac->to_string()
                                             : " from a MAC that ARP does not know yet") +
                   ", wants " + rule.text.source;
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
        // RFC 4787 REQ-9a: whom an inside host meets by a mapping sees what the world sees.
        if (decision_.hairpins_by_mapping) return choose_source_as_seen((*mappings_)[decision_.mapping].outbound);
        const HairpinMode mode = hairpin_ != nullptr ? hairpin_->hairpin : HairpinMode::off;
        if (mode == HairpinMode::external_address) {
            const auto outside = hairpin_->derived ? hairpin_->outside : outside_of(*hairpin_, ruleset_);
            if (outside && !choose_source_as_seen(*outside)) return false;
            if (!decision_.source) take_source(packet_.key.destination, "the external address");
            return true;
        }
        if (mode == HairpinMode::internal_address) return take_own_source();
        const NatRule* rule = find_source_rule(ruleset_, {decision_.after_dnat, packet_.icmp_type}, decision_.outbound);
        if (rule != nullptr) return use(*rule, decision_.outbound);
        if (mode == HairpinMode::automatic && answers_would_go_past()) return take_own_source();
        if (tracer_ != nullptr) note(TraceStage::snat, "no rule applied on " + name(decision_.outbound) + " matches");
        return true;
    }

    bool use(const NatRule& rule, InterfaceId outbound) {
        decision_.snat_rule = rule.id;
        decision_.snat_logs = rule.log;
        if (tracer_ != nullptr)
            note(TraceStage::snat, "rule " + std::to_string(rule.id) + " applied on " + name(outbound) + ": " + text_of(rule),
                 rule.id);
        if (!row_of(rule.action).translates) return true;
        decision_.source = source_choice(rule, decision_.after_dnat, ruleset_.interfaces[index_of(outbound)]);
        if (!decision_.source) return false;
        decision_.source->pooling = rule.pooling;
        decision_.source->outbound = outbound;
        return true;
    }

    // The source that the packet would have if it left by an outside interface, for its original destination.
    bool choose_source_as_seen(InterfaceId outside) {
        const NatRule* rule = find_source_rule(ruleset_, {packet_.key, packet_.icmp_type}, outside);
        if (rule != nullptr) return use(*rule, outside);
        if (tracer_ != nullptr) note(TraceStage::snat, "no rule applied on " + name(outside) + " matches");
        return true;
    }

    // The client lies where the server does, so the server would answer it directly.
    bool answers_would_go_past() const {
        const Route* back = routes_.find(packet_.key.source);
        return back != nullptr && back->interface == decision_.outbound;
    }

    bool take_own_source() {
        const Interface& link = ruleset_.interfaces[index_of(decision_.outbound)];
        if (link.addresses.empty()) return false;
        take_source(link.addresses.front().address, "the gateway's address there");
        return true;
    }

    // What a hairpin mode says, with a mapping that lets nobody in.
    void take_source(Ipv4Address address, const char* what) {
        decision_.snat_rule = hairpin_->id;
        decision_.source = SourceChoice{{address, address}};
        decision_.source->mapping = MappingMode::endpoint_independent;
        decision_.source->rule = hairpin_->id;
        decision_.source->outbound = decision_.outbound;
        if (tracer_ != nullptr)
            note(TraceStage::snat,
                 "hairpin " + std::string{name_of(hairpin_->hairpin)} + ", from " + std::to_string(hairpin_->id) + ": " +
                     address.to_string() + ", " + what,
                 hairpin_->id);
    }

    const Ruleset& ruleset_;
    const RouteTable& routes_;
    const FirstPacket& packet_;
    Tracer* tracer_;
    const MappingTable* mappings_;
    const NatRule* hairpin_ = nullptr;  // the dnat rule that has taken it, from a client inside, with a mode for such
    FirewallMatch firewall_match_ = FirewallMatch::as_rules_say;
    Decision decision_;
};

}  // namespace

Decision decide(const Ruleset& ruleset, const RouteTable& routes, const FirstPacket& packet, Tracer* tracer,
                const MappingTable* mappings) {
    return Walk{ruleset, routes, packet, tracer, mappings}.run();
}

}  // namespace hairpin::gateway
