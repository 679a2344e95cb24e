#include "runtime/session_filter.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace hairpin::runtime {

std::optional<EndpointFilter> EndpointFilter::parse(std::string_view text) {
    const auto colon = text.find(':');
    const auto address = Ipv4Address::parse(text.substr(0, colon));
    if (!address) return std::nullopt;
    if (colon == std::string_view::npos) return EndpointFilter{*address, std::nullopt};
    const auto port = parse_number(text.substr(colon + 1), 65535);
    if (!port) return std::nullopt;
    return EndpointFilter{*address, L4Port{static_cast<std::uint16_t>(*port)}};
}

Result<SessionFilter> SessionFilter::parse(const nlohmann::json& parameters) {
    SessionFilter filter;
    if (!parameters.is_object()) return filter;
    for (const auto& [name, value] : parameters.items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (name == "protocol") {
            filter.protocol_ = parse_ip_protocol(text);
            if (!filter.protocol_) return failure(fmt::format("protocol \"{}\" is none: tcp, udp, icmp or a number", text), name);
            if (*filter.protocol_ == IpProtocol::any) filter.protocol_.reset();
        } else if (name == "source" || name == "destination") {
            auto& endpoint = name == "source" ? filter.source_ : filter.destination_;
            endpoint = EndpointFilter::parse(text);
            if (!endpoint) return failure(fmt::format("{} \"{}\" is no address or address:port", name, text), name);
        } else {
            return failure(fmt::format("sessions are filtered by protocol, source and destination, not by \"{}\"", name), name);
        }
    }
    return filter;
}

bool SessionFilter::holds(const gateway::Session& session) const {
    const Ipv4FlowKey& key = session.original_key;
    return (!protocol_ || *protocol_ == key.protocol) && (!source_ || source_->holds(key.source, key.source_port)) &&
           (!destination_ || destination_->holds(key.destination, key.destination_port));
}

}  // namespace hairpin::runtime
