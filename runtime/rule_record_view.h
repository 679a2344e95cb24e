#pragma once
// The record of a rule that logs, as it stands in the log and goes to who monitors.
//
//   event=rule ACCEPT_3 in=lan out=lan protocol=tcp original=192.168.255.2:40000->203.0.113.80:80
//     translated=192.168.255.1:40000->192.168.255.10:80 firewall=3 dnat=196613 snat=196612                  all on one line

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "gateway/rule_record.h"
#include "gateway/ruleset.h"

namespace hairpin::runtime {

// The ruleset names the interfaces.
std::string rule_record_line(const gateway::RuleRecord& record, const gateway::Ruleset& ruleset);
nlohmann::json rule_record_row(const gateway::RuleRecord& record, const gateway::Ruleset& ruleset);

// Whether a line of the log is a record in which this rule, of firewall or NAT, had its part.
bool is_record_of(std::string_view line, gateway::RuleId rule);

}  // namespace hairpin::runtime
