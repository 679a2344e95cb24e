#include "runtime/connectivity/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "gateway/find_rule.h"
#include "net/icmp.h"
#include "runtime/packet_tracer.h"
#include "runtime/session_filter.h"
#include "runtime/worker.h"

namespace hairpin::runtime::connectivity {

using gateway::Decision;
using nlohmann::json;

namespace {

constexpr auto kObstacles = std::to_array<ObstacleRow>({
    {Obstacle::none, "none", ""},
    {Obstacle::client_unknown, "client-unknown",
     "which router leads to the client is not known: `set gateway route PREFIX next-hop ADDRESS` says it"},
    {Obstacle::client_is_gateway, "client-is-gateway", "no setting makes the gateway a client"},
    {Obstacle::refused, "refused", "no rule that accepts exactly this, put first, makes it pass"},
    {Obstacle::no_route, "no-route",
     "which router leads there is not known: `set gateway route PREFIX next-hop ADDRESS` says it"},
    {Obstacle::nobody_listens, "nobody-listens", "no dnat rule of another interface says which server is meant"},
    {Obstacle::dropped, "dropped", "no rule and no route changes that"},
    {Obstacle::answer_dropped, "answer-dropped", "no rule and no route changes that"},
    {Obstacle::answer_past_gateway, "answer-past-gateway", "no address of the gateway's own could stand for the client"},
    {Obstacle::answer_lost, "answer-lost", "no address of the gateway's own could stand for the client"},
});
static_assert(std::all_of(kObstacles.begin(), kObstacles.end(),
                          [](const ObstacleRow& row) { return &row == &kObstacles[static_cast<std::size_t>(row.obstacle)]; }));

struct ActionVerb {
    gateway::FirewallAction action;
    const char* verb;
};
constexpr auto kVerbs = std::to_array<ActionVerb>({{gateway::FirewallAction::accept, "accepts"},
                                                   {gateway::FirewallAction::drop, "drops"},
                                                   {gateway::FirewallAction::reject, "rejects"}});

// The journey of one connection, with each leg a member: it reads top to bottom in run().
class Judgement {
public:
    Judgement(Worker& worker, const Question& question)
        : worker_(worker), gateway_(worker.gateway()), rules_(gateway_.ruleset()), question_(question) {}

    Result<Verdict> run() {
        if (rules_.owns(question_.key.source))
            return end(Obstacle::client_is_gateway, question_.client() + " is the gateway itself, which begins no connections");
        if (!question_.interface.empty() && !rules_.interface_id(question_.interface))
            return failure(fmt::format("there is no interface \"{}\"", question_.interface), "interface");
        if (!find_inbound())
            return end(Obstacle::client_unknown,
                       "no route leads to " + question_.client() + ", so by which interface it comes is not known");
        if (const auto shared = subnet_of(interface(*verdict_.inbound), question_.key.source);
            shared && shared->contains(question_.key.destination) && !rules_.owns(question_.key.destination))
            return carried_by_switch(*shared);

        json trace;
        if (auto asked = ask_datapath(); asked)
            trace = std::move(*asked);
        else
            return tl::unexpected(asked.error());
        if (trace["verdict"] == "local") return answered_by_gateway();
        if (trace["verdict"] != "forwarded") return stopped(trace["drop_reason"]);
        note_departure(trace);
        if (trace["reply"]["verdict"] != "forwarded")
            return end(Obstacle::answer_dropped, fmt::format("the answer of {} is dropped: {}", sent().destination.to_string(),
                                                             trace["reply"]["drop_reason"].dump()));
        if (const auto astray = where_answer_goes_instead()) return *astray;
        add_remarks();
        return end(Obstacle::none, reached());
    }

private:
    const gateway::Interface& interface(InterfaceId id) const { return rules_.interfaces[index_of(id)]; }
    const gateway::Interface& outbound() const { return interface(verdict_.decision->outbound); }
    const Ipv4FlowKey& sent() const { return *verdict_.sent; }
    Verdict end(Obstacle obstacle, std::string sentence) {
        verdict_.obstacle = obstacle;
        verdict_.sentence = std::move(sentence);
        return std::move(verdict_);
    }

    bool find_inbound() {
        if (!question_.interface.empty()) {
            verdict_.inbound = rules_.interface_id(question_.interface);
            return true;
        }
        const gateway::Route* back = gateway_.routes().find(question_.key.source);
        if (back == nullptr) return false;
        verdict_.inbound = back->interface;
        return true;
    }

    // Neighbours need no router: nothing of what follows is asked about them.
    Verdict carried_by_switch(const Ipv4Prefix& shared) {
        verdict_.remarks.emplace_back("no rule of the gateway is asked");
        verdict_.inbound.reset();
        return end(Obstacle::none, fmt::format("{} and {} are both in {}: the switch carries their packets", question_.client(),
                                               question_.key.destination.to_string(), shared.to_string()));
    }

    Result<json> ask_datapath() {
        const Ipv4FlowKey& key = question_.key;
        const bool icmp = key.protocol == IpProtocol::icmp;
        gateway::FirstPacket first = first_packet_of(question_, *verdict_.inbound);
        first.source_mac = gateway_.sender_of(first.inbound, first.key.source);
        verdict_.decision = gateway::decide(rules_, gateway_.routes(), first, nullptr, &gateway_.mappings());
        return trace_packet(
            worker_, {{"protocol", to_string(key.protocol)},
                      {"source", endpoint_text(key.source, key.source_port)},
                      {"destination", icmp ? key.destination.to_string() : endpoint_text(key.destination, key.destination_port)},
                      {"interface", interface(*verdict_.inbound).name}});
    }

    Verdict answered_by_gateway() {
        return end(Obstacle::none,
                   fmt::format("{} reaches {}: the gateway itself answers", question_.client(), question_.target()));
    }

    Verdict stopped(const json& reason) {
        const auto row = std::find_if(kDropReasons.begin(), kDropReasons.end(),
                                      [&](const DropReasonRow& each) { return reason == each.name; });
        ensure(row != kDropReasons.end());
        verdict_.drop = row->reason;
        const std::string target = question_.key.destination.to_string();
        switch (row->reason) {
            case DropReason::firewall_denied: {
                const auto* rule = gateway::find_rule(rules_.firewall, verdict_.decision->firewall_rule);
                ensure(rule != nullptr);
                return end(Obstacle::refused, fmt::format("{} {} it", firewall_rule_text(rules_, rule->id),
                                                          kVerbs[static_cast<std::size_t>(rule->action)].verb));
            }
            case DropReason::no_route:
                return end(Obstacle::no_route, "no route leads to " + verdict_.decision->after_dnat.destination.to_string());
            case DropReason::no_local_service:
                return end(Obstacle::nobody_listens,
                           fmt::format("{} is the gateway's own address, on which nobody listens, and no dnat rule applied on {} "
                                       "sends {} on to a server",
                                       target, interface(*verdict_.inbound).name, question_.target()));
            default: return end(Obstacle::dropped, fmt::format("it is dropped: {}", row->description));
        }
    }

    void note_departure(const json& trace) {
        const auto from = EndpointFilter::parse(trace["translated_source"].get<std::string>());
        const auto to = EndpointFilter::parse(trace["translated_destination"].get<std::string>());
        ensure(from && to);
        verdict_.sent = Ipv4FlowKey{from->address, to->address, from->port.value_or(L4Port{}), to->port.value_or(L4Port{}),
                                    question_.key.protocol};
        if (trace["out_port"].is_string()) verdict_.server_port = trace["out_port"];
    }

    // The server answers the source that it sees. Is that the gateway, or does its answer come by there?
    std::optional<Verdict> where_answer_goes_instead() {
        const Ipv4Address seen = sent().source, server = sent().destination;
        if (rules_.owns(seen)) return std::nullopt;
        const std::string& link = outbound().name;
        if (const auto shared = subnet_of(outbound(), seen)) {
            if (seen != question_.key.source)
                return end(Obstacle::answer_lost,
                           fmt::format("the packet leaves from {}, for which nobody answers ARP: no interface of the gateway has "
                                       "that address",
                                       seen.to_string()));
            if (shared->contains(server))
                return end(
                    Obstacle::answer_past_gateway,
                    fmt::format("{} and {} are both on {}, and no snat rule applied there hides who asks: the answer would "
                                "go past the gateway, from an address that {} has not asked",
                                server.to_string(), seen.to_string(), link, seen.to_string()));
        }
        if (outbound().role == gateway::InterfaceRole::uplink && is_private(seen) && !is_private(server))
            return end(
                Obstacle::answer_lost,
                fmt::format("the packet leaves by {} from {}, a private address to which nobody there knows the way back: no "
                            "snat rule applied on {} hides it",
                            link, seen.to_string(), link));
        return std::nullopt;
    }

    void add_remarks() {
        const Ipv4Address next_hop = verdict_.decision->next_hop;
        const bool far = outbound().role == gateway::InterfaceRole::uplink || next_hop != sent().destination;
        if (!rules_.owns(sent().source) && far)
            verdict_.remarks.push_back(fmt::format("the answer comes back only if the network behind {} knows the way to {}",
                                                   outbound().name, sent().source.to_string()));
        if (!gateway_.neighbors().peek(verdict_.decision->outbound, next_hop))
            verdict_.remarks.push_back(fmt::format("{} has not answered ARP yet", next_hop.to_string()));
        const gateway::Route* back = gateway_.routes().find(question_.key.source);
        if (back == nullptr || back->interface != *verdict_.inbound)
            verdict_.remarks.push_back(fmt::format(
                "the answer leaves by {}, where the packet came in, though {} leads to {}", interface(*verdict_.inbound).name,
                back == nullptr ? "no route" : "the route by " + interface(back->interface).name, question_.client()));
    }

    std::string reached() const {
        std::string text = fmt::format("{} reaches {}", question_.client(), question_.target());
        const Ipv4FlowKey& asked = question_.key;
        const bool icmp = asked.protocol == IpProtocol::icmp;  // whose identifier is the sender's own
        if (sent().destination == asked.destination && (icmp || sent().destination_port == asked.destination_port)) return text;
        return text + ", which is " +
               (icmp ? sent().destination.to_string() : endpoint_text(sent().destination, sent().destination_port));
    }

    Worker& worker_;
    const gateway::EdgeGateway& gateway_;
    const gateway::Ruleset& rules_;
    const Question& question_;
    Verdict verdict_;
};

}  // namespace

const ObstacleRow& row_of(Obstacle obstacle) { return kObstacles[static_cast<std::size_t>(obstacle)]; }

Result<Verdict> judge(Worker& worker, const Question& question) { return Judgement{worker, question}.run(); }

std::optional<std::uint8_t> icmp_type_of(const Question& question) {
    if (question.key.protocol != IpProtocol::icmp) return std::nullopt;
    return static_cast<std::uint8_t>(IcmpType::echo_request);
}

gateway::FirstPacket first_packet_of(const Question& question, InterfaceId inbound) {
    return {question.key, inbound, icmp_type_of(question)};
}

bool is_private(Ipv4Address address) {
    constexpr auto kNetworks = std::to_array<Ipv4Prefix>({
        {Ipv4Address{10, 0, 0, 0}, 8},
        {Ipv4Address{172, 16, 0, 0}, 12},
        {Ipv4Address{192, 168, 0, 0}, 16},
        {Ipv4Address{100, 64, 0, 0}, 10},
        {Ipv4Address{169, 254, 0, 0}, 16},
    });
    return std::any_of(kNetworks.begin(), kNetworks.end(), [&](const Ipv4Prefix& network) { return network.contains(address); });
}

std::optional<Ipv4Prefix> subnet_of(const gateway::Interface& interface, Ipv4Address address) {
    for (const Ipv4InterfaceAddress& own : interface.addresses)
        if (own.subnet.contains(address)) return own.subnet;
    return std::nullopt;
}

std::string firewall_rule_text(const gateway::Ruleset& ruleset, gateway::RuleId id) {
    const auto* rule = gateway::find_rule(ruleset.firewall, id);
    const std::string name = rule == nullptr || rule->text.name.empty() ? "" : " \"" + rule->text.name + "\"";
    return fmt::format("firewall rule {}{}", id, name);
}

}  // namespace hairpin::runtime::connectivity
