#pragma once
// How long a session may be silent. The first that has something to say decides:
//
//   the firewall rule that accepted it   `timeout` of the rule: of what lasts, not of a connection that opens or closes
//   the NAT rules that translated it     the same, dnat before snat
//   its destination port                 of UDP, as the client asked for it (RFC 4787 REQ-5a)
//   its protocol and state               the timeouts of the configuration
//
// Made of a Ruleset when it is adopted, and asked when a session begins, when its state changes and when its time could be up; never for
// a packet alone.

#include <array>
#include <unordered_map>

#include "gateway/sessions/session.h"

namespace hairpin::gateway {

struct Ruleset;

class Lifetimes {
public:
    Lifetimes() = default;
    explicit Lifetimes(const Ruleset& ruleset);

    Duration idle(const Session& session) const { return idle(session.state, session); }
    // Were it in this state.
    Duration idle(SessionState state, const Session& session) const {
        return idle(state, session.original_key, {session.firewall_rule, session.dnat_rule, session.snat_rule});
    }
    // `rules`: which decided, first who is asked first.
    Duration idle(SessionState state, const Ipv4FlowKey& original, const std::array<RuleId, 3>& rules) const;

private:
    Timeouts timeouts_;
    std::unordered_map<std::uint16_t, std::chrono::seconds> udp_ports_;
    std::unordered_map<RuleId, std::chrono::seconds> rules_;
};

}  // namespace hairpin::gateway
