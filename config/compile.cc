#include "config/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/compile_parts.h"
#include "gateway/nat/hairpin.h"
#include "gateway/rule_index.h"

namespace hairpin::config {

namespace {

// A host behind a TAP and the gateway must not speak from one MAC on one LAN.
void check_macs(const NodeReader& gateway, const gateway::Ruleset& ruleset, const l2::SwitchSettings& switching) {
    for (const NodeReader& node : gateway.children("interface")) {
        const gateway::Interface& interface = *ruleset.find_interface(node.text("name"));
        for (const l2::PortSettings& port : switching.ports) {
            const auto* tap = std::get_if<l2::TapSettings>(&port.device);
            if (tap != nullptr && port.segment == interface.segment && tap->mac == interface.mac)
                node.refuse("mac", fmt::format("{} is the MAC of the host on port \"{}\" of the same segment",
                                               interface.mac.to_string(), port.name));
        }
    }
}

}  // namespace

Result<Configuration> compile(const Document& document, const gateway::Ruleset* previous) {
    Findings findings;
    const NodeReader switching = NodeReader::top(document.root(), "switch", findings);
    const NodeReader gateway = NodeReader::top(document.root(), "gateway", findings);
    ensure(switching && gateway);  // validation makes containers without presence, even of an empty document

    Configuration result;
    auto ruleset = std::make_shared<gateway::Ruleset>();
    ruleset->generation = previous == nullptr ? 1 : previous->generation + 1;
    result.switching = compile_switch(switching);
    compile_gateway(gateway, previous, *ruleset);
    check_macs(gateway, *ruleset, result.switching);
    ruleset->turns = previous == nullptr ? 0 : previous->turns;
    ruleset->logging = compile_logging(gateway);
    ruleset->algs = compile_algs(gateway);
    ruleset->schedules = compile_schedules(gateway);
    result.match_address = usual_match(gateway.child("firewall"));
    GroupReader groups{gateway, *ruleset};
    ruleset->firewall = compile_firewall(gateway.child("firewall"), *ruleset, groups);
    ruleset->firewall_enabled = gateway.child("firewall").flag("enabled");
    if (!ruleset->firewall_enabled)
        gateway.child("firewall").warn("enabled", "it is false: no rule is asked, everything passes and nothing is translated");
    ruleset->reject_with = usual_reject(gateway.child("firewall"));
    ruleset->nat_settings = compile_nat_settings(gateway.child("nat"));
    ruleset->nat = compile_nat(gateway.child("nat"), *ruleset, groups);
    ruleset->derived_nat = gateway::derived_hairpins(*ruleset);
    groups.tell_of_others(findings);
    if (findings.refusal) return tl::unexpected(*findings.refusal);
    gateway::index_rules(*ruleset);
    result.groups = groups.take();
    for (Group& group : result.groups) std::sort(group.in_rules.begin(), group.in_rules.end());
    result.ruleset = std::move(ruleset);
    result.warnings = std::move(findings.warnings);
    return result;
}

}  // namespace hairpin::config
