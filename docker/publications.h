#pragma once
// `ports:` of a compose file, as the engine tells it, and the rules that they become.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "docker/records.h"
#include "net/result.h"

namespace hairpin::docker {

struct AskedPort {
    std::string protocol, host_address;  // empty: every address, which is the uplink's first
    std::uint16_t port = 0;
    std::uint16_t first = 0, last = 0;  // host ports, any of which will do; 0: whichever is free
};
Result<std::vector<AskedPort>> asked_ports(const nlohmann::json& request);

// For `ports: ["80"]`, which leaves the host's port open: the dynamic ports (RFC 6335).
inline constexpr std::uint16_t kFirstFreePort = 49152, kLastFreePort = 65535;

// A rule and a host port for each, which nobody else in the records has.
Result<std::vector<Publication>> publications_of(const std::vector<AskedPort>& asked, const Records& records);

}  // namespace hairpin::docker
