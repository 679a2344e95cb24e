#pragma once
// Which sessions a command means: {"protocol":"tcp","source":"192.0.2.1","state":"established"}. All that is said must hold.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "gateway/ruleset.h"
#include "gateway/sessions/session.h"
#include "net/result.h"

namespace hairpin::runtime {

// "192.0.2.1" or "192.0.2.1:80".
struct EndpointFilter {
    Ipv4Address address;
    std::optional<L4Port> port;

    static std::optional<EndpointFilter> parse(std::string_view text);
    bool holds(Ipv4Address other, L4Port other_port) const { return address == other && (!port || *port == other_port); }
};

class SessionFilter {
public:
    // An error's path is the parameter's name. Names of interfaces are the ruleset's.
    static Result<SessionFilter> parse(const nlohmann::json& parameters, const gateway::Ruleset& ruleset);
    bool holds(const gateway::Session& session) const;

    using Condition = std::function<bool(const gateway::Session&)>;

private:
    std::vector<Condition> conditions_;
};

}  // namespace hairpin::runtime
