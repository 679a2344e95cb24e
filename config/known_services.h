#pragma once
// Services that everybody knows by name, so that nobody has to look up their ports.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/firewall/rule.h"

namespace hairpin::config {

// Ports are those that IANA has registered (RFC 6335; Service Name and Transport Protocol Port Number Registry), for the protocols on
// which the service is in use: the registry has https for UDP and SCTP as well. Some have a name that is better known than IANA's (cifs
// is microsoft-ds, vnc is rfb), and WireGuard's is registered by nobody, but its own default.
struct KnownService {
    std::string_view name;
    struct Part {
        IpProtocol protocol;
        std::uint16_t first_port = 0, last_port = 0;  // 0: without ports
        std::optional<std::uint8_t> icmp_type = {};
    };
    std::vector<Part> parts;
};

// By name; the schema's type known-service has the same names, with a sentence about each.
std::span<const KnownService> known_services();
// nullptr where it is none.
const KnownService* find_known_service(std::string_view name);

std::vector<gateway::Service> services_of(const KnownService& service);

}  // namespace hairpin::config
