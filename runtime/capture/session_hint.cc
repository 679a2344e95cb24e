#include "runtime/capture/session_hint.h"

#include <fmt/format.h>

#include "gateway/decision.h"
#include "net/flow_identifiers.h"
#include "net/frame_view.h"

namespace hairpin::runtime {

namespace {

using gateway::Direction;
using gateway::SessionTable;

// An error about a packet goes the other way than that did: into the gateway with what was sent, out of it with what its sender knows.
std::optional<SessionTable::Flow> flow_of(const SessionHint& hint, const SessionTable& sessions) {
    const bool as_it_came = (hint.way == SessionHint::Way::inbound) != hint.about_error;
    if (as_it_came) return sessions.find(hint.key);
    auto answer = sessions.find(awaited_reply(hint.key));
    if (answer) answer->direction = opposite(answer->direction);
    return answer;
}

std::string rule_text(const char* kind, gateway::RuleId rule) {
    return rule == gateway::kNoRule ? std::string{} : fmt::format(", {} rule {}", kind, rule);
}

}  // namespace

SessionHint session_hint(const Packet& packet, SessionHint::Way way, InterfaceId interface) {
    SessionHint hint;
    const FrameView frame = FrameView::parse(const_cast<Packet&>(packet));  // which only reads
    if (!frame || !frame.is_ipv4() || !frame.has_l4()) return hint;
    hint.interface = interface;
    hint.source_mac = frame.ethernet().source;
    hint.key = frame.key();
    hint.way = way;
    if (frame.ipv4().protocol() != IpProtocol::icmp) return hint;
    hint.about_error = frame.icmp().is_error();
    if (hint.about_error) {
        const QuotedView quoted = QuotedView::parse(frame.l4_bytes().subspan(sizeof(IcmpHeader)));
        if (!quoted) return {};
        hint.key = quoted.key();
        return hint;
    }
    hint.begins_icmp = true;
    hint.icmp_type = frame.icmp().type_number;
    hint.icmp_code = frame.icmp().code;
    return hint;
}

std::string session_comment(const SessionHint& hint, const gateway::EdgeGateway& gateway) {
    if (hint.way == SessionHint::Way::none) return {};
    const auto flow = flow_of(hint, gateway.sessions());
    if (!flow) return {};
    const gateway::Session& session = gateway.sessions()[flow->session];
    const char* direction = flow->direction == Direction::original ? "original" : "reply";
    return fmt::format("{}session {}, {} direction{}{}{}", hint.about_error ? "error about a packet of " : "", session.id(),
                       direction, rule_text("firewall", session.firewall_rule), rule_text("dnat", session.dnat_rule),
                       rule_text("snat", session.snat_rule));
}

std::string refusal_comment(const SessionHint& hint, const gateway::EdgeGateway& gateway) {
    if (hint.way != SessionHint::Way::inbound || hint.about_error || !gateway.has_rules()) return {};
    gateway::FirstPacket first{hint.key, hint.interface, std::nullopt};
    if (hint.begins_icmp) first.icmp_type = hint.icmp_type;
    first.icmp_code = hint.icmp_code;
    first.source_mac = hint.source_mac;
    const auto decision = gateway::decide(gateway.ruleset(), gateway.routes(), first, nullptr, &gateway.mappings());
    if (!decision.ends_at_firewall() || decision.firewall_rule == gateway::kNoRule) return {};
    return fmt::format("firewall rule {}", decision.firewall_rule);
}

}  // namespace hairpin::runtime
