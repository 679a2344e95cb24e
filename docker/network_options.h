#pragma once
// `driver_opts` of a network, and what else the engine says when it makes one.
//
//   networks:
//     lan:
//       driver: hairpin
//       driver_opts: {hairpin.segment: lan, hairpin.hairpin: auto}
//       ipam: {config: [{subnet: 192.168.1.0/24, gateway: 192.168.1.1}]}
//
// An option that begins with "hairpin." and is none is an Error that names those there are. Of the engine's own
// com.docker.network.driver.mtu counts, and the others are not ours to judge.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "docker/records.h"
#include "net/result.h"

namespace hairpin::docker {

// From the body of CreateNetwork. The name of the interface and the number are chosen later, beside what others have.
Result<Network> network_of_request(const std::string& id, const nlohmann::json& request);
// Whether the gateway's address is of use, as GwAllocCheck asks before there are addresses.
bool wants_gateway(const nlohmann::json& options);

}  // namespace hairpin::docker
