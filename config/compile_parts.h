#pragma once
// The parts of compile(), one for each part of the document. Each fills in what is its own and refuses what is wrong with it.

#include <string>
#include <vector>

#include "config/node_reader.h"
#include "gateway/ruleset.h"
#include "net/result.h"
#include "switch/settings.h"

namespace hairpin::config {

Result<void> compile_switch(const NodeReader& node, l2::SwitchSettings& settings);
// Interfaces, routes, neighbours, and what is a single number.
Result<void> compile_gateway(const NodeReader& node, const gateway::Ruleset* previous, gateway::Ruleset& ruleset);
// Firewall and NAT; the interfaces are in.
Result<void> compile_rules(const NodeReader& node, gateway::Ruleset& ruleset, std::vector<std::string>& warnings);

}  // namespace hairpin::config
