#include "tests/runtime/edits/edge_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/nat/targets.h"
#include "gateway/source_validation.h"
#include "runtime/uv_handle.h"

namespace hairpin::runtime {

// A gateway that has just begun.
struct EdgeModel::Beginner {
    EventLoop loop;
    Worker worker;
    EdgeTraffic traffic{worker};

    explicit Beginner(const config::Configuration& configuration) : worker(loop, configuration.switching, 64) {
        for (const auto& port : configuration.switching.ports) ensure(worker.add_port(port).has_value());
        for (const auto& station : configuration.switching.static_stations)
            ensure(worker.add_static_station(station).has_value());
        ensure(worker.adopt(configuration.ruleset).has_value());
    }
    std::optional<Fate> send(const Station& from, const Ipv4FlowKey& key, Place place) {
        worker.gateway().clear_sessions([](const gateway::Session&) { return true; });
        return traffic.send(from, packet_of(key, place));
    }
};

EdgeModel::EdgeModel(const config::Configuration& configuration) { adopt(configuration); }
EdgeModel::~EdgeModel() = default;

void EdgeModel::adopt(const config::Configuration& configuration) {
    beginner_.reset();
    beginner_ = std::make_unique<Beginner>(configuration);
}

EdgeModel::KnownSession* EdgeModel::find(const Ipv4FlowKey& key) {
    const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                    [&](const auto& session) { return session.original == key || session.reply == key; });
    return found == sessions_.end() ? nullptr : &*found;
}

// Whether the rules in force let the session be: they would make the same one, or are told to keep all.
bool EdgeModel::goes_on(KnownSession& session) const {
    const gateway::EdgeGateway& gateway = beginner_->worker.gateway();
    const gateway::Ruleset& rules = gateway.ruleset();
    if (!rules.has(session.inbound)) return false;
    if (rules.on_commit == gateway::OnCommit::keep) return rules.has(session.outbound);

    std::optional<std::uint8_t> icmp_type;
    if (session.original.protocol == IpProtocol::icmp) icmp_type = static_cast<std::uint8_t>(IcmpType::echo_request);
    const Ipv4FlowKey to = session.reply.reversed();
    gateway::FirstPacket first{session.original, session.inbound, icmp_type};
    first.target = to.destination;
    const auto now = gateway::decide(rules, gateway.routes(), first, nullptr);
    if (now.outcome != gateway::Decision::Outcome::forward || now.after_dnat.destination != to.destination) return false;
    if (to.protocol != IpProtocol::icmp && now.after_dnat.destination_port != to.destination_port) return false;
    if (now.source ? !now.source->allows(to.source, to.source_port) : to.source != session.original.source) return false;
    session.outbound = now.outbound;
    session.next_hop = now.next_hop;
    return true;
}

std::optional<std::string> EdgeModel::objection(const Station& from, const Ipv4FlowKey& key, Place place,
                                                const std::optional<Fate>& fate) {
    const auto beginners = beginner_->send(from, key, place);
    if (fate.has_value() != beginners.has_value()) return "one of two has no such port";
    if (!fate) return std::nullopt;
    if (fate->inbound != beginners->inbound) return "reaches the gateway elsewhere";
    if (!fate->reached()) return std::nullopt;
    if (!arrives(*fate)) return "has left, and did not arrive: " + fate->to_string();

    const bool looked_for_session = beginners->passage.arrived.has_value();
    if (KnownSession* session = looked_for_session ? find(key) : nullptr) {
        const bool under_others = session->generation != beginner_->worker.gateway().ruleset().generation;
        if (goes_on(*session)) {
            session->generation = beginner_->worker.gateway().ruleset().generation;
            if (under_others) ++fates_.kept;
            return objection_to_going_on(*session, key, *fate);
        }
        ++fates_.ended;
        sessions_.erase(sessions_.begin() + (session - sessions_.data()));
    }
    return objection_to_beginning(*fate, *beginners);
}

std::optional<std::string> EdgeModel::objection_to_going_on(const KnownSession& session, const Ipv4FlowKey& key,
                                                            const Fate& fate) const {
    const bool is_original = key == session.original;
    const InterfaceId expected = is_original ? session.inbound : session.outbound;
    if (fate.inbound != expected && !gateway::may_come_by(beginner_->worker.gateway().ruleset(), fate.inbound, expected)) {
        if (fate.passage.drop == DropReason::wrong_interface) return std::nullopt;
        return fmt::format("belongs to session {} and came in by a wrong interface, but is {}", session.id, fate.to_string());
    }
    const Ipv4FlowKey as = (is_original ? session.reply : session.original).reversed();
    const bool same =
        fate.passage.session && fate.passage.session->id() == session.id && fate.passage.ended == gateway::kNoSession;
    const bool there = fate.passage.outbound == (is_original ? session.outbound : session.inbound) &&
                       (!is_original || fate.passage.next_hop == session.next_hop);
    if (same && there && fate.forwarded() && fate.passage.left == as) return std::nullopt;
    // A link on which the gateway has no address any more: it cannot ask for its neighbours there.
    const gateway::Interface& link =
        beginner_->worker.gateway().ruleset().interfaces[index_of(is_original ? session.outbound : session.inbound)];
    if (same && fate.passage.drop == DropReason::neighbor_unresolved && link.addresses.empty()) return std::nullopt;
    return fmt::format("belongs to session {} and must leave as {}, but is {}", session.id, as.to_string(), fate.to_string());
}

std::optional<std::string> EdgeModel::objection_to_beginning(const Fate& fate, const Fate& beginners) {
    const gateway::Passage &is = fate.passage, &must = beginners.passage;
    const auto wrong = [&](const char* what) {
        return fmt::format("{}: it is {}, but one that begins says: {}", what, fate.to_string(), beginners.to_string());
    };
    // Sessions that a beginner does not have may hold the only port that is allowed.
    if (is.drop == DropReason::nat_exhausted && must.decision.source && must.decision.source->ports && !sessions_.empty())
        return std::nullopt;
    // A SYN for the gateway itself that waits for its answer (RFC 5382 REQ-4) waits once, however often it comes.
    if (is.drop == DropReason::no_local_service && beginners.waits()) return std::nullopt;
    if (chose_another_target(is.decision, must.decision)) return remember(fate), std::nullopt;
    if (is.decision.firewall_rule != must.decision.firewall_rule || is.decision.dnat_rule != must.decision.dnat_rule ||
        is.decision.snat_rule != must.decision.snat_rule)
        return wrong("another rule decided");
    if (fate.answered() != beginners.answered() || fate.forwarded() != beginners.forwarded()) return wrong("another end");
    if (!fate.forwarded()) return fate.answered() || is.drop == must.drop ? std::nullopt : std::optional{wrong("another reason")};

    if (is.outbound != must.outbound || is.next_hop != must.next_hop) return wrong("another way");
    const bool has_ports =
        is.arrived->protocol != IpProtocol::icmp;  // of a ping both are the identifier, which goes with the source
    if (is.left->destination != must.left->destination || (has_ports && is.left->destination_port != must.left->destination_port))
        return wrong("another destination");
    const bool source = must.decision.source ? must.decision.source->allows(is.left->source, is.left->source_port)
                                             : is.left->source == must.left->source;
    if (!source) return wrong("another source");
    if (find(*is.arrived) != nullptr || find(is.left->reversed()) != nullptr) return wrong("takes another session's place");
    remember(fate);
    return std::nullopt;
}

// Which of a rule's targets a client gets is each gateway's own choice.
bool EdgeModel::chose_another_target(const gateway::Decision& is, const gateway::Decision& must) const {
    if (is.dnat_rule != must.dnat_rule || is.after_dnat.destination == must.after_dnat.destination) return false;
    const auto& rules = beginner_->worker.gateway().ruleset().nat;
    return std::any_of(rules.begin(), rules.end(), [&](const gateway::NatRule& rule) {
        if (rule.id != is.dnat_rule) return false;
        const auto* const chosen = gateway::find_target(rule, is.after_dnat.destination);
        return chosen != nullptr && chosen->weight > 0;
    });
}

void EdgeModel::remember(const Fate& fate) {
    if (!fate.forwarded()) return;
    const gateway::Session& session = *fate.passage.session;
    sessions_.push_back({session.original_key, session.reply_key, session.id(), fate.inbound, session.outbound(),
                         fate.passage.next_hop, beginner_->worker.gateway().ruleset().generation});
}

// What left for a station whose MAC is known, and that stands on that LAN, has been seen there; what was dropped by nobody.
bool EdgeModel::arrives(const Fate& fate) const {
    const gateway::Ruleset& rules = beginner_->worker.gateway().ruleset();
    if (fate.answered()) return true;
    if (!fate.forwarded()) return fate.seen.empty();
    for (const Station& station : stations()) {
        const auto port = beginner_->worker.ports().find(station.port);
        if (station.mac != fate.passage.next_hop_mac || port == beginner_->worker.ports().end()) continue;
        const gateway::Interface& link = rules.interfaces[index_of(fate.passage.outbound)];
        const l2::PortSettings& settings = port->second.settings;
        if (settings.segment != link.segment || settings.vlan != l2::VlanMembership{} || link.vlan != VlanId{}) continue;
        const auto seen = fate.seen.find(station.port);
        return seen != fate.seen.end() && seen->second == std::vector{*fate.passage.left};
    }
    return true;
}

}  // namespace hairpin::runtime
