#pragma once
// Reading what a method was asked: each answers the value, or an Error whose path is the parameter's name and whose message says what it
// wants instead.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "gateway/ruleset.h"
#include "net/result.h"

namespace hairpin::runtime {

// `otherwise` where it is not given.
Result<std::uint64_t> number_in(const nlohmann::json& parameters, const char* name, std::uint64_t least, std::uint64_t most,
                                std::uint64_t otherwise);
Result<Ipv4Address> address_in(const nlohmann::json& parameters, const char* name);
// An interface of the ruleset, by its name.
Result<InterfaceId> interface_in(const nlohmann::json& parameters, const char* name, const gateway::Ruleset& ruleset);

}  // namespace hairpin::runtime
