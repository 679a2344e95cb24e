#pragma once
// A packet's passage through the gateway as its users see it, whoever asked for it: the tracer, `trace live`, `trace pcap`.

#include <nlohmann/json_fwd.hpp>

#include "gateway/passage.h"
#include "gateway/ruleset.h"

namespace hairpin::runtime {

class Worker;

// "forwarded", "local", "rejected", "dropped", or "waits" for the first fragment of its datagram.
const char* verdict_of(const gateway::Passage& passage);

// {"verdict", "drop_reason", "firewall_rule", "dnat_rule", "snat_rule", "translated_source", "translated_destination", "out_interface",
// "next_hop", "icmp_error", "tcp_reset", "original": {"verdict", "steps"}, "reply": null, "stages"}: what docs/control.md says of `trace`.
nlohmann::json passage_view(const gateway::Passage& passage, const gateway::Ruleset& ruleset);
nlohmann::json steps_of(const gateway::Passage& passage);
// The switch's port by which what was forwarded leaves; null when the next hop's MAC or port is not known yet.
nlohmann::json egress_port_of(const gateway::Passage& passage, const Worker& worker);

}  // namespace hairpin::runtime
