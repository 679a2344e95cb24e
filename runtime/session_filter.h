#pragma once
// Which sessions a command means: by protocol and by the original tuple, each part optional.

#include <nlohmann/json_fwd.hpp>
#include <optional>

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
    static Result<SessionFilter> parse(const nlohmann::json& parameters);
    bool holds(const gateway::Session& session) const;

private:
    std::optional<IpProtocol> protocol_;
    std::optional<EndpointFilter> source_, destination_;
};

}  // namespace hairpin::runtime
