#pragma once
// What the gateway did with one packet, step by step, as the datapath itself noted it. While a Tracer is set, each stage of the
// journey adds a step; without one, the stages cost a branch.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/firewall/rule.h"
#include "net/drop_reason.h"
#include "net/flow_key.h"

namespace hairpin::gateway {

enum class TraceStage : std::uint8_t {
    receive,
    session,
    dnat,
    local,
    route,
    firewall,
    snat,
    rewrite,
    time_to_live,
    mtu,
    neighbor,
    transmit,
    icmp,
    drop,
};

inline constexpr auto kTraceStageNames = std::to_array<std::string_view>({
    "receive",
    "session",
    "dnat",
    "local",
    "route",
    "firewall",
    "snat",
    "rewrite",
    "ttl",
    "mtu",
    "neighbor",
    "transmit",
    "icmp",
    "drop",
});
static_assert(kTraceStageNames.size() == static_cast<std::size_t>(TraceStage::drop) + 1);
constexpr std::string_view name_of(TraceStage stage) { return kTraceStageNames[static_cast<std::size_t>(stage)]; }

struct TraceStep {
    TraceStage stage{};
    std::string text;
    RuleId rule = kNoRule;
    std::optional<Ipv4FlowKey> before, after;  // where the step changed the tuple
    std::optional<DropReason> drop;
};

class Tracer {
public:
    TraceStep& note(TraceStage stage, std::string text, RuleId rule = kNoRule) {
        steps_.push_back({stage, std::move(text), rule, {}, {}, {}});
        return steps_.back();
    }
    const std::vector<TraceStep>& steps() const { return steps_; }
    std::vector<TraceStep> take() { return std::exchange(steps_, {}); }

private:
    std::vector<TraceStep> steps_;
};

}  // namespace hairpin::gateway
