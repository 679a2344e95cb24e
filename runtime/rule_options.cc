#include "runtime/rule_options.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gateway/source_validation.h"

namespace hairpin::runtime {

using nlohmann::json;

namespace {

// "sessions 100", and of each source "limit per-source sessions 20".
void add_limit(json& options, const gateway::SessionLimit& limit, std::string_view of) {
    const json settings = limit_json(limit);
    for (const auto& [name, value] : settings.items())
        options.push_back(fmt::format("{} {} {}", of, name, value.get<std::uint32_t>()));
}

template <class Mode>
void add_unless(json& options, std::string_view setting, Mode mode, Mode usual) {
    if (mode != usual) options.push_back(fmt::format("{} {}", setting, gateway::name_of(mode)));
}

bool meets_clients_inside(const gateway::NatRule& rule, const gateway::Ruleset& ruleset) {
    for (std::size_t i = 0; i < ruleset.interfaces.size(); ++i)
        if (rule.applied_on.test(i) && ruleset.interfaces[i].role == gateway::InterfaceRole::internal) return true;
    return false;
}

void add_mapping(json& options, const gateway::NatRule& rule) {
    const gateway::NatSettings usual{};
    add_unless(options, "mapping", rule.mapping, usual.mapping);
    add_unless(options, "filtering", rule.filtering, usual.filtering);
    add_unless(options, "port-allocation", rule.port_allocation, usual.port_allocation);
    add_unless(options, "pooling", rule.pooling, usual.pooling);
}

}  // namespace

json limit_json(const gateway::SessionLimit& limit) {
    json result = json::object();
    const auto put = [&](const char* name, std::uint32_t value) {
        if (value != 0) result[name] = value;
    };
    put("sessions", limit.sessions);
    put("tcp-sessions", limit.tcp);
    put("udp-sessions", limit.udp);
    put("icmp-sessions", limit.icmp);
    put("half-open", limit.half_open);
    put("new-per-second", limit.per_second);
    put("burst", limit.burst);
    return result;
}

json rule_limits_or_null(const gateway::RuleLimits& limits) {
    if (!limits.any()) return nullptr;
    json result = limit_json(limits.all);
    if (limits.per_source.any()) result["per-source"] = limit_json(limits.per_source);
    return result;
}

std::string_view word_of(gateway::TcpTracking tracking) {
    switch (tracking) {
        case gateway::TcpTracking::strict: return "strict";
        case gateway::TcpTracking::liberal: return "liberal";
        case gateway::TcpTracking::loose: return "loose";
    }
    return "";
}

std::string_view word_of(gateway::RejectWith answer) { return answer == gateway::RejectWith::icmp ? "icmp" : "tcp-reset"; }

json tcp_mss_or_null(const gateway::Interface& interface) {
    if (!interface.tcp_mss) return nullptr;
    return *interface.tcp_mss == gateway::kClampMssToMtu ? json("clamp") : json(*interface.tcp_mss);
}

json options_of(const gateway::FirewallRule& rule, gateway::MatchTuple usual) {
    json options = json::array();
    if (rule.origin == gateway::RuleOrigin::user && rule.match != usual)
        options.push_back(fmt::format("match-translated {}", rule.match == gateway::MatchTuple::translated));
    if (rule.reject_with) options.push_back(fmt::format("reject-with {}", word_of(*rule.reject_with)));
    add_limit(options, rule.limits.all, "limit");
    add_limit(options, rule.limits.per_source, "limit per-source");
    if (rule.idle) options.push_back(fmt::format("timeout {}", rule.idle->count()));
    if (rule.tcp_tracking) options.push_back(fmt::format("tcp-tracking {}", word_of(*rule.tcp_tracking)));
    if (rule.syn_proxy) options.push_back("syn-proxy");
    return options;
}

json options_of(const gateway::NatRule& rule, const gateway::Ruleset& ruleset) {
    json options = json::array();
    if (rule.icmp_type) options.push_back(fmt::format("icmp-type {}", *rule.icmp_type));
    if (rule.action == gateway::NatAction::snat) add_mapping(options, rule);
    if (rule.idle) options.push_back(fmt::format("timeout {}", rule.idle->count()));
    add_unless(options, "firewall-match", rule.firewall_match, gateway::FirewallMatch::as_rules_say);
    if (rule.action != gateway::NatAction::dnat) return options;
    if (!rule.targets.empty()) add_unless(options, "affinity", rule.affinity, gateway::Affinity::source);
    if (rule.hairpin != gateway::HairpinMode::automatic || meets_clients_inside(rule, ruleset))
        options.push_back(fmt::format("hairpin {}", gateway::name_of(rule.hairpin)));
    return options;
}

json options_of(const gateway::Interface& interface) {
    const gateway::Interface usual{};
    json options = json::array();
    if (const json mss = tcp_mss_or_null(interface); !mss.is_null())
        options.push_back("tcp-mss " + (mss.is_string() ? mss.get<std::string>() : mss.dump()));
    if (interface.source_validation != usual.source_validation)
        options.push_back(fmt::format("source-validation {}", gateway::name_of(interface.source_validation)));
    if (interface.proxy_arp != usual.proxy_arp) options.push_back("proxy-arp");
    if (interface.icmp_errors != usual.icmp_errors) options.push_back("icmp-errors false");
    return options;
}

}  // namespace hairpin::runtime
