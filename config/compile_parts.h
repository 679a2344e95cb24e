#pragma once
// The parts of compile(), one for each part of the document. Each reads what is its own and refuses what is wrong with it; what they
// return is to be used only when nothing was refused.

#include <vector>

#include "config/node_reader.h"
#include "gateway/ruleset.h"
#include "switch/settings.h"

namespace hairpin::config {

l2::SwitchSettings compile_switch(const NodeReader& node);

// Interfaces, routes, neighbours, and what is a single number.
void compile_gateway(const NodeReader& node, const gateway::Ruleset* previous, gateway::Ruleset& ruleset);

// The interfaces are in `ruleset`: rules name them.
std::vector<gateway::FirewallRule> compile_firewall(const NodeReader& node, const gateway::Ruleset& ruleset);
std::vector<gateway::NatRule> compile_nat(const NodeReader& node, const gateway::Ruleset& ruleset);

}  // namespace hairpin::config
