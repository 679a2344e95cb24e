#pragma once
// The guide's lab as one document, and small words to change it and see what becomes of it.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "config/compile.h"

namespace hairpin::config {

// NAT-AND-FIREWALL 1: workstation, web server and an Internet host behind TAPs, four firewall rules, NAT rules 196609 to 196614.
nlohmann::json guide_lab();
// The guide's lab with one more firewall or NAT rule, at the end.
nlohmann::json with_firewall_rule(const nlohmann::json& rule);
nlohmann::json with_nat_rule(const nlohmann::json& rule);

// Text of JSON, or a document.
Result<Configuration> compiled(const std::string& text, const gateway::Ruleset* previous = nullptr);
Result<Configuration> compiled(const nlohmann::json& document, const gateway::Ruleset* previous = nullptr);
// Of a document that is expected to be good; the test fails and says why if it is not.
Configuration good(const nlohmann::json& document, const gateway::Ruleset* previous = nullptr);

Ipv4Address ip(const std::string& text);
gateway::AddressRange one(const std::string& address);
gateway::AddressRange range(const std::string& first, const std::string& last);
gateway::PortRange ports(std::uint16_t first, std::uint16_t last);
gateway::InterfaceSet interfaces(const std::vector<std::size_t>& ids);

// Of an endpoint without members: whether it stands for no packet, or for every one.
bool nobody(const gateway::Endpoint& endpoint);
bool everybody(const gateway::Endpoint& endpoint);

}  // namespace hairpin::config
