#pragma once
// What the router's configuration is to have of the engine's networks: a pure function from the configuration in force and the records to the
// configuration that agrees with them.
//
//   network    a segment, and an interface of the gateway with the subnet's gateway address, unless both are there already
//   endpoint   a port with `tap origin passed`, so that somebody else may open the device
//   published  a dnat rule of the block kFirstDnatRule.. on the uplink, for which clients inside are served as well (`hairpin auto`)
//   way out    an snat rule, and a firewall rule that accepts it, of the network's number in their blocks
//
// Of what others have made nothing is changed, and nothing taken away. Where something is in the way, an Error says what.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "docker/records.h"
#include "net/result.h"

namespace hairpin::docker {

// `records` knows from then on what is ours of it: to be kept before the configuration is put in force.
Result<nlohmann::json> agreeing(const nlohmann::json& configuration, Records& records);

// Once it is in force: what was ours and is gone is nobody's name now. Answers whether there was something.
bool forget_what_is_over(Records& records);

// Where ports of this network are published: the interface's name and its first address.
struct Uplink {
    std::string interface, address;
};
Result<Uplink> uplink_of(const nlohmann::json& configuration, const Network& network);

// An interface of somebody else's that does what this network's would: on the segment, with the gateway's address.
std::optional<std::string> interface_there(const nlohmann::json& configuration, const Records& records, const Network& network);

}  // namespace hairpin::docker
