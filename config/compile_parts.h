#pragma once
// The parts of compile(), one for each part of the document. Each reads what is its own and refuses what is wrong with it; what they
// return is to be used only when nothing was refused.

#include <chrono>
#include <optional>
#include <vector>

#include "config/group_reader.h"
#include "config/node_reader.h"
#include "gateway/ruleset.h"
#include "switch/settings.h"

namespace hairpin::config {

l2::SwitchSettings compile_switch(const NodeReader& node);
// What stands behind a port where that is a virtual machine's: of a kind that has a row in config/compile_machines.cc; nothing otherwise.
void compile_machine(const NodeReader& port, l2::PortSettings& settings);
// Refuses a port that wants the device, the socket or the folder that one of the others has.
void check_machine(const NodeReader& port, const l2::PortSettings& settings, const std::vector<l2::PortSettings>& others);
l2::SwitchFeatures compile_switch_features(const NodeReader& node);
// What is wrong with a port's cable.
l2::CableSettings compile_cable(const NodeReader& port);

// Interfaces, routes, neighbours, and what is a single number.
void compile_gateway(const NodeReader& node, const gateway::Ruleset* previous, gateway::Ruleset& ruleset);

// How long sessions live, the rules apart; it warns of what is less than the RFCs ask for.
void compile_timeouts(const NodeReader& gateway, gateway::Ruleset& ruleset);
// A firewall or NAT rule's own timeout, none where it has none; it warns likewise, of what the services say that it is for.
std::optional<std::chrono::seconds> rule_timeout(const NodeReader& rule, const std::vector<gateway::Service>& services);

// How strictly a rule, or the gateway, takes TCP's windows; nothing where the node does not say it.
std::optional<gateway::TcpTracking> tcp_tracking_of(const NodeReader& node);

// What somebody may have: of the gateway's sessions, of a firewall rule's, and of NAT's ports.
gateway::SessionLimits compile_session_limits(const NodeReader& sessions);
gateway::RuleLimits rule_limits(const NodeReader& rule);
gateway::PortQuota compile_port_quota(const NodeReader& nat);
gateway::PortBlockSettings compile_port_blocks(const NodeReader& nat);

// What of a rule's destination is compared where the rule does not say it itself.
gateway::MatchTuple usual_match(const NodeReader& firewall);
gateway::RejectWith usual_reject(const NodeReader& firewall);

// Of firewall and NAT together.
gateway::LogSettings compile_logging(const NodeReader& gateway);
std::vector<gateway::Schedule> compile_schedules(const NodeReader& gateway);
// Which application layer gateways are on.
gateway::AlgSettings compile_algs(const NodeReader& gateway);
// How translations are made where their rules do not say it.
gateway::NatSettings compile_nat_settings(const NodeReader& node);

// The interfaces are in `ruleset`: rules name them. Each rule is made of its own node, of usual_match(), of what the groups come to
// that it names, and of the names, roles and addresses of interfaces; config/compile_text.cc builds on that.
std::vector<gateway::FirewallRule> compile_firewall(const NodeReader& node, const gateway::Ruleset& ruleset, GroupReader& groups);
std::vector<gateway::NatRule> compile_nat(const NodeReader& node, const gateway::Ruleset& ruleset, GroupReader& groups);

}  // namespace hairpin::config
