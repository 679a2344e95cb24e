// How long sessions live: a profile, single timers on top of it, and what rules and ports have of their own.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "config/compile_parts.h"

namespace hairpin::config {

namespace {

using gateway::kTimeoutRows;
using gateway::Phase;
using gateway::Ruleset;
using gateway::SessionState;
using gateway::TimeoutProfile;
using gateway::TimeoutRow;
using std::chrono::seconds;

constexpr auto kProfiles = std::to_array<std::pair<std::string_view, TimeoutProfile>>({
    {"rfc", TimeoutProfile::rfc},
    {"nsx", TimeoutProfile::nsx},
    {"linux", TimeoutProfile::linux_kernel},
});
constexpr std::uint16_t kFirstRegisteredPort = 1024;  // below are the well-known ones, which RFC 4787 REQ-5a is about

// One setting may be for several states: those that are not given on their own.
std::string_view common_setting(const TimeoutRow& row) {
    if (row.state == SessionState::udp_stream) return "udp";
    return row.protocol == IpProtocol::tcp && row.phase == Phase::transitory ? "tcp-transitory" : "";
}

// The leaf that a state's timer is written in; nothing where the profile decides.
std::string_view setting_of(const NodeReader& node, const TimeoutRow& row) {
    if (node.written(row.setting)) return row.setting;
    const std::string_view common = common_setting(row);
    return !common.empty() && node.written(common) ? common : "";
}

// Several states may have it from one leaf, of which one sentence is enough.
void warn_of_short(const NodeReader& node, std::string_view setting, const TimeoutRow& row,
                   std::vector<std::string_view>& warned) {
    if (node.seconds(setting) >= row.least || std::find(warned.begin(), warned.end(), setting) != warned.end()) return;
    node.warn(setting,
              fmt::format("{} s is less than the {} s that {} asks for", node.text(setting), row.least.count(), row.source));
    warned.push_back(setting);
}

std::vector<gateway::UdpPortTimeout> read_udp_ports(const NodeReader& node) {
    std::vector<gateway::UdpPortTimeout> ports;
    const TimeoutRow& udp = row_of(SessionState::udp);
    for (const NodeReader& entry : node.children("udp-port")) {
        const gateway::UdpPortTimeout row{L4Port{entry.number<std::uint16_t>("port")}, entry.seconds("timeout")};
        if (row.port.number() >= kFirstRegisteredPort && row.idle < udp.least)
            entry.warn("timeout", fmt::format("{} s is less than the {} s that {} asks for of ports from {} on", row.idle.count(),
                                              udp.least.count(), udp.source, kFirstRegisteredPort));
        ports.push_back(row);
    }
    return ports;
}

bool accepts(const std::vector<gateway::Service>& services, IpProtocol protocol) {
    return services.empty() || std::any_of(services.begin(), services.end(), [&](const gateway::Service& service) {
               return service.protocol == IpProtocol::any || service.protocol == protocol;
           });
}

}  // namespace

void compile_timeouts(const NodeReader& gateway, Ruleset& ruleset) {
    const NodeReader sessions = gateway.child("sessions"), node = gateway.child("timeout");
    const TimeoutProfile profile = sessions.one_of("timeout-profile", kProfiles);
    ruleset.timeouts = gateway::Timeouts{profile};
    ruleset.udp_inbound_refresh = sessions.flag("udp-inbound-refresh");
    std::string brief;
    std::vector<std::string_view> warned;
    for (const TimeoutRow& row : kTimeoutRows) {
        const std::string_view setting = setting_of(node, row);
        if (!setting.empty()) {
            ruleset.timeouts.set(row.state, node.seconds(setting));
            warn_of_short(node, setting, row, warned);
        } else if (row.of(profile) < row.least) {
            brief += (brief.empty() ? "" : ", ") + std::string{row.setting};
        }
    }
    if (!brief.empty()) sessions.warn("timeout-profile", "shorter than the RFCs ask for: " + brief);
    ruleset.udp_port_timeouts = read_udp_ports(node);
}

std::optional<seconds> rule_timeout(const NodeReader& rule, const std::vector<gateway::Service>& services) {
    if (!rule.has("timeout")) return std::nullopt;
    const seconds idle = rule.seconds("timeout");
    const TimeoutRow* shortened = nullptr;  // the one that asks for most
    for (const TimeoutRow& row : kTimeoutRows)
        if (row.phase == Phase::lasting && idle < row.least && accepts(services, row.protocol) &&
            (shortened == nullptr || row.least > shortened->least))
            shortened = &row;
    if (shortened != nullptr)
        rule.warn("timeout", fmt::format("{} s is less than the {} s that {} asks for of {}", idle.count(),
                                         shortened->least.count(), shortened->source, to_string(shortened->protocol)));
    return idle;
}

}  // namespace hairpin::config
