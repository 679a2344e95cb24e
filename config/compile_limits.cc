// How much somebody may have. What is not set is 0, which is no limit.

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

std::uint32_t limit_of(const NodeReader& node, std::string_view leaf) {
    return node.optional_number<std::uint32_t>(leaf).value_or(0);
}

gateway::SessionLimit read_limit(const NodeReader& node) {
    if (!node) return {};
    return {limit_of(node, "sessions"),      limit_of(node, "tcp-sessions"), limit_of(node, "udp-sessions"),
            limit_of(node, "icmp-sessions"), limit_of(node, "half-open"),    limit_of(node, "new-per-second"),
            limit_of(node, "burst")};
}

}  // namespace

gateway::SessionLimits compile_session_limits(const NodeReader& sessions) {
    const NodeReader node = sessions.child("limit");
    if (!node) return {};
    return {read_limit(node.child("all")), read_limit(node.child("inside-host")), read_limit(node.child("outside-host"))};
}

gateway::RuleLimits rule_limits(const NodeReader& rule) {
    const NodeReader node = rule.child("limit");
    if (!node) return {};
    const gateway::RuleLimits limits{read_limit(node), read_limit(node.child("per-source"))};
    if (limits.any() && rule.text("action") != "accept")
        rule.refuse("limit", "only the action accept makes sessions, which a limit is for");
    return limits;
}

gateway::PortQuota compile_port_quota(const NodeReader& nat) {
    const NodeReader node = nat.child("ports-per-host");
    if (!node) return {};
    return {limit_of(node, "tcp"), limit_of(node, "udp"), limit_of(node, "icmp"), limit_of(node, "new-per-second"),
            limit_of(node, "burst")};
}

gateway::PortBlockSettings compile_port_blocks(const NodeReader& nat) {
    const NodeReader node = nat.child("port-block");
    if (!node) return {};
    return {node.number<std::uint16_t>("size"), node.number<std::uint16_t>("per-host")};
}

}  // namespace hairpin::config
